#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The functions that public headers declare, and what follows from their declarations: the members of Tensor, and the
page of all functions. tools/functions writes both; `functions.py ROOT` fails where one is stale, or where an operation
has no row in the tests' table."""

import re
import sys
from pathlib import Path

# Headers whose functions are members of Tensor, too, if their first argument is a tensor.
OPERATIONS = "autograd/operations"
# Functions that are no members: PyTorch's member takes the arguments in another order.
NO_MEMBERS = {"where"}
# Functions without a row in the tests' table, for they return no tensor, or several, are iterations or nothing but
# another shape: each has tests.
NO_ROWS = {"allclose", "components", "relative_errors", "hessian_extremes", "power_iteration", "robust_pca", "complete",
           "svd", "cond_estimate", "random_cond_estimate", "rank_above", "ranks_above", "conjugate_exponent",
           "majorizes", "weakly_majorizes", "inspect", "fit_power_law", "marchenko_pastur_edge",
           "marchenko_pastur_density", "kernel_matrix", "convolution_spectrum"}

PAGE = [  # a title, and the headers whose functions it lists
    ("Make", ["autograd/tensor/creation.hpp"]),
    ("Entry by entry", ["autograd/operations/elementwise.hpp"]),
    ("Reduce, sort and accumulate", ["autograd/operations/reductions.hpp", "autograd/operations/sorting.hpp"]),
    ("Shape, join and index", ["autograd/operations/shape_ops.hpp", "autograd/operations/indexing.hpp"]),
    ("Multiply", ["autograd/operations/matmul.hpp", "autograd/operations/products.hpp"]),
    ("Images and normalisation", ["autograd/operations/convolution.hpp", "autograd/operations/pooling.hpp",
                                 "autograd/operations/normalization.hpp"]),
    ("In place", ["autograd/operations/in_place.hpp"]),
    ("Losses", ["nn/losses.hpp"]),
    ("Linear algebra: `sg::linalg`", ["linalg/*.hpp"]),
    ("Gradients", ["autograd/graph/backward.hpp", "autograd/graph/derivatives.hpp", "linalg/curvature.hpp"]),
    ("Penalties: `sg::nn`", ["nn/penalties.hpp"]),
    ("Bounds of networks: `sg::nn`", ["nn/lipschitz.hpp", "nn/generalization.hpp"]),
]

DECLARATION = re.compile(
    r"^(?!return|using|typedef|friend|static)(?:inline )?(?:requires \S+ )?"
    r"(?P<type>[\w:]+(?:<[\w:<>, ]+>)?[&*]?) (?P<name>\w+)"
    r"\((?P<parameters>[^;{}]*?(?:\{[^{};]*\}[^;{}]*?)*)\)(?P<end>;| \{)", re.MULTILINE)


class Function:
    def __init__(self, header, kind, name, parameters, comment, namespace):
        self.header, self.type, self.name, self.comment, self.namespace = header, kind, name, comment, namespace
        self.parameters = split(" ".join(parameters.split()))

    def of_tensor(self):
        return bool(self.parameters) and re.match(r"(const )?Tensor& ", self.parameters[0]) is not None

    def in_place(self):
        return self.parameters[0].startswith("Tensor& ")

    def call(self):
        """The function as a user writes it, with what has a default."""
        return ", ".join(re.sub(r"^.*?(\w+)( = .*)?$", r"\1\2", parameter) for parameter in self.parameters)


