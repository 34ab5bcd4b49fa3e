# SPDX-License-Identifier: BSD-3-Clause
"""The functions of matrices among the operations."""

import mpmath
import numpy as np
import torch
from operations import MATRIX, array, each, kept, matrix, number, operation, scalar


def exact_svd(a):
    """U, s, Vt, thin and descending."""
    rows, columns = a.shape
    if rows < columns:
        u, s, vt = exact_svd(a.T)
        return vt.T, s, u.T
    u, s, vt = mpmath.svd_r(matrix(a))
    return array(u), np.array(list(s), dtype=object), array(vt)


def exact_eigh(a):
    values, vectors = mpmath.eigsy(matrix((a + a.T) / 2))
    order = sorted(range(len(values)), key=lambda i: values[i])
    return np.array([values[i] for i in order], dtype=object), array(vectors)[:, order]


def exact_lu(a):
    """L and U with partial pivoting."""
    a, (rows, columns) = a.copy(), a.shape
    k = min(rows, columns)
    lower = np.full((rows, k), mpmath.mpf(0), dtype=object)
    for c in range(k):
        pivot = max(range(c, rows), key=lambda i: abs(a[i, c]))
        for m in (a, lower):
            m[[c, pivot]] = m[[pivot, c]]
        lower[c, c] = mpmath.mpf(1)
        for i in range(c + 1, rows):
            lower[i, c] = a[i, c] / a[c, c]
            a[i] = a[i] - lower[i, c] * a[c]
    return lower, kept(a[:k], 1 - np.tri(k, columns, -1))


def exact_power(a, n):
    factor, result = inverse(a) if n < 0 else a, None
    for _ in range(abs(n)):
        result = factor if result is None else np.dot(result, factor)
    return result


def exact_qr(a):
    """By Gram and Schmidt, twice, in 80 digits: R has a positive diagonal."""
    rows, columns = a.shape
    q = []
    for j in range(min(rows, columns)):
        v = a[:, j]
        for _ in range(2):
            for u in q:
                v = v - u * sum(u * v)
        q.append(v / mpmath.sqrt(sum(v * v)))
    q = np.array(q, dtype=object).T
    return q, np.dot(q.T, a)


def with_singular_values(function):
    """U f(s) Vt of the thin decomposition, in PyTorch and exactly; f(s, p) may be of either kind."""
    def in_torch(a, p):
        u, s, vt = torch.linalg.svd(a, full_matrices=False)
        return (u * function(s, p)) @ vt

    def exact(a, p):
        u, s, vt = exact_svd(a)
        return np.dot(u * function(s, p), vt)
    return in_torch, exact


def of_singular_values(in_torch, exact):
    return (lambda a, p: in_torch(torch.linalg.svdvals(a), p)), (lambda a, p: scalar(exact(exact_svd(a)[1], p)))


def power_norm(x, p):
    """(sum |x|^p)^(1/p), exactly."""
    if p == mpmath.inf:
        return max(abs(v) for v in x)
    return sum(abs(v) ** mpmath.mpf(p) for v in x if v != 0) ** (1 / mpmath.mpf(p))


def lengths(a, axis):
    return each(mpmath.sqrt)(np.sum(a * a, axis=axis))


EXACT_NORMS = {"one": lambda a: max(np.sum(abs(a), axis=0)), "inf": lambda a: max(np.sum(abs(a), axis=1)),
               "max": lambda a: np.max(abs(a)), "fro": lambda a: mpmath.sqrt(np.sum(a * a)),
               "two": lambda a: exact_svd(a)[1][0], "nuclear": lambda a: sum(exact_svd(a)[1])}
TORCH_NORMS = {"one": 1, "inf": float("inf"), "fro": "fro", "two": 2, "nuclear": "nuc"}


def torch_norm(a, kind):
    return a.abs().max() if kind == "max" else torch.linalg.matrix_norm(a, TORCH_NORMS[kind])


def inverse(a):
    return array(mpmath.inverse(matrix(a)))


def torch_cond(a, p):
    if p["kind"] == "two":
        s = torch.linalg.svdvals(a)
        return s[0] / s[-1]
    return torch_norm(a, p["kind"]) * torch_norm(torch.linalg.inv(a), p["kind"])


def exact_cond(a, p):
    if p["kind"] == "two":
        s = exact_svd(a)[1]
        return scalar(s[0] / s[-1])
    return scalar(EXACT_NORMS[p["kind"]](a) * EXACT_NORMS[p["kind"]](inverse(a)))


def signs(rows):
    return [[1 if i >> r & 1 else -1 for r in range(rows)] for i in range(2 ** (rows - 1))]


def entropy_rank(power):
    def in_torch(s, p):
        q = s**power / (s**power).sum()
        return torch.exp(torch.special.entr(q).sum())

    def exact(s, p):
        q = s**power / sum(s**power)
        return mpmath.exp(-sum(v * mpmath.log(v) for v in q if v != 0))
    return in_torch, exact


def add_systems():
    exact_solve = lambda a, b: np.dot(inverse(a), b)
    operation("solve", lambda a, b, p: torch.linalg.solve(a, b), lambda a, b, p: exact_solve(a, b), MATRIX)
    operation("inv", lambda a, p: torch.linalg.inv(a), lambda a, p: inverse(a), MATRIX)
    operation("logabsdet", lambda a, p: torch.linalg.slogdet(a).logabsdet,
              lambda a, p: scalar(mpmath.log(abs(mpmath.det(matrix(a))))), MATRIX)
    operation("det", lambda a, p: torch.linalg.det(a), lambda a, p: scalar(mpmath.det(matrix(a))), MATRIX)
    operation("matrix_power", lambda a, p: torch.linalg.matrix_power(a, p["k"]),
              lambda a, p: exact_power(a, p["k"]), MATRIX)
    operation("expm", lambda a, p: torch.linalg.matrix_exp(a), lambda a, p: array(mpmath.expm(matrix(a))), MATRIX)


