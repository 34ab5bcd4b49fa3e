#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes inspected.json: NumPy's numbers for small matrices of several shapes and tails, and power laws fitted to sets
of values by trying every tail at every value. inspect_minilm.csv has NumPy's numbers for a public model in the same
manner."""

import json
from pathlib import Path

import numpy as np


def fit(values):
    """alpha, xmin, D and the size of the tail with the least D, which is taken from the fraction of values below."""
    x = np.sort(values[values > 0])
    best = None
    for xmin in np.unique(x)[:-1]:
        tail = x[x >= xmin]
        alpha = 1 + len(tail) / np.sum(np.log(tail / xmin))
        below = np.arange(len(tail)) / len(tail)
        distance = np.max(np.abs(1 - (tail / xmin) ** (1 - alpha) - below))
        if best is None or distance < best["D"]:
            best = {"alpha": alpha, "xmin": xmin, "D": distance, "tail": len(tail)}
    return best


def entropy_rank(weights):
    p = weights[weights > 0] / np.sum(weights)
    return np.exp(-np.sum(p * np.log(p)))


def summary(w, kind):
    w = w.astype(kind)
    s = np.linalg.svd(w.astype(float), compute_uv=False)
    m, n = w.shape
    squares = np.sort(s**2)[::-1]
    sigma = np.sqrt(np.mean(w.astype(float) ** 2))
    edge = sigma * (np.sqrt(m) + np.sqrt(n))
    share = lambda count: np.sum(squares[:count]) / np.sum(squares)
    tolerance = max(m, n) * np.finfo(kind).eps
    result = {
        "matrix": w.astype(float).tolist(), "f32": kind == np.float32, "singular_values": s.tolist(), "s1": s[0],
        "frobenius": np.linalg.norm(w.astype(float)), "nuclear": np.sum(s), "stable_rank": np.sum(squares) / squares[0],
        "effective_rank": entropy_rank(s), "effective_rank_squares": entropy_rank(squares),
        "numerical_rank": int(np.sum(s > tolerance * s[0])), "rank_tolerance": tolerance,
        "energy_top_1": share(1), "energy_top_10": share(10), "energy_top_tenth": share(-(-len(s) // 10)),
        "mp_sigma": sigma, "mp_edge": edge, "spikes": int(np.sum(s > edge)),
    }
    if len(s) > 1:
        result["gap"] = (s[0] - s[1]) / s[0]
    if s[-1] > tolerance * s[0]:
        result["sn"], result["cond"] = s[-1], s[0] / s[-1]
        if len(s) >= 10:
            result["law"] = fit(s**2)
    return {key: value if isinstance(value, (list, bool, int, dict)) else float(value) for key, value in result.items()}


def main():
    random = np.random.default_rng(17)
    gauss = lambda m, n: random.standard_normal((m, n))
    matrices = {
        "gaussian": summary(gauss(12, 8), float),
        "wide": summary(gauss(7, 31), np.float32),
        "row": summary(gauss(1, 9), float),
        "spiked": summary(gauss(24, 16) + 3.0 * np.outer(gauss(24, 1), gauss(1, 16)), np.float32),
        "heavy": summary(np.sign(gauss(20, 20)) * (1 - random.random((20, 20))) ** (-1 / 1.5), float),
        "deficient": summary(gauss(15, 4) @ gauss(4, 11), np.float32),
        "graded": summary(np.linalg.qr(gauss(14, 14))[0] * np.logspace(0, -8, 14), float),
        "constant": summary(np.full((6, 5), 0.25), float),
    }
    uniform = lambda n: 1 - random.random(n)
    mixed = np.concatenate([uniform(60), 2 * uniform(40) ** (-1 / 1.8)])
    values = {
        "pareto": uniform(150) ** (-1 / 1.5),
        "mixed": mixed,
        "lognormal": np.exp(random.standard_normal(120)),
        "tied": np.ceil(4 * uniform(80) ** (-1 / 2.0)),
        "small": uniform(10) ** (-1 / 2.5),
        "zeros": np.concatenate([np.zeros(5), -uniform(3), uniform(30) ** (-1 / 2.0)]),
    }
    laws = {name: {"values": x.tolist(), "law": fit(x)} for name, x in values.items()}
    text = json.dumps({"matrices": matrices, "laws": laws}, indent=0)
    (Path(__file__).parent / "inspected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
