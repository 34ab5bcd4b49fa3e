#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the rules of the tree: check_layering.py ROOT [--report]. Prints one line per violation; exit 1 on any."""

import re
import statistics
import sys
from pathlib import Path

from include_order import arranged

RANK = {"autograd": 0, "linalg": 1, "io": 2, "nn": 3, "optim": 3, "theory": 3,
        "lab": 5, "impute": 6, "inspect": 6, "experiments": 6, "bench": 6, "app": 7, "examples": 7, "tests": 8}
LIBRARY = [folder for folder, rank in RANK.items() if rank <= 3]
UMBRELLA_RANK = 4  # sigmagrad.hpp sees every layer, and no layer sees it
LAB_UMBRELLA_RANK = 5.5  # lab.hpp sees the laboratory, which does not see it
ROOMS = {"lab": ["model", "compare", "figures", "run", "report", "program"]}  # none sees one that comes after it
SHOWS_XTENSOR = "xtensor.hpp"
# A public header declares what a user may name; one that opens inner namespaces alone serves the library's layers.
PUBLIC = re.compile(r"^namespace sigmagrad(::(?!detail\b|engine\b)\w+)* \{", re.MULTILINE)
HEAVY = re.compile(r"(xtensor|xtensor-blas|xflens|xsimd|xtl|Random123|fmt)/|cblas|lapack")
MAX_FILE, MAX_FUNCTION, MAX_COLUMN = 400, 60, 120
RIDDLE = re.compile(r"^\s*//+ (Of|The same)\b", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)


def includes(path):
    return INCLUDE.findall(path.read_text())


def third_party(name):
    return not name.startswith(("sigmagrad/", "sys/")) and ("/" in name or "." in name)


def folder_of(name):
    """The folder of `autograd/tensor/tensor.hpp`; of a header in the root, an empty string."""
    return name.split("/")[0] if "/" in name else ""


def is_public(path):
    return path.suffix == ".hpp" and path.parent.name != "detail" and bool(PUBLIC.search(path.read_text()))


def rank_of(name):
    in_root = {"lab.hpp": LAB_UMBRELLA_RANK, "version.hpp": -1}
    return RANK[folder_of(name)] if folder_of(name) else in_root.get(name, UMBRELLA_RANK)


def room_of(name):
    """The place of `lab/run/store.hpp` among the rooms of its layer; none if the layer has none."""
    folder, *rest = name.split("/")
    rooms = ROOMS.get(folder, [])
    return rooms.index(rest[0]) if rest and rest[0] in rooms else None


def check_rooms(name, path):
    own = room_of(name)
    for included in includes(path):
        other = room_of(included.removeprefix("sigmagrad/")) if included.startswith("sigmagrad/") else None
        if None not in (own, other) and other > own:
            yield f"includes <{included}>, which is in a later room"


def check_includes(root, path):
    name = path.relative_to(root).as_posix()
    rank = rank_of(name)
    for included in includes(path):
        if included.startswith("sigmagrad/"):
            target = folder_of(included.removeprefix("sigmagrad/"))
            above = rank_of(included.removeprefix("sigmagrad/"))
            if above > rank or (above == rank and target != folder_of(name)):
                yield f"includes <{included}>, which is not below it"
            owner = included.removeprefix("sigmagrad/").split("detail/")[0]
            if "/detail/" in included and not name.startswith((owner, "tests/")):
                yield f"includes <{included}>, which is for {owner} alone"
        elif HEAVY.search(included) and is_public(path) and name != SHOWS_XTENSOR and folder_of(name) != "tests":
            yield f"a public header includes <{included}>: only .cpp files and inner headers may"


def public_headers(root):
    return sorted(path for folder in LIBRARY for path in (root / folder).rglob("*.hpp") if is_public(path))


def umbrella(root):
    """The text of sigmagrad.hpp."""
    names = [path.relative_to(root).as_posix() for path in [*public_headers(root), root / "version.hpp"]]
    head = ["// SPDX-License-Identifier: BSD-3-Clause", "// Every public header; tools/umbrella writes this file.",
            "#pragma once", ""]
    return "\n".join(head + [f"#include <sigmagrad/{name}>" for name in names]) + "\n"


