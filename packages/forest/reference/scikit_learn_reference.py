"""Writes what the tests and the benchmark of this package compare with scikit-learn.

Run with Debian's python3-sklearn (1.2.1) from anywhere:

    /usr/bin/python3 scikit_learn_reference.py accuracy
        writes scikit-learn-data.bin.gz and scikit-learn-accuracy.json, the same values every time
    /usr/bin/python3 scikit_learn_reference.py timings
        writes scikit-learn-timings.json, for this machine

and then `pnpm format`, which lays the JSON out as the rest of the repository.

Data: Friedman #1, #2 and #3 (Friedman 1991; Breiman 1996 chose the noise of #2 and #3 for a signal-to-noise ratio of
3 to 1), drawn anew for every seed; and two real data sets that come with scikit-learn (BSD 3-Clause), split anew for
every seed: diabetes (Efron et al. 2004), and breast cancer Wisconsin (Street, Wolberg, Mangasarian 1993, UCI machine
learning repository, CC BY 4.0), where the column "mean smoothness" is predicted from the other 29.

All values are rounded to 32-bit floats before anything is fitted, because RandomForestRegressor would do so anyway.
"""

import gzip
import json
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy
import sklearn
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    make_friedman1,
    make_friedman2,
    make_friedman3,
)
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)

FOLDER = Path(__file__).resolve().parent
SEED_COUNT = 10
FRIEDMAN_ROWS = 1000

FOREST_PARAMETERS = {
    "n_estimators": 100,
    "max_depth": 10,
    "min_samples_leaf": 1,
    "max_features": 1.0,
    "bootstrap": True,
}
BOOSTING_PARAMETERS = {
    "loss": "squared_error",
    "max_iter": 100,
    "max_depth": 5,
    "max_leaf_nodes": None,
    "learning_rate": 0.1,
    "min_samples_leaf": 20,
    "l2_regularization": 0.0,
    "max_bins": 255,
    "early_stopping": False,
}


def friedman_table(make, noise):
    """The draws of all seeds, one below the other; row order s holds the rows of seed s."""
    features, targets = zip(
        *(make(n_samples=FRIEDMAN_ROWS, noise=noise, random_state=seed) for seed in range(SEED_COUNT))
    )
    orders = [range(seed * FRIEDMAN_ROWS, (seed + 1) * FRIEDMAN_ROWS) for seed in range(SEED_COUNT)]
    return numpy.vstack(features), numpy.concatenate(targets), orders


def split_table(features, target):
    """One table, whose rows every seed puts into another order."""
    orders = [numpy.random.RandomState(seed).permutation(len(target)) for seed in range(SEED_COUNT)]
    return features, target, orders


def diabetes_table():
    data = load_diabetes(scaled=False)
    return split_table(data.data, data.target)


def breast_cancer_table():
    data = load_breast_cancer()
    predicted = list(data.feature_names).index("mean smoothness")
    return split_table(numpy.delete(data.data, predicted, axis=1), data.data[:, predicted])


TABLES = {
    "friedman-1": lambda: friedman_table(make_friedman1, 1.0),
    "friedman-2": lambda: friedman_table(make_friedman2, 125.0),
    "friedman-3": lambda: friedman_table(make_friedman3, 0.1),
    "diabetes": diabetes_table,
    "breast-cancer-smoothness": breast_cancer_table,
}


def root_mean_squared_error(model, training, held):
    model.fit(*training)
    return float(numpy.sqrt(numpy.mean((model.predict(held[0]) - held[1]) ** 2)))


def write_accuracy():
    """Per table in the data file: features row by row, then the target (float32), then one row order per seed (uint16)."""
    binary = bytearray()
    tables = []
    for name, make in TABLES.items():
        features, target, orders = make()
        features = features.astype("<f4")
        target = target.astype("<f4")
        used = len(orders[0])
        training_rows = used // 2 if name.startswith("friedman") else used * 3 // 4
        forest, boosting = [], []
        for seed, order in enumerate(orders):
            rows = numpy.asarray(order)
            part = lambda chosen: (features[chosen].astype("f8"), target[chosen].astype("f8"))
            training, held = part(rows[:training_rows]), part(rows[training_rows:])
            forest.append(
                root_mean_squared_error(
                    RandomForestRegressor(**FOREST_PARAMETERS, random_state=seed), training, held
                )
            )
            boosting.append(
                root_mean_squared_error(
                    HistGradientBoostingRegressor(**BOOSTING_PARAMETERS, random_state=seed), training, held
                )
            )
        tables.append(
            {
                "name": name,
                "row_count": len(target),
                "column_count": features.shape[1],
                "order_length": used,
                "training_row_count": training_rows,
                "random_forest_rmse": forest,
                "hist_gradient_boosting_rmse": boosting,
            }
        )
        binary += features.tobytes() + target.tobytes()
        for order in orders:
            binary += numpy.asarray(order).astype("<u2").tobytes()
        print(name, statistics.mean(forest), statistics.mean(boosting), flush=True)
    (FOLDER / "scikit-learn-data.bin.gz").write_bytes(gzip.compress(bytes(binary), 9, mtime=0))
    write_json(
        "scikit-learn-accuracy.json",
        {
            "versions": versions(),
            "seed_count": SEED_COUNT,
            "random_forest_parameters": FOREST_PARAMETERS,
            "hist_gradient_boosting_parameters": BOOSTING_PARAMETERS,
            "tables": tables,
        },
    )


def median_seconds(work, repeats=5):
    """The median time, after one run that is not counted."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def write_timings():
    small = make_friedman1(n_samples=10_000, n_features=5, noise=1.0, random_state=1)
    large = make_friedman1(n_samples=100_000, n_features=16, noise=1.0, random_state=1)
    row = small[0][:1]
    forest = RandomForestRegressor(**FOREST_PARAMETERS, random_state=1)
    boosting = HistGradientBoostingRegressor(**BOOSTING_PARAMETERS)
    exact_boosting = GradientBoostingRegressor(n_estimators=100, max_depth=5, min_samples_leaf=20, random_state=1)
    seconds = {}

    def measure(name, work):
        seconds[name] = median_seconds(work)
        print(name, seconds[name], flush=True)

    measure("random_forest_fit_10000x5_one_core", lambda: forest.set_params(n_jobs=1).fit(*small))
    measure("random_forest_fit_10000x5_all_cores", lambda: forest.set_params(n_jobs=-1).fit(*small))
    measure("gradient_boosting_fit_10000x5", lambda: exact_boosting.fit(*small))
    measure("hist_gradient_boosting_fit_10000x5", lambda: boosting.fit(*small))
    forest.set_params(n_jobs=1)
    measure("random_forest_predict_row", lambda: forest.predict(row))
    measure("hist_gradient_boosting_predict_row", lambda: boosting.predict(row))
    boosting.fit(*small)
    measure("hist_gradient_boosting_predict_100000x5", lambda: boosting.predict(large[0][:, :5]))
    measure("hist_gradient_boosting_fit_100000x16", lambda: boosting.fit(*large))
    write_json("scikit-learn-timings.json", {"versions": versions(), "median_seconds_of_5": seconds})


def versions():
    return {
        "scikit_learn": sklearn.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }


def write_json(name, value):
    (FOLDER / name).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


commands = {"accuracy": write_accuracy, "timings": write_timings}
if len(sys.argv) != 2 or sys.argv[1] not in commands:
    sys.exit(__doc__)
commands[sys.argv[1]]()
