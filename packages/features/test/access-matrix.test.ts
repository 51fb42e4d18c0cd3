import {
  type Access,
  type Endpoint,
  listEndpoints,
  type NamedEndpoint,
  type ObjectKind,
  scope,
} from "@obsqra/contract";
import {
  assertAccessDeclared,
  findReferences,
  replaceReference,
  sampleInput,
  sampleInputs,
} from "@obsqra/contract/testing";
import type { RequestFacts } from "@obsqra/platform";
import type { ChainReader } from "@obsqra/starknet";
import { expect, inject, it } from "vitest";
import {
  addOrganisationRow,
  callProcedure,
  codeOf,
  createStrangers,
  createTestApi,
  errorOf,
  foundOrganisation,
  isForOrganisationsOnly,
  makeOperator,
  type TestApi,
} from "../src/testing/index.ts";
import { factoryOf, type Owner, objectFactories } from "./access/owned-objects.ts";
import { identifiersIn, readRowsOf } from "./access/read-rows.ts";

/** How many variations of an input strangers send, who are refused before it is looked at. */
const variationsMax = inject("isLong") ? Number.POSITIVE_INFINITY : 1;

/** An endpoint that not everybody may call. */
type GuardedEndpoint = NamedEndpoint & { endpoint: Endpoint & { access: Exclude<Access, "public"> } };

const guarded = listEndpoints().filter(
  (named): named is GuardedEndpoint => named.endpoint.access !== "public",
);
const password = "correct horse battery";

/** A chain that takes every signature, so that nothing but the access decides. */
const chain: ChainReader = {
  chainId: async () => "SN_MAIN",
  isValidSignature: async () => "valid",
  classHashAt: async () => "0x1",
  transactionOutcome: async () => ({ status: "unknown" }),
};

/** Mails are not what is tried here. */
const throttleLimits = { perEmailAndIp: 1e6, perIp: 1e6, mailsPerEmailAndIp: 1e6, mailsPerIp: 1e6 };
const options = { withForecasts: true, accessTokenMinutes: 30, chain, throttleLimits };

async function signUp(api: TestApi, name: string, isOwner = true): Promise<Owner> {
  const email = `${name}-${api.deps.createId()}@example.org`;
  const tokens = await api.caller().auth.register({ email, password, full_name: name });
  const { id } = await api.caller(tokens.access_token).auth.me();
  await makeOperator(api.deps, id);
  const organisationId = isOwner ? await foundOrganisation(api, tokens.access_token) : undefined;
  return { userId: id, accessToken: tokens.access_token, organisationId };
}

/** What a call of an endpoint comes with: for organisations, which one. */
function callFor(named: NamedEndpoint, { organisationId: owner }: Owner): Partial<RequestFacts> {
  return isForOrganisationsOnly(named) ? { owner } : {};
}

/** Two objects of every kind, so that every list of them has a second page. */
async function createObjects(api: TestApi, owner: Owner): Promise<Map<string, string>> {
  const objects = new Map<string, string>();
  for (const [kind, { create }] of [...Object.entries(objectFactories), ...Object.entries(objectFactories)]) {
    objects.set(kind, await create(api, owner));
  }
  return objects;
}

/** An input that names somebody's object, and the same one that names an object that nobody has. */
interface ForeignInput {
  readonly kind: ObjectKind;
  readonly foreign: NamingInput;
  readonly missing: NamingInput;
}

interface NamingInput {
  readonly name: string;
  readonly input: unknown;
}

function foreignInputs(
  api: TestApi,
  named: NamedEndpoint,
  objects: ReadonlyMap<string, string>,
): ForeignInput[] {
  return findReferences(named).flatMap(({ kind, field }) => {
    const naming = (name: string) => (input: unknown) => ({
      name,
      input: replaceReference(input, field, name),
    });
    const [toForeign, toMissing] = [naming(objects.get(kind) ?? ""), naming(factoryOf(kind).missing(api))];
    return sampleInputs(named.endpoint.input).map((input) => ({
      kind,
      foreign: toForeign(input),
      missing: toMissing(input),
    }));
  });
}

