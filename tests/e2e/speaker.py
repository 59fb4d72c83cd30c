# SPDX-License-Identifier: GPL-2.0-or-later
"""A BGP speaker that says exactly what a test wants, byte by byte, and shows what it is told."""
from __future__ import annotations

import dataclasses
import ipaddress
import socket
import struct
import time

from lab import LabError, Node

OPEN, UPDATE, NOTIFICATION, KEEPALIVE, ROUTE_REFRESH = 1, 2, 3, 4, 5
MARKER = b"\xff" * 16
PORT = 179


@dataclasses.dataclass
class Message:
    """A message without its header."""

    kind: int
    body: bytes

    @property
    def error(self) -> tuple[int, int]:
        """Code and subcode of a NOTIFICATION."""
        assert self.kind == NOTIFICATION
        return self.body[0], self.body[1]


def message(kind: int, body: bytes = b"") -> bytes:
    return MARKER + struct.pack(">HB", 19 + len(body), kind) + body


def capability(code: int, value: bytes = b"") -> bytes:
    return struct.pack(">BB", code, len(value)) + value


def capabilities(asn: int) -> bytes:
    """IPv4 unicast, route refresh and four-octet AS numbers."""
    return capability(1, b"\0\1\0\1") + capability(2) + capability(65, struct.pack(">I", asn))


def open_message(asn: int = 65002, router_id: str = "192.168.1.2", hold: int = 9, version: int = 4,
                 caps: bytes | None = None) -> bytes:
    """An OPEN; `caps` are capabilities that stand in one optional parameter."""
    caps = capabilities(asn) if caps is None else caps
    options = struct.pack(">BB", 2, len(caps)) + caps if caps else b""
    return message(OPEN, struct.pack(">BHH4sB", version, asn if asn < 65536 else 23456, hold,
                                     socket.inet_aton(router_id), len(options)) + options)


def prefix_bytes(prefix: str) -> bytes:
    net = ipaddress.ip_network(prefix)
    return bytes([net.prefixlen]) + net.network_address.packed[:(net.prefixlen + 7) // 8]


def attribute(flags: int, code: int, value: bytes) -> bytes:
    if len(value) > 255:
        return struct.pack(">BBH", flags | 0x10, code, len(value)) + value
    return struct.pack(">BBB", flags, code, len(value)) + value


def split_attributes(data: bytes) -> list[tuple[int, int, bytes]]:
    """(flags without the length bit, code, value) of each attribute."""
    found = []
    while data:
        flags, code = data[0], data[1]
        head = 4 if flags & 0x10 else 3
        length = int.from_bytes(data[2:head], "big")
        found.append((flags & ~0x10, code, data[head:head + length]))
        data = data[head + length:]
    return found


def plain_attributes(next_hop: str = "192.168.1.2", path: tuple[int, ...] = (65002,)) -> bytes:
    segment = struct.pack(">BB", 2, len(path)) + b"".join(struct.pack(">I", a) for a in path)
    return (attribute(0x40, 1, b"\0") + attribute(0x40, 2, segment)
            + attribute(0x40, 3, socket.inet_aton(next_hop)))


def update(attributes: bytes = b"", announce: tuple[str, ...] = (),
           withdraw: tuple[str, ...] = ()) -> bytes:
    gone = b"".join(prefix_bytes(p) for p in withdraw)
    return message(UPDATE, struct.pack(">H", len(gone)) + gone + struct.pack(">H", len(attributes))
                   + attributes + b"".join(prefix_bytes(p) for p in announce))


END_OF_RIB = update()


class Speaker:
    """One TCP connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._rest = b""

    @classmethod
    def connect(cls, node: Node, to: str, source: str = "192.168.1.2", seconds: float = 15) -> Speaker:
        """Connects to port 179 of `to`; tries again while nobody listens."""
        end = time.monotonic() + seconds
        while True:
            with node.network():
                connection = socket.socket()
            try:
                connection.bind((source, 0))
                connection.settimeout(5)
                connection.connect((to, PORT))
                return cls(connection)
            except OSError as error:
                connection.close()
                if time.monotonic() > end:
                    raise LabError(f"no connection to {to}: {error}") from error
                time.sleep(0.1)

    @classmethod
    def session(cls, node: Node, to: str, source: str = "192.168.1.2", seconds: float = 20,
                **fields: object) -> Speaker:
        """An established session. A router may turn a caller away while it is still starting, so
        this calls again, as a router would."""
        end = time.monotonic() + seconds
        while True:
            speaker = cls.connect(node, to, source)
            try:
                speaker.establish(**fields)
                return speaker
            except (LabError, OSError):
                speaker.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    @classmethod
    def spoke(cls, nodes: list[Node], number: int, hold: int = 180) -> Speaker:
        """The session of a machine of Lab.star with the Ferro that has star_conf."""
        own = f"192.168.{number + 1}.2"
        return cls.session(nodes[number], f"192.168.{number + 1}.1", own, asn=65002 + number, router_id=own,
                           hold=hold)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self, seconds: float = 15) -> Message | None:
        """The next message; None if the other side has closed the connection."""
        end = time.monotonic() + seconds
        while len(self._rest) < 19 or len(self._rest) < self._length():
            left = end - time.monotonic()
            if left <= 0:
                raise LabError("no message in time")
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                continue
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._rest += data
        length = self._length()
        whole, self._rest = self._rest[:length], self._rest[length:]
        return Message(whole[18], whole[19:])

    def _length(self) -> int:
        return struct.unpack(">H", self._rest[16:18])[0]

    def await_kind(self, kind: int, seconds: float = 15) -> Message:
        """Reads on until a message of this kind comes."""
        end = time.monotonic() + seconds
        while True:
            got = self.receive(max(end - time.monotonic(), 0.1))
            if got is None:
                raise LabError(f"closed before a message of kind {kind}")
            if got.kind == kind:
                return got

    def await_closed(self, seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while self.receive(max(end - time.monotonic(), 0.1)) is not None:
            pass

    def establish(self, **fields: object) -> Message:
        """OPEN and KEEPALIVE both ways; returns the OPEN that came."""
        self.send(open_message(**fields))  # type: ignore[arg-type]
        got = self.await_kind(OPEN)
        self.send(message(KEEPALIVE))
        self.await_kind(KEEPALIVE)
        return got

    def close(self) -> None:
        self.socket.close()


class Listener:
    """Waits on port 179 for the router to call."""

    def __init__(self, node: Node, address: str = "192.168.1.2") -> None:
        with node.network():
            self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, PORT))
        self.socket.listen()

    def accept(self, seconds: float = 20) -> Speaker:
        self.socket.settimeout(seconds)
        connection, _ = self.socket.accept()
        return Speaker(connection)

    def close(self) -> None:
        self.socket.close()
