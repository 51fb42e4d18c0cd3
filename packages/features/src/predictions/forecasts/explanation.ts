import type { ForecastInput, RiskForecastItem, YieldForecastItem } from "@obsqra/contract";
import { featureMeaning } from "@obsqra/ml";
import type { ForecastKind } from "../models/models.service.ts";
import type { ForecastRow } from "./forecasts.fragments.ts";

/** What a forecast is made up of, where that was asked for. */
export function explanationOf(
  { value, experts, explanation }: ForecastRow,
  kind: ForecastKind,
  { explain }: Pick<ForecastInput, "explain">,
): Pick<RiskForecastItem & YieldForecastItem, "explanation"> {
  if (!explain) return {};
  if (explanation === null) return { explanation };
  const features = explanation.features.map((feature) => ({
    name: feature.name,
    meaning: featureMeaning(feature.name),
    value: feature.value,
    contribution: feature.contribution,
  }));
  const weight = experts.find(({ name }) => name === "model")?.weight ?? 0;
  const sentence = describe({ kind, value, weight, features });
  const { naive, start, others } = explanation;
  return { explanation: { sentence, naive, start, features, others } };
}

interface Described {
  readonly kind: ForecastKind;
  readonly value: number;
  /** Of the fitted model. */
  readonly weight: number;
  readonly features: readonly { readonly meaning: string; readonly contribution: number }[];
}

/** As many features as a sentence has room for. */
const namedMax = 3;

function describe({ kind, value, weight, features }: Described): string {
  const decimals = kind === "risk" ? 1 : 2;
  const said = `${value.toFixed(decimals)}${kind === "risk" ? "" : " %"}`;
  const part = Math.round(weight * 100);
  if (part === 0)
    return `${said} is the weighted mean of naive forecasts; the fitted model has no share in it.`;
  const named = features
    .slice(0, namedMax)
    .map(({ meaning, contribution }) => ({ meaning, moved: contribution.toFixed(decimals) }))
    .filter(({ moved }) => Number(moved) !== 0)
    .map(({ meaning, moved }) => `${meaning} (${Number(moved) > 0 ? "+" : "−"}${moved.replace("-", "")})`);
  const who = `${part} % of the weight of ${said} is the fitted model's, the rest that of naive forecasts.`;
  if (named.length === 0) return `${who} Nothing moves the model noticeably from where it starts.`;
  const unit = kind === "risk" ? "score points" : "percentage points";
  return `${who} What moves it most, in ${unit}: ${named.join(", ")}.`;
}
