/**
 * By what forecasts are resolved and scored, in the words that are committed to the transparency log. A change of what is computed needs a
 * change here with the next version, which a test asks for, and is a new entry of the log.
 */
export const scoringRules = {
  version: 1,
  outcomes: {
    risk: "Of a market: the risk score by the RiskEngine's arithmetic of what was observed until target_at.",
    yield:
      "Of a market: the mean APY of the days after as_of until target_at, of which at least half have to be observed; a day counts with at most the cap of its model, 500 % unless that says otherwise.",
    protocol:
      "Of a protocol: that of its markets, by the weights that were known as of as_of; markets with at least 90 % of the weight have to have an outcome.",
    when: "As soon as market data that go beyond target_at were imported. An outcome is recorded once, with the import that it was read from, and is never changed, whatever a feed corrects later.",
    unobserved:
      "Where the data do not suffice, it is tried again after each import for 90 days; then the forecast counts as unobserved.",
  },
  counting: {
    first:
      "Of each kind, protocol, market, as_of and target_at, the first forecast that was given counts; one that was stale when it was given does not.",
    witnessed:
      "Where the service names witnesses, those count that one of them knew within 48 hours after as_of; the others are unwitnessed. Without witnesses all count, and their time is self-attested.",
    hindsight: "A forecast that was made at target_at or later is scored, and not among n_prospective.",
  },
  figures: {
    lines:
      "By kind, protocol and horizon in days, and within these by who made the forecast: model or baseline.",
    mae: "Mean of |outcome - value|; baseline_mae of |outcome - baseline_value|.",
    coverage:
      "Part of the outcomes from lower to upper, both included; interval_level is the mean of those promised.",
    within_tolerance:
      "Part with |outcome - value| <= confidence_tolerance; mean_confidence is the mean of the probabilities that were given for it.",
  },
} as const;
