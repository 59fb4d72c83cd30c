# SPDX-License-Identifier: GPL-2.0-or-later
"""An IPv6 neighbor that says nothing but KEEPALIVEs, in a process of its own: writes when each one of the
router's came, so that nothing a test does can delay what is measured.

    idle_speaker.py ROUTER SOURCE AS HOLD FILE
"""
from __future__ import annotations

import pathlib
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from speaker import KEEPALIVE, NOTIFICATION, Speaker, capability, message, open_message  # noqa: E402


def connected(router: str, source: str) -> socket.socket:
    while True:
        s = socket.socket()
        try:
            s.bind((source, 0))
            s.connect((router, 179))
            return s
        except OSError:
            s.close()
            time.sleep(0.2)


def speak(s: socket.socket, asn: int, source: str, hold: int, out: pathlib.Path) -> None:
    speaker = Speaker(s)
    ipv6 = capability(1, b"\0\2\0\1") + capability(65, struct.pack(">I", asn))
    speaker.send(open_message(asn=asn, router_id=source, hold=hold, caps=ipv6))
    said = 0.0
    rest = b""
    s.settimeout(0.05)
    with open(out, "w", buffering=1) as log:
        while True:
            now = time.monotonic()
            if now - said > hold / 6:
                s.sendall(message(KEEPALIVE))
                said = now
            try:
                data = s.recv(1 << 20)
            except TimeoutError:
                continue
            now = time.monotonic()
            if not data:
                log.write("closed\n")
                return
            rest += data
            while len(rest) >= 19 and len(rest) >= struct.unpack(">H", rest[16:18])[0]:
                length = struct.unpack(">H", rest[16:18])[0]
                if rest[18] == KEEPALIVE:
                    log.write(f"{now:.6f}\n")
                elif rest[18] == NOTIFICATION:
                    log.write(f"notification {rest[19]}/{rest[20]}\n")
                rest = rest[length:]


if __name__ == "__main__":
    router_address, own_address, as_number, hold_time, file = sys.argv[1:]
    speak(connected(router_address, own_address), int(as_number), own_address, int(hold_time),
          pathlib.Path(file))
