import type { RiskFeatureName } from "../risk/risk-features.ts";
import type { crossMarketFeatureNames } from "../yield/cross-market.ts";
import type { YieldFeatureName } from "../yield/yield-features.ts";

type FeatureName = RiskFeatureName | YieldFeatureName | (typeof crossMarketFeatureNames)[number];

/** What the columns are of, in words. The models read APYs, TVLs and ages as natural logs of 1 + their size, with their sign. */
const meanings: Readonly<Record<FeatureName, string>> = {
  level: "mean APY of 7 days",
  last: "newest APY against the mean of 7 days",
  lag_1: "APY a day before against the mean of 7 days",
  lag_2: "APY two days before against the mean of 7 days",
  lag_3: "APY three days before against the mean of 7 days",
  lag_7: "APY a week before against the mean of 7 days",
  ewma: "exponential mean of the APY against that of 7 days",
  mean_3d: "mean APY of 3 days against that of 7",
  mean_30d: "mean APY of 30 days against that of 7",
  mean_90d: "mean APY of 90 days against that of 7",
  median_7d: "median APY of 7 days against their mean",
  median_30d: "median APY of 30 days against the mean of 7",
  min_7d: "lowest APY of 7 days against their mean",
  max_7d: "highest APY of 7 days against their mean",
  level_change_7d: "change of the 7-day mean of the APY in a week",
  deviation_7d: "deviation of the APY over 7 days",
  deviation_30d: "deviation of the APY over 30 days",
  daily_change_14d: "mean change of the APY from day to day over 14 days",
  log_tvl: "TVL",
  tvl_change_7d: "change of the TVL in a week",
  tvl_change_30d: "change of the TVL in 30 days",
  reward_share_7d: "share of incentives in the APY over 7 days",
  utilization: "share that is lent out",
  utilization_change_7d: "change of what is lent out in a week",
  observations_30d: "days of the last 30 with an APY",
  log_age: "days since the launch",
  lending: "whether it lends",
  frozen: "whether it takes no deposits",
  weekday: "day of the week, from Monday",
  panel_change_1d: "change of all markets' APYs in a day",
  panel_change_7d: "change of all markets' APYs in a week",
  protocol_change_7d: "change of the protocol's APYs in a week",
  above_protocol_level: "APY against that of the protocol",
  current_score: "today's risk score",
  projected_known: "score at the horizon by the days that are known already",
  projected_repeat: "score at the horizon if the last days happened again",
  volatility_bp: "volatility of the APY over 30 days, in basis points",
  utilization_bp: "share that is lent out, in basis points",
  liquidity_tier: "tier of the TVL, 0 deepest to 3",
  audit_score: "audit score",
  age_days: "days since the launch",
  score_mean_7d: "mean risk score of 7 days",
  score_mean_30d: "mean risk score of 30 days",
  score_change_7d: "change of the risk score in a week",
  volatility_7d: "volatility of the APY over 7 days",
  volatility_14d: "volatility of the APY over 14 days",
  apy_range_30d: "range of the APY over 30 days",
  log_apy: "mean APY of 7 days",
  apy_above_mean_30d: "newest APY against the mean of 30 days",
};

/** What a column of the models is of. Of one that only another version knew, its name. */
export function featureMeaning(name: string): string {
  return (meanings as Readonly<Record<string, string>>)[name] ?? name;
}
