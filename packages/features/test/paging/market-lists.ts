import type { ForecastModel } from "@obsqra/contract";
import type { MarketDataset } from "@obsqra/market";
import { createSimulatedSource, toMarketHistory } from "@obsqra/market";
import { sql } from "kysely";
import { importDataset } from "../../src/market/import.service.ts";
import { findImport } from "../../src/market/market.service.ts";
import { insertDecision } from "../../src/predictions/models/models.queries.ts";
import { callerWith, type TestApi } from "../../src/testing/index.ts";
import type { PagedList } from "./paged-list.ts";
import { keysById, register } from "./user-lists.ts";

const sorts = ["newest", "oldest"] as const;

/** The lists of market figures and of models that grow, each time of a source of its own. */
export function listMarketLists(model: ForecastModel): PagedList[] {
  return [
    ...sorts.flatMap((sort) => [
      riskHistoryOf("a feed", (run) => `feed-${run}`, { sort, granularity: "market" }),
      riskHistoryOf("a file", (run) => `file:history-${run}.csv`, { sort, granularity: "protocol" }),
    ]),
    marketsOf(),
    ...sorts.flatMap((sort) => [modelsOf(model, sort), forecastHistoryOf(sort), suggestionHistoryOf(sort)]),
  ];
}

/** Where an import of the next size begins, and how it grows. Six days are more than the list's five. */
const daysAtFirst = 3;
const marketsAtFirst = 2;

/** Further imports bring a day more, which moves the list's period on, or another market on all days. */
function riskHistoryOf(
  what: string,
  nameSource: (run: string) => string,
  input: { readonly sort: "newest" | "oldest"; readonly granularity: "market" | "protocol" },
): PagedList {
  return {
    name: `analytics.risk_history of ${what}, ${input.sort}`,
    open: async (api) => {
      const source = nameSource(api.deps.createId());
      const caller = await callerOn(api, source);
      const simulated = createSimulatedSource({ seed: 1, clock: api.clock, days: 40 });
      const whole = await simulated.load();
      let days = daysAtFirst;
      let markets = marketsAtFirst;
      const grow = async (choice: number) => {
        if (choice % 2 === 0) days += 1;
        else markets += 1;
        await importDataset(api.deps, cut(whole, { source, days, markets }));
      };
      await grow(0);
      return {
        add: grow,
        read: async (page) => {
          const { items, next_cursor } = await caller.analytics.risk_history({ ...page, ...input, days: 5 });
          const keys = items.map(
            ({ as_of, protocol, market_id }) => `${as_of} ${protocol} ${market_id ?? ""}`,
          );
          return { keys, next_cursor };
        },
      };
    },
  };
}

/** Imports bring further markets, somewhere in the order. */
function marketsOf(): PagedList {
  return {
    name: "analytics.markets",
    open: async (api) => {
      const source = `feed-${api.deps.createId()}`;
      const whole = await createSimulatedSource({ seed: 1, clock: api.clock, days: 40 }).load();
      const caller = callerWith(api, { marketSource: source });
      let markets = marketsAtFirst;
      const grow = async () => {
        markets += 1;
        await importDataset(api.deps, cut(whole, { source, days: daysAtFirst, markets }));
      };
      await grow();
      return {
        add: grow,
        read: async (page) => {
          const { items, next_cursor } = await caller.analytics.markets(page);
          return { keys: items.map(({ protocol, market_id }) => `${protocol} ${market_id}`), next_cursor };
        },
      };
    },
  };
}

function modelsOf(model: ForecastModel, sort: "newest" | "oldest"): PagedList {
  return {
    name: `predictions.models, ${sort}`,
    open: async (api) => {
      const { db, createId, clock, marketSource } = api.deps;
      const source = `models-${createId()}`;
      const caller = await callerOn(api, source);
      const imported = await findImport(api.deps, marketSource);
      return {
        add: () =>
          db.transaction().execute((trx) =>
            insertDecision(trx, {
              id: createId(),
              kind: "risk",
              source,
              horizon_days: 7,
              challenger_version: model.version,
              champion_version: null,
              outcome: "rejected",
              reason: "not_better_than_baseline",
              n: 0,
              challenger_mae: null,
              champion_mae: null,
              baseline_mae: null,
              import_id: imported?.id ?? "",
              decided_at: clock(),
            }),
          ),
        read: async (page) => keysById(await caller.predictions.models({ ...page, sort })),
      };
    },
  };
}

/** Forecasts of days of their own, made at moments that do not follow each other; some of them at the same one. */
function forecastHistoryOf(sort: "newest" | "oldest"): PagedList {
  return {
    name: `predictions.forecast_history, ${sort}`,
    open: async (api) => {
      const { db, createId } = api.deps;
      const source = `forecasts-${createId()}`;
      const whole = await createSimulatedSource({ seed: 1, clock: api.clock, days: 40 }).load();
      await importDataset(api.deps, cut(whole, { source, days: daysAtFirst, markets: marketsAtFirst }));
      const caller = callerWith(api, { marketSource: source });
      let days = 0;
      return {
        add: (choice) => {
          days += 1;
          return sql`
            insert into predictions (id, kind, source, protocol, model_version, as_of, target_at, stale, value, lower, upper,
              interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by, details,
              created_at, on_record)
            select ${createId()}, kind, ${source}, protocol, model_version, as_of - make_interval(days => ${days}::int),
              target_at - make_interval(days => ${days}::int), false, value, lower, upper, interval_level, confidence,
              confidence_tolerance, current_value, baseline_value, served_by, details,
              created_at - make_interval(hours => ${choice}::int), true
            from predictions where on_record and market_id is null and source = ${api.deps.marketSource}
            limit 1`.execute(db);
        },
        read: async (page) => keysById(await caller.predictions.forecast_history({ ...page, sort })),
      };
    },
  };
}

/** Suggestions of days that do not follow each other; some of them of the same one. */
function suggestionHistoryOf(sort: "newest" | "oldest"): PagedList {
  return {
    name: `predictions.suggestion_history, ${sort}`,
    open: async (api) => {
      const { db, createId } = api.deps;
      const source = `suggestions-${createId()}`;
      const whole = await createSimulatedSource({ seed: 1, clock: api.clock, days: 40 }).load();
      await importDataset(api.deps, cut(whole, { source, days: daysAtFirst, markets: marketsAtFirst }));
      const caller = callerWith(api, { marketSource: source });
      return {
        add: (choice) =>
          sql`
            insert into suggestion_record (source, made_on, as_of, target_at, horizon_days, outcome, forced,
              expected_improvement, confidence, recorded_at)
            select ${source}, day, day, day, 7, 'hold', false, 0, 0.5, day
            from cast('2025-01-01'::timestamptz + make_interval(days => ${choice % 7}) as timestamptz) as day`.execute(
            db,
          ),
        read: async (page) => keysById(await caller.predictions.suggestion_history({ ...page, sort })),
      };
    },
  };
}

/** Somebody who is served the figures of a source. */
async function callerOn(api: TestApi, marketSource: string) {
  const { accessToken } = await register(api);
  return callerWith(api, { marketSource }, accessToken);
}

/** The first markets and days of a data set, as another source. */
function cut(
  whole: MarketDataset,
  part: { readonly source: string; readonly days: number; readonly markets: number },
): MarketDataset {
  const markets = whole.markets
    .slice(0, part.markets)
    .map(({ market, observations }) => toMarketHistory(market, observations.slice(0, part.days)));
  return {
    ...whole,
    source: part.source,
    markets,
    content_sha256: `${part.days} days of ${part.markets} markets`,
  };
}
