# SPDX-License-Identifier: BSD-3-Clause
"""The operations of operations.cpp, twice: in PyTorch, and exactly, on NumPy arrays of mpmath's numbers."""

from types import SimpleNamespace

import mpmath
import numpy as np
import torch

OPERATIONS = {}

# What an algorithm may lose: a rounding of the result; roundings of each argument's entries, as sums do; or of each
# argument as a matrix, as decompositions do.
RESULT, ENTRIES, MATRIX = "result", "entries", "matrix"


def operation(name, in_torch, exact, loses=RESULT):
    """Both take the arguments and `p`, the parameters."""
    OPERATIONS[name] = SimpleNamespace(name=name, torch=in_torch, exact=exact, loses=loses)


def each(function):
    return np.vectorize(function, otypes=[object])


def number(p, name="value"):
    return float.fromhex(p[name])


def matrix(a):
    return mpmath.matrix(a.tolist())


def array(m):
    return np.array(m.tolist(), dtype=object).reshape(m.rows, m.cols)


def scalar(x):
    return np.array(x, dtype=object)


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def add_elementwise():
    clamp = lambda x, p: np.minimum(np.maximum(x, mpmath.mpf(number(p, "low"))), mpmath.mpf(number(p, "high")))
    for name, function, exact in [
            ("exp", torch.exp, mpmath.exp), ("log", torch.log, mpmath.log), ("log1p", torch.log1p, mpmath.log1p),
            ("sqrt", torch.sqrt, mpmath.sqrt), ("sin", torch.sin, mpmath.sin), ("cos", torch.cos, mpmath.cos),
            ("tanh", torch.tanh, mpmath.tanh), ("sigmoid", torch.sigmoid, sigmoid),
            ("expm1", torch.expm1, mpmath.expm1), ("log2", torch.log2, lambda x: mpmath.log(x) / mpmath.log(2)),
            ("rsqrt", torch.rsqrt, lambda x: 1 / mpmath.sqrt(x)), ("tan", torch.tan, mpmath.tan),
            ("sinh", torch.sinh, mpmath.sinh), ("cosh", torch.cosh, mpmath.cosh), ("erf", torch.erf, mpmath.erf),
            ("gelu", torch.nn.functional.gelu, lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2),
            ("silu", torch.nn.functional.silu, lambda x: x * sigmoid(x)),
            ("elu", torch.nn.functional.elu, lambda x: x if x > 0 else mpmath.expm1(x)),
            ("abs", torch.abs, abs), ("neg", torch.neg, lambda x: -x), ("square", torch.square, lambda x: x * x),
            ("relu", torch.relu, lambda x: max(x, mpmath.mpf(0))),
            ("leaky_relu", torch.nn.functional.leaky_relu, lambda x: x if x > 0 else x * mpmath.mpf(0.01))]:
        operation(name, lambda x, p, f=function: f(x), lambda x, p, f=each(exact): f(x))
    operation("clamp", lambda x, p: x.clamp(number(p, "low"), number(p, "high")), clamp)
    operation("softplus", lambda x, p: torch.logaddexp(number(p) * x, torch.zeros_like(x)) / number(p),
              lambda x, p: each(lambda v: mpmath.log1p(mpmath.exp(v * number(p))) / number(p))(x))
    operation("atan2", lambda a, b, p: torch.atan2(a, b), lambda a, b, p: each(mpmath.atan2)(a, b))
    operation("lerp", lambda a, b, p: torch.lerp(a, b, number(p)),
              lambda a, b, p: a + (b - a) * mpmath.mpf(number(p)), ENTRIES)
    operation("pow_scalar", lambda x, p: x.pow(number(p)), lambda x, p: each(lambda v: v**mpmath.mpf(number(p)))(x))
    operation("pow", lambda a, b, p: a.pow(b), lambda a, b, p: each(mpmath.power)(a, b))
    for name, function in [("add", lambda x, c: x + c), ("mul", lambda x, c: x * c), ("div", lambda x, c: x / c),
                           ("rsub", lambda x, c: c - x), ("rdiv", lambda x, c: c / x)]:
        operation(name + "_scalar", lambda x, p, f=function: f(x, number(p)),
                  lambda x, p, f=function: f(x, mpmath.mpf(number(p))))
        if not name.startswith("r"):
            operation(name, lambda a, b, p, f=function: f(a, b), lambda a, b, p, f=function: f(a, b))
    operation("sub", lambda a, b, p: a - b, lambda a, b, p: a - b)
    operation("maximum", lambda a, b, p: torch.maximum(a, b), lambda a, b, p: np.maximum(a, b))
    operation("minimum", lambda a, b, p: torch.minimum(a, b), lambda a, b, p: np.minimum(a, b))
    operation("maximum_scalar", lambda x, p: torch.maximum(x, x.new_tensor(number(p))),
              lambda x, p: np.maximum(x, mpmath.mpf(number(p))))
    operation("where", lambda c, a, b, p: torch.where(c > 0, a, b), lambda c, a, b, p: np.where(c > 0, a, b))


