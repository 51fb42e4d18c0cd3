import { mkdtempDisposable } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiDependencies, createCaller, importDataset, registerProtocols } from "@obsqra/features";
import { loadCsv } from "@obsqra/features/testing";
import { createCallLimiter, createCallTurns, createLimitPolicies } from "@obsqra/platform";
import { insertOutcomes } from "../../../packages/features/bench/insert-outcomes.ts";
import { fixtureCsv } from "../../../packages/market/src/testing/fixture-csv.ts";
import { buildServer } from "../src/build-server.ts";
import { createDependencies } from "../src/create-dependencies.ts";
import { readEnvironment } from "../src/env.ts";
import { createLogger } from "../src/logger.ts";
import { type CostWorld, manyValues } from "../test/cost/most-expensive-inputs.ts";

export const markets = 500;
export const protocols = 50;
export const historyDays = 90;
export const transactions = 100;
export const suggestions = 100;

/** A server on an embedded database, where everything is done on one thread, with a user who has as much as may be. */
export interface CostServer extends AsyncDisposable {
  readonly api: ApiDependencies;
  /** Without limits of calls. */
  readonly url: string;
  /** With the limits of the default, none of which is used yet. */
  startLimited(): Promise<AsyncDisposable & { readonly url: string }>;
  readonly world: CostWorld;
  /** Of the user who has everything. */
  readonly ada: string;
  /** Of somebody who has nothing. */
  readonly eve: string;
}

export async function startCostServer(report: (line: string) => void): Promise<CostServer> {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-bench-"));
  const env = readEnvironment({
    ENVIRONMENT: "test",
    DATA_DIRECTORY: folder.path,
    MARKET_SOURCE: "simulated",
    RATE_LIMITS: "false",
  });
  const log = createLogger(env, { write: () => {} });
  const dependencies = await createDependencies({ env, log, clock: () => new Date(), fetch });
  const api = { ...dependencies.api, marketSource: "file:history.csv" };
  await registerProtocols(api);
  report(`cost: loading ${markets} markets of ${historyDays} days`);
  const csv = fixtureCsv({ shape: "dex", markets, protocols, days: historyDays, seed: 1 });
  await importDataset(api, await loadCsv(csv, api));
  await insertOutcomes(api, 500);
  report(`cost: logging ${transactions} transactions`);
  const credentials = {
    email: "ada@example.org",
    password: "correct horse battery staple",
    full_name: "Ada",
  };
  const caller = (access_token?: string) =>
    createCaller({ ...api, request: { id: "bench", access_token, ip: "127.0.0.1", user_agent: "bench" } });
  const ada = await caller().auth.register(credentials);
  const eve = await caller().auth.register({ ...credentials, email: "eve@example.org" });
  const bob = { ...credentials, email: "bob@example.org" };
  await caller().auth.register(bob);
  await fill(api, caller(ada.access_token));
  const listen = async (parts: ApiDependencies) => {
    const app = await buildServer({
      api: parts,
      database: dependencies.database,
      env,
      logger: log,
    });
    await app.listen({ host: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    return { url, [Symbol.asyncDispose]: () => app.close() };
  };
  const open = await listen(api);
  return {
    api,
    url: open.url,
    startLimited: () => {
      const callLimiter = createCallLimiter({ ...api, policies: createLimitPolicies() });
      return listen({ ...api, callLimiter, callTurns: createCallTurns({ atOnce: 2 }) });
    },
    world: {
      ...bob,
      refresh_token: ada.refresh_token,
      exportCursor: (await caller(ada.access_token).users.start_export()).cursor,
    },
    ada: ada.access_token,
    eve: eve.access_token,
    [Symbol.asyncDispose]: async () => {
      await open[Symbol.asyncDispose]();
      await dependencies.close();
      await folder.remove();
    },
  };
}

type Caller = ReturnType<typeof createCaller>;

/** Transactions with as many values as may be, and suggestions over as many protocols as there are. */
async function fill({ db, createId, clock }: ApiDependencies, caller: Caller): Promise<void> {
  for (let number = 1; number <= transactions; number += 1) {
    const tx_hash = `0x${number.toString(16)}`;
    await caller.transactions.create({ tx_hash, tx_type: "deposit", amount: "1", details: manyValues });
  }
  const { id: owner_id } = await caller.auth.me();
  const names = Array.from({ length: protocols }, (_, number) => `protocol-${number}`);
  const allocation = Object.fromEntries(names.map((name) => [name, 100 / protocols]));
  const share = {
    basis_points: 200,
    percent: 2,
    current_percent: 0,
    expected_apy: 12.3456789,
    risk_score: 45.678,
    markets: ["ETH", "USDC", "STRK"],
  };
  for (let number = 0; number < suggestions; number += 1) {
    const id = createId();
    const answer = {
      id,
      created_at: clock().toISOString(),
      outcome: "rebalance",
      allocation,
      shares: names.map((protocol) => ({ protocol, ...share })),
      risk_tolerance: "medium",
      reason: "It pays more.",
      expected_improvement: 1,
      expected_apy_before: null,
      expected_apy_after: 9,
      portfolio_risk: 40,
      turnover_percent: 100,
      confidence: 0.8,
      binding_limits: names.map((protocol) => ({
        limit: "max_single",
        protocol,
        shadow_price: 0.01,
        shadow_price_unit: "percentage_point_of_share",
        sentence: `${protocol} is at the largest share allowed (50 %); one percentage point more would add 0.01.`,
      })),
      excluded: [],
      model_versions: { risk: "x", yield: "x" },
      data_source: { name: "simulated", simulated: true, replay: false, as_of: null, fetched_at: null },
    };
    const row = { id, owner_id, outcome: "rebalance" as const, created_at: clock() };
    await db
      .insertInto("rebalance_suggestions")
      .values({ ...row, allocation_bp: "{}", answer: JSON.stringify(answer) })
      .execute();
  }
}
