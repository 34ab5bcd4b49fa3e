#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Files to and from NumPy and the safetensors package: check_interchange.py CONVERT. Exit 77: packages are missing."""

import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

other_python = os.environ.pop("SIGMAGRAD_PYTHON", None)
if other_python:
    os.execvp(other_python, [other_python, *sys.argv])
try:
    import numpy as np
    import safetensors
    from safetensors.numpy import load_file, save_file
except ImportError as error:
    print(f"interchange: skipped, {error} (SIGMAGRAD_PYTHON names a Python that has numpy and safetensors)")
    sys.exit(77)

INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
random = np.random.default_rng(1)


def samples():
    """Arrays of every dtype, by name, with the extreme values of each."""
    arrays = {f"f{size}": random.standard_normal((3, 4)).astype(f"f{size}") for size in (2, 4, 8)}
    for name, array in arrays.items():
        info = np.finfo(array.dtype)
        array.flat[:6] = [info.max, info.min, info.smallest_subnormal, -0.0, np.inf, np.nan]
    for name in INTEGERS:
        info = np.iinfo(name)
        low, high = max(info.min, -2**53), min(info.max, 2**53)
        arrays[name] = np.array([[low, high, 0], [1, high // 3, high // 7]], dtype=name)
    arrays["bool"] = np.array([True, False, True])
    arrays["scalar"] = np.array(0.1)
    arrays["none"] = np.zeros((0, 5))
    arrays["deep"] = random.standard_normal((2, 1, 3, 1, 2))
    return arrays


def expected(array):
    """What sigmagrad makes of an array: f32 of the smaller floats, f64 of all else."""
    return array.astype("f4" if array.dtype.kind == "f" and array.dtype.itemsize < 8 else "f8")


def check(what, actual, array):
    wanted = expected(array)
    if actual.dtype != wanted.dtype or actual.shape != wanted.shape or actual.tobytes() != wanted.tobytes():
        sys.exit(f"interchange: {what}: {actual!r}\nexpected {wanted!r}")


def convert(*paths):
    subprocess.run([sys.argv[1], *map(str, paths)], check=True)


def check_archives(folder):
    arrays = samples()
    save_file(arrays, folder / "in.safetensors", metadata={"key": "text"})
    np.savez(folder / "stored.npz", **arrays)
    np.savez_compressed(folder / "deflated.npz", **arrays)
    for source in ("in.safetensors", "stored.npz", "deflated.npz"):
        convert(folder / source, folder / "out.safetensors", folder / "out.npz")
        with np.load(folder / "out.npz") as archive:
            results = {"safetensors": load_file(folder / "out.safetensors"), "npz": dict(archive)}
        for kind, result in results.items():
            if result.keys() != arrays.keys():
                sys.exit(f"interchange: {source} to {kind}: {sorted(result)}")
            for name, array in arrays.items():
                check(f"{source} to {kind}: {name}", result[name], array)
    with safetensors.safe_open(folder / "out.safetensors", "np") as file:
        assert file.metadata() == {"written by": "sigmagrad"}, file.metadata()
    return 6 * len(arrays)


def check_single_arrays(folder):
    variants = samples()
    variants |= {f"{name} big": array.astype(array.dtype.newbyteorder(">")) for name, array in variants.items()}
    variants |= {f"{name} fortran": np.asfortranarray(array) for name, array in variants.items()}
    count = 0
    for name, array in variants.items():
        for version in ((1, 0), (2, 0), (3, 0)):
            with open(folder / "in.npy", "wb") as file:
                np.lib.format.write_array(file, array, version=version)
            convert(folder / "in.npy", folder / "out.npy")
            check(f"npy {version}: {name}", np.load(folder / "out.npy"), array)
            count += 1
    return count


def check_bfloat16(folder):
    """NumPy has no bfloat16: the upper halves of f4, in a file made by hand that the package accepts."""
    wide = random.standard_normal(50).astype("f4")
    halves = (wide.view("u4") >> 16).astype("u2")
    header = json.dumps({"x": {"dtype": "BF16", "shape": [50], "data_offsets": [0, 100]}}).encode()
    (folder / "in.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + halves.tobytes())
    with safetensors.safe_open(folder / "in.safetensors", "np") as file:
        assert list(file.keys()) == ["x"], file.keys()
    convert(folder / "in.safetensors", folder / "out.npy")
    check("bfloat16", np.load(folder / "out.npy"), (halves.astype("u4") << 16).view("f4"))
    return 1


def check_csv(folder):
    array = random.standard_normal((20, 3)) * 10.0 ** random.integers(-300, 300, (20, 3))
    np.savetxt(folder / "in.csv", array, delimiter=",", fmt="%.17g")
    convert(folder / "in.csv", folder / "out.csv", folder / "out.npy")
    check("csv to npy", np.load(folder / "out.npy"), array)
    check("csv to csv", np.loadtxt(folder / "out.csv", delimiter=","), array)
    return 2


def main():
    with tempfile.TemporaryDirectory() as name:
        checks = (check_archives, check_single_arrays, check_bfloat16, check_csv)
        count = sum(check(Path(name)) for check in checks)
    print(f"interchange: {count} conversions are exact")


if __name__ == "__main__":
    main()
