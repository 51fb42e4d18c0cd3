import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { listCalls, type NamedEndpoint } from "@obsqra/contract";
import { createCallTurns, createResponseCache } from "@obsqra/platform";
import type { ChainReader } from "@obsqra/starknet";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCaller } from "../src/root.ts";
import { createTestApi, recordStatements, type TestApi } from "../src/testing/index.ts";
import { callFor, type NewUser, prepareInput, signUp } from "./idempotency/prepared-inputs.ts";
import { quickHasher } from "./paging/quick-hasher.ts";

/** How many statements an endpoint sends, without `begin` and `commit`. */
interface Counted {
  readonly path: string;
  readonly access: NamedEndpoint["endpoint"]["access"];
  readonly kind: NamedEndpoint["endpoint"]["kind"];
  readonly first: number;
  /** Where a key, or a cache, makes a difference. */
  readonly withKey: number | undefined;
  readonly cached: number | undefined;
  readonly weight: number;
  /** Whether it leaves something behind that stays for good, and that no quota counts. */
  readonly leavesEvents: boolean;
}

type AnyCaller = Record<string, Record<string, (input: unknown) => Promise<unknown>>>;

const architecture = fileURLToPath(new URL("../../../docs/architecture.md", import.meta.url));
const [begin, end] = ["<!-- statements: begin -->", "<!-- statements: end -->"];
const cachedPaths = new Set([
  "analytics.markets",
  "analytics.overview",
  "analytics.risk_history",
  "analytics.dashboard",
  "predictions.track_record",
  "predictions.track_record_parts",
]);

/** A chain that takes every signature. */
const chain: ChainReader = {
  chainId: async () => "SN_MAIN",
  isValidSignature: async () => "valid",
  classHashAt: async () => "0x1",
  transactionOutcome: async () => ({ status: "unknown" }),
};

/** What is done once, such as linking a wallet, is done in one without a key, and in the other with one. */
let withoutKeys: TestApi;
let withKeys: TestApi;
const counted: Counted[] = [];

function openApi(): Promise<TestApi> {
  const unlimited = { perEmailAndIp: 1e6, perIp: 1e6, mailsPerEmailAndIp: 1e6, mailsPerIp: 1e6 };
  return createTestApi({
    withForecasts: true,
    chain,
    passwordHasher: quickHasher,
    throttleLimits: unlimited,
  });
}

beforeAll(async () => {
  withoutKeys = await openApi();
  withKeys = await openApi();
  for (const named of listCalls()) counted.push(await count(named));
}, 240_000);

afterAll(async () => {
  await withoutKeys[Symbol.asyncDispose]();
  await withKeys[Symbol.asyncDispose]();
});

async function count(named: NamedEndpoint): Promise<Counted> {
  const { path, endpoint } = named;
  const user = await signUp(withoutKeys, named);
  const input = await prepareInput(withoutKeys, named, user);
  const cache = createResponseCache({ log: withoutKeys.deps.log });
  const ask = () => recordCall(withoutKeys, path, { ...callFor(named, user), user, input, cache });
  const first = await ask();
  return {
    path,
    access: endpoint.access,
    kind: endpoint.kind,
    first: first.length,
    withKey: endpoint.kind === "mutation" ? await countKeyedCall(named) : undefined,
    cached: cachedPaths.has(path) ? (await ask()).length : undefined,
    weight: endpoint.weight ?? 1,
    leavesEvents: first.some((statement) => /insert into "(audit_events|events)"/.test(statement)),
  };
}

async function countKeyedCall(named: NamedEndpoint): Promise<number> {
  const user = await signUp(withKeys, named);
  const input = await prepareInput(withKeys, named, user);
  const { cache, createId } = withKeys.deps;
  return (
    await recordCall(withKeys, named.path, { ...callFor(named, user), user, input, cache, key: createId() })
  ).length;
}

