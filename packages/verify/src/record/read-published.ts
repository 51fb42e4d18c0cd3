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

/** A line of the track record. */
export interface PublishedItem extends PublishedFigures {
  readonly kind: string;
  readonly protocol: string;
  readonly horizon_days: number;
  readonly by_served_by: readonly PublishedFigures[];
}

/** All pages of a list. */
export interface PublishedList<TItem> {
  readonly items: readonly TItem[];
  readonly witnesses: readonly string[];
  /** Where the data come from, as the service says it; a newer import gives another. */
  readonly source: { readonly name: string; readonly text: string };
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

/** The whole track record of a service; undefined where it is not public. @throws Mismatch when it cannot be read */
export async function readTrackRecord(
  granularity: Granularity,
  place: ServicePlace,
): Promise<PublishedList<PublishedItem> | undefined> {
  try {
    return await readPages("predictions/track-record", { granularity, limit: "100" }, place);
  } catch (error) {
    if (error instanceof NotPublic) return undefined;
    throw error;
  }
}

/** A service shows something to its users only. */
class NotPublic extends Mismatch {}

const pageBytesMax = 4_194_304;

async function readPages<TItem>(
  path: string,
  query: Readonly<Record<string, string>>,
  place: ServicePlace,
): Promise<PublishedList<TItem>> {
  const items: TItem[] = [];
  let cursor: string | undefined;
  for (;;) {
    const search = new URLSearchParams(cursor === undefined ? query : { ...query, cursor });
    const page = await readPage(`${place.url}/api/v1/${path}?${search}`, place);
    expectThat(
      Array.isArray(page.items) && Array.isArray(page.witnesses),
      `${path} of the service is no list of this version.`,
    );
    items.push(...page.items);
    if (page.next_cursor === null) {
      const { data_source: source } = page;
      const name = String(Object(source).name);
      return { items, witnesses: page.witnesses.map(String), source: { name, text: JSON.stringify(source) } };
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
    if (response.status === 401) {
      await response.body?.cancel();
      throw new NotPublic(`${url} is not public.`);
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
