# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of the language: what `?` offers, in FRR's words, and what wrong lines are told.

The captures hold all of FRR's language. A word that Ferro offers must be one that FRR offers at that
place, with FRR's help. The places where FRR offers more stand in completion-gaps.txt, the answers
that differ in errors-gaps.txt, with the reasons: a list that is not true any more is a fault.
"""
from __future__ import annotations

import json
import os
import pathlib
import re
import socket

import compare
from capture import REFERENCE, failing, read_gaps, settle
from lab import Ferro

COMPLETION = REFERENCE / "completion"
MARK = b"\x01"
# Ferro's own, beyond FRR.
OWN = {"candidate", "commit", "discard", "private", "rollback",
       "banner"}  # `no banner motd` is on FRR's vty port, not in its vtysh
STUBS = {"far-eth0", "far-eth1"}  # the other ends of the interfaces that the test made


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


def is_same(wire: Wire, name: str, typed: str) -> bool:
    """To the byte: FRR's capture begins with a newline and ends with the prompt and the line."""
    frr = (COMPLETION / "question" / name).read_text().removeprefix("\n").rpartition("\n")[0]
    ours = re.sub(r"\bfar-eth\d ", "", wire.ask("e", "80 " + typed.removesuffix("?")))
    return ours.rstrip("\n") == frr.rstrip("\n")


def lead(wire: Wire, way: str) -> bool:
    """Types the commands that lead to the mode; false: it has no way there yet."""
    return all("% Unknown command" not in wire.ask("x", line) for line in way.split("; ") if line != "-")


def test_offered_words_are_frrs(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.stub("eth1")
    r1.begin(json.loads((COMPLETION / "steps.json").read_text())["conf"])
    faults, other = [], set()
    index = read_index("question")
    for name, way, typed in index:
        wire = Wire(str(r1.run_dir / "bgpd.vty"))
        there = lead(wire, way)
        if there:
            faults += faults_of(wire, name, typed)
        if not there or not is_same(wire, name, typed):
            other.add(f"question/{name}")
        wire.close()
    assert not faults, "\n".join(faults)
    settle("completion", other, {f"question/{name}" for name, _, _ in index})


def tab_words(name: str, typed: str) -> set[str]:
    """All words that FRR's TAB showed or completed; empty: it rang the bell and no more."""
    added, shown = tab_parts(name, typed)
    return shown or ({typed.split("<")[0].split(" ")[-1] + added.strip()} if added.strip() else set())


def tab_parts(name: str, typed: str) -> tuple[str, set[str]]:
    """What the first TAB appended to the line, and the words that the second one listed."""
    first, _, rest = (COMPLETION / "tab" / name).read_text().partition("--- after TAB 2\n")
    added = first.partition("---")[2].partition("\n")[2].replace("\a", "").removesuffix("\n")
    shown = "".join(line for line in rest.splitlines(True) if typed.split("<")[0] not in line)
    return added, set(shown.replace("\a", "").split()) - {"---", "after", "TAB", "3"}


def tab_faults(wire: Wire, name: str, typed: str) -> tuple[list[str], bool]:
    """What is offered beyond FRR's words; and whether both TABs do what they do in FRR."""
    line = typed.split("<")[0]
    ours = {w.split("\t")[0] for w in wire.ask("c", line).splitlines()} - OWN - STUBS
    frr = tab_words(name, typed)
    added, shown = tab_parts(name, typed)
    more = os.path.commonprefix(sorted(ours))[len(line.split(" ")[-1]):] + " " * (len(ours) == 1)
    faults = [f"{name}: {line!r} offers {w}" for w in sorted(ours - frr) if frr and not added]
    return faults, more == added and (not shown or shown == ours)


def test_tab_words_are_frrs(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.stub("eth1")
    r1.begin(json.loads((COMPLETION / "steps.json").read_text())["conf"])
    faults, other = [], set()
    index = read_index("tab")
    for name, way, typed in index:
        wire = Wire(str(r1.run_dir / "bgpd.vty"))
        found, whole = tab_faults(wire, name, typed) if lead(wire, way) else ([], False)
        faults += found
        if not whole:
            other.add(f"tab/{name}")
        wire.close()
    assert not faults, "\n".join(faults)
    settle("completion", other, {f"tab/{name}" for name, _, _ in index})


def test_tab_offers_the_names_that_exist(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.stub("eth1")
    r1.begin(json.loads((COMPLETION / "steps.json").read_text())["conf"])
    wire = Wire(str(r1.run_dir / "bgpd.vty"))
    for line in ("clear ip bgp ", "show ip bgp neighbors "):
        words = {w.split("\t")[0] for w in wire.ask("c", line).splitlines()}
        assert {"10.0.0.2", "10.0.0.3", "2001:db8::2", "PG"} <= words, line
    assert wire.ask("c", "show bgp peer-group P").split("\t")[0] == "PG"
    wire.close()


def test_errors_are_frrs(tmp_path: pathlib.Path) -> None:
    failed, names = failing("errors", tmp_path)
    assert len(names) > 280
    settle("errors", failed, names)


def test_any_random_mac_is_neutral() -> None:
    """A byte that is 0 leaves no digit in a link-local address."""
    for address in ("5cfe:74ff:fe46:7dd0", "30ac:ff:fe2e:72a3", "7cff:fe01:203", "1:2ff:fe00:1"):
        line, _ = compare.Norm().line(f"  inet6 fe80::{address}/64", "vtysh -c 'show i'")
        assert line == "  inet6 fe80::MAC/64"
    line, _ = compare.Norm().line("  inet6 fe80::1/64", "vtysh -c 'show i'")
    assert line == "  inet6 fe80::1/64"


def test_every_gap_is_a_capture() -> None:
    known = {f"{kind}/{name}" for kind in ("question", "tab") for name, _, _ in read_index(kind)}
    assert read_gaps("completion") <= known
