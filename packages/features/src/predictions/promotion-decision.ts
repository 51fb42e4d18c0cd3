import type { LoadedModel, MarketSeries, PromotionDecision, TrainedModel } from "@obsqra/ml";

/** Compares a freshly trained model with the one that answers, on a panel that both can be tested on. */
export type DecidePromotion = (
  challenger: TrainedModel,
  champion: LoadedModel | undefined,
  panel: readonly MarketSeries[],
) => PromotionDecision | Promise<PromotionDecision>;
