# SPDX-License-Identifier: BSD-3-Clause
"""Programs evaluated in PyTorch, with and without the roundings of a computer, and in mpmath's 80 digits."""

from random import Random

import mpmath
import numpy as np
import torch
from operations import ENTRIES, MATRIX, OPERATIONS

EPSILON = {"f32": 2.0**-23, "f64": 2.0**-52}
SMALLEST = {"f32": 2.0**-149, "f64": 2.0**-1074}
DIGITS = 80
# Functions whose gradient is computed from their rounded value y: where they saturate, little is left of it.
FROM_VALUE = {
    "tanh": lambda y, g, p: g * (1 - y * y),
    "sigmoid": lambda y, g, p: g * y * (1 - y),
    "softmax": lambda y, g, p: y * (g - (g * y).sum(p["axis"], keepdim=True)),
    "log_softmax": lambda y, g, p: g - torch.exp(y) * g.sum(p["axis"], keepdim=True),
}


def inputs_of(program):
    for given in program["inputs"]:
        values = [float.fromhex(v) for v in given["values"]]
        yield given["gradient"], np.array(values).reshape(given["shape"])


class Rounded(torch.autograd.Function):
    """The identity, which changes values and gradients as much as an algorithm that is stable may."""

    @staticmethod
    def forward(ctx, x, noise, forward, as_matrix):
        ctx.noise, ctx.as_matrix = noise, as_matrix
        return noise(x, as_matrix) if forward else x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return ctx.noise(gradient, ctx.as_matrix), None, None, None


class FromValue(torch.autograd.Function):
    """A value whose gradient is a function of it."""

    @staticmethod
    def forward(ctx, x, value, known, parameters):
        ctx.pull_back = lambda gradient: FROM_VALUE[known.name](value, gradient, parameters)
        return value.clone()

    @staticmethod
    def backward(ctx, gradient):
        return ctx.pull_back(gradient), None, None, None


class Noise:
    """Relative errors of up to a unit in the last place, at random; of a matrix, relative to its largest entry."""

    def __init__(self, dtype, seed):
        self.dtype = dtype
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, x, as_matrix):
        random = 2 * torch.rand(x.shape, generator=self.generator, dtype=torch.float64) - 1
        size = x.abs().max() if as_matrix and x.numel() else x.abs()
        return x + random * (EPSILON[self.dtype] * size + SMALLEST[self.dtype])


def in_torch(program, noise=None):
    """Results of the steps and gradients of the last."""
    leaves, values, results = [], [], []
    for gradient, array in inputs_of(program):
        values.append(torch.tensor(array, requires_grad=gradient))
        if gradient:
            leaves.append(values[-1])
    for step in program["steps"]:
        known = OPERATIONS[step["op"]]
        args = [values[i] for i in step["args"]]
        if noise:
            args = [Rounded.apply(x, noise, known.loses in (ENTRIES, MATRIX), known.loses == MATRIX) for x in args]
        value = known.torch(*args, step["parameters"])
        if noise and known.name in FROM_VALUE:
            value = FromValue.apply(args[0], noise(value.detach(), False), known, step["parameters"])
        values.append(Rounded.apply(value, noise, True, known.loses == MATRIX) if noise else value)
        results.append(values[-1].detach().numpy().reshape(-1))
    gradients = torch.autograd.grad(values[-1], leaves, allow_unused=True)
    return results, [None if g is None else g.numpy().reshape(-1) for g in gradients]


def perturbed(x, dtype, random, as_matrix):
    if x.size == 0:
        return x
    size = np.max(abs(x)) if as_matrix else abs(x)
    errors = [random.uniform(-EPSILON[dtype], EPSILON[dtype]) for _ in range(x.size)]
    return np.asarray(x + np.array(errors, dtype=object).reshape(x.shape) * size, dtype=object)


def exact_results(program, arrays, seed=None):
    """With a seed, with the errors of a computer: the same at each call."""
    values = list(arrays)
    random = Random(seed)
    for step in program["steps"]:
        known = OPERATIONS[step["op"]]
        args = [values[i] for i in step["args"]]
        if seed is not None and known.loses in (ENTRIES, MATRIX):
            args = [perturbed(x, program["dtype"], random, known.loses == MATRIX) for x in args]
        value = np.asarray(known.exact(*args, step["parameters"]), dtype=object)
        if seed is not None:
            value = perturbed(value, program["dtype"], random, known.loses == MATRIX)
        values.append(value)
    return values[len(arrays):]


def slope(ends, step):
    """None where it is not zero, and yet the digits do not tell it from zero."""
    difference = ends[0] - ends[1]
    known = difference == 0 or abs(difference) > abs(ends[0]) * mpmath.mpf(10) ** (25 - DIGITS)
    return difference / (2 * step) if known else None


def exactly(program, seed=None):
    """The same, gradients by central differences; with a seed, of the program with errors."""
    with mpmath.workdps(DIGITS):
        given = list(inputs_of(program))
        arrays = [np.vectorize(mpmath.mpf, otypes=[object])(array) for _, array in given]
        results = exact_results(program, arrays, seed)
        gradients = []
        for (wanted, _), array in zip(given, arrays):
            if not wanted:
                continue
            slopes = []
            for index in np.ndindex(array.shape):
                before = array[index]
                step = (abs(before) or np.max(abs(array))) * mpmath.mpf(10) ** (-DIGITS // 3)
                ends = []
                for sign in (1, -1):
                    array[index] = before + sign * step
                    ends.append(exact_results(program, arrays, seed)[-1].reshape(-1)[0])
                array[index] = before
                slopes.append(slope(ends, step))
            gradients.append(slopes)
        return [list(r.reshape(-1)) for r in results], gradients
