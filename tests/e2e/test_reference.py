# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole scenarios against what FRR 10 printed: every output of every command, to the byte."""
from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from lab import BGPD, DATA, SANITIZER_EXIT, VTYSH

REFERENCE = DATA / "frr-reference"
# What differs on purpose, and why. Anything else that differs is a fault.
DELIBERATE = {
    "show version": "its second line names FRR's author in FRR and Ferro in Ferro",
}
# Commands whose answers are not all FRR's, by scenario and router.
KNOWN = {
    "05-dual-stack/r1": {
        "show bgp martian next-hop": "the order of FRR's hash table",
        "show bgp update-groups": "the order in which sessions came up in FRR's run",
        "show bgp update-groups json": "the same",
        "show interface": "router advertisements",
    },
    "05-dual-stack/r2": {
        "show bgp martian next-hop": "the order of FRR's hash table",
        "show interface brief": "the order in which addresses came in FRR's run",
    },
    "05-dual-stack/r3": {
        "show interface": "router advertisements",
    },
}
COMPARE = pathlib.Path(__file__).with_name("compare.py")


@pytest.mark.parametrize("name", ["01-basic", "02-basic-open", "04-peer-groups-dynamic", "05-dual-stack"])
def test_scenario(name: str, tmp_path: pathlib.Path) -> None:
    report = f"log_path={tmp_path}/sanitizer:exitcode={SANITIZER_EXIT}"
    result = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, str(COMPARE), "scenarios", "--reference", str(REFERENCE), "--only", f"^{name}/",
         "--bgpd", BGPD, "--vtysh", VTYSH, "-q", "--json", str(result)],
        env=os.environ | {"ASAN_OPTIONS": report, "UBSAN_OPTIONS": report},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert result.exists(), done.stdout + done.stderr
    score = json.loads(result.read_text())
    wrong = [f"{item['unit']}/{item['name']}: {item['status']}: {item['cmd']}"
             for item in score["items"]
             if item["status"] not in ("ok", "skip") and item["cmd"] not in DELIBERATE
             and item["cmd"] not in KNOWN.get("/".join([item["unit"], *item["name"].split("/")[:-1]]), {})]
    total = sum(len((path / "INDEX.tsv").read_text().splitlines()) - 1
                for path in (REFERENCE / "scenarios" / name).glob("r[0-9]"))
    assert not wrong, f"{score['passed']} of {total} are FRR's:\n" + "\n".join(wrong)
    assert score["passed"] > 0.9 * total
    reports = [r.read_text() for r in tmp_path.glob("sanitizer.*")]
    assert not reports, "\n".join(reports)
