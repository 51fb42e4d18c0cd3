import { confidenceDefinition, illiquidityDefinition } from "@obsqra/ml";

/** What a reader of docs/evaluation.md needs to know to read its tables, and to make them again. */
export const evaluationIntroduction = `# Evaluation of the forecasts

Written by \`pnpm evaluate --data FILE --document docs/evaluation.md\`, a section per run; nothing here is edited by hand.
The same file and options give the same figures on every machine. \`pnpm evaluate --help\` lists the options.

## How it is measured

- **Walk-forward.** The last days of the history, as many as the test period has, are lived through as a server would
  have: every 15 days a challenger is fitted on what was known on that day, tested on the days before it (its own walk-forward
  test, refitted every 30 days) and promoted or not; the champion forecasts every market on every day. At least half of
  a short history is left to learn from.
- **Purged.** A model learns from a day only if the whole window that its outcome is made of had ended before its first
  forecast. The same holds for scales, calibration, weights, and the decision which model serves.
- **The rhythm is a server's**: news every day, and a challenger every 15 days. A server trains sooner where what it served in
  two weeks was worse than its baseline, and on a market file whenever that has changed.
- **As served.** \`served\` is what the API would have served at the time: the mean of the baselines and the champion's model, with
  the weights that the outcomes known on the day had taught. \`model\` is the newest challenger's model alone, promoted or not. The functions
  that train, decide and forecast here are those of the API, which a test shows.
- **Protocols** have a table of their own: the mean of a protocol's last value and of its markets' forecasts, both weighted by TVL, with
  weights that the outcomes of protocols had taught. In \`all\`, each forecast counts once. A market that is silent on a day is left out of
  that day here; the API counts it for three days more.
- **Intervals** are made on each day from the outcomes known on that day: of the last 60 days' forecasts, of moving and of
  flat markets apart, by size of their scale, with a level that follows the misses of each protocol's moving and of its flat markets (adaptive
  conformal inference). Days whose outcomes were not known when a model was trained are forecast again by it and calibrate it. Where the
  markets of a protocol move more than they did in nine of ten days, the scale is wider.
- **Kept aside.** The rules of intervals were chosen on DEX pools until 2025-06-08 and on lending reserves until 2025-11-07, in the sections that
  say so. The last 90 days of the DEX pools, and of the lending reserves what is forecast after that day, are a test of the choice.
- **The data** are read as the server reads them: the last observation of a UTC day counts, impossible values are left
  out, and broken rows are counted. APYs are winsorised to the cap, in features, baselines and outcomes alike.
- **Yield** is the mean of the column over the days after the forecast, up to the horizon, in percent a year. **Risk** is the
  RiskEngine's score at the horizon, 5 to 95.
- **Illiquidity.** ${illiquidityDefinition}

- **A server counts APYs up to 500 %** and takes the file's total APY; sections with another cap or column say how the same
  method does on them, not what a server says about that file. Audit scores are those known today, on all days.
- **Unbounded intervals**, from too few known outcomes, span every possible value and count as covering.

## What the tables say

| column | meaning |
| --- | --- |
| \`served\`, \`model\` | what the API would have served, baselines and model weighted; the newest model alone |
| \`last_value\`, \`mean_7d\`, \`mean_30d\`, \`median_30d\` | baselines: the last value, and means and the median of the last days |
| \`ewma_half_life_5d\` | baseline: exponentially weighted mean, half of its weight on the last 5 days |
| mean MAE | mean absolute error over all forecasts |
| to best baseline | mean MAE compared with the baseline that turned out best; negative is better |
| median-pool MAE | median over markets of the market's mean absolute error |
| pinball loss | mean quantile loss over the median and the bounds of the four intervals (Koenker and Bassett, 1978) |
| pools improved | share of markets with a smaller mean absolute error than the best baseline's |
| coverage | share of outcomes inside the interval; well calibrated: the level |
| interval score | width, plus 2 / (1 - level) times the distance of outcomes outside (Gneiting and Raftery, 2007); lower is better |
| moving, flat | markets whose value has moved in the last 30 days, and those whose has not: by a mean absolute deviation of at most 2 % of 1 + the APY, or of 0.25 score points |
| worst week | of the weeks from the first day with at least 100 forecasts, the one with the smallest coverage |
| 86 % to 94 % | whether the coverage of a cell with at least 500 forecasts is within that range |
| without rules | the intervals of the forecasts that were served, made again with each rule of decision 96 left out: what it is worth. Coverage and worst weeks are of the 90 % intervals |
| stated, observed | mean confidence of the forecasts of a bin, and the share of them that came true |
| Brier score, log loss | mean squared error, and mean negative log-likelihood, of a probability; lower is better |
| 95 % of draws of folds | skill in 950 of 1,000 draws of as many weeks, with replacement: the weeks of the test differ, and a skill is certain only where this does not hold 0 |
| skill | 1 - Brier score / Brier score of the reference: 100 % is perfect, 0 % no better than the reference |
| challenger, champion, baseline | mean absolute errors of the comparison with the champion, all on the same forecasts: those whose outcomes the champion had not learned from. A challenger may err up to 5 % more and still replace the champion, because it has learned from more |

**Confidence.** ${confidenceDefinition}

## Where the data come from

None of these files is part of the repository. Each section names the SHA-256 of the file that it is about.

| file | content | collected by |
| --- | --- | --- |
| \`dex_daily.csv.gz\` | 486 DEX pools from DefiLlama, 2022-02 to 2025-10 | PaulApivat/pipe-defillama-data-to-dune, MIT, (c) 2023 Dune |
| \`lending_daily.csv.gz\` | 128 Aave v3 reserves on 13 networks, 2025-07-22 to 2025-12-31 | th3nolo/aave-v3-data, MIT |
`;
