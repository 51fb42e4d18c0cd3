import { rebalanceSuggestion } from "@obsqra/contract";
import type { NewRow, Tables } from "@obsqra/db";
import { type FollowedLine, realisedGain } from "@obsqra/ml";
import { type Logger, type WriteDependencies, writeTransaction } from "@obsqra/platform";
import type { z } from "zod";
import { loadPanel } from "../../market/market.service.ts";
import { startOfDay } from "../../market/market-days.ts";
import { findKnownOutcomes } from "../forecasts/actuals.queries.ts";
import { outcomeReader } from "../forecasts/actuals.service.ts";
import { type ApyCaps, addApyCaps } from "../forecasts/apy-caps.service.ts";
import type { ModelsDependencies } from "../models/models.service.ts";
import {
  type DueSuggestionRow,
  insertSuggestionRecords,
  listDueSuggestions,
  listProtocolMarkets,
  type ProtocolMarketsRow,
  settleSuggestions,
} from "./suggestion-scores.queries.ts";

/** What scoring suggestions uses. */
export interface SuggestionScoreDependencies
  extends Pick<ModelsDependencies, "db" | "marketSource">,
    WriteDependencies {
  readonly log: Pick<Logger, "error">;
}

/** What a round of scores has come to. */
export interface SuggestionsScored {
  /** Put on record now, with what came of them. */
  readonly scored: number;
  /** Put on record as unobserved: the source has not brought for three months what was held. */
  readonly unobserved: number;
  /** Whose horizon has ended, but whose outcome the source has not observed. */
  readonly waiting: number;
}

/** Tolerance and size are told of a suggestion only where so many owners were alike in both on its day. */
export const alikeMin = 5;
const waitDays = 90;
const dayMs = 24 * 60 * 60 * 1_000;
const batchSize = 200;

/**
 * Puts suggestions whose horizon has ended on record, with what following them brought beside holding; holds too, by the best move that
 * was found. Of an owner's suggestions of a day the first counts. Running it again, or twice at once, is harmless.
 *
 * The record has no owner, no holdings, no amount and no moment closer than a day; tolerance and size only where
 * {@link alikeMin} owners share them.
 */
export async function scoreSuggestions(
  deps: SuggestionScoreDependencies,
  signal: AbortSignal,
): Promise<SuggestionsScored> {
  const done = { scored: 0, unobserved: 0, waiting: 0 };
  const known = await findKnownOutcomes(deps.db, { source: deps.marketSource, now: deps.clock() });
  if (known === undefined) return done;
  let readOutcome: ReturnType<typeof outcomeReader> | undefined;
  const apyCaps: ApyCaps = new Map();
  let after: DueSuggestionRow | undefined;
  while (!signal.aborted) {
    const page = { source: deps.marketSource, until: known.until, after, limit: batchSize };
    const rows = await listDueSuggestions(deps.db, page);
    after = rows.at(-1);
    if (after === undefined) break;
    const answers = rows.map((row) => ({ ...row, answer: rebalanceSuggestion.parse(row.answer) }));
    readOutcome ??= outcomeReader(await loadPanel(deps, deps.marketSource));
    const earned = await earnedBy(deps, answers, { readOutcome, apyCaps });
    const outcomes = answers.map((row) => ({ row, outcome: outcomeOf(row, { earned, until: known.until }) }));
    const settled = outcomes.flatMap(({ row, outcome }) => (outcome === "waiting" ? [] : [{ row, outcome }]));
    done.waiting += outcomes.length - settled.length;
    const kept = await keepScores(deps, settled);
    done.scored += kept.filter(({ held_apy }) => held_apy !== null).length;
    done.unobserved += kept.filter(({ held_apy }) => held_apy === null).length;
  }
  return done;
}

type Answer = z.output<typeof rebalanceSuggestion>;
type AnsweredRow = Omit<DueSuggestionRow, "answer"> & { readonly answer: Answer };
type AnswerLine = Answer["shares"][number]["markets"][number] & { readonly protocol: string };
/** The mean APY of a line of a suggestion until its horizon; NaN where too little was observed. */
type Earned = (row: AnsweredRow, line: AnswerLine) => number;
type Outcome = Pick<NewRow<Tables["suggestion_record"]>, "held_apy" | "followed_apy">;

function linesOf({ shares }: Answer): AnswerLine[] {
  return shares.flatMap(({ protocol, markets }) => markets.map((market) => ({ ...market, protocol })));
}

