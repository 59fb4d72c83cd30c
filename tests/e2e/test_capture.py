# SPDX-License-Identifier: GPL-2.0-or-later
"""A third opinion on our messages: tshark decodes every one, and finds nothing malformed."""
from __future__ import annotations

import json
import signal
import time
from typing import Any

from confs import open_conf
from lab import Ferro, Lab, wait_until
from peers import PEER_NETWORK, joined

OURS = "192.168.1.1"


def fields(packets: list[Any], name: str) -> list[Any]:
    """All values of a field, however deep."""
    found: list[Any] = []
    stack: list[Any] = list(packets)
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            for key, value in item.items():
                if key == name:
                    found += value if isinstance(value, list) else [value]
                stack.append(value)
        elif isinstance(item, list):
            stack += item
    return found


def test_tshark_reads_our_messages(lab: Lab, r1: Ferro) -> None:
    peer = joined(lab, r1, "bird")
    dump = r1.dir / "dump.pcap"
    # Debian's dumpcap drops what it may, so the file must be writable for all.
    dump.touch()
    dump.chmod(0o666)
    capture = r1.start(["dumpcap", "-q", "-i", "eth0", "-P", "-w", str(dump), "-f", "tcp port 179"])
    wait_until(lambda: "File:" in capture.printed(), "the capture runs", 15)
    r1.begin(open_conf("network 10.244.1.0/24", "network 10.244.2.0/23"))
    peer.begin()
    r1.await_established()
    wait_until(lambda: peer.route("10.244.2.0/23"), "our routes at the peer", 20)
    wait_until(lambda: r1.has_route(PEER_NETWORK), "the peer's route", 20)
    r1.configure("router bgp 65001", "no network 10.244.1.0/24")
    wait_until(lambda: not peer.route("10.244.1.0/24"), "the withdrawal at the peer", 20)
    r1.show("clear bgp *")
    wait_until(lambda: not peer.is_established(), "the reset at the peer", 10)
    time.sleep(1.5)  # what waits in the kernel's buffer is lost when the capture ends
    capture.signal(signal.SIGINT)
    capture.exit_status()

    bad = r1.sh(f"tshark -r {dump} -Y '_ws.malformed || _ws.expert.severity == error' 2>/dev/null")
    assert bad == ""
    text = r1.sh(f"tshark -r {dump} -Y 'bgp && ip.src == {OURS}' -T json --no-duplicate-keys 2>/dev/null")
    packets = json.loads(text)
    kinds = {int(kind) for kind in fields(packets, "bgp.type")}
    assert {1, 2, 3, 4} <= kinds
    assert set(fields(packets, "bgp.open.myas")) == {"65001"}
    assert {"10.244.0.0", "10.244.1.0", "10.244.2.0"} <= set(fields(packets, "bgp.nlri_prefix"))
    assert "10.244.1.0" in fields(packets, "bgp.withdrawn_prefix")
    assert "65001" in {str(v) for v in fields(packets, "bgp.update.path_attribute.as_path_segment.as4")}
    assert OURS in fields(packets, "bgp.update.path_attribute.next_hop")
