import { forward, inverse } from "../forecast/forecast-space.ts";
import { forecastTask } from "../forecast/forecast-task.ts";
import { combinedForecasts, unlearnedSince } from "../forecast/point-forecast.ts";
import type { LoadedModel } from "../model-format/model-artefact.ts";
import { assertFeatures } from "../model-format/model-artefact.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { byMarketId } from "../panel/market-series.ts";
import { selectRows } from "../panel/sample-table.ts";
import type { ScoreRisk } from "../risk/risk-metrics.ts";
import type { TrainedModel } from "../training/train-models.ts";
import type { PromotionDecision } from "./promotion-rule.ts";
import type { TestedForecasts } from "./tested-forecasts.ts";
import { judgeChallenger } from "./tested-forecasts.ts";

/**
 * Whether a challenger becomes the champion; see `promotionOf` for the rule. Compared are the forecasts of the
 * challenger's walk-forward test that the champion can make, too, without having learned from their outcomes: those made on
 * or after its last training day. Pure; takes about as long as
 * forecasting the days since the champion was trained.
 *
 * @param champion undefined when nothing serves yet
 * @param panel what the challenger was trained on
 * @throws MlError `UNSUPPORTED_ARTEFACT` when the champion was trained on other features
 */
export function decidePromotion(
  challenger: TrainedModel,
  champion: LoadedModel | undefined,
  panel: readonly MarketSeries[],
  options: { scoreRisk: ScoreRisk },
): PromotionDecision {
  const { tested, served_by } = challenger;
  const values = champion && championValues(champion, panel, options);
  return judgeChallenger(
    { tested, servedBy: served_by },
    values && ((position) => values.get(keyAt(tested, position))),
  );
}

function keyAt(tested: TestedForecasts, position: number): string {
  return `${at(tested.days, position)}:${tested.market_ids[at(tested.market, position)] ?? ""}`;
}

/** The champion's values, by day and market, on days whose outcomes it has not learned from. */
function championValues(
  champion: LoadedModel,
  panel: readonly MarketSeries[],
  options: { scoreRisk: ScoreRisk },
): Map<string, number> {
  const { header, space, point } = champion;
  const { as_of_day: asOfDay, horizon_days: horizonDays } = header;
  const task = forecastTask(header.kind, {
    horizonDays,
    apyCapPercent: header.apy_cap_percent,
    ...options,
  });
  const sorted = [...panel].sort(byMarketId);
  const firstDay = unlearnedSince(asOfDay, horizonDays);
  const table = task.table(sorted, firstDay);
  assertFeatures(champion, table.featureNames);
  const rows = selectRows(table, (row) => at(table.day, row) >= firstDay);
  const { values } = combinedForecasts(
    { table, task, panel: sorted, horizonDays },
    { point, space, asOfDay, prior: header.experts.prior, learned: header.experts.learned },
    rows,
  );
  return new Map(
    Array.from(rows.entries())
      .filter(([, row]) => at(table.day, row) >= asOfDay)
      .map(([position, row]) => [
        `${at(table.day, row)}:${sorted[at(table.market, row)]?.market_id ?? ""}`,
        inverse(space, forward(space, at(values, position))),
      ]),
  );
}
