import { findLiveModel } from "./models.queries.ts";
import { type ForecastKind, forecastKinds, type ModelsDependencies } from "./models.service.ts";

/** When the live model of a kind was trained. */
export interface ModelAge {
  readonly kind: ForecastKind;
  readonly trained_at: Date;
}

/** When each live model was trained; of kinds that have none, nothing. */
export async function getModelAges({ db, clock, marketSource }: ModelsDependencies): Promise<ModelAge[]> {
  const ages: ModelAge[] = [];
  for (const kind of forecastKinds) {
    const live = await findLiveModel(db, { kind, source: marketSource, now: clock() });
    if (live?.created_at != null) ages.push({ kind, trained_at: new Date(live.created_at) });
  }
  return ages;
}
