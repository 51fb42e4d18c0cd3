import type { Database } from "@obsqra/db";
import { getJobRuns, type Logger } from "@obsqra/platform";
import type { NoRiskScore, RiskEngineReader } from "@obsqra/starknet";
import { z } from "zod";
import { listNewestScores, type ScoredMetricsRow } from "./risk-engine.queries.ts";

/** What comparing scores uses. */
export interface RiskEngineDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly log: Pick<Logger, "error" | "warn">;
  readonly marketSource: string;
  /** Undefined when no RiskEngine contract is configured, or no node to ask it through. */
  readonly riskEngine: RiskEngineReader | undefined;
}

/** What a comparison has come to. */
export interface RiskEngineCompared {
  /**
   * `no_contract` when there is none at the address that can be asked for scores; `reverts` when it gives none for any metrics;
   * `no_history` before the first import.
   */
  readonly outcome: "agrees" | "differs" | "reverts" | "no_contract" | "no_history" | "not_configured";
  /** The address that was asked. */
  readonly contract?: string;
  /** The day whose metrics were compared. */
  readonly as_of?: string;
  /** Different metrics that the contract was asked about. */
  readonly compared?: number;
  readonly differing?: number;
  /** The first few. */
  readonly differences?: readonly ScoreDifference[];
}

/** Metrics that the contract scores otherwise. */
interface ScoreDifference {
  readonly market_id: string;
  readonly our_score: number;
  /** A felt; null when the contract gave none. */
  readonly contract_score: string | null;
  /** Why it gave none. */
  readonly reason?: NoRiskScore;
}

/** The name of the job, by which its results are found again. */
export const compareScoresJobName = "risk_engine.compare";

/** A day can have as many different metrics as markets; the node is asked about this many of them at most. */
const metricsMax = 200;
const differencesShown = 5;

/**
 * Asks the RiskEngine contract to score the metrics of the newest day, and compares that with the scores that are stored. What
 * differs is an error in the log: the contract's owner has set other weights, the address is of another contract, or our
 * arithmetic is wrong.
 *
 * @throws ChainUnavailableError when the node gives no usable response: nothing is known then
 */
export async function compareScores(
  { db, clock, log, marketSource, riskEngine }: RiskEngineDependencies,
  signal: AbortSignal,
): Promise<RiskEngineCompared> {
  if (riskEngine === undefined) return { outcome: "not_configured" };
  const rows = await listNewestScores(db, { source: marketSource, now: clock(), limit: 10_000 });
  const [first] = rows;
  if (first === undefined) return { outcome: "no_history" };
  const differing: ScoreDifference[] = [];
  const different = differentMetrics(rows).slice(0, metricsMax);
  const given: (bigint | NoRiskScore)[] = [];
  for (const row of different) {
    signal.throwIfAborted();
    const score = await riskEngine.riskScore(row);
    given.push(score);
    if (score === BigInt(row.risk_score)) continue;
    const { market_id, risk_score: our_score } = row;
    differing.push(
      typeof score === "bigint"
        ? { market_id, our_score, contract_score: score.toString() }
        : { market_id, our_score, contract_score: null, reason: score },
    );
  }
  const outcome = differing.length === 0 ? "agrees" : judge(given);
  const compared = {
    outcome,
    contract: riskEngine.address,
    as_of: first.as_of.toISOString(),
    compared: different.length,
    differing: differing.length,
    differences: differing.slice(0, differencesShown),
  } as const;
  if (outcome !== "agrees") log.error(compared, messages[outcome]);
  return compared;
}

const messages = {
  differs: "The RiskEngine contract scores otherwise than our arithmetic.",
  reverts:
    "The contract at RISK_ENGINE_ADDRESS gives no score: it reverts, or answers otherwise than a RiskEngine.",
  no_contract: "There is no RiskEngine contract at RISK_ENGINE_ADDRESS.",
} as const;

/** What to call a contract that does not agree everywhere. */
function judge(given: readonly (bigint | NoRiskScore)[]): keyof typeof messages {
  if (given.some((score) => typeof score === "bigint")) return "differs";
  return given.some((score) => score === "reverted" || score === "malformed") ? "reverts" : "no_contract";
}

/** Whether the contract agreed when it was asked last, as operators are told. */
export type RiskEngineState =
  | "agrees"
  | "differs"
  | "reverts"
  | "no contract"
  | "node unreachable"
  | "not configured"
  | "unknown";

const comparedBefore = z.object({
  outcome: z.enum(["agrees", "differs", "reverts", "no_contract"]),
  contract: z.string(),
});

/**
 * What the newest comparison with this contract came to, whichever process has made it; `unknown` before the first, and
 * `node unreachable` when none has come to anything and the newest has failed.
 */
export async function getRiskEngineState({
  db,
  riskEngine,
}: Pick<RiskEngineDependencies, "db" | "riskEngine">): Promise<RiskEngineState> {
  if (riskEngine === undefined) return "not configured";
  const runs = await getJobRuns({ db }, compareScoresJobName, 20);
  for (const { state, output } of runs) {
    const compared = state === "completed" ? comparedBefore.safeParse(output) : undefined;
    if (compared?.success && compared.data.contract === riskEngine.address) {
      return compared.data.outcome === "no_contract" ? "no contract" : compared.data.outcome;
    }
  }
  return runs[0]?.state === "failed" || runs[0]?.state === "retry" ? "node unreachable" : "unknown";
}

/** One row for each set of metrics: markets of a protocol often have the same. */
function differentMetrics(rows: readonly ScoredMetricsRow[]): ScoredMetricsRow[] {
  const byMetrics = new Map<string, ScoredMetricsRow>();
  for (const row of rows) {
    const { utilization_bp, volatility_bp, liquidity_tier, audit_score, age_days, risk_score } = row;
    const key = [utilization_bp, volatility_bp, liquidity_tier, audit_score, age_days, risk_score].join(" ");
    if (!byMetrics.has(key)) byMetrics.set(key, row);
  }
  return [...byMetrics.values()];
}