def add_decompositions():
    svd = lambda a: torch.linalg.svd(a, full_matrices=False)
    symmetric = lambda a: (a + a.T) / 2
    operation("svdvals", lambda a, p: torch.linalg.svdvals(a), lambda a, p: exact_svd(a)[1], MATRIX)
    operation("svd_u_squared", lambda a, p: svd(a)[0] ** 2, lambda a, p: exact_svd(a)[0] ** 2, MATRIX)
    operation("svd_vt_squared", lambda a, p: svd(a)[2] ** 2, lambda a, p: exact_svd(a)[2] ** 2, MATRIX)
    operation("eigenvalues", lambda a, p: torch.linalg.eigvalsh(symmetric(a)), lambda a, p: exact_eigh(a)[0], MATRIX)
    operation("eigenvectors_squared", lambda a, p: torch.linalg.eigh(symmetric(a))[1] ** 2,
              lambda a, p: exact_eigh(a)[1] ** 2, MATRIX)
    operation("cholesky", lambda a, p: torch.linalg.cholesky(symmetric(a)),
              lambda a, p: array(mpmath.cholesky(matrix(symmetric(a)))), MATRIX)
    operation("qr_q", lambda a, p: torch.linalg.qr(a)[0].abs(), lambda a, p: abs(exact_qr(a)[0]), MATRIX)
    operation("qr_r", lambda a, p: torch.linalg.qr(a)[1].abs(), lambda a, p: abs(exact_qr(a)[1]), MATRIX)
    inverted = with_singular_values(lambda s, p: 1 / s)[1]
    operation("pinv", lambda a, p: torch.linalg.pinv(a), lambda a, p: inverted(a, p).T, MATRIX)
    operation("lstsq", lambda a, b, p: torch.linalg.pinv(a) @ b, lambda a, b, p: np.dot(inverted(a, p).T, b), MATRIX)
    operation("lu_l", lambda a, p: torch.linalg.lu(a)[1], lambda a, p: exact_lu(a)[0], MATRIX)
    operation("lu_u", lambda a, p: torch.linalg.lu(a)[2], lambda a, p: exact_lu(a)[1], MATRIX)
    operation("polar_factor", *with_singular_values(lambda s, p: s / s), MATRIX)
    operation("prox_nuclear", *with_singular_values(
        lambda s, p: (s - number(p, "tau")) * (s > number(p, "tau"))), MATRIX)
    operation("low_rank_approximation", *with_singular_values(
        lambda s, p: s * (s.new_tensor([i < p["k"] for i in range(len(s))]) if torch.is_tensor(s) else
                          np.arange(len(s)) < p["k"])), MATRIX)


def add_norms():
    operation("norm", lambda a, p: torch_norm(a, p["kind"]), lambda a, p: scalar(EXACT_NORMS[p["kind"]](a)), MATRIX)
    operation("row_norms", lambda a, p: torch.linalg.vector_norm(a, dim=1), lambda a, p: lengths(a, 1))
    operation("col_norms", lambda a, p: torch.linalg.vector_norm(a, dim=0), lambda a, p: lengths(a, 0))
    operation("norm_2_1", lambda a, p: torch.linalg.vector_norm(a, dim=0).sum(),
              lambda a, p: scalar(sum(lengths(a, 0))))
    operation("norm_1_to_2", lambda a, p: torch.linalg.vector_norm(a, dim=0).max(),
              lambda a, p: scalar(max(lengths(a, 0))))
    operation("norm_2_to_1",
              lambda a, p: torch.linalg.vector_norm(a.new_tensor(signs(len(a))) @ a, dim=1).max(),
              lambda a, p: scalar(max(lengths(np.dot(np.array(signs(len(a)), dtype=object), a), 1))), MATRIX)
    operation("vector_norm", lambda x, p: torch.linalg.vector_norm(x, number(p, "p")),
              lambda x, p: scalar(power_norm(x, number(p, "p"))))
    operation("schatten_norm", *of_singular_values(lambda s, p: torch.linalg.vector_norm(s, number(p, "p")),
                                                   lambda s, p: power_norm(s, number(p, "p"))), MATRIX)
    operation("ky_fan_norm", *of_singular_values(lambda s, p: s[:p["k"]].sum(), lambda s, p: sum(s[:p["k"]])), MATRIX)


def add_spectra():
    operation("cond", torch_cond, exact_cond, MATRIX)
    operation("log_cond", *of_singular_values(lambda s, p: torch.log(s[0]) - torch.log(s[-1]),
                                              lambda s, p: mpmath.log(s[0] / s[-1])), MATRIX)
    operation("stable_rank", *of_singular_values(lambda s, p: ((s / s[0]) ** 2).sum(),
                                                 lambda s, p: sum((s / s[0]) ** 2)), MATRIX)
    operation("spectral_gap", *of_singular_values(lambda s, p: (s[0] - s[1]) / s[0],
                                                  lambda s, p: (s[0] - s[1]) / s[0]), MATRIX)
    operation("effective_rank", *of_singular_values(*entropy_rank(1)), MATRIX)
    operation("effective_rank_squares", *of_singular_values(*entropy_rank(2)), MATRIX)


add_systems()
add_decompositions()
add_norms()
add_spectra()
