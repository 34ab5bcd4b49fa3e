#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""compare_output.py EXPECTED PROGRAM [ARGUMENT...]: runs the program; its words must be the file's,
and its numbers the file's to 1e-4 relative, the last digits being the CPU's."""

import math
import subprocess
import sys


def same(printed, expected):
    if printed == expected:
        return True
    try:
        return math.isclose(*(float(word.strip("[](),")) for word in (printed, expected)), rel_tol=1e-4)
    except ValueError:
        return False


def main():
    expected = open(sys.argv[1]).read()
    printed = subprocess.run(sys.argv[2:], check=True, capture_output=True, text=True).stdout
    print(printed, end="")
    lines, wanted = printed.splitlines(), expected.splitlines()
    equal = len(lines) == len(wanted) and all(
        len(a.split()) == len(b.split()) and all(map(same, a.split(), b.split())) for a, b in zip(lines, wanted))
    if not equal:
        print(f"expected:\n{expected}", end="")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