/** What a caller learns from a refusal, without the name of the object, which they know. */
async function whatIsLearnt(
  api: TestApi,
  {
    accessToken,
    path,
    from,
  }: { readonly accessToken: string; readonly path: string; readonly from: Partial<RequestFacts> },
  { name, input }: NamingInput,
): Promise<string> {
  const error = await errorOf(callProcedure(api, accessToken, path, input, from));
  if (error === undefined) return "not refused";
  const { code, message, details } = error;
  return JSON.stringify({ code, message, details }).replaceAll(name, "<name>");
}

/** Which of somebody's identifiers a response shows. */
function identifiersSeen(response: unknown, identifiers: ReadonlySet<string>): string[] {
  const text = JSON.stringify(response) ?? "";
  return [...identifiers].filter((identifier) => text.includes(identifier));
}

/** Whether an input names something itself, in any spelling, such as the address of a wallet. */
function isNamedIn(input: unknown, identifier: string): boolean {
  return JSON.stringify(input ?? null).includes(identifier.replace(/^0x0+/, "0x"));
}

function bugsIn(api: TestApi) {
  return api.logged.filter(({ message }) => message.startsWith("Something went wrong on our side"));
}

it("refuses every stranger at every endpoint as its declared access says, whatever they send", {
  timeout: 240_000,
}, async () => {
  await using api = await createTestApi(options);
  assertAccessDeclared(listEndpoints());
  const strangers = await createStrangers(api);
  const owner = await signUp(api, "ada");
  const objects = await createObjects(api, owner);
  const before = await readRowsOf(api.deps.db, owner.userId);
  let cells = 0;
  for (const named of guarded) {
    const { path, endpoint } = named;
    const inputs = [
      undefined,
      7,
      sampleInput(endpoint.input),
      ...foreignInputs(api, named, objects)
        .slice(0, variationsMax)
        .map(({ foreign }) => foreign.input),
    ];
    const codes = new Set<string>();
    for (const { name, accessToken, refusal } of strangers) {
      const code = refusal(endpoint.access);
      if (code === undefined) continue;
      codes.add(code);
      for (const input of inputs) {
        const got = await codeOf(callProcedure(api, accessToken, path, input));
        expect([path, name, input, got]).toEqual([path, name, input, code]);
        cells += 1;
      }
    }
    // No access is left out of the matrix by mistake.
    expect([path, codes.has("SCOPE_MISSING")]).toEqual([path, isScope(endpoint.access)]);
    expect([path, codes.has("SESSION_REQUIRED")]).toEqual([path, !isScope(endpoint.access)]);
    expect([path, codes.has("REAUTHENTICATION_NEEDED")]).toEqual([
      path,
      endpoint.access === "recent_session",
    ]);
  }
  expect(cells).toBeGreaterThan(guarded.length * (inject("isLong") ? 30 : 10));
  expect(await readRowsOf(api.deps.db, owner.userId)).toEqual(before);
  expect(bugsIn(api)).toEqual([]);
});

it("treats another user's object exactly like a missing one, whatever it is and whoever asks", {
  timeout: 240_000,
}, async () => {
  await using api = await createTestApi(options);
  const owner = await signUp(api, "ada");
  const objects = await createObjects(api, owner);
  const eve = await signUp(api, "eve");
  const ofEve = api.caller(eve.accessToken);
  const { key } = await ofEve.auth.create_api_key({ name: "All", scopes: [...scope.options] });
  const before = await readRowsOf(api.deps.db, owner.userId);
  const tried = new Set<string>();
  for (const named of guarded) {
    const { path, endpoint } = named;
    for (const accessToken of isScope(endpoint.access) ? [eve.accessToken, key] : [eve.accessToken]) {
      const responses: string[] = [];
      const call = { accessToken, path, from: callFor(named, eve) };
      for (const { kind, foreign, missing } of foreignInputs(api, named, objects)) {
        const response = await whatIsLearnt(api, call, foreign);
        expect([path, response]).not.toEqual([path, "not refused"]);
        expect([path, response]).toEqual([path, await whatIsLearnt(api, call, missing)]);
        responses.push(response);
        tried.add(kind);
      }
      // At least one of the variations gets as far as looking for the object.
      for (const { kind } of findReferences(named)) {
        const { notFound } = factoryOf(kind);
        expect([path, responses.join()]).toEqual([path, expect.stringContaining(`"${notFound}"`)]);
        expect([path, endpoint.errors]).toEqual([path, expect.arrayContaining([notFound])]);
      }
    }
  }
  expect([...tried].sort()).toEqual(Object.keys(objectFactories).sort());
  expect(await readRowsOf(api.deps.db, owner.userId)).toEqual(before);
  expect(bugsIn(api)).toEqual([]);
});

