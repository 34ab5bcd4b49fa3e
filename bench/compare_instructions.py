# SPDX-License-Identifier: BSD-3-Clause
"""compare_instructions.py FILE true|false: reads lines "workload way instructions", prints them with their ratios to
the limit, and writes FILE (true) or exits 1 where a ratio is more than a tenth above the one recorded there (false)."""

import json
import sys

GROWTH = 1.10


def read(lines):
    counts = {}
    for workload, way, count in (line.split() for line in lines if line.strip()):
        counts.setdefault(workload, {})[way] = int(count)
    return counts


def main():
    path, record = sys.argv[1], sys.argv[2] == "true"
    counts = read(sys.stdin)
    if record:
        with open(path, "w") as file:
            file.write(json.dumps(counts, indent=2) + "\n")
    with open(path) as file:
        recorded = json.load(file)
    grown = False
    for workload, now in counts.items():
        print(f"{workload}: limit {now['limit']} instructions a step")
        for way in ("eager", "captured"):
            ratio = now[way] / now["limit"]
            before = recorded[workload][way] / recorded[workload]["limit"]
            verdict = "GREW" if ratio > GROWTH * before else "ok"
            grown = grown or verdict == "GREW"
            print(f"  {way} {now[way]}, {ratio:.2f} of the limit (recorded {before:.2f}): {verdict}")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
