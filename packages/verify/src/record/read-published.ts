import { expectThat, Mismatch } from "../check.ts";
import { ask, readWhole } from "../read-log.ts";
import type { Fetch } from "../verify-options.ts";

/** A forecast of the public list, with the fields that are compared and counted. */
export interface PublishedForecast {
  readonly id: string;
  readonly kind: string;
  readonly protocol: string;
  readonly market_id: string | null;
  readonly created_at: string;
  readonly as_of: string;
  readonly target_at: string;
  readonly horizon_days: number;
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly interval_level: number;
  readonly confidence: number;
  readonly confidence_tolerance: number;
  readonly baseline_value: number;
  readonly served_by: string;
  readonly model_version: string;
  readonly status: string;
  readonly outcome: { readonly value: number; readonly recorded_at: string } | null;
}

/** Figures of the track record, of a kind, protocol and horizon, or of a part of these. */
export type PublishedFigures = Readonly<Record<string, unknown>>;

interface PublishedCount extends PublishedFigures {
  readonly kind: string;
  readonly horizon_days: number;
}

/** A line of the track record: of a protocol, a model or a month. */
export interface PublishedLine extends PublishedCount {
  readonly line: string;
  /** The same by who made the forecasts; none where that is not published. */
  readonly by_served_by: readonly PublishedFigures[];
}

/** What the forecasts of a track record are counted by. */
export const recordLines = ["protocol", "model", "month"] as const;
export type RecordLines = (typeof recordLines)[number];

/** All pages of a list. */
export interface PublishedList<TItem> {
  readonly items: readonly TItem[];
  readonly witnesses: readonly string[];
  /** Where the data come from, as the service says it; a newer import gives another. */
  readonly source: { readonly name: string; readonly simulated: boolean; readonly text: string };
}

/** A suggestion of the public list, with the fields that are counted. */
export interface PublishedSuggestion {
  readonly id: string;
  readonly made_on: string;
  readonly target_at: string;
  readonly outcome: string;
  readonly forced: boolean;
  readonly risk_tolerance: string | null;
  readonly expected_improvement: number;
  readonly improvement_interval: {
    readonly level: number;
    readonly lower: number;
    readonly upper: number;
  } | null;
  readonly confidence: number;
  readonly status: string;
  readonly realised: {
    readonly improvement: number;
    readonly held_apy: number;
    readonly followed_apy: number;
    readonly recorded_at: string;
  } | null;
}

