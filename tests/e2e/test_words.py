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

import pytest

from lab import BGPD, DATA, VTYSH, Ferro

REFERENCE = DATA / "frr-reference"
COMPLETION = REFERENCE / "completion"
MARK = b"\x01"
# Words of Ferro's own, which FRR has at no place.
OWN = {"candidate", "private", "commit", "discard", "rollback"}


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


def lead(wire: Wire, way: str) -> bool:
    """Types the commands that lead to the mode; false: it has no way there yet."""
    return all("% Unknown command" not in wire.ask("x", line) for line in way.split("; ") if line != "-")


def test_offered_words_are_frrs(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(json.loads((COMPLETION / "steps.json").read_text())["conf"])
    faults, seen = [], 0
    for name, way, typed in read_index("question"):
        wire = Wire(str(r1.run_dir / "bgpd.vty"))
        if lead(wire, way):
            faults += faults_of(wire, name, typed)
            seen += 1
        wire.close()
    assert seen > 140
    assert not faults, "\n".join(faults)
