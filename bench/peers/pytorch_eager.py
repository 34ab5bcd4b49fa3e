# SPDX-License-Identifier: BSD-3-Clause
"""PyTorch as most programs use it."""

import pytorch
import workloads

workloads.main(pytorch.VERSIONS, pytorch.make_run)
