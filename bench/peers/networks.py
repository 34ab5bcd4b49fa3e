#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Training steps of ResNet-18 and VGG-11 (f32, batch 128, images of 32 x 32) here and in PyTorch.

    PYTHON bench/peers/networks.py [--program build/release/bin/sigmagrad_networks_bench] [--steps 12]
    PYTHON bench/peers/networks.py --losses 50

PYTHON has PyTorch. The first prints a Markdown table: the median milliseconds of a step on one thread and on two, and
the most memory, each by turns in a process of its own. The second starts both from PyTorch's initial weights, trains
both by the same batches, in f32 and in f64, and prints by how much their losses differ.
"""

import argparse
import json
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NETWORKS = [("resnet18", 16), ("resnet18", 64), ("vgg11", 64)]
BATCH = 128


def parse():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--program", default=ROOT / "build/release/bin/sigmagrad_networks_bench")
    options.add_argument("--steps", type=int, default=12, help="the first two of which are not counted")
    options.add_argument("--losses", type=int, default=0, metavar="STEPS", help="compare losses over so many steps")
    options.add_argument("--lr", type=float, default=0.0001, help="of that comparison")
    options.add_argument("--only", default="", help="the speed of only the networks whose name contains this")
    options.add_argument("--peer", nargs=3, metavar=("NETWORK", "WIDTH", "THREADS"), help=argparse.SUPPRESS)
    return options.parse_args()


def resnet18(width):
    import torch
    from torch import nn

    def normalised(into, out, kernel, stride=1):
        return nn.Sequential(nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(out))

    class Block(nn.Module):
        def __init__(self, into, out, stride):
            super().__init__()
            self.branch = nn.Sequential(normalised(into, out, 3, stride), nn.ReLU(inplace=True),
                                        normalised(out, out, 3))
            self.shortcut = normalised(into, out, 1, stride) if into != out or stride != 1 else nn.Identity()

        def forward(self, x):
            return torch.relu(self.branch(x) + self.shortcut(x))

    layers, into = [normalised(3, width, 3), nn.ReLU(inplace=True)], width
    for stage in range(4):
        for block in range(2):
            layers.append(Block(into, width << stage, 2 if stage > 0 and block == 0 else 1))
            into = width << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(into, 10))


def vgg11(width):
    from torch import nn

    layers, into = [], 3
    for stage, count in enumerate((1, 1, 2, 2, 2)):
        out = width << min(stage, 3)
        for _ in range(count):
            layers += [nn.Conv2d(into, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(inplace=True)]
            into = out
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(into, 10))


def make(name, width):
    import torch

    torch.manual_seed(1)
    return {"resnet18": resnet18, "vgg11": vgg11}[name](width)


def trained(net, images, labels, steps, lr=0.05):
    """Milliseconds and loss of each step."""
    import torch

    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
    times, losses = [], []
    for i in range(steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(images[i % len(images)]), labels[i % len(labels)])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        times.append(1e3 * (time.perf_counter() - start))
    return times, losses


def peer(name, width, threads, steps):
    import torch

    torch.set_num_threads(threads)
    times, losses = trained(make(name, width), torch.randn(1, BATCH, 3, 32, 32), torch.randint(10, (1, BATCH)), steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"milliseconds": times, "losses": losses, "peak_megabytes": peak}))


def result(command):
    return json.loads(subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE).stdout)


def speed(given):
    import torch

    print(f"PyTorch {torch.__version__}; milliseconds a step, median of {given.steps - 2}; most memory in MB\n")
    print("| network | threads | here | PyTorch | ratio | memory here | PyTorch |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, width in NETWORKS:
        if given.only not in name + str(width):
            continue
        for threads in (1, 2):
            own, other = [], []
            for _ in range(3):
                own.append(result([given.program, name, width, threads, given.steps]))
                other.append(result([sys.executable, __file__, "--steps", given.steps, "--peer", name, width, threads]))
            middle = [statistics.median(ms for run in runs for ms in run["milliseconds"][2:]) for runs in (own, other)]
            memory = [max(run["peak_megabytes"] for run in runs) for runs in (own, other)]
            print(f"| {name}, width {width} | {threads} | {middle[0]:.0f} | {middle[1]:.0f} | "
                  f"{middle[0] / middle[1]:.2f} | {memory[0]} | {memory[1]} |", flush=True)


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": f"F{8 * tensor.element_size()}", "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().contiguous().numpy().tobytes())


def pictures(steps):
    """A class is a mean picture; a picture is that and noise."""
    import torch

    torch.manual_seed(2)
    means, labels = torch.randn(10, 3, 32, 32), torch.randint(10, (steps, BATCH))
    return 0.5 * means[labels] + torch.randn(steps, BATCH, 3, 32, 32), labels


def both(given, name, width, images, labels):
    """The losses here and PyTorch's, in the images' type."""
    net = make(name, width).to(images.dtype)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "start.safetensors"
        tensors = {str(i): parameter for i, parameter in enumerate(net.parameters())}
        write_safetensors(file, tensors | {"images": images, "labels": labels.to(images.dtype)})
        own = result([given.program, name, width, 2, given.losses, file, given.lr])["losses"]
    return own, trained(net, images, labels, given.losses, given.lr)[1]


def losses(given):
    images, labels = pictures(given.losses)

    def most(some, others):
        return max(abs(a - b) for a, b in zip(some, others))

    print("most by which losses differ over", given.losses, "steps\n")
    print("| network | loss | f64: here, PyTorch | f32: here, PyTorch | here f32, f64 | PyTorch f32, f64 |")
    print("|---|---|---:|---:|---:|---:|")
    width = 16
    for name in ("resnet18", "vgg11"):
        own, other = both(given, name, width, images, labels)
        own_exact, exact = both(given, name, width, images.double(), labels)
        print(f"| {name}, width {width} | {exact[0]:.3f} to {exact[-1]:.3f} | {most(own_exact, exact):.0e} | "
              f"{most(own, other):.0e} | {most(own, own_exact):.0e} | {most(other, exact):.0e} |", flush=True)


def main():
    given = parse()
    if given.peer:
        peer(given.peer[0], int(given.peer[1]), int(given.peer[2]), given.steps)
    elif given.losses:
        losses(given)
    else:
        speed(given)


if __name__ == "__main__":
    main()
