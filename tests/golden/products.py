#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes products.json beside it: what PyTorch makes of products, indices and matrices, with gradients."""

import json
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)

EINSUM = {
    "ij,jk->ik": [[2, 3], [3, 4]], "ij,kj": [[2, 3], [4, 3]], "ba": [[2, 3]], "Ba,aB": [[2, 3], [3, 2]],
    "bA": [[2, 3]], "ii": [[3, 3]], "ii->i": [[3, 3]], "iij->ji": [[2, 2, 3]], "iji->j": [[2, 3, 2]],
    "iii->i": [[3, 3, 3]], "iijj->ij": [[2, 2, 3, 3]], "i,j->ij": [[2], [3]], "i,i": [[4], [4]], ",i->i": [[], [3]],
    ",": [[], []], "i->": [[4]], "ij->j": [[2, 3]], "ijk->kij": [[2, 3, 4]],
    "...ij,...jk->...ik": [[2, 1, 2, 3], [3, 3, 2]],
    "...ij,...jk": [[2, 2, 3], [2, 3, 2]], "i...,i...->...": [[3, 2], [3, 2]], "i...j->j...i": [[2, 3, 4, 2]],
    "...i,...i->...": [[2, 3], [3]], "...,...->...": [[2, 3], [3]], "...i->i": [[2, 3, 2]], "a...a->...a": [[2, 3, 2]],
    "ij,jk,kl->il": [[2, 3], [3, 2], [2, 4]], "ij,jk,ki": [[2, 3], [3, 2], [2, 2]], "i,i,i->i": [[3], [3], [3]],
    "bn,anm,bm->ba": [[2, 3], [4, 3, 2], [2, 2]], "ij,ij,ij->": [[2, 2], [2, 2], [2, 2]], "ij,ik->jk": [[1, 3], [4, 2]],
    "i,j,k,l->lkji": [[2], [1], [2], [3]], "bij,bjk->bki": [[2, 2, 3], [2, 3, 2]], "ij,kl->": [[2, 3], [2, 2]],
    "abcdefgh,abcdefgh->hgfedcba": [[1, 2, 1, 2, 1, 2, 1, 2]] * 2, "i j , j k -> i k": [[2, 3], [3, 2]],
    "bhid,bhjd->bhij": [[2, 2, 3, 2], [2, 2, 3, 2]], "ij,j": [[2, 3], [3]], "...->...": [[2, 3]],
    "aa,ab,bb->": [[2, 2]] * 3,
}
SLICES = {"1:": (0, 1, 9, 1), "-2": (0, -2, 9, 1), "odd": (0, 1, 5, 2), "-9": (0, -9, -1, 3), "none": (0, 4, 2, 1)}


def entries(shape, i):
    n = 1
    for size in shape:
        n *= size
    return torch.tensor([((37 * k + 11 * i) % 64 - 31.5) / 16 for k in range(n)]).reshape(shape)


def case(name, f, shapes, **parameters):
    x = [entries(shape, i).requires_grad_() for i, shape in enumerate(shapes)]
    result = f(*x)
    gradients = torch.autograd.grad((result * entries(list(result.shape), 9)).sum(), x, allow_unused=True)
    flat = lambda t, like: torch.zeros_like(like).flatten().tolist() if t is None else t.flatten().tolist()
    return {"name": name, "shapes": shapes, "shape": list(result.shape), "value": flat(result, result),
            "gradients": [flat(g, v) for g, v in zip(gradients, x)], **parameters}


def parts(name, f, n):
    return {"name": name, "n": n, "lengths": [len(part) for part in f(torch.zeros(n))]}


def matrices():
    shift = lambda a: a + 3 * torch.eye(a.shape[-1])
    lstsq = lambda a, b: torch.linalg.lstsq(a, b, driver="gelsd").solution
    yield case("kron", torch.kron, [[2, 3], [3, 2]])
    yield case("kron", torch.kron, [[2], [3]])
    yield case("kron", torch.kron, [[2], [3, 2]])
    yield case("tensordot_1", lambda a, b: torch.tensordot(a, b, 1), [[2, 3], [3, 2]])
    yield case("tensordot_axes", lambda a, b: torch.tensordot(a, b, ([2, 0], [0, 1])), [[2, 3, 4], [4, 2, 5]])
    yield case("det", torch.linalg.det, [[4, 4]])
    yield case("det", torch.linalg.det, [[2, 3, 3]])
    yield case("lstsq", lstsq, [[5, 3], [5, 2]])
    yield case("pinv_times", lambda a, b: torch.linalg.pinv(a) @ b, [[3, 5], [3, 2]])
    for shape in [[4, 4], [3, 5], [5, 3]]:
        yield case("lu_l", lambda a: torch.linalg.lu(a)[1], [shape])
        yield case("lu_u", lambda a: torch.linalg.lu(a)[2], [shape])
        yield case("lu_p", lambda a: torch.linalg.lu(a)[0] + 0 * a.sum(), [shape])
    for n in [-3, -1, 1, 2, 5]:
        yield case("matrix_power", lambda a, n=n: torch.linalg.matrix_power(shift(a), n), [[3, 3]], n=n)
    yield case("multi_dot", lambda *x: torch.linalg.multi_dot(x), [[3], [3, 4], [4, 2], [2]])


def arrangements():
    indices = torch.tensor([2, 0, 2])
    yield case("roll", lambda x: x.roll(-2, 1), [[2, 5]])
    yield case("flip", lambda x: x.flip([0, 2]), [[2, 3, 2]])
    yield case("repeat", lambda x: x.repeat(2, 1, 3), [[2, 3]])
    yield case("tril", lambda x: x.tril(-1), [[3, 4]])
    yield case("triu", lambda x: x.triu(1), [[2, 3, 4]])
    yield case("diag_embed", torch.diag_embed, [[2, 3]])
    yield case("index_add", lambda x, y: x.index_add(0, indices, y), [[3, 2], [3, 2]])
    yield case("scatter_add", lambda x, y: x.scatter_add(0, indices.reshape(3, 1).repeat(1, 2), y), [[3, 2], [3, 2]])
    for name, (axis, start, stop, step) in SLICES.items():
        yield case("slice", lambda x, s=slice(start, stop, step): x[s], [[5, 2]], start=start, stop=stop, step=step)


def main():
    einsum = [case(equation, lambda *x, e=equation: torch.einsum(e, *x), shapes) for equation, shapes in EINSUM.items()]
    pieces = [parts(f"split_{k}", lambda x, k=k: x.split(k), n) for n in (0, 1, 5, 6) for k in (1, 2, 4, 7)]
    pieces += [parts(f"chunk_{k}", lambda x, k=k: x.chunk(k), n) for n in (0, 1, 5, 6, 10) for k in (1, 2, 3, 4, 7)]
    table = {"source": "torch " + torch.__version__, "einsum": einsum, "matrices": list(matrices()),
             "arrangements": list(arrangements()), "pieces": pieces}
    listed = lambda rows: "[\n" + ",\n".join(map(json.dumps, rows)) + "]"
    lines = [f'"{key}": ' + (json.dumps(rows) if key == "source" else listed(rows)) for key, rows in table.items()]
    Path(__file__).with_suffix(".json").write_text("{" + ",\n".join(lines) + "}\n")


main()
