import {
  type ForecastFigures,
  forecastPanel,
  forecastRevision,
  type LoadedModel,
  type MarketForecast,
  type MarketSeries,
  type ProtocolForecast,
  sha256Hex,
} from "@obsqra/ml/forecast";
import { canonicalJson, utf8ToBytes } from "@obsqra/receipts";
import { riskScore } from "@obsqra/starknet/risk-engine";
import { type Check, expectThat, type Finding, findingOf, notChecked, passed, runCheck } from "../check.ts";
import { differences } from "../differences.ts";
import type { LogEntry } from "../read-log.ts";
import { type MadeFrom, madeFromOf } from "./made-from.ts";
import { type ArtefactPlace, readMarketData, readModel } from "./read-artefacts.ts";

/** A forecast as it was committed to, and the manifest of its batch. */
export interface CommittedForecast {
  readonly entry: LogEntry;
  /** @throws Mismatch when the log has none */
  readonly manifest: () => Promise<LogEntry>;
}

/**
 * Makes a forecast again from the model and the market data that its entry names, and compares every figure to the last bit.
 *
 * @returns the checks `model`, `data`, `re_execution` and `calibration`
 */
export async function executeForecast(forecast: CommittedForecast, place: ArtefactPlace): Promise<Check[]> {
  const { entry, manifest } = forecast;
  const notMade = (says: string) => executionChecks.map((name) => ({ name, ...notChecked(says) }));
  const madeFrom = await read(() => madeFromOf(entry));
  if ("state" in madeFrom) return [{ name: "model", ...madeFrom }];
  const { found: files } = madeFrom;
  if (files === undefined) return notMade("The forecast is from before models and data were published.");
  if (files.revision !== forecastRevision) {
    return notMade(
      `The forecast was made by revision ${files.revision} of the arithmetic, and this verifier has ${forecastRevision}: use the one of then.`,
    );
  }
  const model = await read(async () => {
    expectManifest(await manifest(), files);
    const version = String(entry.model_version);
    return readModel({ version, sha256: files.model_sha256 }, place);
  });
  const checks = [await report("model", model, (loaded) => describeModel(loaded, files))];
  const { snapshot_sha256: snapshot, panel_sha256: panel } = files;
  if (snapshot === null) {
    const says = `Data withheld: the service does not publish the market data, and has committed to its hash ${panel}.`;
    return [...checks, ...notMade(says).slice(1)];
  }
  const data = await read(() => readMarketData({ snapshot, panel }, place));
  checks.push(await report("data", data, (markets) => describeData(markets, panel)));
  if (!("found" in model && "found" in data)) {
    const says = "It takes the model and the data that were committed to.";
    return [...checks, ...notMade(says).slice(2)];
  }
  const again = await read(() => make(entry, model.found, data.found));
  return [
    ...checks,
    await report("re_execution", again, (made) =>
      compare(entry, pointOf(made), "figures of the point forecast"),
    ),
    await report("calibration", again, (made) =>
      compare(entry, calibrationOf(made), "figures of intervals and confidence"),
    ),
  ];
}

const executionChecks = ["model", "data", "re_execution", "calibration"] as const;

/** What was read, or why it could not be. */
type Reading<TFound> = { readonly found: TFound } | Finding;

async function read<TFound>(find: () => TFound | Promise<TFound>): Promise<Reading<TFound>> {
  try {
    return { found: await find() };
  } catch (error) {
    return findingOf(error);
  }
}

function report<TFound>(
  name: Check["name"],
  reading: Reading<TFound>,
  find: (found: TFound) => Finding,
): Promise<Check> {
  return runCheck(name, () => ("found" in reading ? find(reading.found) : reading));
}

/** The manifest of the batch commits to the same files. */
function expectManifest(manifest: LogEntry, files: MadeFrom): void {
  const { model, snapshot }: Record<string, unknown> = manifest;
  const committed = { ...Object(model), ...Object(snapshot) };
  expectThat(
    Object(model).artefact_sha256 === files.model_sha256 && committed.panel_sha256 === files.panel_sha256,
    "The forecast names another model or other data than the manifest of its batch.",
  );
}

function describeModel({ header }: LoadedModel, { model_sha256 }: MadeFrom): Finding {
  return passed(
    `The published model has the hash that was committed, ${model_sha256}; it forecasts ${header.kind}.`,
  );
}

function describeData(markets: readonly MarketSeries[], panel: string): Finding {
  const days = markets.reduce((sum, series) => sum + series.days.length, 0);
  return passed(
    `The published data of ${markets.length} markets, ${days} daily observations, has the hash that was committed, ${panel}.`,
  );
}

type MadeForecast = MarketForecast | ProtocolForecast;

function make(entry: LogEntry, model: LoadedModel, markets: readonly MarketSeries[]): MadeForecast {
  const { market_id, protocol } = entry;
  const made = forecastPanel(model, markets, { scoreRisk: riskScore });
  const found =
    market_id === null
      ? made.protocols.find((forecast) => forecast.protocol === protocol)
      : made.markets.find((forecast) => forecast.market_id === market_id);
  expectThat(
    found !== undefined,
    `The model makes no forecast of ${String(market_id ?? protocol)} from these data.`,
  );
  return found;
}

/** The point forecast as an entry says it. */
function pointOf(made: MadeForecast): Record<string, unknown> {
  return {
    kind: made.kind,
    protocol: made.protocol,
    as_of: momentOf(made.as_of_day),
    target_at: momentOf(made.target_day),
    value: made.value,
    current_value: made.current,
    baseline_value: made.baseline_value,
    served_by: made.served_by,
    weights: made.details.experts,
  };
}

/** Interval and confidence as an entry says them. */
function calibrationOf(made: MadeForecast): Record<string, unknown> {
  const { interval_level, lower, upper, confidence, confidence_tolerance }: ForecastFigures = made;
  const isOfMarket = "market_id" in made;
  const details = isOfMarket ? made.details : { ...made.details, markets: made.markets };
  return {
    interval_level,
    lower,
    upper,
    confidence,
    confidence_tolerance,
    intervals: made.details.intervals,
    illiquidity_probability: isOfMarket ? made.details.illiquidity_probability : null,
    details_sha256: sha256Hex(utf8ToBytes(canonicalJson(details))),
  };
}

function compare(entry: LogEntry, made: Record<string, unknown>, what: string): Finding {
  const committed = Object.fromEntries(Object.keys(made).map((name) => [name, entry[name]]));
  const differing = differences(committed, made);
  expectThat(
    differing.length === 0,
    `The model and the data that were committed to give other ${what}: ${differing.join(", ")}.`,
  );
  return passed(
    `Made again from model and data, ${Object.keys(made).length} ${what} are the same to the last bit.`,
  );
}

function momentOf(day: number): string {
  return new Date(day * 86_400_000).toISOString();
}