async function earnedBy(
  deps: SuggestionScoreDependencies,
  rows: readonly AnsweredRow[],
  tools: { readonly readOutcome: ReturnType<typeof outcomeReader>; readonly apyCaps: ApyCaps },
): Promise<Earned> {
  const { readOutcome, apyCaps } = tools;
  const versions = [...new Set(rows.map(({ answer }) => answer.model_versions.yield))];
  await addApyCaps(deps, apyCaps, versions);
  const days = [...new Set(rows.map(({ answer }) => answer.as_of))].flatMap((day) =>
    day === null ? [] : [new Date(day)],
  );
  const keyOf = ({ protocol, model_version, as_of }: Omit<ProtocolMarketsRow, "markets">) =>
    `${protocol} ${model_version} ${as_of.toISOString()}`;
  const hasProtocols = rows.some(({ answer }) => linesOf(answer).some(({ market_id }) => market_id === null));
  const found = hasProtocols
    ? await listProtocolMarkets(deps.db, { source: deps.marketSource, versions, days })
    : [];
  const behind = new Map(found.map((row) => [keyOf(row), row.markets]));
  return ({ answer: { model_versions, as_of: day, ...answer } }, { protocol, market_id }) => {
    const apyCapPercent = apyCaps.get(model_versions.yield);
    if (apyCapPercent === undefined || day === null || answer.target_at === null) return Number.NaN;
    const as_of = new Date(day);
    const markets = behind.get(keyOf({ protocol, model_version: model_versions.yield, as_of })) ?? null;
    const target_at = new Date(answer.target_at);
    return readOutcome({ kind: "yield", protocol, market_id, as_of, target_at, markets, apyCapPercent });
  };
}

/** What came of a suggestion; `waiting` while it may still be observed what was held. */
function outcomeOf(
  row: AnsweredRow,
  { earned, until }: { readonly earned: Earned; readonly until: Date },
): Outcome | "waiting" {
  const lines = linesOf(row.answer).map(
    (line): FollowedLine => ({
      current_bp: Math.round(line.current_percent * 100),
      target_bp: Math.round((line.target_percent ?? line.percent) * 100),
      apy: line.apy,
      impermanent_loss: line.impermanent_loss,
      net_apy_at_zero: line.net_apy_at_zero,
      net_apy_at_target: line.net_apy_at_target,
      earned: earned(row, line),
    }),
  );
  if (lines.every((line) => line.current_bp === 0 || !Number.isNaN(line.earned))) {
    const { held_apy, followed_apy } = realisedGain(lines, row.answer.costs?.annual ?? 0);
    return { held_apy, followed_apy };
  }
  const isGivenUp = until.getTime() - row.due_at.getTime() >= waitDays * dayMs;
  return isGivenUp ? { held_apy: null, followed_apy: null } : "waiting";
}

/** Settles suggestions and puts the first of each owner and day on record. */
async function keepScores(
  deps: SuggestionScoreDependencies,
  settled: readonly { readonly row: AnsweredRow; readonly outcome: Outcome }[],
): Promise<Outcome[]> {
  if (settled.length === 0) return [];
  const now = deps.clock();
  return writeTransaction(deps, async (trx) => {
    const taken = await settleSuggestions(trx, { ids: settled.map(({ row }) => row.id), now });
    const records = settled
      .filter(({ row }) => row.is_first && taken.has(row.id))
      .map(({ row, outcome }) => ({ ...toRecord(row, deps.marketSource), ...outcome, recorded_at: now }));
    await insertSuggestionRecords(trx, records);
    return records;
  });
}

function toRecord(row: AnsweredRow, source: string) {
  const { answer, outcome, created_at, due_at, size_class, alike } = row;
  const horizon_days = answer.costs?.horizon_days ?? 0;
  const isTold = alike >= alikeMin;
  const interval = answer.improvement_interval;
  return {
    source,
    made_on: startOfDay(created_at),
    as_of: new Date(due_at.getTime() - horizon_days * dayMs),
    target_at: due_at,
    horizon_days,
    risk_tolerance: isTold ? answer.risk_tolerance : null,
    size_class: isTold ? size_class : null,
    outcome,
    forced: answer.forced,
    expected_improvement: answer.expected_improvement,
    interval_level: interval?.level ?? null,
    interval_lower: interval?.lower ?? null,
    interval_upper: interval?.upper ?? null,
    confidence: answer.confidence,
  };
}
