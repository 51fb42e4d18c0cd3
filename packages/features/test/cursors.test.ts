import { isList, listEndpoints, type NamedEndpoint } from "@obsqra/contract";
import type { ChainReader } from "@obsqra/starknet";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { z } from "zod";
import {
  addJobRuns,
  addOrganisationRow,
  addPastSuggestions,
  callProcedure,
  codeOf,
  createTestApi,
  isForOrganisationsOnly,
  makeOperator,
  type TestApi,
} from "../src/testing/index.ts";
import { type Owner, objectFactories } from "./access/owned-objects.ts";

interface Page {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}

const lists = listEndpoints().filter(({ endpoint }) => isList(endpoint));

/** One list under two names, until the deprecated one goes. */
const exportPaths = ["users.export_records", "users.export_data"];

/** Something that each kind of filter takes, besides the options of those that have some. */
const filterValues: readonly unknown[] = ["nostra", 7, "2026-01-15T12:00:00.000Z"];

/** A chain that takes every signature. */
const chain: ChainReader = {
  chainId: async () => "SN_MAIN",
  isValidSignature: async () => "valid",
  classHashAt: async () => "0x1",
  transactionOutcome: async () => ({ status: "unknown" }),
};

let api: TestApi;
let ada: Owner;
let eve: Owner;

beforeAll(async () => {
  const throttleLimits = { perEmailAndIp: 1e6, perIp: 1e6, mailsPerEmailAndIp: 1e6 };
  api = await createTestApi({ withForecasts: true, chain, throttleLimits });
  await addJobRuns(api.deps);
  await addPastSuggestions(api, 2);
  [ada, eve] = [await signUpWithRows(), await signUpWithRows()];
});
afterAll(() => api[Symbol.asyncDispose]());

/** Somebody who has two rows in every list. */
async function signUpWithRows(): Promise<Owner> {
  const email = `${api.deps.createId()}@example.org`;
  const password = "correct horse battery";
  const { access_token: accessToken } = await api
    .caller()
    .auth.register({ email, password, full_name: "Ada" });
  const caller = api.caller(accessToken);
  const userId = (await caller.auth.me()).id;
  // Two, and the second is the one that they call for.
  await addOrganisationRow(api, userId);
  const owner = { userId, accessToken, organisationId: await addOrganisationRow(api, userId) };
  await makeOperator(api.deps, owner.userId);
  for (const round of [1, 2]) {
    for (const { create } of Object.values(objectFactories)) await create(api, owner);
    const tx_hash = `0x${round}${api.deps.createId().replaceAll("-", "")}`;
    await caller.transactions.create({
      tx_hash,
      tx_type: "allocate",
      amount: "1",
      allocation: { nostra: 100 },
    });
  }
  return owner;
}

async function read(
  { accessToken, organisationId: owner }: Owner,
  named: NamedEndpoint,
  input: object,
): Promise<Page> {
  const { path } = named;
  const from = isForOrganisationsOnly(named) ? { owner } : {};
  const start = exportPaths.includes(path) ? await startExport(accessToken) : {};
  return (await callProcedure(api, accessToken, path, { ...start, ...input }, from)) as Page;
}

/** Where an export's first page is: it has no page without a cursor. */
async function startExport(accessToken: string): Promise<{ readonly cursor: string }> {
  const { cursor } = await api.caller(accessToken).users.start_export();
  return { cursor };
}

/** The cursor of the second page, where a page has one row. */
async function cursorOf(owner: Owner, list: NamedEndpoint, input: object = {}): Promise<string> {
  const { next_cursor } = await read(owner, list, { ...input, limit: 1 });
  return next_cursor ?? expect.fail(`${list.path} has one page only.`);
}

/** The list's input with one filter or order other than by default, for each that there is. */
function otherViews({ endpoint: { input } }: NamedEndpoint): object[] {
  if (!(input instanceof z.ZodPrefault)) return [];
  const { limit: _limit, cursor: _cursor, ...choices } = (input.def.innerType as z.ZodObject).shape;
  const byDefault = input.parse(undefined) as Readonly<Record<string, unknown>>;
  return Object.entries<z.ZodType>(choices).flatMap(([name, schema]) =>
    [...optionsOf(schema), ...filterValues]
      .filter((value) => value !== byDefault[name] && schema.safeParse(value).success)
      .slice(0, 3)
      .map((value) => ({ [name]: value })),
  );
}

function optionsOf(schema: z.ZodType): readonly unknown[] {
  if (schema instanceof z.ZodEnum) return schema.options;
  const { innerType } = schema.def as { readonly innerType?: z.ZodType };
  return innerType === undefined ? [] : optionsOf(innerType);
}

