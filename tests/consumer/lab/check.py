#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs laboratories built outside of this tree as their user would: check.py FOLDER, where my_lab, refused and compared
are."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHECK_REPORT = Path(__file__).resolve().parents[3] / "tools/check-report"
SWEEP = ["run", "mine/depth", "--sweep", "depth=2,3,5", "--set", "optimizer=sgd", "--trials", "100"]
TRIALS = 600  # of SWEEP: three depths, two scales


class Laboratory:
    def __init__(self, folder, scratch):
        self.folder, self.scratch = folder, scratch

    def run(self, *arguments, program="my_lab", code=0, before=()):
        ran = subprocess.run([*before, str(self.folder / program), *arguments], cwd=self.scratch, text=True,
                             capture_output=True)
        assert ran.returncode == code, f"{arguments}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran

    def rows(self, out):
        return self.run("export", out).stdout


def check_run(lab):
    """What the runs of every other check must come to: the lines of the export, header first."""
    assert lab.run("list").stdout.startswith("mine/depth  Depth and rank\n")
    assert [e["id"] for e in json.loads(lab.run("list", "--json").stdout)] == ["mine/depth"]
    one, four = (lab.run(*SWEEP, "--jobs", jobs, "--out", f"jobs{jobs}", "--json").stdout for jobs in ("1", "4"))
    assert one == four, "the results depend on the number of jobs"
    found = json.loads(one)
    assert [group["params"]["depth"] for group in found["groups"]] == [2, 2, 3, 3, 5, 5]
    assert all(group["trials"] == 100 and group["failed"] == 0 for group in found["groups"])
    assert found["claims"][0]["verdict"] in ("holds", "does not hold", "undecided"), found["claims"]
    rows = lab.rows("jobs1")
    assert rows == lab.rows("jobs4") and rows.count("\n") == TRIALS + 1
    figures = {path.name for path in (lab.scratch / "jobs1/figures").glob("*.svg")}
    assert {"mine-depth-rank.svg"} < figures, figures
    return rows


def check_killed(lab, expected):
    command = [str(lab.folder / "my_lab"), *SWEEP, "--jobs", "1", "--out", "killed"]
    with subprocess.Popen(command, cwd=lab.scratch, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        running.stderr.readline()  # a tenth of the trials is kept
        running.kill()
    assert running.returncode == -9, "the run has ended before it could be killed"
    kept = lab.rows("killed").splitlines()
    assert 1 < len(kept) <= TRIALS + 1 and set(kept) <= set(expected.splitlines())
    lab.run(*SWEEP, "--out", "killed")
    assert lab.rows("killed") == expected


def check_shards(lab, expected):
    for shard in ("1/2", "2/2"):
        lab.run(*SWEEP, "--shard", shard, "--out", f"shard{shard[0]}")
    lab.run("merge", "shard1", "shard2", "--into", "merged")
    assert lab.rows("merged") == expected
    assert lab.run("report", "merged").stdout == "merged/report.html\n"


def check_mpi(lab, expected):
    if not shutil.which("mpirun"):
        return print("consumer: no mpirun here")
    lab.run(*SWEEP, "--out", "ranks", before=("mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "2"))
    assert lab.rows("ranks") == expected


def check_page(lab):
    here = subprocess.run(["/usr/bin/python3", "-c", "import selenium"], stderr=subprocess.DEVNULL)
    if here.returncode or not os.access("/usr/bin/chromium", os.X_OK):
        return print("consumer: no browser here to look at the report")
    ran = subprocess.run([str(CHECK_REPORT), str(lab.scratch / "merged/report.html")], text=True, capture_output=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def check_refused(lab):
    assert lab.run("sound", "list", program="refused").stdout.startswith("mine/refused")
    for wrong, message in (("twice", "parameter depth is declared twice"),
                           ("claim", "unknown parameter 'width'; did you mean 'depth'?"),
                           ("trials", "needs a trial a group")):
        line = lab.run(wrong, "list", program="refused", code=2).stderr
        assert line.count("\n") == 1 and "refused.cpp: experiment mine/refused: " in line and message in line, line
    line = lab.run("run", "mine/dept", code=2).stderr
    assert line.count("\n") == 1 and "did you mean 'mine/depth'?" in line, line


def check_compared(lab):
    """A comparison with an optimiser of the user's own."""
    short = ["run", "mine/optimizers", "--set", "steps=60", "--trials", "6", "--json"]
    one, two = (lab.run(*short, "--jobs", jobs, "--out", f"compared{jobs}", program="compared").stdout
                for jobs in ("1", "2"))
    assert one == two, "the comparison depends on the number of jobs"
    found = json.loads(one)
    tables = {table["name"]: table for table in found["tables"]}
    rows = [dict(zip(tables["candidates"]["header"], row)) for row in tables["candidates"]["rows"]]
    assert [row["candidate"] for row in rows] == ["sgd", "sgd momentum=0.9", "adam", "muon", "shampoo", "sign"], rows
    sign = rows[-1]
    assert sign["tuned setting"] == "rate 0.01 (largest rate tried)" and sign["settings tried"] == "3", sign
    low, high = (float(x) for x in sign["final validation loss"].split("[")[1].rstrip("]").split(", "))
    assert 0 < low <= float(sign["final validation loss"].split()[0]) <= high, sign
    assert len(tables["pairs"]["rows"]) == 15, tables["pairs"]
    assert lab.run("export", "compared1", program="compared").stdout == \
        lab.run("export", "compared2", program="compared").stdout


def main():
    with tempfile.TemporaryDirectory() as scratch:
        lab = Laboratory(Path(sys.argv[1]).resolve(), Path(scratch))
        expected = check_run(lab)
        check_killed(lab, expected)
        check_shards(lab, expected)
        check_mpi(lab, expected)
        check_page(lab)
        check_refused(lab)
        check_compared(lab)
    print("consumer: the laboratory works")


if __name__ == "__main__":
    main()
