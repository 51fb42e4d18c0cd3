import { findImport, loadPanel } from "../../market/market.service.ts";
import { newestFinishedDay } from "../../market/market-days.ts";
import { type ForecastData, toForecastRows } from "../forecasts/forecast-rows.ts";
import { takeMarketSnapshot } from "../forecasts/market-snapshot.ts";
import { checkModel, type ModelRow } from "./check-model.ts";
import { type DecisionDependencies, nothingCompared, recordDecisions } from "./model-decisions.service.ts";
import type { ForecastPanel } from "./model-work.ts";
import {
  findDecidedModel,
  findLiveModel,
  findPredecessor,
  type ModelLine,
  type StoredModelRow,
  wasPromoted,
} from "./models.queries.ts";
import { type ForecastKind, isUnreadable, ModelFileMissingError, readArtefact } from "./models.service.ts";

/** An operator asked for what cannot be; the message says why. */
export class ModelCommandError extends Error {
  override readonly name = "ModelCommandError";
}

/** Which model an operator wants to be live. */
export interface ModelChange {
  readonly kind: ForecastKind;
  /** The horizon that the server is configured for: the next start would replace a model of another one. */
  readonly horizonDays: number;
  /** Forecasts with the model that becomes live. */
  readonly forecast: ForecastPanel;
}

/** Which model was live, and which is now. */
export interface ModelChanged {
  readonly from: string | undefined;
  readonly to: string;
  /** Forecasts from the newest history that there are now of the live model. */
  readonly forecasts: number;
}

/**
 * Finds out which model would be live after a change, and changes nothing.
 *
 * @param change.version for a roll-back by default the champion before the present one
 * @throws ModelCommandError as {@link rollBackModel} and {@link promoteModel} do, but for a model that cannot be read
 */
export async function planModelChange(
  deps: DecisionDependencies,
  change: Pick<ModelChange, "kind" | "horizonDays"> & {
    readonly name: "rollback" | "promote";
    readonly version: string | undefined;
  },
): Promise<Pick<ModelChanged, "from" | "to">> {
  const live = await findLiveModel(deps.db, lineNow(deps, change.kind));
  const version =
    change.name === "promote" && change.version !== undefined
      ? change.version
      : await findRollBack(deps, change, live);
  await getUsableModel(deps, { ...change, version, live });
  return { from: live?.version, to: version };
}

/**
 * Makes a model live that was live before, with forecasts from the newest history. The next training treats it as the
 * champion.
 *
 * @param change.version default: the champion before the present one
 * @throws ModelCommandError when there is no such model, or it cannot forecast
 */
export async function rollBackModel(
  deps: DecisionDependencies,
  change: ModelChange & { readonly version: string | undefined },
): Promise<ModelChanged> {
  const live = await findLiveModel(deps.db, lineNow(deps, change.kind));
  const version = await findRollBack(deps, change, live);
  return makeLive(deps, { ...change, version, outcome: "rolled_back", live });
}

async function findRollBack(
  deps: DecisionDependencies,
  change: Pick<ModelChange, "kind"> & { readonly version: string | undefined },
  live: LiveVersion | undefined,
): Promise<string> {
  const line = { kind: change.kind, source: deps.marketSource };
  if (live === undefined)
    throw new ModelCommandError(`No ${change.kind} model is live for ${line.source} yet.`);
  const version = change.version ?? (await findPredecessor(deps.db, line, live.version));
  if (version === undefined) {
    throw new ModelCommandError(`There is no ${change.kind} model before ${live.version} to go back to.`);
  }
  if (!(await wasPromoted(deps.db, line, version))) {
    throw new ModelCommandError(
      `${version} has never been live for ${line.source}, so nothing goes back to it.`,
    );
  }
  return version;
}

/**
 * Makes a stored model live whatever was decided about it, with forecasts from the newest history.
 *
 * @throws ModelCommandError when there is no such model, or it cannot forecast
 */
export async function promoteModel(
  deps: DecisionDependencies,
  change: ModelChange & { readonly version: string },
): Promise<ModelChanged> {
  const live = await findLiveModel(deps.db, lineNow(deps, change.kind));
  return makeLive(deps, { ...change, outcome: "promoted", live });
}

/** All that is used of the live model, so that another can replace one that was changed. */
type LiveVersion = Pick<StoredModelRow, "version">;

interface PlannedChange extends ModelChange {
  readonly version: string;
  readonly outcome: "promoted" | "rolled_back";
  readonly live: LiveVersion | undefined;
}

async function makeLive(deps: DecisionDependencies, change: PlannedChange): Promise<ModelChanged> {
  const { kind, version, outcome, live } = change;
  const row = await getUsableModel(deps, change);
  const latest = await findImport(deps, deps.marketSource);
  if (latest === undefined)
    throw new ModelCommandError(`Nothing has been imported from ${deps.marketSource}.`);
  const panel = await loadPanel(deps, deps.marketSource);
  const snapshot = await takeMarketSnapshot(deps, panel);
  const forecasts = await forecastWith(deps, row, {
    panel,
    newestDay: newestFinishedDay(latest),
    forecast: change.forecast,
  });
  const recorded = await recordDecisions(
    deps,
    [
      {
        liveVersion: live?.version,
        model: undefined,
        forecasts,
        decision: {
          kind,
          horizon_days: row.horizon_days,
          challenger_version: version,
          outcome,
          reason: "by_operator",
          ...nothingCompared,
        },
      },
    ],
    { importId: latest.id, snapshot },
  );
  if (recorded !== "recorded") {
    throw new ModelCommandError(
      "The models or the market history changed meanwhile. Look again, and repeat it.",
    );
  }
  return { from: live?.version, to: version, forecasts: forecasts.length };
}

async function getUsableModel(
  deps: DecisionDependencies,
  change: Pick<PlannedChange, "kind" | "version" | "live" | "horizonDays">,
): Promise<ModelRow> {
  const { kind, version, live, horizonDays } = change;
  const line: ModelLine = { kind, source: deps.marketSource };
  const stored = await findDecidedModel(deps.db, line, version);
  if (stored === undefined)
    throw new ModelCommandError(`There is no ${kind} model ${version} of ${line.source}.`);
  const row = checkModel(stored);
  if (version === live?.version) throw new ModelCommandError(`${version} is live already.`);
  if (row.horizon_days !== horizonDays) {
    throw new ModelCommandError(
      `${version} forecasts ${row.horizon_days} days, and PREDICTION_WINDOW_DAYS is ${horizonDays}.`,
    );
  }
  return row;
}

async function forecastWith(
  deps: DecisionDependencies,
  row: ModelRow,
  { panel, newestDay, forecast }: ForecastData & { readonly forecast: ForecastPanel },
) {
  try {
    const model = await readArtefact(deps, row);
    return toForecastRows(deps, await forecast(model, panel), { newestDay });
  } catch (cause) {
    if (cause instanceof ModelFileMissingError) {
      const message = `The file of ${row.version} was dropped: models that were never live keep theirs for 90 days.`;
      throw new ModelCommandError(message, { cause });
    }
    if (!isUnreadable(cause)) throw cause;
    const message = `${row.version} was made by another version of this program, which can no longer be read.`;
    throw new ModelCommandError(message, { cause });
  }
}

function lineNow({ marketSource, clock }: DecisionDependencies, kind: ForecastKind) {
  return { kind, source: marketSource, now: clock() };
}
