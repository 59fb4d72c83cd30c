# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of many routes: what a speaker announces, as bytes, and what another one must end up with."""
from __future__ import annotations

import dataclasses
import ipaddress
import socket
import struct
import threading
import time

from lab import LabError
from speaker import KEEPALIVE, UPDATE, Message, Speaker, attribute, message

PER_SET = 8  # routes that share their attributes


def prefix_number(i: int) -> bytes:
    """The i-th /24 from 20.0.0.0 on, as it stands in an UPDATE."""
    return struct.pack(">BI", 24, 0x14000000 + (i << 8))[:4]


def prefix_name(i: int) -> str:
    return f"{ipaddress.IPv4Address(0x14000000 + (i << 8))}/24"


def attributes(group: int, version: int, asn: int, next_hop: str) -> bytes:
    """A set of its own for each group of routes: path, MED and a community tell it and its version."""
    path = struct.pack(">BBIII", 2, 3, asn, 100000 + group, 200 + version)
    return (attribute(0x40, 1, b"\0") + attribute(0x40, 2, path)
            + attribute(0x40, 3, socket.inet_aton(next_hop))
            + attribute(0x80, 4, struct.pack(">I", group % 7))
            + attribute(0xc0, 8, struct.pack(">HH", asn, group % 1000)))


def announcement(first: int, count: int, version: int = 0, asn: int = 65002,
                 next_hop: str = "192.168.1.2") -> bytes:
    """UPDATEs for routes number `first` to `first + count`."""
    out = bytearray()
    for start in range(first, first + count, PER_SET):
        routes = b"".join(prefix_number(i) for i in range(start, min(start + PER_SET, first + count)))
        a = attributes(start // PER_SET, version, asn, next_hop)
        out += message(UPDATE, struct.pack(">HH", 0, len(a)) + a + routes)
    return bytes(out)


def withdrawal(first: int, count: int, per_message: int = 500) -> bytes:
    out = bytearray()
    for start in range(first, first + count, per_message):
        routes = b"".join(prefix_number(i)
                          for i in range(start, min(start + per_message, first + count)))
        out += message(UPDATE, struct.pack(">H", len(routes)) + routes + b"\0\0")
    return bytes(out)


@dataclasses.dataclass
class Table:
    """What a speaker has been told: prefix as on the wire -> attributes as on the wire."""

    routes: dict[bytes, bytes] = dataclasses.field(default_factory=dict)
    end_of_ribs: int = 0

    def take(self, got: Message) -> None:
        if got.kind != UPDATE:
            return
        gone = int.from_bytes(got.body[:2], "big")
        length = int.from_bytes(got.body[2 + gone:4 + gone], "big")
        withdrawn, rest = got.body[2:2 + gone], got.body[4 + gone:]
        attrs, routes = rest[:length], rest[length:]
        if not gone and not rest:
            self.end_of_ribs += 1
        for prefix in split(withdrawn):
            self.routes.pop(prefix, None)
        for prefix in split(routes):
            self.routes[prefix] = attrs


def split(routes: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(routes):
        end = at + 1 + (routes[at] + 7) // 8
        found.append(routes[at:end])
        at = end
    return found


class Keeper:
    """Keeps a session alive in the background, and what it is told in a table; can stop reading."""

    def __init__(self, speaker: Speaker, interval: float = 1.0) -> None:
        self.speaker = speaker
        self.table = Table()
        self.arrived: dict[bytes, float] = {}
        self.watch: set[bytes] = set()
        self.reading = threading.Event()
        self.reading.set()
        self.closed = False
        self._interval = interval
        self._over = threading.Event()
        self._send = threading.Lock()
        self._threads = [threading.Thread(target=f, daemon=True) for f in (self._read, self._talk)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        while not self._over.is_set():
            if not self.reading.wait(0.2):
                continue
            try:
                got = self.speaker.receive(0.2)
            except LabError:
                continue
            except OSError:
                got = None
            if got is None:
                self.closed = True
                return
            self.table.take(got)
            if self.watch and got.kind == UPDATE:
                self._note(got)

    def _note(self, got: Message) -> None:
        now = time.monotonic()
        for prefix in [p for p in self.watch if p in self.table.routes]:
            self.arrived.setdefault(prefix, now)

    def _talk(self) -> None:
        while not self._over.wait(self._interval):
            try:
                self.send(message(KEEPALIVE))
            except OSError:
                return

    def send(self, data: bytes) -> None:
        with self._send:
            self.speaker.socket.settimeout(60)
            self.speaker.send(data)

    def close(self) -> None:
        self._over.set()
        self.speaker.close()
        for thread in self._threads:
            thread.join()
