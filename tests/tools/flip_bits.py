#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Flips bits and bytes of a results file, one at a time, and counts what a command of the program makes of each.

    flip_bits.py PROGRAM DIRECTORY [--bits 1000] [--bytes 300] [--seed 1] [--command export|report|merge]

harmless: says what it says of the sound file; named: says which rows are damaged; refused: does nothing, and says why;
silent: says something else without a word; hanging: does not end within a minute; crashed: a signal ends it. Exits
with 1 where any is one of the last three, or where a message is SQLite's or the JSON library's.
"""
import argparse
import collections
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

FOREIGN = re.compile(r"malformed|json\.exception|not a database|no such column|disk image|syntax error")


def arguments_of(command, out, scratch):
    if command == "merge":
        into = scratch / "into"
        shutil.rmtree(into, ignore_errors=True)
        return ["merge", str(out), "--into", str(into)]
    return [command, str(out)]


def said(program, command, out, scratch):
    """Exit code, what is exported of the outcome, and standard error; nothing where it hangs."""
    words = [program] + arguments_of(command, out, scratch)
    try:
        ran = subprocess.run(words, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return None
    text = ran.stdout
    if command == "merge" and ran.returncode != 2:
        text = subprocess.run([program, "export", str(scratch / "into")], capture_output=True, check=False).stdout
    if command == "report" and ran.returncode != 2:
        text = b"".join(file.read_bytes() for file in sorted((out / "tables").glob("*.csv")))
    return ran.returncode, text, ran.stderr.decode(errors="replace")


def kind_of(outcome, sound):
    if outcome is None:
        return "hanging"
    code, text, words = outcome
    if code == 0 and text == sound[1]:
        return "harmless"
    if code == 0:
        return "silent"
    if code < 0:
        return "crashed"
    return "named" if "damaged and left out" in words else "refused"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--bits", type=int, default=1000)
    parser.add_argument("--bytes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", choices=["export", "report", "merge"], default="export")
    given = parser.parse_args()
    generator = random.Random(given.seed)
    bad = False
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        out = scratch / "out"
        shutil.copytree(given.directory, out)
        file = out / "results.db"
        data = file.read_bytes()
        sound = said(given.program, given.command, out, scratch)
        for name, count in (("bits", given.bits), ("bytes", given.bytes)):
            counts = collections.Counter()
            for _ in range(count):
                place = generator.randrange(len(data))
                mask = 1 << generator.randrange(8) if name == "bits" else generator.randrange(1, 256)
                changed = bytearray(data)
                changed[place] ^= mask
                file.write_bytes(changed)
                outcome = said(given.program, given.command, out, scratch)
                kind = kind_of(outcome, sound)
                counts[kind] += 1
                if kind in ("silent", "hanging", "crashed") or (outcome and FOREIGN.search(outcome[2])):
                    bad = True
                    print(f"byte {place} ^ {mask}: {kind}: {outcome[2].strip() if outcome else ''}", file=sys.stderr)
            print(given.command, name, count, dict(sorted(counts.items())))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
