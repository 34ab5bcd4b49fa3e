#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""One order of includes: the file's own header, then the standard library's, then others', then ours, each group sorted
and apart from the next. include_order.py --fix ROOT writes it; check_layering.py checks it."""

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r"#include <([^>]+)>")


def group(name, own):
    if name == own:
        return 0
    if name.startswith("sigmagrad/"):
        return 3
    return 2 if "." in name else 1


def arranged(name, text):
    """The text of the file `name`, with the first run of its includes in order."""
    lines = text.split("\n")
    first = next((i for i, line in enumerate(lines) if INCLUDE.match(line)), None)
    if first is None:
        return text
    end = first
    while end < len(lines) and (INCLUDE.match(lines[end]) or not lines[end]):
        end += 1
    own = f"sigmagrad/{name.removesuffix('.cpp')}.hpp" if name.endswith(".cpp") else ""
    groups = [[], [], [], []]
    for line in lines[first:end]:
        if line:
            included = INCLUDE.match(line)[1]
            groups[group(included, own)].append((not included.endswith(".h"), included, line))
    blocks = ["\n".join(line for *_, line in sorted(set(block))) for block in groups if block]
    return "\n".join(lines[:first] + ["\n\n".join(blocks), ""] + lines[end:])


def main():
    root = Path(sys.argv[2]).resolve()
    for path in sorted([*root.glob("*.hpp"), *root.glob("[!.]*/**/*.[ch]pp")]):
        name = path.relative_to(root).as_posix()
        if not name.startswith(("build", "runs/", "include/")):
            text = path.read_text()
            if arranged(name, text) != text:
                path.write_text(arranged(name, text))


if __name__ == "__main__":
    main()
