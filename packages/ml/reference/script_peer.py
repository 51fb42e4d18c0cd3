"""What a data scientist's script does in an afternoon, to be compared with (`pnpm evaluate --script-peer FILE.csv`).

Histogram boosting (scikit-learn) on 11 features, refitted every 15 days on outcomes known by then, of the log ratio of the mean
APY over the horizon to the last value. Needs Debian's python3-sklearn (1.2.1); one thread, so that it gives the same everywhere:

  OMP_NUM_THREADS=1 python3 script_peer.py FILE.csv[.gz] COLUMN HORIZON_DAYS CAP_PERCENT > forecasts.csv

script-peer-fixture.csv is what it gives for apy, 7 days and 500 % on
fixtureCsv({ shape: "dex", markets: 3, protocols: 2, days: 80, seed: 1 }) of @obsqra/market/testing.
"""

import csv, gzip, math, sys
from collections import defaultdict
from datetime import date

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

TEST_DAYS, REFIT_DAYS, OBSERVED_MIN = 90, 15, 7


def log(x):
    return np.sign(x) * np.log1p(np.abs(x))


def number(text):
    return float(text) if text not in (None, "") else math.nan


def read(path, column, cap):
    days = defaultdict(dict)
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(row["timestamp"][:10]).toordinal()
            seen = (row["timestamp"], number(row[column]), number(row.get("tvlUsd")), number(row.get("utilizationImplied")))
            days[row["pool"]][day] = max(days[row["pool"]].get(day, ("",)), seen)
    grids = {}
    for pool, seen in sorted(days.items()):
        grid = np.full((max(seen) - min(seen) + 1, 3), math.nan)
        for day, (_, *values) in seen.items():
            grid[day - min(seen)] = values
        grid[:, 0] = np.clip(grid[:, 0], -cap, cap)
        grids[pool] = (min(seen), grid)
    return grids


def rows_of(grids, horizon):
    for pool, (first, grid) in grids.items():
        apy = grid[:, 0]
        for i in range(len(apy)):
            month, week = apy[max(0, i - 29) : i + 1], apy[max(0, i - 6) : i + 1]
            month, before = month[~np.isnan(month)], apy[max(0, i - 13) : max(0, i - 6)]
            if math.isnan(apy[i]) or len(month) < OBSERVED_MIN:
                continue
            last, mean, ahead = log(apy[i]), log(np.nanmean(week)), apy[i + 1 : i + 1 + horizon]
            change = mean - log(np.nanmean(before)) if np.any(~np.isnan(before)) else math.nan
            features = [last, mean - last, log(month.mean()) - last, log(np.median(month)) - last, log(month.min()) - last,
                        log(month.max()) - last, log(month).std(), change, log(grid[i, 1]), grid[i, 2], (first + i) % 7]
            known = np.sum(~np.isnan(ahead)) >= math.ceil(horizon / 2)
            yield pool, first + i, features, last, np.nanmean(ahead) if known else math.nan


path, column, horizon, cap = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
pools, day, x, last, outcome = map(np.array, zip(*rows_of(read(path, column, cap), horizon)))
known = ~np.isnan(outcome) & (day <= day.max() - horizon)
start, end = day[known].min(), day[known].max()
start = end - min(TEST_DAYS, math.ceil((end - start + 1) / 2)) + 1
writer = csv.writer(sys.stdout, lineterminator="\n")
writer.writerow(["pool", "day", "horizon", "forecast"])
for refit in range(start, end + 1, REFIT_DAYS):
    learn, ask = ~np.isnan(outcome) & (day + horizon < refit), (day >= refit) & (day < min(refit + REFIT_DAYS, end + 1))
    model = HistGradientBoostingRegressor(loss="absolute_error", max_iter=200, learning_rate=0.05, min_samples_leaf=50, random_state=0)
    said = last[ask] + model.fit(x[learn], log(outcome[learn]) - last[learn]).predict(x[ask])
    for pool, when, value in zip(pools[ask], day[ask], np.clip(np.sign(said) * np.expm1(np.abs(said)), -cap, cap)):
        writer.writerow([pool, date.fromordinal(when), horizon, f"{value:.6g}"])
