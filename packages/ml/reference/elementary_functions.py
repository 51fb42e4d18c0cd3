"""Writes elementary-functions.json: arguments, and the values of elementary functions there, rounded correctly.

Run with mpmath 1.3.0, from anywhere: python3 elementary_functions.py, and then `pnpm format`.
"""

import json
import random
from pathlib import Path

import mpmath

mpmath.mp.prec = 200
random.seed(20)


def spread(low, high, count):
    """Arguments of all magnitudes between two powers of ten."""
    return [10 ** random.uniform(low, high) for _ in range(count)]


small = spread(-20, 0, 12)
both = [sign * value for value in small for sign in (1, -1)]
arguments = {
    "exp": both + [random.uniform(-745, 709.7) for _ in range(24)],
    "expm1": both + [random.uniform(-60, 709.7) for _ in range(24)],
    "log": spread(-320, 308, 24) + [1 + value for value in both if value > -1],
    "log1p": [value for value in both if value > -1] + spread(0, 308, 24),
}
functions = {"exp": mpmath.exp, "expm1": mpmath.expm1, "log": mpmath.log, "log1p": mpmath.log1p}
vectors = {
    name: [[x, float(functions[name](mpmath.mpf(x)))] for x in arguments[name]] for name in functions
}
Path(__file__).with_name("elementary-functions.json").write_text(json.dumps(vectors, indent=1))
