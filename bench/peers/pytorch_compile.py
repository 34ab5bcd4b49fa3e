# SPDX-License-Identifier: BSD-3-Clause
"""PyTorch with the loss and its gradient compiled; the optimiser remains PyTorch's own."""

import pytorch
import torch
import workloads


def make_run(workload):
    torch.compiler.reset()
    return pytorch.make_run(workload, torch.compile)


workloads.main(pytorch.VERSIONS, make_run)
