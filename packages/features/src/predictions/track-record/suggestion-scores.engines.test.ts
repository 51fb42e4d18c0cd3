import {
  type FigureKind,
  type PastSuggestion,
  type RebalanceSuggestion,
  rebalanceSuggestion,
  type SuggestionFigures,
} from "@obsqra/contract";
import { roundFigure } from "@obsqra/contract/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { quickHasher } from "../../../test/paging/quick-hasher.ts";
import { eraseDueAccounts } from "../../accounts/deletion/erasure.service.ts";
import { createTestApi, importLater, type TestApi } from "../../testing/index.ts";
import { personal, scheduleAndWait, signUpPlanted } from "../../testing/planted-user.ts";
import { alikeMin, scoreSuggestions } from "./suggestion-scores.service.ts";

/** Forecasts are of 2026-01-14 and a week ahead; outcomes are known once the 22nd has begun. */
const asOf = "2026-01-14T00:00:00.000Z";
const target = "2026-01-21T00:00:00.000Z";
const openApi = () => createTestApi({ withForecasts: true, passwordHasher: quickHasher });
const going = new AbortController().signal;

/** All pages of the list, as somebody without an account reads them. */
async function readHistory(
  api: TestApi,
  page: NonNullable<Parameters<ReturnType<TestApi["caller"]>["predictions"]["suggestion_history"]>[0]> = {},
): Promise<PastSuggestion[]> {
  const { items, next_cursor } = await api.caller().predictions.suggestion_history(page);
  if (next_cursor === null) return items;
  return [...items, ...(await readHistory(api, { ...page, cursor: next_cursor }))];
}

/** Mean APY of a market over the days of the forecast, from its raw observations. */
async function meanApy({ deps: { db } }: TestApi, marketId: string): Promise<number> {
  const { rows } = await sql<{ apy: number }>`
    select avg(apy) as apy from market_history
    where market_id = ${marketId} and observed_at > ${asOf} and observed_at < ${target}::timestamptz + interval '24 hours'
  `.execute(db);
  return Number(rows[0]?.apy);
}

/** What a mix earned, by hand: each market's mean APY in proportion to its foreseen dilution, less its impermanent loss. */
async function earnedBy(
  api: TestApi,
  suggestion: RebalanceSuggestion,
  which: "current" | "target",
): Promise<number> {
  let sum = 0;
  for (const market of suggestion.shares.flatMap(({ markets }) => markets)) {
    const percent = which === "current" ? market.current_percent : market.target_percent;
    const foreseen = which === "current" ? market.net_apy_at_zero : market.net_apy_at_target;
    const diluted = ((foreseen ?? 0) + market.impermanent_loss) / (market.apy ?? 1);
    const apy = (await meanApy(api, market.market_id ?? "")) * diluted - market.impermanent_loss;
    sum += ((percent ?? Number.NaN) * apy) / 100;
  }
  return sum;
}

/** A suggestion with all its digits, as it is stored, and as its owner exports it. */
async function storedAnswer(
  { deps: { db } }: TestApi,
  { id }: RebalanceSuggestion,
): Promise<RebalanceSuggestion> {
  const stored = db.selectFrom("rebalance_suggestions").select("answer").where("id", "=", id);
  return rebalanceSuggestion.parse((await stored.executeTakeFirstOrThrow()).answer);
}

const meanOf = <TItem>(kind: FigureKind, items: readonly TItem[], read: (item: TItem) => number) =>
  items.length === 0
    ? null
    : roundFigure(kind, items.reduce((sum, item) => sum + read(item), 0) / items.length);

/** The figures of a track record, from the suggestions that are listed to everybody. */
function recompute(
  suggestions: readonly PastSuggestion[],
): Omit<Record<keyof SuggestionFigures, unknown>, Key> {
  const scored = suggestions.flatMap(({ realised, ...suggestion }) =>
    realised === null ? [] : [{ ...suggestion, ...realised }],
  );
  const targets = scored.map(({ target_at }) => target_at).toSorted();
  return {
    n: scored.length,
    n_prospective: scored.filter(({ made_on, target_at }) => made_on < target_at).length,
    n_unobserved: suggestions.filter(({ status }) => status === "unobserved").length,
    promised_improvement: meanOf("apyPoints", scored, ({ expected_improvement }) => expected_improvement),
    realised_improvement: meanOf("apyPoints", scored, ({ improvement }) => improvement),
    held_apy: meanOf("apy", scored, ({ held_apy }) => held_apy),
    followed_apy: meanOf("apy", scored, ({ followed_apy }) => followed_apy),
    beat_holding: meanOf("frequency", scored, ({ followed_apy, held_apy }) =>
      Number(followed_apy > held_apy),
    ),
    worst_improvement:
      scored.length === 0
        ? null
        : roundFigure("apyPoints", Math.min(...scored.map(({ improvement }) => improvement))),
    interval_level: meanOf(
      "probability",
      scored,
      ({ improvement_interval }) => improvement_interval?.level ?? Number.NaN,
    ),
    coverage: meanOf("frequency", scored, ({ improvement_interval: interval, improvement }) =>
      Number(interval !== null && interval.lower <= improvement && improvement <= interval.upper),
    ),
    mean_confidence: meanOf("probability", scored, ({ confidence }) => confidence),
    first_target_at: targets[0] ?? null,
    last_target_at: targets.at(-1) ?? null,
  };
}
type Key = "outcome" | "forced" | "risk_tolerance";