def split(parameters):
    """The parameters of a list, which is cut at the commas outside of brackets."""
    parts, depth = [""], 0
    for character in parameters:
        depth += (character in "<({[") - (character in ">)}]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def comment_above(lines):
    """The comment that ends just above, without its slashes; that of the first of several declarations."""
    comment = []
    for line in reversed(lines):
        if not line.startswith("//"):
            break
        comment.insert(0, line.lstrip("/ "))
    return " ".join(comment)


def declarations(root, name):
    text = (root / name).read_text()
    text = re.sub(r"^namespace (engine|detail) \{.*?^\}  // namespace", "", text, flags=re.MULTILINE | re.DOTALL)
    namespace = re.search(r"^namespace (sigmagrad\S*) \{", text, re.MULTILINE)
    if namespace is None or "::engine" in namespace[1] or "::detail" in namespace[1]:
        return []
    found, comment = [], ""
    for match in DECLARATION.finditer(text):
        gap = text[:match.start()].endswith("\n\n")
        own = "" if gap else comment_above(text[:match.start() - 1].split("\n"))
        trailing = re.match(r";\s*// (.*)", text[match.end("parameters") + 1:].split("\n")[0])
        if own or gap:
            comment = own
        said = trailing[1] if trailing and not own else comment
        found.append(Function(name, match["type"], match["name"], match["parameters"], said, namespace[1]))
    return found


def operations(root):
    return [function for header in sorted((root / OPERATIONS).glob("*.hpp"))
            for function in declarations(root, str(header.relative_to(root)))]


def members(root):
    return [f for f in operations(root) if f.of_tensor() and f.name not in NO_MEMBERS]


def arguments(function):
    """(as a member declares them, as the free function is called)."""
    rest = function.parameters[1:]
    return ", ".join(rest), [re.sub(r"^.*?(\w+)( = .*)?$", r"\1", parameter) for parameter in rest]


def members_header(root):
    functions = members(root)
    types = sorted({f.type for f in functions} - {"Tensor", "Tensor&", "bool"})
    lines = ["// SPDX-License-Identifier: BSD-3-Clause",
             "// Every operation of one tensor as a member; tools/functions writes this file from the free functions,",
             "// whose headers say what each does.", "#pragma once", "",
             "#include <initializer_list>", "#include <span>", "#include <vector>", "",
             "#include <sigmagrad/autograd/tensor/dtype.hpp>",
             "#include <sigmagrad/autograd/tensor/options.hpp>",
             "#include <sigmagrad/autograd/tensor/scalar.hpp>", "#include <sigmagrad/autograd/tensor/shape.hpp>", "",
             "namespace sigmagrad {", "", "class Tensor;"]
    lines += [f"struct {kind};" for kind in types]
    lines += ["", "namespace engine {", "",
              "/// What Tensor inherits. The tensor is the first argument: x.exp() is exp(x).",
              "class TensorMembers {", " public:"]
    for function in functions:
        declared, _ = arguments(function)
        if function.in_place():
            lines.append(f"  Tensor& {function.name}({declared}) &;")
            lines.append(f"  Tensor {function.name}({declared}) &&;")
        else:
            lines.append(f"  {function.type} {function.name}({declared}) const;")
    lines += ["", " protected:", "  TensorMembers() = default;", "  TensorMembers(const TensorMembers&) = default;",
              "  TensorMembers& operator=(const TensorMembers&) = default;", "  ~TensorMembers() = default;"]
    return "\n".join(lines + ["};", "", "}  // namespace engine", "}  // namespace sigmagrad", ""])


def members_source(root):
    functions = members(root)
    headers = sorted({f.header for f in functions})
    lines = ["// SPDX-License-Identifier: BSD-3-Clause", "// tools/functions writes this file.", ""]
    lines += [f"#include <sigmagrad/{header}>" for header in headers]
    lines += ["", "namespace sigmagrad::engine {", "", "namespace {", "",
              "const Tensor& self(const TensorMembers& x) { return static_cast<const Tensor&>(x); }",
              "Tensor& self(TensorMembers& x) { return static_cast<Tensor&>(x); }", "", "}  // namespace", ""]
    for function in functions:
        declared, passed = arguments(function)
        declared = re.sub(r" = (\{[^}]*\}|[^,]*)", "", declared)
        call = ", ".join(["self(*this)"] + passed)
        name = f"TensorMembers::{function.name}"
        if function.in_place():
            lines.append(f"Tensor& {name}({declared}) & {{ return sigmagrad::{function.name}({call}); }}")
            temporary = f'temporary("{function.name}", self(*this))'
            lines.append(f"Tensor {name}({declared}) && {{ return sigmagrad::{function.name}"
                         f"({call.replace('self(*this)', temporary)}); }}")
        else:
            lines.append(f"{function.type} {name}({declared}) const "
                         f"{{ return sigmagrad::{function.name}({call}); }}")
    return "\n".join(lines + ["", "}  // namespace sigmagrad::engine", ""])


def first_sentence(comment):
    comment = comment.replace("|", "\\|")
    match = re.match(r"(.*?[^.][.:;])(\s|$)", comment)
    return (match[1] if match else comment).rstrip(".:;")


def page(root):
    lines = ["# All functions", "",
             "`tools/functions` writes this page from the headers, which say more: shapes, ties and kinks, errors.",
             "`axis` may be negative; what has a default may be left out. A dot before the name says that",
             "`x.name(...)` is a member, too: the tensor is the first argument.", ""]
    for title, patterns in PAGE:
        rows = {}  # what one comment speaks of is one row
        for pattern in patterns:
            for header in sorted(root.glob(pattern)):
                for f in declarations(root, str(header.relative_to(root))):
                    dot = "." if f.header.startswith(OPERATIONS) and f.of_tensor() and f.name not in NO_MEMBERS else ""
                    calls = rows.setdefault((header, f.comment or f.name), [])
                    # Under the title of an inner namespace, what stands in the outer one is named in full.
                    outer = "sg::" if "sg::linalg" in title and not f.namespace.endswith("linalg") else ""
                    call = f"{dot}{outer}{f.name}({f.call()})"
                    if call not in calls:
                        calls.append(call)
        if rows:
            lines += [f"## {title}", "", "| function | what it is |", "|---|---|"]
            for (_, comment), calls in rows.items():
                said = first_sentence(comment) if " " in comment else ""
                lines.append("| " + "<br>".join(f"`{call}`" for call in calls) + f" | {said} |")
            lines.append("")
    return "\n".join(lines)


def written(root):
    return {"autograd/tensor/members.hpp": members_header(root),
            "autograd/operations/members.cpp": members_source(root),
            "docs/functions.md": page(root)}


def without_rows(root):
    table = "".join(path.read_text() for path in sorted((root / "tests/support").glob("op_cases*.cpp")))
    headers = sorted((root / "linalg").glob("*.hpp")) + [root / "nn/losses.hpp"]
    found = operations(root) + [f for h in headers for f in declarations(root, str(h.relative_to(root)))]
    def in_table(name):  # called, passed on, or named
        return re.search(rf"\b{name}\b\s*[(),}}\"]", table) is not None

    missing = {f"{f.header}: {f.name}" for f in found
               if f.name not in NO_ROWS and not f.name.endswith("_") and not in_table(f.name)}
    return sorted(missing)


def main():
    root = Path(sys.argv[1])
    stale = [name for name, text in written(root).items() if not (root / name).exists()
             or " ".join((root / name).read_text().split()) != " ".join(text.split())]
    for name in stale:
        print(f"{name} is not what the headers declare: run tools/functions")
    missing = without_rows(root)
    for name in missing:
        print(f"{name} has no row in tests/support/op_cases")
    sys.exit(bool(stale or missing))


if __name__ == "__main__":
    main()
