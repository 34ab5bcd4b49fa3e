# SPDX-License-Identifier: BSD-3-Clause
"""Random programs of 5 to 15 operations on small matrices, whose results all lie well within the dtype's range."""

import itertools
import random

import numpy as np
import torch
from operations import OPERATIONS

LIMIT = {"f32": 1e30, "f64": 1e120}  # of the absolute values, and of their inverses
POSITIVE = ["log", "log2", "log1p", "sqrt", "rsqrt"]
UNARY = ["neg", "exp", "square", "abs", "sin", "cos", "tanh", "sigmoid", "relu", "leaky_relu",
         "expm1", "tan", "sinh", "cosh", "erf", "gelu", "silu", "elu"] + POSITIVE
BOUNDED = {"exp": 50, "expm1": 50, "sin": 1e3, "cos": 1e3, "tan": 1.5, "sinh": 50, "cosh": 50, "gelu": 10,
           "expm": 20}  # larger arguments are scaled first
BINARY = ["add", "sub", "mul", "div", "atan2", "maximum", "minimum"]
AXIS = ["softmax", "log_softmax", "cumsum", "cumprod", "sort"]
REDUCTIONS = ["sum", "mean", "max", "min", "logsumexp", "prod", "median"]
SQUARE = ["inv", "logabsdet", "det", "eigenvalues", "eigenvectors_squared", "expm"]
MATRIX = ["svdvals", "svd_u_squared", "svd_vt_squared", "qr_q", "qr_r", "pinv", "polar_factor", "row_norms",
          "col_norms", "norm_1_to_2", "norm_2_to_1", "norm_2_1", "log_cond", "stable_rank", "effective_rank",
          "effective_rank_squares", "spectral_gap", "lu_l", "lu_u"]
LEAST_RATIO = {"pinv": 1e-3, "lstsq": 1e-3, "polar_factor": 1e-3, "qr_q": 1e-5, "qr_r": 1e-5}  # they need the rank
NORM_KINDS = ["one", "two", "inf", "fro", "nuclear", "max"]


class Refused(Exception):
    """A step that would leave the range, or for which there is no argument."""