def reduced(function):
    """A function of the last axis of an array as one of any axis, or of all entries."""
    def apply(x, p):
        if "axis" not in p:
            return function(x.reshape(-1))
        result = function(np.moveaxis(x, p["axis"], -1))
        return np.expand_dims(result, p["axis"]) if p["keepdim"] else result
    return apply


def over(function):
    """torch's function(x, axis, keepdim), or of everything."""
    def apply(x, p):
        return function(x, p["axis"], p["keepdim"]) if "axis" in p else function(x.reshape(-1), 0, False)
    return apply


def exact_logsumexp(x):
    """The largest, and what the others add to it, which may be below its digits."""
    ordered = np.sort(x, axis=-1)
    below = each(mpmath.exp)(ordered - ordered[..., -1:])[..., :-1]
    others = np.sum(below, axis=-1, initial=mpmath.mpf(0))
    return each(mpmath.log1p)(others) + ordered[..., -1]


def exact_log_softmax(x):
    """Of a vector, without a difference that could lose all digits."""
    others = lambda i: (mpmath.exp(v - x[i]) for j, v in enumerate(x) if j != i)
    return np.array([-mpmath.log1p(mpmath.fsum(others(i))) for i in range(len(x))], dtype=object)


def exact_var(x, correction):
    centred = x - np.sum(x, axis=-1, keepdims=True) / x.shape[-1]
    return np.sum(centred * centred, axis=-1) / (x.shape[-1] - correction)


def ranked(x, rank, axis, keepdim):
    """The entry of that rank in rising order; those that tie share its gradient."""
    value = torch.sort(x.detach(), axis).values.narrow(axis, int(rank), 1)
    ties = (x.detach() == value).to(x.dtype)
    result = value + (ties * (x - value)).sum(axis, keepdim=True) / ties.sum(axis, keepdim=True)
    return result if keepdim else result.squeeze(axis)


def quantile(x, q, axis, keepdim):
    place = q * (x.shape[axis] - 1)
    upper = min(int(place) + 1, x.shape[axis] - 1)
    return torch.lerp(ranked(x, place, axis, keepdim), ranked(x, upper, axis, keepdim), place - int(place))


def exact_quantile(x, q):
    ordered, place = np.sort(x, axis=-1), q * (x.shape[-1] - 1)
    below = int(place)
    return ordered[..., below] + (ordered[..., min(below + 1, x.shape[-1] - 1)] - ordered[..., below]) * (place - below)


