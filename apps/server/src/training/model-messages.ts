import type { StoredModel } from "@obsqra/features";
import type {
  MarketSeries,
  MlErrorCode,
  PanelForecasts,
  PromotionDecision,
  TrainedModel,
  TrainedModels,
  TrainOptions,
} from "@obsqra/ml";

/** How to train; functions cannot be posted. */
export type TrainingSettings = Pick<TrainOptions, "horizonDays" | "backtestDays" | "seed">;

/** What the thread can be asked to do with the panel. */
export type ModelTask =
  | { readonly name: "train"; readonly settings: TrainingSettings }
  | {
      readonly name: "compare";
      readonly challenger: TrainedModel;
      readonly champion: StoredModel | undefined;
    }
  | { readonly name: "forecast"; readonly model: StoredModel };

/** What each task results in. */
export interface ModelResults {
  readonly train: TrainedModels;
  readonly compare: PromotionDecision;
  readonly forecast: PanelForecasts;
}

/** A task for the thread. */
export interface ModelRequest {
  readonly id: number;
  /** Only when it is another one than last time: it is large. */
  readonly panel: readonly MarketSeries[] | undefined;
  readonly task: ModelTask;
}

/** What the thread says: progress several times, then the result of the request or why there is none. */
export type ModelReply =
  | { readonly progress: number }
  | { readonly id: number; readonly result: ModelResults[keyof ModelResults] }
  | { readonly id: number; readonly failure: { readonly code: MlErrorCode; readonly message: string } };
