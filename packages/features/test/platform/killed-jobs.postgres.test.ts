import type { Database } from "@obsqra/db";
import { type Break, openBreakingDatabase, waitForEvents } from "@obsqra/db/testing";
import { createTestWallet } from "@obsqra/starknet/testing";
import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import { refreshMarketHistory } from "../../src/market/refresh.service.ts";
import { checkRebalances } from "../../src/predictions/advice/rebalance-checks.service.ts";
import { renewForecasts } from "../../src/predictions/forecasts/renew-forecasts.service.ts";
import {
  createChainTestApi,
  createTestApi,
  importLater,
  link,
  loadCsv,
  openTestWork,
  type TestApi,
} from "../../src/testing/index.ts";
import { confirmTransactions } from "../../src/transactions/confirmations.service.ts";

// Whatever a run of a job was about to do when it was cut off, the next one does, and nothing twice.

const breaks: readonly Omit<Break, "statement">[] = [
  { loses: "process", moment: "before" },
  { loses: "process", moment: "after" },
  { loses: "connection", moment: "during" },
];

/** How each statement in turn is lost: in every way in the long form, else in one after the other. */
const walks = inject("isLong")
  ? breaks.map((each) => ({ what: `its ${each.loses} ${each.moment}`, ways: [each] }))
  : [{ what: "its process or its connection at", ways: breaks }];

const { signal } = new AbortController();