def add_reductions():
    operation("prod", over(torch.prod), reduced(lambda x: np.prod(x, axis=-1)))
    operation("median", over(lambda x, *rest: ranked(x, 0.5 * (x.shape[rest[0]] - 1), *rest)),
              reduced(lambda x: np.sort(x, axis=-1)[..., (x.shape[-1] - 1) // 2]))
    operation("quantile", lambda x, p: quantile(x, number(p, "q"), p["axis"], p["keepdim"]),
              lambda x, p: reduced(lambda y: exact_quantile(y, number(p, "q")))(x, p), ENTRIES)
    operation("cumprod", lambda x, p: torch.cumprod(x, p["axis"]), lambda x, p: np.cumprod(x, axis=p["axis"]))
    operation("sort", lambda x, p: torch.sort(x, dim=p["axis"], descending=p["descending"], stable=True).values,
              lambda x, p: (lambda y: np.flip(y, p["axis"]) if p["descending"] else y)(np.sort(x, axis=p["axis"])))
    operation("sum", over(torch.sum), reduced(lambda x: np.sum(x, axis=-1)), ENTRIES)
    operation("mean", over(torch.mean), reduced(lambda x: np.sum(x, axis=-1) / x.shape[-1]), ENTRIES)
    operation("max", over(torch.amax), reduced(lambda x: np.max(x, axis=-1)))
    operation("min", over(torch.amin), reduced(lambda x: np.min(x, axis=-1)))
    operation("logsumexp", over(torch.logsumexp), reduced(exact_logsumexp))
    operation("var", lambda x, p: torch.var(x, p["axis"], correction=p["correction"], keepdim=p["keepdim"]),
              lambda x, p: reduced(lambda y: exact_var(y, p["correction"]))(x, p))
    operation("std", lambda x, p: torch.std(x, p["axis"], correction=p["correction"], keepdim=p["keepdim"]),
              lambda x, p: reduced(lambda y: each(mpmath.sqrt)(exact_var(y, p["correction"])))(x, p))
    operation("cumsum", lambda x, p: torch.cumsum(x, p["axis"]), lambda x, p: np.cumsum(x, axis=p["axis"]), ENTRIES)
    kept = lambda x, p: reduced(exact_logsumexp)(x, {"axis": p["axis"], "keepdim": True})
    operation("softmax", lambda x, p: torch.softmax(x, p["axis"]), lambda x, p: each(mpmath.exp)(x - kept(x, p)))
    operation("log_softmax", lambda x, p: torch.log_softmax(x, p["axis"]),
              lambda x, p: np.apply_along_axis(exact_log_softmax, p["axis"], x))


def kept(x, mask):
    return np.where(mask > 0, x, mpmath.mpf(0))


def add_shapes():
    operation("t", lambda x, p: x.T, lambda x, p: x.T)
    operation("reshape", lambda x, p: x.reshape(p["shape"]), lambda x, p: x.reshape(p["shape"]))
    operation("select", lambda x, p: x.select(p["axis"], p["index"]),
              lambda x, p: np.asarray(np.take(x, p["index"], axis=p["axis"]), dtype=object))
    operation("narrow", lambda x, p: x.narrow(p["axis"], p["start"], p["length"]),
              lambda x, p: np.take(x, range(p["start"], p["start"] + p["length"]), axis=p["axis"]))
    operation("index_select", lambda x, p: x.index_select(p["axis"], torch.tensor(p["indices"])),
              lambda x, p: np.take(x, p["indices"], axis=p["axis"]))
    operation("cat", lambda *x: torch.cat(x[:-1], x[-1]["axis"]), lambda *x: np.concatenate(x[:-1], x[-1]["axis"]))
    operation("stack", lambda *x: torch.stack(x[:-1], x[-1]["axis"]), lambda *x: np.stack(x[:-1], x[-1]["axis"]))
    operation("diag", lambda x, p: torch.diag(x),
              lambda x, p: np.diagonal(x) if x.ndim == 2 else array(mpmath.diag(list(x))))
    operation("trace", lambda x, p: torch.trace(x), lambda x, p: scalar(sum(np.diagonal(x))), ENTRIES)
    operation("tril", lambda x, p: torch.tril(x, p["k"]), lambda x, p: kept(x, np.tri(*x.shape, p["k"])))
    operation("triu", lambda x, p: torch.triu(x, p["k"]), lambda x, p: kept(x, 1 - np.tri(*x.shape, p["k"] - 1)))
    operation("flip", lambda x, p: x.flip(p["axis"]), lambda x, p: np.flip(x, p["axis"]))
    operation("roll", lambda x, p: x.roll(p["k"], p["axis"]), lambda x, p: np.roll(x, p["k"], p["axis"]))
    operation("kron", lambda a, b, p: torch.kron(a, b), lambda a, b, p: np.kron(a, b))
    operation("matmul", lambda a, b, p: a @ b, lambda a, b, p: np.dot(a, b), ENTRIES)


def add_losses():
    totals = {"mean": lambda x: x.mean(), "sum": lambda x: x.sum(), "half_sum": lambda x: x.sum() / 2}
    total = lambda x, p: scalar(totals[p["reduction"]](x.reshape(-1)))
    in_torch = lambda x, p: totals[p["reduction"]](x)
    logistic = lambda x: mpmath.log1p(mpmath.exp(-abs(x))) + max(x, mpmath.mpf(0))
    entropy = torch.nn.functional.binary_cross_entropy_with_logits
    masked = lambda a, b, m: ((m > 0) * (a - b) ** 2).sum() / (m > 0).sum()
    operation("mse_loss", lambda a, b, p: in_torch((a - b) ** 2, p), lambda a, b, p: total((a - b) * (a - b), p))
    operation("masked_mse_loss", lambda a, b, m, p: masked(a, b, m),
              lambda a, b, m, p: scalar(sum((a - b)[m > 0] ** 2) / mpmath.mpf(int(np.sum(m > 0)))))
    operation("bce_with_logits", lambda x, y, p: in_torch(entropy(x, (y > 0).to(x.dtype), reduction="none"), p),
              lambda x, y, p: total(each(lambda v, t: logistic(-v if t > 0 else v))(x, y), p))
    rows = lambda x, p: (np.arange(x.shape[0]), p["labels"])
    operation("cross_entropy",
              lambda x, p: in_torch(-torch.log_softmax(x, 1)[rows(x, p)], p),
              lambda x, p: total(-np.array([exact_log_softmax(row) for row in x])[rows(x, p)], p))


add_elementwise()
add_reductions()
add_shapes()
add_losses()
