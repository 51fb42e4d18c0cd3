import type { AdviceBasis, MarketCandidate } from "@obsqra/ml/advice";
import { areEqual, fromBase64 } from "@obsqra/receipts";
import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import type { CheckedLog, LogEntry } from "../read-log.ts";
import { first } from "../record/aggregates.ts";
import type { SuggestionMadeFrom } from "./made-from.ts";

type Kind = "risk" | "yield";

/** The forecasts of a batch by market; of protocols under their names. */
type Batch = ReadonlyMap<string, LogEntry>;

/**
 * That the figures which a suggestion rests on are the forecasts that were committed to: all of each market's and protocol's, also where
 * nothing was advised there.
 */
export async function checkBasisForecasts(
  basis: AdviceBasis,
  { madeFrom, batches }: { readonly madeFrom: SuggestionMadeFrom; readonly batches: readonly number[] },
  log: CheckedLog,
): Promise<Finding> {
  const known = new Map<Kind, Batch>();
  for (const index of batches) {
    const { kind, forecasts } = await readBatch(index, madeFrom, log);
    known.set(kind, forecasts);
  }
  const [risk, apy] = [known.get("risk"), known.get("yield")];
  if (risk === undefined || apy === undefined) {
    return notChecked("The forecasts that it rests on are not in the log yet, or never were.");
  }
  const wrong: string[] = [];
  const elsewhere: string[] = [];
  let compared = 0;
  const compare = (name: string, entry: LogEntry | undefined, found: readonly unknown[]) => {
    if (entry === undefined) return void elsewhere.push(name);
    compared += 1;
    const committed = [entry.value, entry.lower, entry.upper, entry.interval_level].slice(0, found.length);
    if (committed.some((value, index) => value !== found[index])) {
      wrong.push(`${name} is ${found.join(", ")}, and ${committed.join(", ")} was committed`);
    }
  };
  const compareAll = (name: string, key: string, figures: Pick<MarketCandidate, "apy" | "risk_score">) => {
    const { apy: yieldOf, risk_score } = figures;
    if (yieldOf !== null) {
      const { value, lower, upper, level } = yieldOf;
      compare(`the APY of ${name}`, apy.get(key), [value, lower, upper, level]);
    }
    if (risk_score !== null) compare(`the risk of ${name}`, risk.get(key), [risk_score]);
  };
  for (const market of basis.markets) {
    if (!market.stale) compareAll(market.market_id, marketKey(market), market);
  }
  for (const protocol of basis.protocols) compareAll(protocol.protocol, protocolKey(protocol), protocol);
  wrong.push(...omittedFrom(basis, { risk, apy }));
  expectThat(wrong.length === 0, `It rests on other forecasts than were committed: ${first(wrong)}.`);
  if (elsewhere.length > 0) {
    return notChecked(
      `${compared} figures are the forecasts that were committed. The others are not of these runs: ${first(elsewhere)}.`,
    );
  }
  return passed(
    `${compared} figures of risk and yield are the forecasts that were committed, of each market.`,
  );
}

/** So many markets, the largest, are looked at for advice. */
const marketsMax = 2_000;

/** Markets of which there are forecasts, and which were left out of what advice looks at, or said to have none. */
function omittedFrom(
  { markets }: AdviceBasis,
  { risk, apy }: { readonly risk: Batch; readonly apy: Batch },
): string[] {
  const known = new Map(markets.map((market) => [marketKey(market), market]));
  return [...apy].flatMap(([key, entry]) => {
    if (entry.market_id === null) return [];
    const market = known.get(key);
    const name = String(entry.market_id);
    if (market === undefined) return markets.length < marketsMax ? [`${name} was left out`] : [];
    const score = risk.get(key);
    const stale = entry.stale === true || score?.stale === true;
    return [
      ...(market.stale === stale ? [] : [`${name} is said to be ${market.stale ? "" : "not "}stale`]),
      ...(market.apy === null ? [`${name} is said to have no yield`] : []),
      ...(market.risk_score === null && score !== undefined && market.kind !== "unknown"
        ? [`${name} is said to have no risk`]
        : []),
    ];
  });
}

async function readBatch(
  index: number,
  { import_id, model_versions }: SuggestionMadeFrom,
  log: CheckedLog,
): Promise<{ readonly kind: Kind; readonly forecasts: Batch }> {
  const manifest = await log.entry(index);
  const { kind, model, snapshot, forecasts_root } = manifest;
  const count = Number(manifest.forecasts);
  expectThat(
    manifest.type === "batch" &&
      (kind === "risk" || kind === "yield") &&
      Object(model).version === model_versions[kind] &&
      Object(snapshot).import_id === import_id &&
      typeof forecasts_root === "string",
    `Entry ${index} is not the manifest of a run that the suggestion rests on.`,
  );
  const found = await log.rootOfRange(index + 1, index + 1 + count);
  expectThat(
    areEqual(found, fromBase64(forecasts_root)),
    `The batch of entry ${index} is not what its manifest says.`,
  );
  const forecasts = new Map<string, LogEntry>();
  for (let position = 1; position <= count; position += 1) {
    const entry = await log.entry(index + position);
    const { protocol, market_id } = entry;
    const key = market_id === null ? protocolKey({ protocol }) : marketKey({ protocol, market_id });
    // A market has one forecast of each run, the newest day's.
    forecasts.set(key, entry);
  }
  return { kind, forecasts };
}

function marketKey({
  protocol,
  market_id,
}: {
  readonly protocol: unknown;
  readonly market_id: unknown;
}): string {
  return JSON.stringify([protocol, market_id]);
}

function protocolKey({ protocol }: { readonly protocol: unknown }): string {
  return JSON.stringify([protocol]);
}
