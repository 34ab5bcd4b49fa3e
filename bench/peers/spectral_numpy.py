#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Times a trial of spectral/dimension beside the same trial as a plain NumPy loop, on the same random numbers.

    bench/peers/spectral_numpy.py [--sizes 32,64,128,512] [--seconds S] [--program build/release/bin/sigmagrad]

Prints a Markdown table of milliseconds a trial, user CPU time of one thread, and how many times as fast the program is
with NumPy's stream and with its own. The program's time is the difference of two runs with n and 2 n trials, so that
what a run does once (figures, report) does not count. Stops where the two disagree by more than 1e-6.
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)  # NumPy's own OpenBLAS chooses its kernel itself
import numpy as np  # noqa: E402

STEPS, BATCH, RATE, NOISE = 200, 64, 0.01, 0.01


def parse():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--program", default=Path(__file__).resolve().parents[2] / "build/release/bin/sigmagrad")
    options.add_argument("--sizes", default="32,64,128,512")
    options.add_argument("--seconds", type=float, default=1.0, help="of NumPy's loop, for each size")
    return options.parse_args()


def errors(w, target):
    def relative(a, b):
        return np.linalg.norm(a - b) / np.linalg.norm(b)

    s, expected = (np.linalg.svd(m, compute_uv=False) for m in (w, target))
    lengths = [relative(np.linalg.norm(w, axis=k), np.linalg.norm(target, axis=k)) for k in (0, 1)]
    cond, wanted = (v[0] / (v[-1] + 1e-10) for v in (s, expected))
    return lengths, relative(s, expected), abs(cond - wanted) / wanted, relative(w, target)


def trial(d, k):
    """The overall error after training."""
    random = np.random.RandomState(42 + 100 * k)
    target = random.randn(d, d) * np.sqrt(2 / d)
    target *= np.exp(0.5 * random.randn(d))[:, None]
    random.randn(d, d)  # a start that is not used
    w = 0.1 * np.sqrt(2 / d) * random.randn(d, d)
    for _ in range(STEPS):
        x = random.randn(BATCH, d)
        y = x @ target.T + NOISE * random.randn(BATCH, d)
        residual = x @ w.T - y
        w -= RATE * (residual.T @ x / BATCH)
    return errors(w, target)[-1]


def seconds_of(what, who):
    before = resource.getrusage(who).ru_utime
    result = what()
    return result, resource.getrusage(who).ru_utime - before


def numpy_loop(d, seconds):
    """Overall errors of as many trials as fit, and the time of one."""
    trial(d, 0)
    found, spent = [], 0.0
    while spent < seconds or len(found) < 2:
        error, used = seconds_of(lambda: trial(d, len(found)), resource.RUSAGE_SELF)
        found.append(error)
        spent += used
    return found, spent / len(found)


def run_program(program, d, trials, stream):
    with tempfile.TemporaryDirectory() as out:
        command = [program, "run", "spectral/dimension", "--set", f"d={d}", "--set", "sample=paper", "--jobs", "1"]
        command += ["--trials", str(trials), "--stream", stream, "--json", "--out", out]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["groups"][0]["metrics"]["overall_error"]["mean"]


def program_time(program, d, trials, stream):
    """The mean overall error of `trials` trials, and the time of one."""
    mean, once = seconds_of(lambda: run_program(program, d, trials, stream), resource.RUSAGE_CHILDREN)
    _, twice = seconds_of(lambda: run_program(program, d, 2 * trials, stream), resource.RUSAGE_CHILDREN)
    return mean, (twice - once) / trials


def main():
    given = parse()
    print("| d | NumPy, ms | numpy stream, ms | times as fast | own stream, ms | times as fast |")
    print("|---:|---:|---:|---:|---:|---:|")
    for d in map(int, given.sizes.split(",")):
        found, loop = numpy_loop(d, given.seconds)
        mean, same = program_time(given.program, d, len(found), "numpy")
        if abs(mean - np.mean(found)) > 1e-6 * np.mean(found):
            raise SystemExit(f"d = {d}: the overall errors differ: {mean} and {np.mean(found)}")
        _, own = program_time(given.program, d, len(found), "philox")
        row = [1e3 * loop, 1e3 * same, loop / same, 1e3 * own, loop / own]
        print(f"| {d} | " + " | ".join(f"{number:.3g}" for number in row) + " |", flush=True)


if __name__ == "__main__":
    main()