/** Runs a job that is broken off at each statement in turn, or at each few, and runs it again; until one goes through. */
async function breakEverywhere(
  { deps }: Pick<TestApi, "deps">,
  ways: typeof breaks,
  {
    prepare,
    run,
    checkBroken = async () => {},
    check,
    step = 1,
  }: {
    readonly prepare: (number: number) => Promise<void>;
    readonly run: (db: Database) => Promise<unknown>;
    /** Looks at what is there before it is run again. */
    readonly checkBroken?: () => Promise<void>;
    readonly check: (number: number) => Promise<void>;
    readonly step?: number;
  },
): Promise<number> {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(deps.db);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${rows[0]?.name}`;
  for (let statement = 1, turn = 0; ; statement += step, turn += 1) {
    const way = ways[turn % ways.length];
    if (way === undefined) throw new RangeError("There is no way to break it.");
    await prepare(statement);
    await using broken = openBreakingDatabase(url.href, { ...way, statement });
    await run(broken.db).catch(() => undefined);
    await broken.waitUntilSettled();
    await checkBroken();
    await run(deps.db);
    await check(statement);
    if (!broken.hasBroken()) return statement - 1;
  }
}

async function countEvents({ deps }: Pick<TestApi, "deps">, type: string, subject: string): Promise<number> {
  const events = deps.db.selectFrom("events").select("id").where("type", "=", type);
  return (await events.where("subject", "=", subject).execute()).length;
}

it.each(walks)("confirms a transaction once, when it loses $what any statement", async ({ ways }) => {
  const wallet = createTestWallet({ privateKey: "0x1234567890987654321" });
  await using api = await createChainTestApi({ accounts: [wallet.account] });
  const ada = await api.signUp();
  await link(ada, wallet);
  const hashOf = (number: number) => `0x${number.toString(16).padStart(64, "0")}`;
  const statements = await breakEverywhere(api, ways, {
    prepare: async (number) => {
      const tx_hash = hashOf(number);
      await ada.transactions.create({ tx_hash, tx_type: "deposit", amount: "1" });
      api.node.include({ hash: tx_hash, sender: wallet.address, finality: "ACCEPTED_ON_L1" });
      await waitForEvents(api.deps.db);
    },
    run: (db) => confirmTransactions({ ...api.deps, db }, signal),
    check: async (number) => {
      const { id, status } = await ada.transactions.get({ tx_hash: hashOf(number) });
      const open = await api.deps.db.selectFrom("open_transactions").selectAll().execute();
      const changes = await countEvents(api, "transaction.status_changed", id);
      expect([number, status, changes, open]).toEqual([number, "confirmed", 1, []]);
    },
  });
  // The reader's position, what is due, the wallet, the entry with its event, and the end of the wait.
  expect(statements).toBeGreaterThanOrEqual(10);
});

it.each(walks)("forecasts once from an import, when it loses $what a statement", async ({ ways }) => {
  await using api = await createTestApi({ withForecasts: true });
  let day = 0;
  const statements = await breakEverywhere(api, ways, {
    // The long form breaks everywhere; each import and run takes its time.
    step: inject("isLong") ? 1 : 14,
    prepare: async () => {
      day += 1;
      await importLater(api, day);
    },
    run: (db) => renewForecasts({ ...api.deps, db }, { horizonDays: 7, openWork: openTestWork }),
    check: async () => {
      const runs = await api.deps.db
        .selectFrom("forecast_runs")
        .innerJoin("market_imports as import", "import.id", "forecast_runs.import_id")
        .select(["kind", "model_version", "forecasts", "import_id"])
        .where("import.sequence", "=", ({ selectFrom }) =>
          selectFrom("market_imports").select(({ fn }) => fn.max("sequence").as("newest")),
        )
        .orderBy("kind")
        .execute();
      expect(runs.map(({ kind }) => kind)).toEqual(["risk", "yield"]);
      for (const { kind, model_version, forecasts, import_id } of runs) {
        const told = await sql`select from events where type = 'forecasts.published'
          and payload ->> 'import_id' = ${import_id} and payload ->> 'kind' = ${kind}`.execute(api.deps.db);
        const newest =
          await sql`select from predictions where kind = ${kind} and model_version = ${model_version}
          and as_of = (select max(as_of) from predictions)`.execute(api.deps.db);
        expect([told.rows.length, newest.rows.length > 0, forecasts > 0]).toEqual([1, true, true]);
      }
    },
  });
  expect(statements).toBeGreaterThanOrEqual(14);
});

it.each(walks)("tells an owner once to move, when it loses $what any statement", async ({ ways }) => {
  await using api = await createTestApi({ withForecasts: true });
  const { db } = api.deps;
  const preferences = JSON.stringify({ auto_rebalance_enabled: true });
  let owner = "";
  const statements = await breakEverywhere(api, ways, {
    prepare: async () => {
      owner = (await (await api.signUp()).auth.me()).id;
      await db.updateTable("users").set({ preferences }).where("id", "=", owner).execute();
      const allocation_bp = JSON.stringify({ nostra: 10_000 });
      await db
        .insertInto("allocation_history")
        .values({
          id: api.deps.createId(),
          owner_id: owner,
          allocation_bp,
          reason: "test",
          suggestion_id: null,
          transaction_id: null,
          created_at: api.clock(),
        })
        .execute();
    },
    run: (used) => checkRebalances({ ...api.deps, db: used, horizonDays: 7 }, signal),
    check: async (number) => {
      const of = db.selectFrom("rebalance_suggestions").select("id").where("owner_id", "=", owner);
      const suggestions = await of.execute();
      const noted = await db
        .selectFrom("rebalance_checks")
        .select("suggestion_id as id")
        .where("owner_id", "=", owner)
        .execute();
      const told = await countEvents(api, "suggestion.made", suggestions[0]?.id ?? "");
      expect([number, suggestions.length, noted, told]).toEqual([number, 1, suggestions, 1]);
    },
  });
  // The import, its models, who is due, what the advice rests on, and the check with its suggestion and event.
  expect(statements).toBeGreaterThanOrEqual(8);
});

it.each(walks)(
  "imports what is new of a file once and whole, when it loses $what any statement",
  async ({ ways }) => {
    await using api = await createTestApi({ marketSource: "file:history.csv" });
    const { db } = api.deps;
    /** Grows by a day each time, revises one, and leaves one market out or brings it back. */
    const loadFile = (number: number) => {
      const pools = number % 2 === 0 ? ["kept"] : ["kept", "left"];
      const lines = pools.flatMap((pool) =>
        Array.from({ length: 10 + number }, (_, day) => {
          const moment = new Date(Date.UTC(2025, 0, 1 + day)).toISOString();
          return `${pool},fixture-swap,Starknet,A-B,${moment},1000000,${day === 3 ? 100 + number : day}`;
        }),
      );
      return loadCsv(["pool,project,chain,symbol,timestamp,tvlUsd,apy", ...lines].join("\n"), api.deps);
    };
    const readStored = async () => ({
      observations: await db
        .selectFrom("market_history")
        .select(["market_id", "observed_at", "apy"])
        .orderBy("market_id")
        .orderBy("observed_at")
        .execute(),
      risk: await db
        .selectFrom("risk_history")
        .select(["market_id", "as_of", "apy", "risk_score"])
        .orderBy("market_id")
        .orderBy("as_of")
        .execute(),
      revisions: (await db.selectFrom("market_history_revisions").select("market_id").execute()).length,
      imports: (await db.selectFrom("market_imports").select("id").execute()).length,
      told: (await db.selectFrom("events").select("id").where("type", "=", "market_data.imported").execute())
        .length,
    });
    let number = 0;
    let before = await readStored();
    let broken = before;
    const statements = await breakEverywhere(api, ways, {
      prepare: async () => {
        number += 1;
        before = await readStored();
      },
      run: async (used) => {
        const dataset = await loadFile(number);
        const source = { name: dataset.source, simulated: false, load: async () => dataset };
        const hashed = { ...source, contentSha256: async () => dataset.content_sha256 };
        await refreshMarketHistory({ ...api.deps, db: used, source: hashed }, { signal });
      },
      checkBroken: async () => {
        broken = await readStored();
      },
      check: async () => {
        const after = await readStored();
        // Nothing in between.
        expect([before, after]).toContainEqual(broken);
        const file = await loadFile(number);
        expect(after.observations).toEqual(
          file.markets.flatMap(({ market, observations }) =>
            observations.map(({ observed_at, apy }) => ({ market_id: market.id, observed_at, apy })),
          ),
        );
        expect([after.imports, after.told]).toEqual([number, number]);
        const left = number > 1 && number % 2 === 0 ? 9 + number : 0;
        expect(after.revisions - before.revisions).toBe(number === 1 ? 0 : 1 + left);
      },
    });
    expect(statements).toBeGreaterThanOrEqual(16);
  },
);
