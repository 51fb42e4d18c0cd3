import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import type {
  Granularity,
  PublishedFigures,
  PublishedForecast,
  PublishedLine,
  RecordLines,
} from "./read-published.ts";

/** Figures by their names. */
type Figures = Readonly<Record<string, unknown>>;

/**
 * Computes every figure of the track record from the forecasts, and compares it with what is published.
 *
 * @throws Mismatch that names what differs
 */
export function checkAggregates(
  published: readonly PublishedLine[],
  forecasts: readonly PublishedForecast[],
  { granularity, by }: { readonly granularity: Granularity; readonly by: RecordLines },
): Finding {
  if (published.length === 0 && forecasts.length === 0) {
    return notChecked(`There are no forecasts of each ${granularity}, and no figures of them.`);
  }
  const expected = Map.groupBy(forecasts, (forecast) =>
    nameOf({ ...forecast, line: lineFields[by](forecast) }),
  );
  const differing: string[] = [];
  let figures = 0;
  const compare = (name: string, found: PublishedFigures, of: readonly PublishedForecast[]) => {
    for (const [field, value] of Object.entries(computeFigures(of))) {
      figures += 1;
      if (!isSame(field, { computed: value, published: found[field] })) {
        differing.push(
          `${field} of ${name} is published as ${String(found[field])}, and is ${String(value)}`,
        );
      }
    }
  };
  for (const item of published) {
    const line = nameOf(item);
    const of = expected.get(line) ?? [];
    expected.delete(line);
    compare(line, item, of);
    if (by !== "protocol") continue;
    const parts = Map.groupBy(of, ({ served_by }) => served_by);
    for (const part of item.by_served_by) {
      const servedBy = String(part.served_by);
      compare(`${line} by ${servedBy}`, part, parts.get(servedBy) ?? []);
      parts.delete(servedBy);
    }
    for (const servedBy of parts.keys()) differing.push(`${line} has no part by ${servedBy}`);
  }
  for (const line of expected.keys()) differing.push(`${line} is not published`);
  expectThat(
    differing.length === 0,
    `The track record of each ${granularity} by ${by} does not follow from the forecasts: ${first(differing)}.`,
  );
  return passed(
    `${figures} figures of ${published.length} lines by ${by} follow from ${forecasts.length} forecasts of each ${granularity}.`,
  );
}

/** The first of many, and how many there are. */
export function first(things: readonly string[], max = 5): string {
  const rest = things.length - max;
  return `${things.slice(0, max).join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
}

function nameOf({ kind, line, horizon_days }: Pick<PublishedLine, "kind" | "line" | "horizon_days">): string {
  return `${kind} ${line} ${horizon_days} days`;
}

const lineFields: Readonly<Record<RecordLines, (forecast: PublishedForecast) => string>> = {
  protocol: ({ protocol }) => protocol,
  model: ({ model_version }) => model_version,
  // Of the UTC day, as the service counts it.
  month: ({ as_of }) => as_of.slice(0, "2026-01".length),
};

function computeFigures(forecasts: readonly PublishedForecast[]): Figures {
  const withStatus = (wanted: string) => forecasts.filter(({ status }) => status === wanted);
  const scored = withStatus("scored").flatMap((forecast) =>
    forecast.outcome === null ? [] : [{ ...forecast, actual: forecast.outcome.value }],
  );
  const mean = (read: (forecast: (typeof scored)[number]) => number) =>
    scored.length === 0 ? null : scored.reduce((sum, forecast) => sum + read(forecast), 0) / scored.length;
  const targets = scored.map(({ target_at }) => target_at).toSorted();
  return {
    n: scored.length,
    n_prospective: scored.filter(({ created_at, target_at }) => created_at < target_at).length,
    n_pending: withStatus("pending").length,
    n_unobserved: withStatus("unobserved").length,
    n_unwitnessed: withStatus("unwitnessed").length,
    mae: mean(({ actual, value }) => Math.abs(actual - value)),
    baseline_mae: mean(({ actual, baseline_value }) => Math.abs(actual - baseline_value)),
    interval_level: mean(({ interval_level }) => interval_level),
    coverage: mean(({ actual, lower, upper }) => Number(lower <= actual && actual <= upper)),
    mean_confidence: mean(({ confidence }) => confidence),
    within_tolerance: mean(({ actual, value, confidence_tolerance }) =>
      Number(Math.abs(actual - value) <= confidence_tolerance),
    ),
    first_target_at: targets[0] ?? null,
    last_target_at: targets.at(-1) ?? null,
  };
}

/** The service publishes three decimals of errors, probabilities and shares. */
const publishedDecimals = 3;
/** The last digits of a sum depend on its order, which may decide how half of the last decimal is rounded. */
const sumTolerance = 1e-9;

/** Whether a figure is published as it is: counts exactly, others rounded to some decimals. */
export function isSame(
  field: string,
  { computed, published }: { readonly computed: unknown; readonly published: unknown },
  decimals: number = publishedDecimals,
): boolean {
  const isCount = field === "n" || field.startsWith("n_");
  if (isCount || typeof computed !== "number" || typeof published !== "number") return computed === published;
  const tolerance = 0.5 * 10 ** -decimals + sumTolerance * Math.max(Math.abs(computed), 1);
  return Math.abs(computed - published) <= tolerance;
}