it("shows another user nothing, and changes nothing, at any endpoint", { timeout: 240_000 }, async () => {
  await using api = await createTestApi(options);
  const owner = await signUp(api, "ada");
  await createObjects(api, owner);
  const before = await readRowsOf(api.deps.db, owner.userId);
  // The import that suggestions rest on is everybody's: the public log names it.
  const imports = await api.deps.db.selectFrom("market_imports").select("id").execute();
  const shared = new Set(imports.map(({ id }) => id));
  const identifiers = new Set([...identifiersIn(before)].filter((identifier) => !shared.has(identifier)));
  for (const named of guarded) {
    const { path, endpoint } = named;
    // Somebody new each time: some endpoints end sessions.
    const eve = await signUp(api, "eve", isForOrganisationsOnly(named));
    const input = sampleInput(endpoint.input);
    const call = callProcedure(api, eve.accessToken, path, input, callFor(named, eve));
    const response = await call.catch((error: Error) => [error.message, error.cause]);
    const seen = identifiersSeen(response, identifiers).filter((identifier) => !isNamedIn(input, identifier));
    expect([path, seen]).toEqual([path, []]);
  }
  expect(await readRowsOf(api.deps.db, owner.userId)).toEqual(before);
  expect(bugsIn(api)).toEqual([]);
});

it("shows nothing of a list to another user who got hold of a cursor of it", {
  timeout: 240_000,
}, async () => {
  await using api = await createTestApi(options);
  const owner = await signUp(api, "ada");
  const eve = await signUp(api, "eve");
  // In turns, so that there are entries of both before and after any cursor.
  await createObjects(api, eve);
  await createObjects(api, owner);
  await createObjects(api, eve);
  const ofOwner = identifiersIn(await readRowsOf(api.deps.db, owner.userId));
  await addOrganisationRow(api, owner.userId);
  const { users: exporting } = api.caller(owner.accessToken);
  const lists: string[] = [];
  for (const named of guarded) {
    const { path, endpoint } = named;
    if (!endpoint.errors.includes("CURSOR_INVALID")) continue;
    const start = isExport(path) ? { cursor: (await exporting.start_export()).cursor } : {};
    const input = { ...(sampleInput(endpoint.input) as object | undefined), ...start, limit: 1 };
    const page = await callProcedure(api, owner.accessToken, path, input, callFor(named, owner));
    // Others, such as the history of risk, are the same for everybody.
    if (identifiersSeen(page, ofOwner).length === 0) continue;
    lists.push(path);
    const { next_cursor } = page as { next_cursor: string | null };
    expect([path, next_cursor]).toEqual([path, expect.any(String)]);
    const stolen = { ...input, limit: 100, cursor: next_cursor };
    const call = () => callProcedure(api, eve.accessToken, path, stolen, callFor(named, eve));
    expect([path, await codeOf(call())]).toEqual([path, "CURSOR_INVALID"]);
  }
  // Sessions, keys, audit log, export, allocations, suggestions, transactions.
  expect(lists.length).toBeGreaterThanOrEqual(7);
  expect(bugsIn(api)).toEqual([]);
});

it("has a factory for every kind of object, and misses that of a new kind", () => {
  const kinds = guarded.flatMap((named) => findReferences(named).map(({ kind }) => kind));
  for (const kind of kinds) expect(() => factoryOf(kind)).not.toThrow();
  expect(() => factoryOf("vault")).toThrow("Add a factory for objects of the kind vault.");
});

function isExport(path: string): boolean {
  return path === "users.export_records" || path === "users.export_data";
}

function isScope(access: Access): boolean {
  return scope.options.some((option) => option === access);
}
