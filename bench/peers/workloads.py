# SPDX-License-Identifier: BSD-3-Clause
"""The training steps of ../problems.hpp for any array library, and how a step of one is timed.

Importing this module keeps the process on one processor and its libraries on one thread: import it first.
"""

import argparse
import json
import os
import statistics
import time

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                  XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np  # noqa: E402  (the variables above are read when it loads)

BLOCK_SECONDS = 10e-3


class Workload:
    """`parameters` and `data` are NumPy arrays; loss(ops, parameters, data) uses what `ops` names of a library.

    `optimizer` is None where the step is the value and the gradient alone.
    """

    def __init__(self, name, parameters, data, loss, optimizer):
        self.name, self.parameters, self.data, self.loss, self.optimizer = name, parameters, data, loss, optimizer


def completion_loss(ops, w, data):
    product = w[2] @ (w[1] @ w[0])
    return 0.5 * (data["mask"] * (product - data["target"]) ** 2).sum()


def regression_loss(ops, w, data):
    return 0.5 * ((data["x"] @ w[0].T - data["y"]) ** 2).sum() / data["x"].shape[0]


def relu2_loss(ops, p, data):
    hidden = ops.relu(data["x"] @ p[0].T + p[1])
    return ((hidden @ p[2].T + p[3] - data["y"]) ** 2).mean()


def relu5_loss(ops, p, data):
    activity = data["x"]
    for layer in range(5):
        activity = activity @ p[2 * layer].T + p[2 * layer + 1]
        activity = ops.relu(activity) if layer < 4 else activity
    return ops.cross_entropy(activity, data["labels"])


def spectral_loss(ops, w, data):
    s = ops.svdvals(w[0])
    return 0.1 * (ops.log(s[0] / s[-1]) - 2.0) ** 2


def completion(d, random):
    factors = [0.3 / np.sqrt(d) * random.standard_normal((d, d)) for _ in range(3)]
    target = np.outer(random.standard_normal(d), random.standard_normal(d)) / d
    mask = (random.permutation(d * d) * 2 < d * d).astype(float).reshape(d, d)
    return Workload(f"completion_d{d}_L3", factors, {"target": target, "mask": mask}, completion_loss, ("sgd", 1e-3))


def ensemble(d, random):
    factors = [0.3 / np.sqrt(d) * random.standard_normal((300, d, d)) for _ in range(3)]
    data = {"target": random.standard_normal((300, d, d)) / d, "mask": np.eye(d)}
    return Workload(f"ensemble300_d{d}_L3", factors, data, completion_loss, ("sgd", 1e-3))


def regression(d, random):
    x = random.standard_normal((64, d))
    data = {"x": x, "y": x @ random.standard_normal((d, d)) / np.sqrt(d)}
    start = [random.standard_normal((d, d)) / np.sqrt(d)]
    return Workload(f"regression_d{d}_B64", start, data, regression_loss, ("sgd", 1e-2))


def relu2(d, random):
    start = [random.standard_normal(shape) / np.sqrt(d) for shape in ((d, d), d, (d, d), d)]
    data = {"x": random.standard_normal((d, d)), "y": random.standard_normal((d, d))}
    return Workload(f"relu2_d{d}_B{d}_adam", start, data, relu2_loss, ("adam", 1e-3))


def relu5(random):
    sizes, start = (3072, 512, 512, 512, 512, 10), []
    for inputs, outputs in zip(sizes, sizes[1:]):
        weight = np.sqrt(2 / inputs) * random.standard_normal((outputs, inputs))
        start += [weight.astype(np.float32), np.zeros(outputs, np.float32)]
    data = {"x": random.standard_normal((128, 3072)).astype(np.float32), "labels": np.arange(128) % 10}
    return Workload("relu5_3072_512_B128_sgdm", start, data, relu5_loss, ("sgdm", 1e-3))


def spectral_penalty(d, random):
    start = [random.standard_normal((d, d)) / np.sqrt(d)]
    return Workload(f"spectral_penalty_d{d}", start, {}, spectral_loss, None)


def workloads(name_contains=""):
    random = np.random.default_rng(1)
    rows = [completion(d, random) for d in (2, 5, 10, 100)] + [regression(d, random) for d in (32, 64, 128, 512)]
    rows += [relu2(64, random), relu5(random)] + [spectral_penalty(d, random) for d in (16, 64, 128)]
    rows += [ensemble(d, random) for d in (2, 3, 5, 10)]
    return [row for row in rows if name_contains in row.name]


def microseconds_a_step(run, seconds):
    """`run(n)` makes n steps. The median over blocks of the processor's time, after one that warms up."""

    def seconds_for(count):
        begin = time.process_time()
        run(count)
        return time.process_time() - begin

    count, begin, blocks = 1, time.monotonic(), []
    run(2)
    while seconds_for(count) < BLOCK_SECONDS:
        count *= 2
    while len(blocks) < 3 or time.monotonic() - begin < seconds:
        blocks.append(1e6 * seconds_for(count) / count)
    return statistics.median(blocks)


def main(versions, make_run):
    """The program of every peer: one JSON object on standard output."""
    options = argparse.ArgumentParser()
    options.add_argument("--filter", default="", help="workloads whose name contains this")
    options.add_argument("--seconds", type=float, default=0.5, help="for each workload, after its compilation")
    options.add_argument("--budget", type=float, default=120, help="no workload begins after so many seconds")
    given = options.parse_args()
    begin, results, failures = time.monotonic(), {}, {}
    for workload in workloads(given.filter):
        if time.monotonic() - begin > given.budget:
            failures[workload.name] = "out of time"
            continue
        try:
            results[workload.name] = microseconds_a_step(make_run(workload), given.seconds)
        except Exception as error:  # one workload that a library cannot do leaves the others
            failures[workload.name] = f"{type(error).__name__}: {error}".split("\n")[0]
    print(json.dumps({"versions": versions, "microseconds": results, "failures": failures}, indent=2))
