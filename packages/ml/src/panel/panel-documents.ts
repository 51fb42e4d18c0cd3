import { MlError } from "../ml-error.ts";
import { canonicalJson, sha256Hex, utf8 } from "../model-format/content-hash.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "./market-series.ts";
import { byMarketId } from "./market-series.ts";

/** A panel as canonical JSON: what was observed month by month, so that only the newest months differ from the panel of the day before. */
export interface PanelDocuments {
  /** Names the markets, and the documents of the months by their hashes. */
  readonly head: PanelDocument;
  readonly months: readonly PanelDocument[];
}

/** A document and the SHA-256 of its UTF-8 bytes, in hex. */
export interface PanelDocument {
  readonly sha256: string;
  readonly text: string;
}

const headFormat = "obsqra-market-snapshot-1";
const monthFormat = "obsqra-market-month-1";
const columnNames = ["apy", "apy_base", "apy_reward", "tvl_usd", "utilization"] as const;

/** Writes a panel so that {@link readPanel} gives it back to the last bit. The same panel gives the same texts. O(observations). */
export function writePanel(panel: readonly MarketSeries[]): PanelDocuments {
  const sorted = [...panel].sort(byMarketId);
  const names = [
    ...new Set(sorted.flatMap(({ days }) => Array.from(new Set(Array.from(days, monthOf))))),
  ].sort();
  const months = names.map((month) => toDocument(monthDocument(sorted, month)));
  const head = {
    format: headFormat,
    markets: sorted.map(({ market_id, protocol, kind, audit_score, launched_day }) => ({
      market_id,
      protocol,
      kind,
      audit_score,
      launched_day,
    })),
    months: names.map((month, index) => ({ month, sha256: months[index]?.sha256 })),
  };
  return { head: toDocument(head), months };
}

/**
 * Reads a panel.
 *
 * @param read gives the text of a document by its hash, which it has checked
 * @throws MlError `INVALID_SERIES` when the documents are not those of a panel; what is in them is for `assertPanel` to judge
 */
export async function readPanel(
  head: string,
  read: (sha256: string) => Promise<string>,
): Promise<MarketSeries[]> {
  const { markets, months } = parseHead(head);
  const parts = new Map<string, MonthOfMarket[]>(markets.map(({ market_id }) => [market_id, []]));
  for (const { sha256 } of months) {
    for (const part of parseMonth(await read(sha256))) parts.get(part.market_id)?.push(part);
  }
  return markets.map((market) => joined(market, parts.get(market.market_id) ?? []));
}

type MarketFacts = Pick<MarketSeries, "market_id" | "protocol" | "kind" | "audit_score" | "launched_day">;

/** A figure: null where it is unknown, a text where JSON has no number for it (−0, ±Infinity). */
type Cell = number | string | null;

type MonthOfMarket = Record<(typeof columnNames)[number], Cell[]> & {
  market_id: string;
  days: number[];
  frozen: number[];
};

function monthDocument(panel: readonly MarketSeries[], month: string): object {
  const markets = panel.flatMap((series) => {
    const positions = Array.from(series.days.keys()).filter(
      (index) => monthOf(at(series.days, index)) === month,
    );
    return positions.length === 0 ? [] : [monthOfMarket(series, positions)];
  });
  return { format: monthFormat, month, markets };
}

function monthOfMarket(series: MarketSeries, positions: readonly number[]): MonthOfMarket {
  const cells = (column: Float64Array) => positions.map((index) => toCell(at(column, index)));
  return {
    market_id: series.market_id,
    days: positions.map((index) => at(series.days, index)),
    apy: cells(series.apy),
    apy_base: cells(series.apy_base),
    apy_reward: cells(series.apy_reward),
    tvl_usd: cells(series.tvl_usd),
    utilization: cells(series.utilization),
    frozen: positions.map((index) => at(series.frozen, index)),
  };
}

function joined(facts: MarketFacts, parts: readonly MonthOfMarket[]): MarketSeries {
  const column = (name: (typeof columnNames)[number]) =>
    Float64Array.from(
      parts.flatMap((part) => part[name]),
      fromCell,
    );
  const { market_id, protocol, kind, audit_score, launched_day } = facts;
  return {
    market_id,
    protocol,
    kind,
    days: Int32Array.from(parts.flatMap(({ days }) => days)),
    apy: column("apy"),
    apy_base: column("apy_base"),
    apy_reward: column("apy_reward"),
    tvl_usd: column("tvl_usd"),
    utilization: column("utilization"),
    frozen: Uint8Array.from(parts.flatMap(({ frozen }) => frozen)),
    audit_score,
    launched_day,
  };
}

function toCell(value: number): Cell {
  if (Number.isNaN(value)) return null;
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

function fromCell(cell: Cell): number {
  return cell === null ? Number.NaN : Number(cell);
}

/** Such as 2026-01, of a UTC day since the epoch. */
function monthOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 7);
}

function toDocument(content: object): PanelDocument {
  const text = canonicalJson(content);
  return { sha256: sha256Hex(utf8(text)), text };
}

function parseHead(text: string): {
  markets: readonly MarketFacts[];
  months: readonly { readonly sha256: string }[];
} {
  const { markets, months } = parseDocument(text, headFormat);
  const isHead =
    isListOf(markets, ["market_id", "protocol", "kind", "audit_score", "launched_day"]) &&
    isListOf(months, ["sha256"]);
  if (!isHead) throw new MlError("INVALID_SERIES", "The head of a market snapshot is malformed.");
  // Every field that is read is there; assertPanel judges what they say.
  return { markets: markets as MarketFacts[], months: months as { sha256: string }[] };
}

function parseMonth(text: string): readonly MonthOfMarket[] {
  const { markets } = parseDocument(text, monthFormat);
  const isMonth =
    isListOf(markets, ["market_id", "days", "frozen", ...columnNames]) &&
    markets.every((market) =>
      [market.days, market.frozen, ...columnNames.map((name) => market[name])].every(Array.isArray),
    );
  if (!isMonth) throw new MlError("INVALID_SERIES", "A month of a market snapshot is malformed.");
  // Every field that is read is there; cells become numbers, NaN where they are none.
  return markets as unknown as MonthOfMarket[];
}

function parseDocument(text: string, format: string): Record<string, unknown> {
  const document: unknown = JSON.parse(text);
  if (
    typeof document !== "object" ||
    document === null ||
    !("format" in document) ||
    document.format !== format
  ) {
    throw new MlError("INVALID_SERIES", `The document is not ${format}.`);
  }
  return { ...document };
}

function isListOf(value: unknown, fields: readonly string[]): value is Record<string, unknown>[] {
  return (
    Array.isArray(value) &&
    value.every(
      (item: unknown) => typeof item === "object" && item !== null && fields.every((field) => field in item),
    )
  );
}