def reached(root, *names):
    """What a program sees that includes these headers."""
    queue, seen = [root / name for name in names], set()
    while queue:
        path = queue.pop()
        if path not in seen and path.exists():
            seen.add(path)
            queue += [root / i.removeprefix("sigmagrad/") for i in includes(path) if i.startswith("sigmagrad/")]
    return seen


def check_public_headers(root):
    """What a user's program reaches needs the standard library alone."""
    top = root / "sigmagrad.hpp"
    if top.read_text() != umbrella(root):
        yield top, "is not what tools/umbrella writes"
    for path in sorted(reached(root, "sigmagrad.hpp", SHOWS_XTENSOR, "lab.hpp") - {root / SHOWS_XTENSOR}):
        for included in filter(third_party, includes(path)):
            yield path, f"a user's program would include <{included}> through it"


def check_text(path):
    lines = path.read_text().split("\n")
    first = 1 if lines[0].startswith("#!") else 0
    if "SPDX-License-Identifier: BSD-3-Clause" not in lines[first]:
        yield "has no SPDX line on top"
    if len(lines) - 1 > MAX_FILE:
        yield f"has {len(lines) - 1} lines (at most {MAX_FILE})"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMN:
            yield f"line {number} has {len(line)} columns (at most {MAX_COLUMN})"
        if "\t" in line:
            yield f"line {number} has a tab"
        if path.suffix == ".cpp" and line.lstrip().startswith("///"):
            yield f"line {number} begins with ///, which is for the readers of headers"


def blank_out(text):
    """The source with comments, literals and directives replaced by spaces, line breaks kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\''
                         r"|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.DOTALL | re.MULTILINE)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def opens_function(head):
    if re.search(r"\b(namespace|class|struct|union|enum)\b[^()]*$", head):
        return False
    after_parameters = r"\)\s*((const|noexcept|override|final|mutable|&+)\s*)*(->[^()]*|requires.*|:.*)?$"
    return bool(re.search(after_parameters, head, re.DOTALL))


def functions(path):
    """(lines, first line) of every outermost function body, found by counting braces."""
    text, line, head, stack = blank_out(path.read_text()), 1, "", []
    for character in text:
        if character == "{":
            inside = any(stack)
            stack.append(line if not inside and opens_function(head.rstrip()) else None)
            head = ""
        elif character == "}":
            start = stack.pop() if stack else None
            if start:
                yield line - start + 1, start
            head = ""
        elif character == ";":
            head = ""
        else:
            head += character
        line += character == "\n"


def sources(root):
    for folder in RANK:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp", ".py", ".sh", ".cmake") or path.name == "CMakeLists.txt":
                yield path
    for pattern in ("*.hpp", "CMakeLists.txt", "cmake/*", "tools/*", ".ci/*"):
        yield from sorted(path for path in root.glob(pattern) if path.is_file())


def violations(root):
    for path in sources(root):
        for what in check_text(path):
            yield path, what
        if path.suffix in (".hpp", ".cpp"):
            name = path.relative_to(root).as_posix()
            if arranged(name, path.read_text()) != path.read_text():
                yield path, "has its includes in another order than tools/format gives them"
            if RIDDLE.search(path.read_text()):
                yield path, "has a comment that begins with 'Of' or 'The same': begin with the subject"
            for what in (*check_includes(root, path), *check_rooms(name, path)):
                yield path, what
            for size, start in functions(path):
                if size > MAX_FUNCTION:
                    yield path, f"the function at line {start} has {size} lines (at most {MAX_FUNCTION})"
    yield from check_public_headers(root)


def report(root):
    files = [path for path in sources(root) if path.suffix in (".hpp", ".cpp")]
    sizes = {path: path.read_text().count("\n") for path in files}
    bodies = [(size, f"{path.relative_to(root)}:{start}") for path in files for size, start in functions(path)]
    print(f"{len(files)} C++ files, {sum(sizes.values())} lines")
    print(f"file: median {statistics.median(sizes.values()):.0f} lines, largest {max(sizes.values())} "
          f"({max(sizes, key=sizes.get).relative_to(root)})")
    print(f"function: median {statistics.median(size for size, _ in bodies):.0f} lines, largest {max(bodies)[0]} "
          f"({max(bodies)[1]})")


def main():
    root = Path(sys.argv[1]).resolve()
    if "--report" in sys.argv[2:]:
        report(root)
        return 0
    found = [f"{path.relative_to(root)}: {what}" for path, what in violations(root)]
    print("\n".join(found) or "every rule holds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