class Builder:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.dtype = self.random.choice(["f32", "f64"])
        self.rows, self.columns = self.random.randint(2, 4), self.random.randint(2, 4)
        self.values, self.inputs, self.steps, self.used = [], [], [], set()

    def rounded(self, x):
        return np.float32(x).astype(np.float64) if self.dtype == "f32" else np.float64(x)

    def hexadecimal(self, x):
        return float(self.rounded(x)).hex()

    def add_input(self, array, gradient=True):
        array = self.rounded(array)
        self.inputs.append({"shape": list(array.shape), "gradient": gradient,
                            "values": [float(v).hex() for v in array.reshape(-1)]})
        self.values.append(torch.tensor(array))
        return len(self.values) - 1

    def drawn(self, shape):
        """Of any scale; some about an offset, some of small whole numbers."""
        array = np.array([self.random.gauss(0, 1) for _ in range(int(np.prod(shape)))]).reshape(shape)
        kind = self.random.random()
        if kind < 0.15:
            array = array + 10 ** self.random.uniform(0, 4)
        elif kind < 0.25:
            array = np.round(3 * array) + 0.5
        return array * 10 ** self.random.choice([0, 0, self.random.uniform(-12, 12)])

    def apply(self, name, *args, **parameters):
        with torch.no_grad():
            try:
                value = OPERATIONS[name].torch(*(self.values[i] for i in args), parameters)
            except RuntimeError as error:
                raise Refused(str(error)) from error
        size = value.abs()
        limit = LIMIT[self.dtype]
        if value.numel() == 0 or not torch.isfinite(value).all() or (size > limit).any():
            raise Refused(name)
        if ((size < 1 / limit) & (size > 0)).any():
            raise Refused(name)
        self.steps.append({"op": name, "args": list(args), "parameters": parameters})
        self.values.append(value)
        self.used.update(args)
        return len(self.values) - 1

    def pick(self, accept=lambda value: True):
        """A value that is accepted, mostly a late one."""
        good = [i for i, value in enumerate(self.values) if accept(value) and value.is_floating_point()]
        if not good:
            raise Refused("no argument")
        return good[-1 - min(int(self.random.expovariate(0.7)), len(good) - 1)]

    def matrix(self):
        return self.pick(lambda v: v.dim() == 2 and min(v.shape) >= 2)

    def square(self):
        return self.pick(lambda v: v.dim() == 2 and v.shape[0] == v.shape[1] >= 2)

    def scaled(self, i, size):
        """The value brought below a size where it is larger."""
        largest = float(self.values[i].abs().max())
        return self.apply("mul_scalar", i, value=self.hexadecimal(size / largest)) if largest > size else i

    def positive(self, i):
        return i if (self.values[i] > 0).all() else self.apply(self.random.choice(["square", "abs", "exp"]), i)

    def axis(self, i):
        if self.values[i].dim() == 0:
            raise Refused("no axis")
        return self.random.randrange(self.values[i].dim())

    def unary(self):
        name = self.random.choice(UNARY)
        i = self.pick()
        if name in POSITIVE:
            i = self.positive(i)
        self.apply(name, self.scaled(i, BOUNDED[name]) if name in BOUNDED else i)

    def with_number(self):
        i = self.pick()
        size = float(self.values[i].abs().max())
        value = self.hexadecimal(self.random.choice([-1, 1]) * (size or 1) * 10 ** self.random.uniform(-3, 3))
        name = self.random.choice(["add", "mul", "div", "rsub", "rdiv", "maximum", "pow", "clamp", "softplus"])
        if name == "pow":
            exponent = self.random.choice([-2, -0.5, 0.3, 1.5, 3])
            self.apply("pow_scalar", self.positive(i), value=self.hexadecimal(exponent))
        elif name == "softplus":
            self.apply(name, self.scaled(i, 50), value=self.hexadecimal(self.random.uniform(0.2, 3)))
        elif name == "clamp":
            self.apply("clamp", i, low=self.hexadecimal(-size * self.random.random()),
                       high=self.hexadecimal(size * self.random.random()))
        else:
            self.apply(name + "_scalar", i, value=value)

    def binary(self):
        name = self.random.choice(BINARY + ["where", "pow", "lerp"])
        i = self.pick()
        shape = self.values[i].shape
        j = self.pick(lambda v: v.shape == shape or (v.dim() == 1 and len(shape) == 2 and v.shape[0] == shape[1]))
        if name == "where":
            self.apply(name, i, j, self.pick(lambda v: v.shape == shape))
        elif name == "pow":
            self.apply(name, self.positive(i), self.scaled(j, 3))
        elif name == "lerp":
            self.apply(name, i, j, value=self.hexadecimal(self.random.uniform(-0.2, 1.2)))
        else:
            self.apply(name, i, j)

    def reduction(self):
        i = self.pick(lambda v: v.dim() > 0)
        name = self.random.choice(REDUCTIONS + ["var", "std", "quantile"] + AXIS * 2)
        if name == "sort":
            self.apply(name, i, axis=self.axis(i), descending=self.random.random() < 0.5)
        elif name == "quantile":
            self.apply(name, i, axis=self.axis(i), keepdim=self.random.random() < 0.5,
                       q=self.hexadecimal(self.random.random()))
        elif name in AXIS:
            self.apply(name, i, axis=self.axis(i))
        elif name in ("var", "std"):
            axis = self.axis(i)
            if self.values[i].shape[axis] < 2:
                raise Refused(name)
            self.apply(name, i, axis=axis, keepdim=self.random.random() < 0.5, correction=self.random.randint(0, 1))
        elif self.random.random() < 0.3:
            self.apply(name, i)
        else:
            self.apply(name, i, axis=self.axis(i), keepdim=self.random.random() < 0.5)

    def shape(self):
        i = self.pick(lambda v: v.dim() > 0)
        value, axis = self.values[i], self.axis(i)
        size = value.shape[axis]
        name = self.random.choice(["t", "reshape", "select", "narrow", "index_select", "cat", "stack", "diag", "trace",
                                   "tril", "triu", "flip", "roll"])
        if name == "t" or name == "trace" or name == "diag":
            self.apply(name, self.matrix() if name == "t" else self.square())
        elif name in ("tril", "triu"):
            self.apply(name, self.matrix(), k=self.random.randint(-1, 1))
        elif name == "flip":
            self.apply(name, i, axis=axis)
        elif name == "roll":
            self.apply(name, i, axis=axis, k=self.random.randint(-5, 5))
        elif name == "reshape":
            self.apply(name, i, shape=list(value.T.shape) if value.dim() == 2 else [1, value.numel()])
        elif name == "select":
            self.apply(name, i, axis=axis, index=self.random.randrange(size))
        elif name == "narrow":
            start = self.random.randrange(size)
            self.apply(name, i, axis=axis, start=start, length=self.random.randint(1, size - start))
        elif name == "index_select":
            indices = [self.random.randrange(size) for _ in range(self.random.randint(1, 4))]
            self.apply(name, i, axis=axis, indices=indices)
        else:
            self.apply(name, i, self.pick(lambda v: v.shape == value.shape), axis=axis)

    def has_rank(self, name, i):
        """Refuses a matrix whose least singular value may be rounding alone, to functions that need the rank."""
        s = torch.linalg.svdvals(self.values[i])
        if s[-1] <= LEAST_RATIO[name] * s[0]:
            raise Refused(name)

    def product(self):
        i = self.matrix()
        rows, columns = self.values[i].shape
        name = self.random.choice(["matmul", "matmul", "matmul", "kron", "lstsq"])
        if name == "lstsq":
            self.has_rank(name, i)
            self.apply(name, i, self.pick(lambda v: v.dim() in (1, 2) and v.shape[0] == rows))
        elif name == "kron":
            self.apply(name, i, self.pick(lambda v: v.dim() == 2 and v.numel() * rows * columns <= 36))
        else:
            self.apply(name, i, self.pick(lambda v: v.dim() in (1, 2) and v.shape[0] == columns))

    def of_square(self):
        name = self.random.choice(SQUARE + ["solve", "cholesky", "cond", "matrix_power"])
        i = self.square()
        n = self.values[i].shape[0]
        if name == "solve":
            self.apply(name, i, self.pick(lambda v: v.dim() in (1, 2) and v.shape[0] == n))
        elif name == "cholesky":
            gram = self.apply("matmul", i, self.apply("t", i))
            self.apply(name, gram)
        elif name == "matrix_power":
            self.apply(name, i, k=self.random.choice([-2, -1, 2, 3]))
        elif name == "cond":
            self.apply(name, i, kind=self.random.choice(["one", "two", "inf", "fro", "nuclear"]))
        else:
            self.apply(name, self.scaled(i, BOUNDED[name]) if name in BOUNDED else i)

    def of_matrix(self):
        i = self.matrix()
        name = self.random.choice(MATRIX + ["norm", "norm", "vector_norm", "schatten_norm", "ky_fan_norm",
                                            "prox_nuclear", "low_rank_approximation"])
        smaller = min(self.values[i].shape)
        if name in LEAST_RATIO:
            self.has_rank(name, i)
        if name == "norm":
            self.apply(name, i, kind=self.random.choice(NORM_KINDS))
        elif name == "vector_norm":
            vector = self.pick(lambda v: v.dim() == 1)
            self.apply(name, vector, p=self.hexadecimal(self.random.choice([0.5, 1, 1.5, 2, 3])))
        elif name == "schatten_norm":
            self.apply(name, i, p=self.hexadecimal(self.random.choice([0.5, 1, 1.5, 2, 3])))
        elif name == "prox_nuclear":
            self.apply(name, i, tau=self.hexadecimal(float(torch.linalg.svdvals(self.values[i])[-1]) * 1.3))
        elif name in ("ky_fan_norm", "low_rank_approximation"):
            self.apply(name, i, k=self.random.randint(1, smaller - 1))
        else:
            self.apply(name, i)

    def loss(self):
        i = self.matrix()
        shape = self.values[i].shape
        name = self.random.choice(["mse_loss", "masked_mse_loss", "bce_with_logits", "cross_entropy", "cross_entropy"])
        reduction = self.random.choice(["mean", "sum", "half_sum"])
        if name == "cross_entropy":
            labels = [self.random.randrange(shape[1]) for _ in range(shape[0])]
            self.apply(name, i, reduction=reduction, labels=labels)
            return
        same = lambda v: v.shape == shape
        if name == "masked_mse_loss":
            mask = self.pick(lambda v: v.shape == shape and bool((v > 0).any()))
            self.apply(name, i, self.pick(same), mask)
        else:
            self.apply(name, i, self.pick(same), reduction=reduction)

    def ending(self, i):
        """The sum of a value at a size of about one, squared lest it be constant."""
        largest = float(self.values[i].abs().max()) or 1.0
        scaled = self.apply("mul_scalar", i, value=self.hexadecimal(self.random.uniform(0.5, 2) / largest))
        shifted = self.apply("add_scalar", scaled, value=self.hexadecimal(self.random.uniform(0.5, 2)))
        return self.apply("sum", self.apply("square", shifted))

    def finish(self):
        """The total of what nothing has used."""
        parts = []
        for i in range(len(self.inputs), len(self.values)):
            try:
                if i not in self.used:
                    parts.append(self.ending(i))
            except Refused:
                pass
        if not parts:
            raise Refused("nothing to add")
        total = parts[0]
        for part in parts[1:]:
            total = self.apply("add", total, part)


FAMILIES = [(Builder.unary, 5), (Builder.with_number, 3), (Builder.binary, 4), (Builder.reduction, 5),
            (Builder.shape, 2), (Builder.product, 3), (Builder.of_square, 4), (Builder.of_matrix, 5), (Builder.loss, 2)]


def program(seed):
    """One program, the same for a seed."""
    attempts = (built(f"{seed} {attempt}") for attempt in itertools.count())
    return {"seed": seed, **next(filter(None, attempts))}


def built(seed):
    """None where the steps lead to nothing."""
    builder = Builder(seed)
    n, m = builder.rows, builder.columns
    for shape in builder.random.sample([(n, n), (n, m), (m, n), (n,), (m,), (n, n)], builder.random.randint(2, 4)):
        builder.add_input(builder.drawn(shape))
    length = builder.random.randint(5, 15)
    families, weights = zip(*FAMILIES)
    for _ in range(20 * length):
        if len(builder.steps) >= length:
            break
        try:
            builder.random.choices(families, weights)[0](builder)
        except Refused:
            pass
    try:
        builder.finish()
    except Refused:
        return None
    return {"dtype": builder.dtype, "inputs": builder.inputs, "steps": builder.steps}