/** How a service is asked. */
export interface ServicePlace {
  readonly url: string;
  readonly fetch: Fetch;
  /** Waits for some milliseconds, where the service asks for it. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

export const granularities = ["market", "protocol"] as const;
export type Granularity = (typeof granularities)[number];

/** Every forecast that a service lists. @throws Mismatch when the list cannot be read */
export function readForecasts(
  granularity: Granularity,
  place: ServicePlace,
): Promise<PublishedList<PublishedForecast>> {
  return readPages("predictions/forecasts", { granularity, sort: "oldest", limit: "500" }, place);
}

/** The whole track record of a service; undefined where it is not shown. @throws Mismatch when it cannot be read */
export async function readTrackRecord(
  { granularity, by }: { readonly granularity: Granularity; readonly by: RecordLines },
  place: ServicePlace,
): Promise<PublishedList<PublishedLine> | undefined> {
  try {
    if (by !== "protocol") {
      const list = await readPages<PublishedCount & Pick<PublishedLine, "line">>(
        "predictions/track-record/parts",
        { granularity, by, limit: "100" },
        place,
      );
      return { ...list, items: list.items.map((item): PublishedLine => ({ ...item, by_served_by: [] })) };
    }
    const list = await readPages<
      PublishedCount & Pick<PublishedLine, "by_served_by"> & { readonly protocol: string }
    >("predictions/track-record", { granularity, limit: "100" }, place);
    return { ...list, items: list.items.map((item): PublishedLine => ({ ...item, line: item.protocol })) };
  } catch (error) {
    if (error instanceof NotShown) return undefined;
    throw error;
  }
}

/** Every suggestion that a service lists, with what it publishes of them; undefined where either is not shown. */
export async function readSuggestions(place: ServicePlace): Promise<
  | {
      readonly items: readonly PublishedSuggestion[];
      readonly figures: readonly PublishedFigures[];
      /** The same by month. */
      readonly byMonth: readonly PublishedFigures[];
      /** Whether both are of the same data. */
      readonly isOfOneMoment: boolean;
    }
  | undefined
> {
  try {
    const list = await readPages<PublishedSuggestion>(
      "predictions/suggestions",
      { sort: "oldest", limit: "500" },
      place,
    );
    const record = await readPages(
      "predictions/track-record",
      { granularity: "market", limit: "100" },
      place,
    );
    const { suggestions } = record.last;
    expectThat(Array.isArray(suggestions), "The track record says nothing of suggestions.");
    const months = await readPages(
      "predictions/track-record/parts",
      { granularity: "market", by: "month", limit: "100" },
      place,
    ).catch((error: unknown) => {
      // Services of earlier versions have none.
      if (error instanceof NotShown) return undefined;
      throw error;
    });
    const { suggestions: byMonth = [] } = months?.last ?? {};
    expectThat(Array.isArray(byMonth), "The record by month says nothing of suggestions.");
    const isOfOneMoment = [record, months ?? record].every(({ source }) => source.text === list.source.text);
    return { items: list.items, figures: suggestions, byMonth, isOfOneMoment };
  } catch (error) {
    if (error instanceof NotShown) return undefined;
    throw error;
  }
}

/** A service shows something to its users only, or does not have it. */
class NotShown extends Mismatch {}

const pageBytesMax = 4_194_304;

async function readPages<TItem>(
  path: string,
  query: Readonly<Record<string, string>>,
  place: ServicePlace,
): Promise<PublishedList<TItem> & { readonly last: Readonly<Record<string, unknown>> }> {
  const items: TItem[] = [];
  let cursor: string | undefined;
  for (;;) {
    const search = new URLSearchParams(cursor === undefined ? query : { ...query, cursor });
    const page = await readPage(`${place.url}/api/v1/${path}?${search}`, place);
    expectThat(
      Array.isArray(page.items) && (page.witnesses === undefined || Array.isArray(page.witnesses)),
      `${path} of the service is no list of this version.`,
    );
    items.push(...page.items);
    if (page.next_cursor === null) {
      const { data_source: source } = page;
      const name = String(Object(source).name);
      const simulated = Object(source).simulated === true;
      const described = { name, simulated, text: JSON.stringify(source) };
      return { items, witnesses: (page.witnesses ?? []).map(String), source: described, last: page };
    }
    expectThat(
      typeof page.next_cursor === "string" && page.items.length > 0,
      `The pages of ${path} do not end.`,
    );
    cursor = page.next_cursor;
  }
}

const attemptsMax = 10;
const pauseSecondsMax = 120;

async function readPage(
  url: string,
  { fetch, pause }: ServicePlace,
): Promise<Readonly<Record<string, unknown>>> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await ask(url, fetch);
    if (response.status === 401 || response.status === 404) {
      await response.body?.cancel();
      throw new NotShown(`${url} is not shown: status ${response.status}.`);
    }
    if (response.status !== 429 || attempt === attemptsMax) {
      const text = new TextDecoder().decode(await readWhole(url, response, pageBytesMax));
      const page: unknown = JSON.parse(text);
      if (typeof page !== "object" || page === null) throw new Mismatch(`${url} is no object.`);
      return { ...page };
    }
    await response.body?.cancel();
    const seconds = Number(response.headers.get("retry-after") ?? 1);
    await pause(1_000 * (seconds > 0 ? Math.min(seconds, pauseSecondsMax) : 1));
  }
}
