import {
  type Access,
  type Endpoint,
  type ErrorCode,
  isOfOrganisations,
  listEndpoints,
  mayDo,
  type NamedEndpoint,
  type OrganisationRole,
  organisationRole,
  permission,
  permissionOf,
  rolesByPermission,
  scope,
} from "@obsqra/contract";
import { sampleInput } from "@obsqra/contract/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addTestMember,
  callProcedure,
  codeOf,
  createTestApi,
  errorOf,
  foundOrganisation,
  isForOrganisationsOnly,
  makeOperator,
  type TestApi,
} from "../src/testing/index.ts";
import { readRowsOf } from "./access/read-rows.ts";

type GuardedEndpoint = NamedEndpoint & { endpoint: Endpoint & { access: Exclude<Access, "public"> } };

const guarded = listEndpoints().filter(
  (named): named is GuardedEndpoint => named.endpoint.access !== "public",
);
/** No input of any endpoint: whoever gets as far as that may call it, and nothing happens. */
const noInput = 7;

let api: TestApi;
let organisationId: string;
let foreignId: string;

beforeAll(async () => {
  api = await createTestApi();
  const { access_token } = await register();
  organisationId = await foundOrganisation(api, access_token);
  foreignId = await foundOrganisation(api, (await register()).access_token);
});
afterAll(() => api[Symbol.asyncDispose]());

function register() {
  const email = `${api.deps.createId()}@example.org`;
  return api.caller().auth.register({ email, password: "correct horse battery", full_name: "Ada" });
}

/** How the table of the contract says that a member of a role is refused. */
function refusalOf({ endpoint }: NamedEndpoint, role: OrganisationRole): ErrorCode | undefined {
  const wanted = permissionOf(endpoint);
  if (wanted === undefined) return "ACCOUNT_ONLY";
  return mayDo(role, wanted) ? undefined : "ROLE_INSUFFICIENT";
}

async function callAll(
  accessToken: string,
  path: string,
  owner: string | undefined,
  inputs: readonly unknown[],
) {
  const codes = new Set<string | undefined>();
  for (const input of inputs) {
    codes.add(await codeOf(callProcedure(api, accessToken, path, input, { owner })));
  }
  return [...codes];
}

it.each(organisationRole.options)(
  "lets members who are %s do for their organisation what the table of roles says, at every endpoint",
  async (role) => {
    const { accessToken, userId } = await addTestMember(api, organisationId, role);
    // So that it is not for want of rights that an operator's endpoints are refused.
    await makeOperator(api.deps, userId);
    let allowed = 0;
    for (const named of guarded) {
      const { path, endpoint } = named;
      const refusal = refusalOf(named, role);
      const inputs = refusal === undefined ? [noInput] : [noInput, undefined, sampleInput(endpoint.input)];
      const codes = await callAll(accessToken, path, organisationId, inputs);
      expect([path, role, codes]).toEqual([path, role, [refusal ?? "VALIDATION_FAILED"]]);
      if (refusal === undefined) allowed += 1;
    }
    const most = guarded.filter((named) => refusalOf(named, "owner") === undefined).length;
    expect(allowed).toBe(
      role === "owner" ? most : guarded.filter((each) => refusalOf(each, role) === undefined).length,
    );
    expect(allowed).toBeGreaterThan(10);
  },
);

