#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_documents.py ROOT: C++ samples of the documents are files of examples/, relative links lead to files."""

import re
import sys
from pathlib import Path


def violations(root, document):
    text = document.read_text()
    name = document.relative_to(root)
    examples = "\n".join(path.read_text() for path in sorted((root / "examples").glob("*.cpp")))
    outputs = "\n".join(path.read_text() for path in sorted((root / "examples").glob("*.txt")))
    for sample in re.findall(r"```cpp\n(.*?)```", text, re.DOTALL):
        if sample not in examples:
            yield f"{name}: a sample is in no file of examples/: {sample.splitlines()[0]}"
    for output in re.findall(r"It prints\n\n```\n(.*?)```", text, re.DOTALL):
        if output not in outputs:
            yield f"{name}: an output is in no file of examples/: {output.splitlines()[0]}"
    for link in re.findall(r"\]\(([^):#]+)\)", text):
        if not (document.parent / link).exists():
            yield f"{name}: a link leads nowhere: {link}"


def main():
    root = Path(sys.argv[1]).resolve()
    documents = sorted([*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("bench/*.md")])
    found = [what for document in documents for what in violations(root, document)]
    print("\n".join(found) or f"{len(documents)} documents hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
