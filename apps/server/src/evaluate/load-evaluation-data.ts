import { type ObservedMarket, toPanel } from "@obsqra/features";
import {
  createFileSource,
  type FileDataset,
  findProtocol,
  type ImportReport,
  type LoadProgress,
  type MarketDescription,
  type MarketFileColumn,
  MarketSourceError,
} from "@obsqra/market";
import type { AdviceMarketFacts, MarketSeries } from "@obsqra/ml";
import { describeRows } from "../describe-dataset.ts";
import type { ApyColumn, EvaluationTarget } from "./parse-evaluate-command.ts";

/** A market file, ready to be evaluated. */
export interface EvaluationData {
  /** By market id. */
  readonly panel: readonly MarketSeries[];
  /** By market id. */
  readonly facts: ReadonlyMap<string, AdviceMarketFacts>;
  /** The column that the panel's APYs come from. */
  readonly column: ApyColumn;
  readonly sha256: string;
  readonly report: ImportReport;
  /** What became of the rows, a line each. */
  readonly lines: readonly string[];
}

/** How to read a market file. */
export interface LoadEvaluationOptions {
  readonly target: EvaluationTarget;
  /** Undefined: apy where the file has it, else apyBase. */
  readonly column: ApyColumn | undefined;
  readonly clock: () => Date;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
}

/**
 * Reads a market file as a server does that is configured with it.
 *
 * @throws MarketSourceError when the file cannot be read, lacks the column, or has no row that can be read; the signal's
 * reason when it aborts
 */
export async function loadEvaluationData(
  path: string,
  { target, column: asked, clock, signal, onProgress }: LoadEvaluationOptions,
): Promise<EvaluationData> {
  const dataset = await createFileSource({ path, clock }).load({ signal, onProgress });
  const column = chooseColumn(dataset, asked);
  if (target === "illiquidity") assertIlliquidityColumns(dataset);
  const { markets, fetched_at, report, content_sha256: sha256 } = dataset;
  if (markets.length === 0) {
    const [first] = report.rejected;
    const example = first === undefined ? "" : ` Line ${first.line}: ${first.reason}.`;
    throw new MarketSourceError("FILE_EMPTY", `None of the ${report.rows_read} rows can be read.${example}`);
  }
  const panel = toPanel({ fetched_at, markets: column === "apy" ? markets : markets.map(withBaseOnly) });
  const facts = new Map(markets.map(({ market }) => [market.id, factsOf(market)]));
  return { panel, facts, column, sha256, report, lines: describeRows(dataset) };
}

function chooseColumn({ columns }: FileDataset, asked: ApyColumn | undefined): ApyColumn {
  const column = asked ?? (columns.includes("apy") ? "apy" : "apyBase");
  if (columns.includes(column)) return column;
  throw new MarketSourceError(
    "HEADER_MISMATCH",
    `The file has no column ${column}. Of the columns that can be used it has ${columns.join(", ")}.`,
  );
}

/** Without any of them no market would ever be illiquid. */
function assertIlliquidityColumns({ columns }: FileDataset): void {
  const needed: readonly MarketFileColumn[] = ["utilization", "frozen", "paused"];
  if (needed.some((column) => columns.includes(column))) return;
  throw new MarketSourceError(
    "HEADER_MISMATCH",
    `Illiquidity needs one of the columns utilizationImplied, frozen and paused. Of the columns that can be used the file has ${columns.join(", ")}.`,
  );
}

/** What advice asks of a market besides its series, with what the registry says of its protocol. */
function factsOf({ symbol, chain, protocol }: MarketDescription): AdviceMarketFacts {
  const entry = findProtocol(protocol);
  const since = entry?.status_since;
  return {
    symbol,
    chain,
    status: entry?.status ?? "active",
    status_since_day: since === undefined || since === null ? null : Date.parse(since) / 86_400_000,
  };
}

function withBaseOnly({ market, observations }: ObservedMarket): ObservedMarket {
  return {
    market,
    observations: observations.map((observation) => ({
      ...observation,
      apy: observation.apy_base,
      apy_reward: null,
    })),
  };
}
