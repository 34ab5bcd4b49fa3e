#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes images.json: what torch computes for convolutions, pools and normalisation, and their gradients. The inputs
are cosines, which the tests compute, too. `python tests/golden/images.py`, with torch installed."""

import json
from pathlib import Path

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def waves(shape, number, levels=0):
    n = torch.Size(shape).numel()
    x = torch.cos(torch.arange(n) * (0.37 + 0.11 * number) + number)
    return ((levels * x).floor() if levels else x).reshape(shape)


def packed(x):
    return {"shape": list(x.shape), "data": [float(f"{value:.15g}") for value in x.detach().reshape(-1).tolist()]}


def run(op, f, shapes, options, levels=0):
    """f's value, and the gradients of the sum of its entries times their cosines of place."""
    inputs = [waves(shape, i, levels).requires_grad_() for i, shape in enumerate(shapes)]
    value = f(*inputs)
    weights = torch.cos(torch.arange(value.numel())).reshape(value.shape)
    gradients = torch.autograd.grad((weights * value).sum(), inputs)
    return {"op": op, "shapes": shapes, "options": options, "levels": levels, "value": packed(value),
            "gradients": [packed(g) for g in gradients]}


def convolutions():
    cases = [
        ([2, 3, 5, 4], [4, 3, 3, 3], {}),
        ([2, 3, 5, 4], [4, 3, 3, 3], {"padding": [1, 1]}),
        ([2, 2, 7, 6], [3, 2, 3, 2], {"stride": [2, 1], "padding": [2, 0]}),
        ([1, 2, 9, 8], [2, 2, 3, 3], {"dilation": [2, 3], "padding": [1, 3]}),
        ([2, 4, 5, 5], [6, 2, 3, 3], {"stride": [2, 2], "padding": [1, 1], "groups": 2}),
        ([2, 3, 6, 5], [3, 1, 3, 3], {"padding": [1, 1], "groups": 3}),
        ([2, 3, 5, 7], [6, 1, 2, 3], {"stride": [1, 2], "dilation": [2, 1], "groups": 3}),
        ([3, 4, 4, 3], [5, 4, 1, 1], {}),
        ([3, 4, 5, 5], [2, 4, 1, 1], {"stride": [2, 2]}),
        ([2, 2, 3, 3], [3, 2, 1, 1], {"padding": [1, 1]}),
        ([3, 6, 5], [2, 3, 5, 5], {"padding": [2, 2], "stride": [3, 2]}),
        ([1, 1, 1, 1], [1, 1, 3, 3], {"padding": [1, 1]}),
        ([1, 1, 3, 30], [2, 1, 2, 2], {"padding": [4, 1], "stride": [3, 3]}),
    ]
    for i, (x, w, options) in enumerate(cases):
        bias = [[w[0]]] if i % 2 else []
        yield run("conv2d", lambda *given, o=options: F.conv2d(*given, **o), [x, w] + bias, options)


def pools():
    images = [2, 2, 5, 6]
    windows = [([2, 2], {}), ([3, 2], {"stride": [1, 2], "padding": [1, 1]}),
               ([3, 3], {"stride": [2, 2], "padding": [1, 1]})]
    for levels in (0, 3):  # with 3 there are ties
        for window, options in windows + [([2, 3], {"dilation": [2, 1], "padding": [1, 0], "stride": [1, 1]})]:
            yield run("max_pool2d", lambda x, w=window, o=options: F.max_pool2d(x, w, **o), [images],
                      {"window": window} | options, levels)
    for window, options in windows:
        for counts in (True, False):
            yield run("avg_pool2d", lambda x, w=window, o=options: F.avg_pool2d(x, w, **o, count_include_pad=counts),
                      [images], {"window": window, "count_include_pad": counts} | options)
    for size in ([1, 1], [2, 3], [3, 4], [5, 6], [7, 2]):
        yield run("adaptive_avg_pool2d", lambda x, s=size: F.adaptive_avg_pool2d(x, s), [images], {"window": size})


def norms():
    for shape in ([5, 3], [3, 2, 4], [2, 3, 3, 2]):
        for options in ({"training": True, "momentum": 0.1, "eps": 1e-5},
                        {"training": False, "momentum": 0.1, "eps": 1e-2},
                        {"training": True, "momentum": 0.3, "eps": 1e-1}):
            running = [torch.full([shape[1]], 0.1), torch.full([shape[1]], 1.5)]
            row = run("batch_norm", lambda x, w, b, o=options: F.batch_norm(x, *running, w, b, **o),
                      [shape, [shape[1]], [shape[1]]], options)
            yield row | {"running": [packed(r) for r in running]}
    for shape, normalized in (([3, 4], [4]), ([2, 3, 4], [3, 4]), ([2, 2, 3], [3])):
        for eps in (1e-5, 1e-1):
            yield run("layer_norm", lambda x, w, b, n=normalized, e=eps: F.layer_norm(x, n, w, b, e),
                      [shape, normalized, normalized], {"eps": eps})


def main():
    rows = [*convolutions(), *pools(), *norms()]
    data = {"source": f"torch {torch.__version__}", "rows": rows}
    Path(__file__).with_suffix(".json").write_text(json.dumps(data) + "\n")


main()
