# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of the language: what `?` offers, in FRR's words, and what wrong lines are told.

The captures hold all of FRR's language. A word that Ferro offers must be one that FRR offers at that
place, with FRR's help; a word of FRR's that Ferro does not know is a statement still to come.
"""
from __future__ import annotations

import json
import os
import pathlib
import re
import socket
import subprocess
import sys

from lab import BGPD, DATA, SANITIZER_EXIT, VTYSH, Ferro

REFERENCE = DATA / "frr-reference"
COMPARE = pathlib.Path(__file__).with_name("compare.py")
COMPLETION = REFERENCE / "completion"
MARK = b"\x01"
# Ferro's own, beyond FRR.
WHOLE = 48  # places with every word of FRR's; rises with each statement that comes
WHOLE_TABS = 46  # TABs that know every word of FRR's; rises likewise
OWN = {"candidate", "commit", "discard", "private", "rollback",
       "banner"}  # `no banner motd` is on FRR's vty port, not in its vtysh
STUB = "far-eth0"  # the other end of the interface that the test made


class Wire:
    """A shell's end of a vty socket, with the requests that only vtysh sends."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(path)
        self._had = b""
        self.ask("h", "enable")

    def close(self) -> None:
        self._socket.close()

    def _until(self, end: bytes) -> bytes:
        while end not in self._had:
            part = self._socket.recv(65536)
            assert part, "the daemon closed the connection"
            self._had += part
        text, self._had = self._had.split(end, 1)
        return text

    def ask(self, verb: str, argument: str) -> str:
        self._socket.sendall(MARK + f"{verb}{argument}".encode() + b"\0")
        text = self._until(b"\0\0\0")
        while not self._had:
            self._had = self._socket.recv(65536)
        self._had = self._had[1:]  # the result
        self._until(b"\0")  # the note
        return text.decode()


def read_index(kind: str) -> list[tuple[str, str, str]]:
    """File, commands that lead to the mode, what was typed."""
    lines = (COMPLETION / kind / "INDEX.tsv").read_text().splitlines()
    return [(a, b, c) for a, b, c in (line.split("\t") for line in lines)]


def offered(text: str) -> dict[str, str]:
    """Words with their help; lines with names that exist stand for the word above them."""
    words = {}
    for line in text.splitlines():
        found = re.match(r"  (\S+)(?:\s+(.*))?$", line)
        if found and not line.startswith("     "):
            words[found[1]] = (found[2] or "").rstrip()
    return words


def faults_of(wire: Wire, name: str, typed: str) -> list[str]:
    ours = offered(wire.ask("e", "80 " + typed.removesuffix("?")))
    frr = offered((COMPLETION / "question" / name).read_text())
    return [f"{name}: {typed} offers {word}: {text!r}, not {frr.get(word)!r}"
            for word, text in ours.items() if word not in OWN and frr.get(word) != text]


def is_whole(wire: Wire, name: str, typed: str) -> bool:
    ours = offered(wire.ask("e", "80 " + typed.removesuffix("?")))
    return ours.keys() - OWN == offered((COMPLETION / "question" / name).read_text()).keys()


def lead(wire: Wire, way: str) -> bool:
    """Types the commands that lead to the mode; false: it has no way there yet."""
    return all("% Unknown command" not in wire.ask("x", line) for line in way.split("; ") if line != "-")


def test_offered_words_are_frrs(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(json.loads((COMPLETION / "steps.json").read_text())["conf"])
    faults, seen, whole = [], 0, 0
    for name, way, typed in read_index("question"):
        wire = Wire(str(r1.run_dir / "bgpd.vty"))
        if lead(wire, way):
            faults += faults_of(wire, name, typed)
            seen += 1
            whole += is_whole(wire, name, typed)
        wire.close()
    assert seen > 140
    assert whole >= WHOLE, f"{whole} places offer all of FRR's words, {WHOLE} did"
    assert not faults, "\n".join(faults)


def tab_words(name: str, typed: str) -> set[str]:
    """All words that FRR's TAB showed or completed; empty: it rang the bell and no more."""
    first, _, rest = (COMPLETION / "tab" / name).read_text().partition("--- after TAB 2")
    if rest:
        return set("".join(line for line in rest.splitlines(True) if typed.split("<")[0] not in line)
                   .replace("\a", " ").split()) - {"---", "after", "TAB", "3"}
    added = first.partition("---\n")[2].replace("\a", "").strip("\n") if "\a" not in first else ""
    return {typed.split("<")[0].split(" ")[-1] + added.strip()} if added.strip() else set()


def tab_faults(wire: Wire, name: str, typed: str) -> tuple[list[str], bool]:
    """What is offered beyond FRR's words, and whether all of FRR's are offered."""
    line = typed.split("<")[0]
    ours = {w.split("\t")[0] for w in wire.ask("c", line).splitlines()} - OWN - {STUB}
    frr = tab_words(name, typed)
    return [f"{name}: {line!r} offers {w}" for w in sorted(ours - frr) if frr], ours >= frr


def test_tab_words_are_frrs(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(json.loads((COMPLETION / "steps.json").read_text())["conf"])
    faults, whole = [], 0
    for name, way, typed in read_index("tab"):
        wire = Wire(str(r1.run_dir / "bgpd.vty"))
        if lead(wire, way):
            found, all_there = tab_faults(wire, name, typed)
            faults += found
            whole += all_there
        wire.close()
    assert not faults, "\n".join(faults)
    assert whole >= WHOLE_TABS, f"{whole} TABs know all of FRR's words, {WHOLE_TABS} did"


def test_tab_offers_the_names_that_exist(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(json.loads((COMPLETION / "steps.json").read_text())["conf"])
    wire = Wire(str(r1.run_dir / "bgpd.vty"))
    for line in ("clear ip bgp ", "show ip bgp neighbors "):
        words = {w.split("\t")[0] for w in wire.ask("c", line).splitlines()}
        assert {"10.0.0.2", "10.0.0.3", "2001:db8::2", "PG"} <= words, line
    assert wire.ask("c", "show bgp peer-group P").split("\t")[0] == "PG"
    wire.close()


def test_errors_are_frrs(tmp_path: pathlib.Path) -> None:
    gaps = {line for line in (REFERENCE / "errors-gaps.txt").read_text().splitlines()
            if line and not line.startswith("#")}
    report = f"log_path={tmp_path}/sanitizer:exitcode={SANITIZER_EXIT}"
    result = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, str(COMPARE), "errors", "--reference", str(REFERENCE), "--bgpd", BGPD,
         "--vtysh", VTYSH, "-q", "--json", str(result)],
        env=os.environ | {"ASAN_OPTIONS": report, "UBSAN_OPTIONS": report},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert result.exists(), done.stdout + done.stderr
    items = json.loads(result.read_text())["items"]
    assert len(items) > 300
    failed = {item["name"] for item in items if item["status"] not in ("ok", "skip")}
    assert failed - gaps == set()
    assert gaps - failed == set(), "matched now: take them from errors-gaps.txt"
    reports = [r.read_text() for r in tmp_path.glob("sanitizer.*")]
    assert not reports, "\n".join(reports)