async function recordCall(
  { deps }: TestApi,
  path: string,
  call: {
    readonly user: NewUser;
    readonly input: unknown;
    readonly cache: TestApi["deps"]["cache"];
    readonly key?: string;
    readonly owner?: string;
  },
): Promise<readonly string[]> {
  const { db, statements } = recordStatements(deps.db);
  const request = {
    id: "test",
    access_token: call.user.accessToken,
    idempotency_key: call.key,
    owner: call.owner,
    ip: "127.0.0.1",
    user_agent: "test",
  };
  // A caller has a function for every endpoint; its types only tell which input each takes.
  const caller = createCaller({ ...deps, db, cache: call.cache, request }) as AnyCaller;
  const [feature = "", name = ""] = path.split(".");
  await caller[feature]?.[name]?.(call.input);
  return statements;
}

it("reads what a signed-in user asks for in one statement besides that of access, but for the queue of jobs", () => {
  // An export is all of a user's lists one after the other.
  const exports = ["users.export_records", "users.export_data"];
  // A proof reads the hashes that it is made of.
  const proofs = ["receipts.suggestion", "receipts.chains"];
  const reads = counted.filter(
    ({ path, kind, access }) =>
      kind === "query" &&
      access !== "public" &&
      access !== "operations:read" &&
      !exports.includes(path) &&
      !proofs.includes(path),
  );
  expect(reads.filter(({ first, cached }) => (cached ?? first) > 2)).toEqual([]);
  // What is computed anew takes one more.
  expect(reads.filter(({ first }) => first > 3)).toEqual([]);
});

/** They end what was made by a call that has cost as much, once. Leaving must not be refused for want of points. */
const endings = new Set([
  "auth.logout",
  "auth.logout_everywhere",
  "auth.revoke_session",
  "auth.unlink_wallet",
  "auth.revoke_api_key",
  "users.cancel_deletion",
  "webhooks.delete",
  "organisations.revoke_invitation",
  "organisations.cancel_deletion",
]);

it("costs five points at least to leave an event behind, which stays for good and which no quota counts", () => {
  // What is open to everybody is counted by attempts as well, and what is an operator's is in his hands.
  const open = (access: string) => access === "public" || access.startsWith("operations:");
  const cheap = counted.filter(
    ({ path, access, leavesEvents, weight }) =>
      // What is logged of transactions has a quota.
      leavesEvents && weight < 5 && !open(access) && !endings.has(path) && path !== "transactions.create",
  );
  expect(cheap.map(({ path }) => path)).toEqual([]);
});

it("optimises in six statements, and logs a transaction with a key in three", () => {
  const of = (path: string) => counted.find((each) => each.path === path);
  expect(of("predictions.run_optimization")?.first).toBeLessThanOrEqual(6);
  expect(of("transactions.create")?.withKey).toBeLessThanOrEqual(3);
});

it("looks up a token once for all calls of a request that are under way, and again for those that begin later", async () => {
  const { deps } = withoutKeys;
  const { accessToken } = await signUp(withoutKeys);
  const { db, statements } = recordStatements(deps.db);
  const request = { id: "test", access_token: accessToken, ip: "127.0.0.1", user_agent: "test" };
  // On a slow machine, those that come later would have to wait for their turn.
  const callTurns = createCallTurns({ sliceMs: Number.POSITIVE_INFINITY });
  const caller = createCaller({ ...deps, db, callTurns, request });
  await Promise.all([caller.auth.me(), caller.auth.me(), caller.users.profile(), caller.auth.me()]);
  expect(statements).toHaveLength(1);
  await deps.db.updateTable("auth_sessions").set({ revoked_at: deps.clock() }).execute();
  await expect(caller.auth.me()).rejects.toMatchObject({ cause: { code: "TOKEN_INVALID" } });
  expect(statements).toHaveLength(2);
});

// `npx vitest run --project pglite packages/features/test/statements.test.ts -u` writes the table.
it("sends as many statements as docs/architecture.md says", async () => {
  const document = readFileSync(architecture, "utf8");
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/architecture.md has no ${begin} and ${end}.`);
  await expect(`${before}${begin}\n\n${printTable(counted)}\n\n${end}${after}`).toMatchFileSnapshot(
    architecture,
  );
});

function printTable(endpoints: readonly Counted[]): string {
  const rows = endpoints.map(({ path, first, withKey, cached }) => [
    `\`${path}\``,
    String(first),
    String(withKey ?? ""),
    String(cached ?? ""),
  ]);
  const head = ["endpoint", "statements", "with a key", "from the cache"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