it("goes on where the page before ended, whatever the size of the next", async () => {
  for (const list of lists) {
    const [, ...rest] = (await read(ada, list, {})).items;
    const cursor = await cursorOf(ada, list);
    // Beginning an export writes an event, which is a record of the next one.
    if (exportPaths.includes(list.path)) continue;
    expect([list.path, (await read(ada, list, { cursor })).items]).toEqual([list.path, rest]);
  }
});

it("refuses the cursors of other lists, and of the same list in another order or with another filter", async () => {
  for (const list of lists) {
    const cursor = await cursorOf(ada, list);
    const isExport = exportPaths.includes(list.path);
    for (const other of lists.filter(({ path }) => path !== list.path)) {
      if (isExport && exportPaths.includes(other.path)) continue;
      const code = await codeOf(read(ada, other, { cursor }));
      expect([list.path, other.path, code]).toEqual([list.path, other.path, "CURSOR_INVALID"]);
    }
    for (const view of otherViews(list)) {
      expect([list.path, view, await codeOf(read(ada, list, { ...view, cursor }))]).toEqual([
        list.path,
        view,
        "CURSOR_INVALID",
      ]);
    }
  }
  expect(lists.flatMap(otherViews).length).toBeGreaterThan(30);
});

it("refuses another user's cursor in every list of one's own rows", async () => {
  for (const list of lists) {
    const cursor = await cursorOf(eve, list);
    const isShared = (await cursorOf(ada, list)) === cursor;
    const code = await codeOf(read(ada, list, { cursor }));
    expect([list.path, code]).toEqual([list.path, isShared ? undefined : "CURSOR_INVALID"]);
  }
});

const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const nonsense = [
  "x",
  "not base64 at all!",
  Buffer.from("{").toString("base64url"),
  "[".repeat(512),
  ...[null, [], [1], {}, "1", ["transactions", "019bc186-de00-7000-8000-a19af8b2bbf6"]].map(text),
];

it("refuses a text that is not a cursor, without an error in the log", async () => {
  for (const list of lists) {
    for (const cursor of nonsense) {
      expect([list.path, cursor, await codeOf(read(ada, list, { cursor }))]).toEqual([
        list.path,
        cursor,
        "CURSOR_INVALID",
      ]);
    }
  }
  expect(api.logged).toEqual([]);
});

const everyHostile: readonly unknown[] = [
  null,
  {},
  [],
  "",
  "\0",
  "nos\0tra",
  "\ud800",
  "' or true --",
  "0000-01-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  "019bc186-de00-7000-8000-a19af8b2bbf6",
  "99999999999999999999",
  "-1",
  "NaN",
  "1e999",
  0,
  -1,
  1e308,
  2 ** 53,
  "9".repeat(78),
];
/** Each is tried in every part of every cursor. */
const hostile = everyHostile.filter((_value, index) => inject("isLong") || index % 2 === 0);

it("takes nothing from a cursor but where to go on: no value in it makes a failure, or shows somebody else's rows", async () => {
  for (const list of lists) {
    const genuine = await cursorOf(ada, list);
    const parts = z.array(z.unknown()).safeParse(parseJson(genuine));
    // An export's cursor is sealed.
    if (!parts.success) continue;
    const own = new Set((await read(ada, list, {})).items.map((item) => JSON.stringify(item)));
    for (const [index] of parts.data.entries()) {
      for (const value of hostile) {
        const cursor = text(parts.data.with(index, value));
        const reading = read(ada, list, { cursor });
        const code = await codeOf(reading);
        const shown = code === undefined ? await reading : undefined;
        expect([list.path, index, value, code ?? "CURSOR_INVALID"]).toEqual([
          list.path,
          index,
          value,
          "CURSOR_INVALID",
        ]);
        const foreign = shown?.items.filter((item) => !own.has(JSON.stringify(item))) ?? [];
        expect([list.path, index, value, foreign]).toEqual([list.path, index, value, []]);
      }
    }
  }
  expect(api.logged).toEqual([]);
});

function parseJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}

it("refuses a cursor of a version that is to come", async () => {
  for (const list of lists) {
    const [version, ...rest] = (parseJson(await cursorOf(ada, list)) ?? []) as unknown[];
    if (version === undefined) continue;
    expect(await codeOf(read(ada, list, { cursor: text([Number(version) + 1, ...rest]) }))).toBe(
      "CURSOR_INVALID",
    );
  }
});
