# SPDX-License-Identifier: GPL-2.0-or-later
"""What FRR printed, beside what Ferro prints; and the lists of what does not match yet.

tests/data/frr-reference/MODE-gaps.txt names the captures that Ferro does not match, in groups, each
behind a `#` line that says why. A list is wrong in two ways: something else differs, or something
that it names is matched by now. Both fail.
"""
from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

from lab import BGPD, DATA, SANITIZER_EXIT, VTYSH

REFERENCE = DATA / "frr-reference"
COMPARE = pathlib.Path(__file__).with_name("compare.py")


def read_gaps(mode: str) -> set[str]:
    lines = (REFERENCE / f"{mode}-gaps.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def failing(mode: str, tmp_path: pathlib.Path, *args: str) -> tuple[set[str], set[str]]:
    """The names that differ, and all names; fails if a sanitizer reported something."""
    report = f"log_path={tmp_path}/sanitizer:exitcode={SANITIZER_EXIT}"
    result = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, str(COMPARE), mode, "--reference", str(REFERENCE), "--bgpd", BGPD,
         "--vtysh", VTYSH, "-q", "--json", str(result), *args],
        env=os.environ | {"ASAN_OPTIONS": report, "UBSAN_OPTIONS": report},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=500)
    assert result.exists(), done.stdout + done.stderr
    items = [i for i in json.loads(result.read_text())["items"] if i["status"] != "skip"]
    reports = [r.read_text() for r in tmp_path.glob("sanitizer.*")]
    assert not reports, "\n".join(reports)
    return {i["name"] for i in items if i["status"] != "ok"}, {i["name"] for i in items}


def settle(mode: str, failed: set[str], names: set[str]) -> None:
    """Of the captures `names`, those that fail are those that the list has."""
    gaps = read_gaps(mode) & names
    assert failed - gaps == set(), f"not FRR's: {sorted(failed - gaps)}"
    assert gaps - failed == set(), f"matched now, take from {mode}-gaps.txt: {sorted(gaps - failed)}"