it("refuses an organisation that is foreign, left, erased or not there exactly alike, at every endpoint", async () => {
  const member = await addTestMember(api, organisationId, "owner");
  const removed = await addTestMember(api, foreignId, "owner");
  await makeOperator(api.deps, member.userId);
  await makeOperator(api.deps, removed.userId);
  const { db } = api.deps;
  await db.deleteFrom("organisation_members").where("user_id", "=", removed.userId).execute();
  const { access_token } = await register();
  const erasedId = await foundOrganisation(api, access_token);
  await db.updateTable("users").set({ erased_at: api.clock() }).where("id", "=", erasedId).execute();
  const row = { id: api.deps.createId(), organisation_id: erasedId, user_id: member.userId };
  const joined = { ...row, role: "owner" as const, joined_at: api.clock() };
  await db.insertInto("organisation_members").values(joined).execute();
  const before = await readRowsOf(db, foreignId);
  const cases = [
    ["foreign", member.accessToken, foreignId],
    ["left", removed.accessToken, foreignId],
    ["of somebody else, a person", member.accessToken, removed.userId],
    ["erased", member.accessToken, erasedId],
    ["not there", member.accessToken, api.deps.createId()],
    ["no id", member.accessToken, "analytical-engines"],
    ["empty", member.accessToken, ""],
    ["two", member.accessToken, `${organisationId}, ${organisationId}`],
  ] as const;
  for (const named of guarded) {
    const { path, endpoint } = named;
    const learnt = new Set<string>();
    for (const [, accessToken, owner] of cases) {
      for (const input of [noInput, undefined, sampleInput(endpoint.input)]) {
        const error = await errorOf(callProcedure(api, accessToken, path, input, { owner }));
        learnt.add(JSON.stringify([error?.code, error?.message, error?.details]));
      }
    }
    const code = permissionOf(endpoint) === undefined ? "ACCOUNT_ONLY" : "ORGANISATION_NOT_FOUND";
    expect([path, [...learnt]]).toEqual([path, [expect.stringContaining(`"${code}"`)]]);
  }
  expect(await readRowsOf(db, foreignId)).toEqual(before);
});

it("asks for an organisation where there is nothing without one, and takes one's own id for oneself", async () => {
  const { access_token } = await register();
  const { id } = await api.caller(access_token).auth.me();
  for (const named of guarded) {
    const { path, endpoint } = named;
    if (endpoint.access.startsWith("operations:")) continue;
    const code = isForOrganisationsOnly(named) ? "ORGANISATION_REQUIRED" : "VALIDATION_FAILED";
    for (const owner of [undefined, id, id.toUpperCase()]) {
      expect([path, await callAll(access_token, path, owner, [noInput])]).toEqual([path, [code]]);
    }
  }
});

it("lets an organisation's key do what its scopes say, for its organisation and nobody else", async () => {
  const maker = await addTestMember(api, organisationId, "admin");
  const input = { name: "All", scopes: [...scope.options] };
  const { key } = await maker.caller.auth.create_api_key(input);
  const { key: own } = await api.caller(maker.accessToken).auth.create_api_key(input);
  const isScope = (access: Access) => scope.options.some((option) => option === access);
  for (const { path, endpoint } of guarded) {
    const { access } = endpoint;
    const isPersonal = permissionOf(endpoint) === undefined;
    const refusalByAccess = !isScope(access)
      ? "SESSION_REQUIRED"
      : access.startsWith("operations:")
        ? "OPERATOR_REQUIRED"
        : undefined;
    const ofOwner = refusalByAccess ?? (isPersonal ? "ACCOUNT_ONLY" : "VALIDATION_FAILED");
    const ofOthers = refusalByAccess ?? (isPersonal ? "ACCOUNT_ONLY" : "ORGANISATION_NOT_FOUND");
    for (const owner of [undefined, organisationId]) {
      expect([path, await callAll(key, path, owner, [noInput])]).toEqual([path, [ofOwner]]);
    }
    // Nor does a member's own key act for the organisation.
    for (const [token, owner] of [
      [key, foreignId],
      [key, maker.userId],
      [own, organisationId],
      [own, foreignId],
    ] as const) {
      expect([path, await callAll(token, path, owner, [noInput])]).toEqual([path, [ofOthers]]);
    }
  }
});

it("says of every endpoint with which of these errors it refuses, and has a row in the table for every permission", () => {
  expect(Object.keys(rolesByPermission).toSorted()).toEqual(permission.options.toSorted());
  // Each role has what those below it have.
  for (const roles of Object.values(rolesByPermission)) {
    expect(roles).toEqual(organisationRole.options.slice(0, roles.length));
  }
  const used = new Set(guarded.map(({ endpoint }) => permissionOf(endpoint)));
  expect(permission.options.filter((each) => !used.has(each))).toEqual([]);
  const personal = guarded.filter(({ endpoint }) => permissionOf(endpoint) === undefined);
  // What is about an account is never an organisation's, and whatever only organisations have says so.
  expect(personal.every(({ feature }) => ["auth", "users", "organisations"].includes(feature))).toBe(true);
  const declared = guarded.filter(({ endpoint }) => {
    const wanted = permissionOf(endpoint);
    return wanted !== undefined && isOfOrganisations(wanted);
  });
  expect(new Set(declared.map(({ feature }) => feature))).toEqual(new Set(["organisations"]));
});