describe("suggestions whose horizon has ended", () => {
  let api: TestApi;
  let owners: Awaited<ReturnType<TestApi["signUp"]>>[];
  let alone: RebalanceSuggestion;
  let alike: RebalanceSuggestion;
  let held: RebalanceSuggestion;

  /** Five who are alike and ask twice, one with a tolerance of her own, one who holds markets, one who holds a protocol. */
  beforeAll(async () => {
    api = await openApi();
    owners = [];
    const ask = async (input: Parameters<(typeof owners)[number]["predictions"]["run_optimization"]>[0]) => {
      const owner = await api.signUp();
      owners.push(owner);
      return owner.predictions.run_optimization(input);
    };
    const usual = { assets: ["USDC"], amount: "20000", risk_tolerance: "high" as const };
    for (let count = 0; count < alikeMin; count += 1) alike = await ask(usual);
    for (const owner of owners) await owner.predictions.run_optimization({ risk_tolerance: "low" });
    alone = await ask({ amount: "3000000", risk_tolerance: "low" });
    const current = alike.shares.flatMap(({ markets }) => markets).filter(({ percent }) => percent > 0);
    const current_markets = current.flatMap(({ market_id, percent }) =>
      market_id === null ? [] : [{ market_id, percent }],
    );
    held = await ask({ ...usual, current_markets });
    [alone, alike, held] = [
      await storedAnswer(api, alone),
      await storedAnswer(api, alike),
      await storedAnswer(api, held),
    ];
    await ask({ risk_tolerance: "low", current_allocation: { vesu: 60, nostra: 40 } });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it("are not on record before the last day is over", async () => {
    await importLater(api, 6);
    expect(await scoreSuggestions(api.deps, going)).toEqual({ scored: 0, unobserved: 0, waiting: 0 });
    expect(await readHistory(api)).toEqual([]);
  });

  it("are each put on record once, of an owner the first of the day, also when two processes do it at the same time", async () => {
    await importLater(api, 8);
    const runs = await Promise.all([scoreSuggestions(api.deps, going), scoreSuggestions(api.deps, going)]);
    expect(runs.reduce((sum, { scored }) => sum + scored, 0)).toBe(owners.length);
    expect(await scoreSuggestions(api.deps, going)).toEqual({ scored: 0, unobserved: 0, waiting: 0 });
    const listed = await readHistory(api, { limit: 3 });
    expect(listed).toHaveLength(owners.length);
    expect(await readHistory(api, { sort: "oldest" })).toEqual(listed.toReversed());
    for (const { made_on, as_of, target_at, horizon_days, status } of listed) {
      expect({ made_on, as_of, target_at, horizon_days, status }).toEqual({
        made_on: "2026-01-15T00:00:00.000Z",
        as_of: asOf,
        target_at: target,
        horizon_days: 7,
        status: "scored",
      });
    }
  });

  it("say what following brought beside holding, as a hand computes it from the raw observations", async () => {
    const listed = await readHistory(api);
    for (const suggestion of [alike, alone, held]) {
      const found = listed.filter(
        ({ expected_improvement }) => expected_improvement === suggestion.expected_improvement,
      );
      expect(found.length).toBe(suggestion === alike ? alikeMin : 1);
      const held_apy = await earnedBy(api, suggestion, "current");
      const followed_apy = (await earnedBy(api, suggestion, "target")) - (suggestion.costs?.annual ?? 0);
      expect(found[0]).toMatchObject({
        outcome: suggestion.outcome,
        forced: suggestion.forced,
        confidence: suggestion.confidence,
        improvement_interval: suggestion.improvement_interval,
        realised: {
          held_apy: expect.closeTo(held_apy, 9),
          followed_apy: expect.closeTo(followed_apy, 9),
          improvement: expect.closeTo(followed_apy - held_apy, 9),
        },
      });
    }
    expect(new Set([alike.outcome, held.outcome])).toEqual(new Set(["rebalance", "hold"]));
  });

  it("tell tolerance and size only where enough owners share them, and nothing that leads to anybody", async () => {
    const listed = await readHistory(api);
    const told = listed.filter(({ risk_tolerance }) => risk_tolerance !== null);
    // She who holds markets is alike, too.
    expect(told).toHaveLength(alikeMin + 1);
    for (const { risk_tolerance, size_class } of told) {
      expect([risk_tolerance, size_class]).toEqual(["high", "from_10000"]);
    }
    const { rows } = await sql<object>`select * from suggestion_record`.execute(api.deps.db);
    const text = JSON.stringify([rows, listed]);
    const { rows: personal } = await sql<{ id: string; owner_id: string }>`
      select id, owner_id from rebalance_suggestions`.execute(api.deps.db);
    for (const { id, owner_id } of personal) {
      expect(text).not.toContain(id);
      expect(text).not.toContain(owner_id);
    }
    for (const market of alike.shares.flatMap(({ markets }) => markets)) {
      expect(text).not.toContain(market.market_id);
    }
  });

  it("give every aggregate of the track record to whoever reads all pages", async () => {
    const listed = await readHistory(api, { limit: 2 });
    const { suggestions } = await api.caller().predictions.track_record({ limit: 1 });
    const keyOf = ({ outcome, forced, risk_tolerance }: Pick<PastSuggestion, Key>) =>
      `${outcome} ${forced} ${risk_tolerance}`;
    expect(new Set(suggestions.map(keyOf))).toEqual(new Set(listed.map(keyOf)));
    for (const { outcome, forced, risk_tolerance, ...figures } of suggestions) {
      const own = listed.filter((each) => keyOf(each) === keyOf({ outcome, forced, risk_tolerance }));
      expect(figures).toEqual(recompute(own));
    }
  });
});

// What differs between the engines is above.
const itOnPglite = it.skipIf(inject("databaseEngine") === "postgres");

itOnPglite("wait for what was held to be observed, and are given up after three months", async () => {
  await using api = await openApi();
  const ada = await api.signUp();
  const [place] = (await ada.predictions.run_optimization({ assets: ["USDC"] })).shares.flatMap(
    ({ markets }) => markets,
  );
  const market_id = place?.market_id ?? "";
  const bea = await api.signUp();
  await bea.predictions.run_optimization({ current_markets: [{ market_id, percent: 100 }] });
  await importLater(api, 8);
  const forget = () =>
    sql`delete from market_history where market_id = ${market_id} and observed_at > ${asOf}`.execute(
      api.deps.db,
    );
  await forget();
  // Ada held nothing: what she might have entered has earned nothing.
  expect(await scoreSuggestions(api.deps, going)).toEqual({ scored: 1, unobserved: 0, waiting: 1 });
  await importLater(api, 8 + 90);
  await forget();
  expect(await scoreSuggestions(api.deps, going)).toEqual({ scored: 0, unobserved: 1, waiting: 0 });
  const { items } = await api.caller().predictions.suggestion_history();
  expect(items.filter(({ status }) => status === "unobserved")).toMatchObject([{ realised: null }]);
  const { suggestions } = await api.caller().predictions.track_record();
  expect(suggestions.reduce((sum, { n_unobserved }) => sum + n_unobserved, 0)).toBe(1);
});

itOnPglite("are scored when their owner's account was erased meanwhile, and name nobody", async () => {
  await using api = await openApi();
  const { id, caller } = await signUpPlanted(api);
  await caller.predictions.run_optimization();
  await scheduleAndWait(api);
  await eraseDueAccounts(api.deps, going);
  await importLater(api, 1);
  expect(await scoreSuggestions(api.deps, going)).toMatchObject({ scored: 1 });
  const listed = await readHistory(api);
  expect(listed).toMatchObject([{ risk_tolerance: null, size_class: null, status: "scored" }]);
  const { db } = api.deps;
  const records = await db.selectFrom("suggestion_record").selectAll().execute();
  const text = JSON.stringify([records, listed]);
  for (const fact of [id, ...Object.values(personal)]) expect(text).not.toContain(fact);
  await expect(db.updateTable("suggestion_record").set({ confidence: 1 }).execute()).rejects.toThrow();
  await expect(db.deleteFrom("suggestion_record").execute()).rejects.toThrow();
});
