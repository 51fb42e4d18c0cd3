import { MlError } from "../ml-error.ts";
import { sha256Hex, utf8 } from "../model-format/content-hash.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "./market-series.ts";
import { byMarketId } from "./market-series.ts";

/**
 * A part of a panel as canonical JSON, and the SHA-256 of its UTF-8 bytes in hex. A panel is one of them for each month, so that only the
 * newest month differs from the panel of the day before, and a head, which has the markets and names the months by their hashes.
 */
export interface PanelDocument {
  readonly sha256: string;
  readonly text: string;
}

const headFormat = "obsqra-market-snapshot-1";
const dayMs = 86_400_000;
const monthFormat = "obsqra-market-month-1";
const columnNames = ["apy", "apy_base", "apy_reward", "tvl_usd", "utilization"] as const;

/**
 * Writes a panel so that {@link readPanel} gives it back to the last bit: the months first, each when it is asked for, the head last. The
 * same panel gives the same texts. O(observations).
 */
export function* writePanel(panel: readonly MarketSeries[]): Generator<PanelDocument, PanelDocument> {
  const sorted = [...panel].sort(byMarketId);
  const months: { month: string; sha256: string }[] = [];
  for (const month of monthsOf(sorted)) {
    const document = toDocument(monthDocument(sorted, month));
    months.push({ month, sha256: document.sha256 });
    yield document;
  }
  const markets = sorted.map(({ audit_score, kind, launched_day, market_id, protocol }) => ({
    audit_score,
    kind,
    launched_day,
    market_id,
    protocol,
  }));
  return toDocument({ format: headFormat, markets, months });
}

/**
 * Reads a panel.
 *
 * @param read gives the text of a document by its hash, which it has checked
 * @param options.atOnce so many documents are asked for at a time
 * @throws MlError `INVALID_SERIES` when the documents are not those of a panel; what is in them is for `assertPanel` to judge
 */
export async function readPanel(
  head: string,
  read: (sha256: string) => Promise<string>,
  { atOnce = 1 }: { readonly atOnce?: number } = {},
): Promise<MarketSeries[]> {
  const { markets, months } = parseHead(head);
  const parts = new Map<string, MonthOfMarket[]>(markets.map(({ market_id }) => [market_id, []]));
  for (let start = 0; start < months.length; start += atOnce) {
    const texts = await Promise.all(months.slice(start, start + atOnce).map(({ sha256 }) => read(sha256)));
    for (const part of texts.flatMap(parseMonth)) parts.get(part.market_id)?.push(part);
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

// Fields are in the order of their names, as canonical JSON has them: sorting them again would take most of the time.

function monthDocument(panel: readonly MarketSeries[], month: string): object {
  const first = firstDayOf(month);
  const end = firstDayOf(monthOf(first + 31));
  const markets = panel.flatMap((series) => {
    const span = { from: indexOfDay(series.days, first), to: indexOfDay(series.days, end) };
    return span.from === span.to ? [] : [monthOfMarket(series, span)];
  });
  return { format: monthFormat, markets, month };
}

function monthOfMarket(
  series: MarketSeries,
  { from, to }: { readonly from: number; readonly to: number },
): MonthOfMarket {
  const cells = (column: Float64Array) => Array.from(column.subarray(from, to), toCell);
  return {
    apy: cells(series.apy),
    apy_base: cells(series.apy_base),
    apy_reward: cells(series.apy_reward),
    days: Array.from(series.days.subarray(from, to)),
    frozen: Array.from(series.frozen.subarray(from, to)),
    market_id: series.market_id,
    tvl_usd: cells(series.tvl_usd),
    utilization: cells(series.utilization),
  };
}

/** The months in which anything was observed, in order. */
function monthsOf(panel: readonly MarketSeries[]): string[] {
  const months = new Set<string>();
  for (const { days } of panel) {
    for (let index = 0; index < days.length; ) {
      const month = monthOf(at(days, index));
      months.add(month);
      index = indexOfDay(days, firstDayOf(monthOf(firstDayOf(month) + 31)));
    }
  }
  return [...months].sort();
}

/** The index of the first of some increasing days that is not before a day. O(log n). */
function indexOfDay(days: Int32Array, day: number): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(days, middle) < day) low = middle + 1;
    else high = middle;
  }
  return low;
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
  return new Date(day * dayMs).toISOString().slice(0, 7);
}

function firstDayOf(month: string): number {
  return Date.parse(`${month}-01T00:00:00Z`) / dayMs;
}

function toDocument(content: object): PanelDocument {
  const text = JSON.stringify(content);
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
