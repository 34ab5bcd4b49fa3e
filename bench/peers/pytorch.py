# SPDX-License-Identifier: BSD-3-Clause
"""Training steps in PyTorch, for pytorch_eager.py and pytorch_compile.py."""

import workloads  # noqa: F401  (first: it sets the number of threads)

import torch

torch.set_num_threads(1)

VERSIONS = {"PyTorch": torch.__version__}


class Ops:
    relu = staticmethod(torch.relu)
    log = staticmethod(torch.log)
    svdvals = staticmethod(torch.linalg.svdvals)
    cross_entropy = staticmethod(torch.nn.functional.cross_entropy)


def make_optimizer(parameters, description):
    if description is None:
        return None
    kind, rate = description
    if kind == "adam":
        return torch.optim.Adam(parameters, lr=rate)
    return torch.optim.SGD(parameters, lr=rate, momentum=0.9 if kind == "sgdm" else 0.0)


def make_run(workload, transform=lambda loss: loss):
    parameters = [torch.tensor(value, requires_grad=True) for value in workload.parameters]
    data = {name: torch.tensor(value) for name, value in workload.data.items()}
    optimizer = make_optimizer(parameters, workload.optimizer)
    loss = transform(lambda: workload.loss(Ops, parameters, data))

    def run(count):
        for _ in range(count):
            if optimizer:
                optimizer.zero_grad()
            else:
                parameters[0].grad = None
            value = loss()
            value.backward()
            if optimizer:
                optimizer.step()
            value.item()  # every way reads its loss

    return run
