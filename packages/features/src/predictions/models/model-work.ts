import type {
  MarketSeries,
  NamedArtefact,
  PanelForecasts,
  PromotionDecision,
  TrainedModel,
  TrainedModels,
} from "@obsqra/ml";

/** A model's file, under the version that covers it. */
export type StoredModel = NamedArtefact;

/** Trains both models on a panel. */
export type TrainModels = (panel: readonly MarketSeries[]) => Promise<TrainedModels>;

/**
 * Compares a freshly trained model with the live one, on the panel that the first was trained on.
 *
 * @throws MlError UNSUPPORTED_ARTEFACT or CORRUPTED_ARTEFACT when the champion cannot be read any more
 */
export type DecidePromotion = (
  challenger: TrainedModel,
  champion: StoredModel | undefined,
  panel: readonly MarketSeries[],
) => PromotionDecision | Promise<PromotionDecision>;

/**
 * Forecasts every market and protocol of a panel with a model.
 *
 * @throws MlError UNSUPPORTED_ARTEFACT or CORRUPTED_ARTEFACT when the model cannot be read any more
 */
export type ForecastPanel = (
  model: StoredModel,
  panel: readonly MarketSeries[],
) => PanelForecasts | Promise<PanelForecasts>;

/** The work on models that takes up to minutes of computing: a server has another process do it. */
export interface ModelWork {
  readonly train: TrainModels;
  readonly decide: DecidePromotion;
  readonly forecast: ForecastPanel;
  /** Gives back what the work holds beside this process, until it is asked for more. Work in this process holds nothing. */
  readonly release?: () => Promise<void>;
}
