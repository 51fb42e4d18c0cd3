import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { countStatements } from "@obsqra/features/testing";
import { authenticate, issueAccessToken } from "@obsqra/platform";
import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { type AccountsServer, startAccountsServer } from "./accounts-server.ts";
import type { LoginStorm } from "./login-storm.worker.ts";
import type { SteadyUser } from "./steady-user.worker.ts";
import type { Storm, StormResult } from "./storm.process.ts";

const attempts = 200;
const storms = 10;
const periodMs = 10;
const password = "correct horse battery staple";

/** What signing in costs, and whether a storm of it holds up everybody else. */
export const accountsBenchmark: Benchmark = {
  name: "accounts",
  title: "Accounts",
  description: `A real server with its embedded database (PGlite) on disk and without models, asked over HTTP from another process on the same machine. A storm
is ${attempts} logins at the same moment; meanwhile a signed-in user asks for \`GET /api/v1/auth/me\` every ${periodMs} ms,
timed from when each request was due, so that one that waits for another counts in full. ${storms} storms a line. Each
login of "many emails" is of an account and an ip of its own and gives the right password; those of "one email" come from
one ip and give a wrong one. What is beyond the queue for passwords gets 503 and \`Retry-After\`.

The check of an access token is that without the database; every request also asks whether the session is live. A token that was
found good is remembered by its hash until it runs out; the first check takes the way to WebCrypto's thread and back.`,
  run: measure,
};

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  await using server = await startAccountsServer();
  const clients = fork(new URL("./storm.process.ts", import.meta.url));
  await using _ = { [Symbol.asyncDispose]: async () => void clients.kill() };
  report("accounts: registering");
  const { access_token } = await server.caller().auth.register(accountOf("user"));
  for (let index = 0; index < attempts; index += 1)
    await server.caller().auth.register(accountOf(String(index)));
  const user = { url: server.url, authorization: `Bearer ${access_token}`, periodMs };
  const run = (name: string, logins: LoginStorm["logins"]) => {
    report(`accounts: ${storms} storms, ${name}`);
    return runStorms({ ...server, clients }, user, logins);
  };
  const manyEmails = Array.from({ length: attempts }, (_, index) => ({
    email: accountOf(String(index)).email,
    password,
    ip: `203.0.${Math.floor(index / 200) + 113}.${index + 1}`,
  }));
  const oneEmail = manyEmails.map(() => ({
    email: accountOf("0").email,
    password: "wrong",
    ip: "203.0.113.1",
  }));
  return [
    ...(await tokenCheckRows(server, access_token)),
    ...(await statementRows(server)),
    userRow("GET /auth/me, no storm", await run("no storm", []), undefined),
    ...stormRows("many emails", await run("many emails", manyEmails)),
    ...stormRows("one email", await run("one email", oneEmail)),
  ];
}

function accountOf(name: string) {
  return { email: `${name}@example.org`, password, full_name: "Ada" };
}

async function tokenCheckRows({ api }: AccountsServer, accessToken: string): Promise<BenchmarkRow[]> {
  const rounds = 21;
  const batch = 400;
  const session = await authenticate(api, accessToken);
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const tokens: string[] = [];
    for (let index = 0; index < batch; index += 1) {
      tokens.push(await issueAccessToken(api, { ...session, token_id: api.createId() }));
    }
    first.push(await microsecondsEach(tokens, (token) => authenticate(api, token)));
    again.push(await microsecondsEach(tokens, (token) => authenticate(api, token)));
  }
  const figure = (times: readonly number[]) => `${percentile(times, 0.5).toFixed(1)} µs`;
  const work = `median of ${rounds} × ${batch}`;
  return [
    {
      work: `check an access token, ${work}`,
      measured: figure(again),
      bar: "≤ 50 µs",
      met: percentile(again, 0.5) <= 50,
      peer: "",
    },
    {
      work: `check one that this process has not seen before, ${work}`,
      measured: figure(first),
      bar: "none",
      met: true,
      peer: "",
    },
  ];
}

async function microsecondsEach<TItem>(
  items: readonly TItem[],
  work: (item: TItem) => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  for (const item of items) await work(item);
  return ((performance.now() - startedAt) * 1000) / items.length;
}

async function statementRows({ api, caller }: AccountsServer): Promise<BenchmarkRow[]> {
  const deps = { deps: api };
  const account = accountOf("counted");
  const registered = await countStatements(deps, (counted) => counted.auth.register(account));
  const { refresh_token } = await caller().auth.login(account);
  const refreshed = await countStatements(deps, (counted) => counted.auth.refresh({ refresh_token }));
  const row = (work: string, count: number): BenchmarkRow => ({
    work: `statements to ${work}`,
    measured: String(count),
    bar: "1",
    met: count === 1,
    peer: "",
  });
  return [row("register", registered), row("refresh", refreshed)];
}

async function runStorms(
  { api, clients }: AccountsServer & { readonly clients: ChildProcess },
  user: SteadyUser,
  logins: LoginStorm["logins"],
): Promise<StormResult[]> {
  const results: StormResult[] = [];
  // The first two are not counted: the engine compiles meanwhile.
  for (let index = -2; index < storms; index += 1) {
    await api.db.deleteFrom("auth_throttle").execute();
    const storm: Storm = { user, logins };
    clients.send(storm);
    const [result] = (await once(clients, "message")) as [StormResult];
    if (index >= 0) results.push(result);
  }
  return results;
}

function stormRows(name: string, results: readonly StormResult[]): BenchmarkRow[] {
  const statuses = Map.groupBy(
    results.flatMap(({ logins }) => logins.statuses),
    (status) => status,
  );
  const counts = [...statuses]
    .toSorted()
    .map(([status, all]) => `${status}: ${(all.length / storms).toFixed(0)}`);
  const lasted = percentile(
    results.map(({ logins }) => logins.lastedMs),
    0.5,
  );
  const isExpected = [...statuses.keys()].every((status) => [200, 401, 429, 503].includes(status));
  return [
    userRow(`GET /auth/me while ${attempts} log in at once, ${name}`, results, 100),
    {
      work: `${attempts} logins at once, ${name}: responses by status`,
      measured: `${counts.join(", ")}; the last after ${lasted.toFixed(0)} ms`,
      bar: "200, 401, 429 and 503 only",
      met: isExpected,
      peer: "",
    },
  ];
}

function userRow(work: string, results: readonly StormResult[], barMs: number | undefined): BenchmarkRow {
  const times = results.flatMap(({ user }) => user.timesMs);
  const allSucceeded = results.every(({ user }) => user.statuses.every((status) => status === 200));
  const at = (share: number) => percentile(times, share).toFixed(1);
  return {
    work: `${work} (${times.length} requests)`,
    measured: `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms${allSucceeded ? "" : ", not all with 200"}`,
    bar: barMs === undefined ? "none" : `p99 < ${barMs} ms`,
    met: allSucceeded && (barMs === undefined || percentile(times, 0.99) < barMs),
    peer: "",
  };
}

/** The smallest value that at least this share of the values does not exceed (nearest rank). */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
