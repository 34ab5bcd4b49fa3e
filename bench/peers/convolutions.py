# SPDX-License-Identifier: BSD-3-Clause
"""The workloads of tests/speed/convolutions.cpp in PyTorch on one thread, in milliseconds of processor time a call:
`python bench/peers/convolutions.py [PART OF A NAME]`."""

import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.set_num_threads(1)
BATCH = 128


def layers(width):
    found = [(3, 32, width, 3, 1), (width, 32, width, 3, 1)]
    side = 32
    while side > 4:
        found += [(width, side, 2 * width, 3, 2), (width, side, 2 * width, 1, 2),
                  (2 * width, side // 2, 2 * width, 3, 1)]
        side, width = side // 2, 2 * width
    return found


def convolution(into, side, out, kernel, stride):
    x = torch.randn(BATCH, into, side, side, requires_grad=into > 3)
    weight = torch.randn(out, into, kernel, kernel, requires_grad=True)
    return [x, weight] if into > 3 else [weight], lambda: F.conv2d(x, weight, None, stride, kernel // 2)


def normalization(channels, side):
    x = torch.randn(BATCH, channels, side, side, requires_grad=True)
    weight, bias = torch.ones(channels, requires_grad=True), torch.zeros(channels, requires_grad=True)
    mean, var = torch.zeros(channels), torch.ones(channels)
    return [x, weight, bias], lambda: F.batch_norm(x, mean, var, weight, bias, training=True)


def pooling(channels, side):
    x = torch.randn(BATCH, channels, side, side, requires_grad=True)
    return [x], lambda: F.max_pool2d(x, 2)


def workloads():
    for width in (16, 64):
        for layer in layers(width):
            into, side, out, kernel, stride = layer
            yield f"conv/{width}/{into}x{side}to{out}k{kernel}s{stride}", convolution, layer
        for side in (32, 4):
            channels = width * 32 // side
            yield f"batch_norm/{width}/{channels}x{side}", normalization, (channels, side)
            yield f"max_pool/{width}/{channels}x{side}", pooling, (channels, side)


def milliseconds(inputs, f):
    along = torch.ones_like(f())
    best = float("inf")
    for _ in range(5):
        count, start = 0, time.process_time()
        while count < 2 or time.process_time() - start < 0.2:
            torch.autograd.grad(f(), inputs, along)
            count += 1
        best = min(best, (time.process_time() - start) / count)
    return 1e3 * best


for name, make, arguments in workloads():
    if len(sys.argv) < 2 or sys.argv[1] in name:
        print(f"{name} {milliseconds(*make(*arguments)):.3f}", flush=True)
