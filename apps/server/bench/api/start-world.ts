import { randomUUID } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@obsqra/db";
import { accessTokenSettings, issueAccessToken } from "@obsqra/platform";
import { countingFlags, prepareCounting } from "../../../../packages/db/bench/count-statements.ts";
import { startPostgres } from "../../../../packages/db/src/testing/start-postgres.ts";
import { createPeerTables, seedUsers } from "../../../../packages/features/bench/seed-users.ts";
import { writeFixtureCsv } from "../../../../packages/market/src/testing/fixture-csv.ts";
import type { Caller, Target } from "./calls.ts";
import { type ServerProcess, startOurs, startPeer } from "./server-process.ts";

export const users = 1_000;
/** One more than a page of 50 has. */
export const transactionsPerUser = 51;
export const markets = 250;
export const protocols = 25;
export const historyDays = 120;

const secretKey = "5b0c1d7e94a2f6384e1f7d2c9b6a503877c4e0d1f2a39b86";
const lifetimeMinutes = 1440;
const dayMs = 86_400_000;

/** All guarantees are on. The limits count every call, but one machine asks for everybody: nobody reaches them. */
export const settings = {
  ENVIRONMENT: "production",
  SECRET_KEY: secretKey,
  ACCESS_TOKEN_EXPIRE_MINUTES: String(lifetimeMinutes),
  // Each user has an address of its own: all calls would otherwise be counted in the same row of the table.
  TRUSTED_PROXIES: "127.0.0.1",
  // The default with Postgres is the table, which is measured apart.
  RATE_LIMIT_STORE: "memory",
  RATE_LIMIT_PER_IP: "1000000000",
  RATE_LIMIT_PER_USER: "1000000000",
  DAILY_QUOTA_FREE: "1000000000",
  STORAGE_MIB_FREE: "1024",
  // No mail is sent.
  SMTP_SERVER: "127.0.0.1",
  SMTP_FROM: "bench@example.org",
  PUBLIC_URL: "https://api.example.org",
  MARKET_SOURCE: "file",
  // The models are not what is measured: a short walk-forward test makes the start shorter.
  BACKTEST_WINDOW_DAYS: "14",
} as const;

/** All servers on one Postgres, which they share with nobody. */
export interface World extends AsyncDisposable {
  readonly db: Awaited<ReturnType<typeof openDatabase>>["db"];
  readonly servers: Readonly<Record<Target, ServerProcess>>;
  readonly callers: readonly Caller[];
  /** Of the market data, as the database names it. */
  readonly source: string;
  readonly marketFile: string;
  /** For what is to go with the servers. */
  readonly folder: string;
}

/** Starts Postgres, ours and the peers, and fills the database: market history and forecasts by our own start, users by SQL. */
export async function startWorld(
  report: (line: string) => void,
  { isProfiled }: { readonly isProfiled: boolean },
): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "obsqra-bench-")));
  report(`api: starting Postgres and training on ${markets} markets of ${historyDays} days`);
  const postgres = stack.use(await startPostgres("obsqra", countingFlags));
  const database = postgres.url("postgres");
  const file = join(folder.path, "history.csv");
  // Up to today, so that "the last days" are the same for who asks the clock and who asks the data.
  const from = new Date(Date.now() - historyDays * dayMs).toISOString().slice(0, 10);
  await writeFixtureCsv(file, { shape: "dex", markets, protocols, days: historyDays, seed: 1, from });
  const variables = { ...settings, DATABASE_URL: database, MARKET_FILE: file };
  const start = { folder: folder.path, isProfiled };
  const ours = stack.use(await startOurs({ ...start, name: "ours", variables }));
  const { db, close } = await openDatabase({ url: database });
  stack.defer(close);
  report(`api: adding ${users} users with ${transactionsPerUser} transactions each`);
  const seeded = await seedUsers(db, { users, transactions: transactionsPerUser });
  await createPeerTables(db);
  await prepareCounting(db);
  const limited = { ...variables, RATE_LIMIT_STORE: "postgres" };
  const servers = {
    rest: ours,
    trpc: ours,
    mcp: ours,
    graphql: ours,
    "rest, limits on Postgres": stack.use(
      await startOurs({ ...start, name: "ours-limits-on-postgres", variables: limited }),
    ),
    "rest, two processes": stack.use(
      await startOurs({
        ...start,
        name: "ours-two-processes",
        variables: limited,
        parameters: ["--workers", "2"],
        isProfiled: false,
      }),
    ),
    bare: stack.use(await startPeer([database], { ...start, name: "bare" })),
    "plain tRPC": stack.use(await startPeer([database, secretKey], { ...start, name: "plain-trpc" })),
  };
  const accessTokens = accessTokenSettings([secretKey], lifetimeMinutes);
  const callers = await Promise.all(
    seeded.map(async (session, index) => {
      const token = await issueAccessToken(
        { accessTokens, clock: () => new Date() },
        { ...session, token_id: randomUUID() },
      );
      const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
      return { user_id: session.user_id, address, authorization: `Bearer ${token}` };
    }),
  );
  const kept = stack.move();
  return {
    db,
    servers,
    callers,
    source: "file:history.csv",
    marketFile: file,
    folder: folder.path,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
