/** What it takes to make a forecast again from the files that were published: runs in browsers, too. */
export { scoringRules } from "../evaluation/scoring-rules.ts";
export { MlError } from "../ml-error.ts";
export { panelSha256, sha256Hex } from "../model-format/content-hash.ts";
export type { LoadedModel } from "../model-format/model-artefact.ts";
export { loadModel } from "../model-format/model-artefact.ts";
export type { MarketSeries } from "../panel/market-series.ts";
export { readPanel } from "../panel/panel-documents.ts";
export { forecastPanel, forecastRevision } from "./forecast-panel.ts";
export type { ForecastFigures, MarketForecast, ProtocolForecast } from "./forecast-types.ts";
