# SPDX-License-Identifier: GPL-2.0-or-later
"""What `debug bgp ...` writes, in FRR's words, and what the shell says of it."""
from __future__ import annotations

import re
from typing import Any

import pytest

from confs import open_conf
from lab import Ferro, Lab, Node, holds, wait_until
from peers import PEER, PEER_NETWORK, joined
from speaker import Speaker, attribute, plain_attributes, update

STAMP = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d BGP: "


@pytest.fixture
def peer(lab: Lab, r1: Ferro) -> Any:
    return joined(lab, r1, "frr")


def has_line(r1: Ferro, pattern: str) -> bool:
    return re.search(f"^{STAMP}{pattern}$", r1.logged(), re.M) is not None


def await_line(r1: Ferro, pattern: str, seconds: float = 20) -> None:
    wait_until(lambda: has_line(r1, pattern), f"the log has {pattern!r}", seconds)


def test_updates(r1: Ferro, peer: Any) -> None:
    """Lines of FRR 10 (tests/data/frr-reference/logs/01-updates has the capture)."""
    r1.begin(open_conf() + "debug bgp updates\n")
    peer.begin()
    r1.await_established()
    await_line(r1, r"\[XXWBM-V772F\] 192\.168\.1\.2\(frr\) rcvd UPDATE w/ attr: nexthop 192\.168\.1\.2, "
                   r"origin i, metric 55, community 65002:7, path 65002")
    await_line(r1, r"\[YCKEM-GB33T\] 192\.168\.1\.2\(frr\) rcvd 10\.245\.0\.0/24 IPv4 unicast")
    await_line(r1, r"\[M59KS-A3ZXZ\] bgp_update_receive_eor: rcvd End-of-RIB for IPv4 Unicast from "
                   r"192\.168\.1\.2 in vrf default")
    await_line(r1, r"\[VTVCM-Y2NW3\] Configuration Read in Took: 00:00:0\d")
    await_line(r1, r"\[K8G9R-Y5Z2W\] 192\.168\.1\.2 queue UPDATE 10\.244\.0\.0/24, afi=IPv4, safi=unicast")
    await_line(r1, r"\[Z38CW-7NYWG\] group_announce_route_walkcb: afi=IPv4, safi=unicast, p=10\.245\.0\.0/24")
    await_line(r1, r"\[T5JFA-13199\] subgroup_process_announce_selected: p=10\.245\.0\.0/24, "
                   r"selected=0x[0-9a-f]+")
    await_line(r1, r"\[TN0HX-6G1RR\] u\d+:s\d+ send UPDATE w/ attr: nexthop 0\.0\.0\.0, .*path ?.*")
    await_line(r1, r"\[HVRWP-5R9NQ\] u\d+:s\d+ send UPDATE 10\.244\.0\.0/24 IPv4 unicast")
    await_line(r1, r"\[WEV7K-2GAQ5\] u\d+:s\d+ send UPDATE len \d+ \(max message len: \d+\) numpfx 1")
    await_line(r1, r"\[MBFVT-8GSC6\] u\d+:s\d+ 192\.168\.1\.2 send UPDATE w/ nexthop 192\.168\.1\.1")
    r1.configure("router bgp 65001", "no network 10.244.0.0/24")
    await_line(r1, r"\[XFG9S-ZT5JH\] 192\.168\.1\.2 queue UPDATE \(withdraw\) 10\.244\.0\.0/24, "
                   r"afi=IPv4, safi=unicast")
    await_line(r1, r"\[T5JFA-13199\] subgroup_process_announce_selected: p=10\.244\.0\.0/24, selected=0x0")
    await_line(r1, r"\[WHJ94-YXNE1\] u\d+:s\d+ send UPDATE 10\.244\.0\.0/24 IPv4 unicast -- unreachable")
    await_line(r1, r"\[G259R-NCBEJ\] u\d+:s\d+ send UPDATE \(withdraw\) len 27 numpfx 1")
    peer.withdraw(PEER_NETWORK)
    await_line(r1, r"\[PAPP6-VDAWM\] 192\.168\.1\.2\(frr\) rcvd UPDATE about 10\.245\.0\.0/24 IPv4 unicast "
                   r"-- withdrawn")


def count(r1: Ferro, pattern: str) -> int:
    return len(re.findall(f"^{STAMP}{pattern}$", r1.logged(), re.M))


def test_the_table_again(r1: Ferro, peer: Any) -> None:
    """A soft clear announces the routes again, says so, and repeats each of them."""
    again = r"\[WJC21-WPGZF\] u\d+:s\d+ announcing routes to 192\.168\.1\.2, combined into 1 peers"
    sent = r"\[HVRWP-5R9NQ\] u\d+:s\d+ send UPDATE 10\.244\.0\.0/24 IPv4 unicast"
    r1.begin(open_conf() + "debug bgp updates\n")
    peer.begin()
    r1.await_established()
    await_line(r1, sent)
    assert count(r1, again) == 0
    before = count(r1, sent)
    r1.show(f"clear ip bgp {PEER} soft out")
    await_line(r1, again)
    wait_until(lambda: count(r1, sent) == before + 1, "the route once more", 10)


def test_denied(lab: Lab, r1: Ferro) -> None:
    """What is denied is named with the reason, at a soft clear again, and is not found when it goes."""
    denied = (r"\[RZMGQ-A03CG\] 192\.168\.1\.2\(\w+\) rcvd UPDATE about 10\.77\.0\.0/24 IPv4 unicast "
              r"-- DENIED due to: as-path contains our own AS;")
    node = lab.add(Node, "raw")
    lab.cable(r1, node)
    node.sh("ip addr add 192.168.1.2/24 dev eth0")
    r1.begin(open_conf("neighbor 192.168.1.2 soft-reconfiguration inbound",
                       "neighbor 192.168.1.2 passive") + "debug bgp updates\n")
    speaker = Speaker.session(node, "192.168.1.1")
    speaker.send(update(plain_attributes(path=(65002, 65001)), announce=("10.77.0.0/24",)))
    await_line(r1, denied)
    r1.show(f"clear ip bgp {PEER} soft in")
    wait_until(lambda: count(r1, denied) == 2, "the reason once more", 10)
    speaker.send(update(withdraw=("10.77.0.0/24",)))
    await_line(r1, r"\[PC71A-4RFD8\] 192\.168\.1\.2 Can't find the route 10\.77\.0\.0/24 IPv4 unicast")
    no_export = bytes.fromhex("ffffff01")
    speaker.send(update(plain_attributes() + attribute(0xC0, 8, no_export), announce=("10.78.0.0/24",)))
    await_line(r1, r"\[JND8M-1N1QN\] subgroup_announce_check: community filter check fail for 10\.78\.0\.0/24")
    speaker.close()


def test_detail(r1: Ferro, peer: Any) -> None:
    """`detail` adds the lengths of each message's parts; as a statement it is kept."""
    r1.begin(open_conf() + "debug bgp updates in\ndebug bgp updates detail\n")
    peer.begin()
    r1.await_established()
    await_line(r1, r"\[T5AAP-5GA85\] 192\.168\.1\.2\(frr\) rcvd UPDATE w/ attr: nexthop 192\.168\.1\.2, .*")
    await_line(r1, r"\[PCFFM-WMARW\] 192\.168\.1\.2\(frr\) rcvd UPDATE wlen 0 attrlen \d+ alen 4")
    assert not has_line(r1, r"\[XXWBM-V772F\].*")
    assert "\ndebug bgp updates detail\n" in r1.show("show running-config")
    r1.configure("no debug bgp updates detail")
    assert "updates detail" not in r1.show("show running-config") + r1.show("show debugging")


def test_one_direction(r1: Ferro, peer: Any) -> None:
    r1.begin(open_conf() + "debug bgp updates in\n")
    peer.begin()
    r1.await_established()
    await_line(r1, r"\[YCKEM-GB33T\] .* rcvd 10\.245\.0\.0/24 IPv4 unicast")
    wait_until(lambda: peer.route("10.244.0.0/24"), "our route at the peer", 20)
    assert not has_line(r1, r"\[HVRWP-5R9NQ\].*")


def test_quiet_without_debug(r1: Ferro, peer: Any) -> None:
    r1.begin(open_conf())
    peer.begin()
    r1.await_established()
    wait_until(lambda: r1.has_route(PEER_NETWORK), "the route", 20)
    assert holds(lambda: "rcvd UPDATE" not in r1.logged() and "[FSM]" not in r1.logged(), 1)


def test_neighbor_events(r1: Ferro, peer: Any) -> None:
    r1.begin(open_conf("bgp log-neighbor-changes") + "debug bgp neighbor-events\n")
    peer.begin()
    r1.await_established()
    await_line(r1, r"\[N9HHH-F8H1M\] %ADJCHANGE: neighbor 192\.168\.1\.2\(frr\) in vrf default Up")
    assert re.search(r"192\.168\.1\.2 \[FSM\] \w+ \(\w+->\w+\)", r1.logged())
    assert re.search(r"192\.168\.1\.2 fd \d+ went from OpenConfirm to Established", r1.logged())
    r1.show(f"clear ip bgp {PEER}")
    await_line(r1, r"\[PXVXG-TFNNT\] %ADJCHANGE: neighbor 192\.168\.1\.2\(frr\) in vrf default Down "
                   r"User reset")
    assert re.search(r"%NOTIFICATION(\(Hard Reset\))?: sent to neighbor 192\.168\.1\.2 6/4 "
                     r"\(Cease/Administrative Reset\)", r1.logged())
    r1.configure("no router bgp 65001")
    await_line(r1, r"\[PS6EE-GYMZN\] peer_delete: peer 192\.168\.1\.2\(frr\)")
    await_line(r1, r"\[ZZPVC-3AHMF\] 192\.168\.1\.2 fd -1 went from Idle to Deleted for Unknown")


def test_keepalives(r1: Ferro, peer: Any) -> None:
    r1.begin(open_conf(keepalive=1, hold=3) + "debug bgp keepalives\n")
    peer.begin(hold=3)
    r1.await_established()
    wait_until(lambda: r1.logged().count("KEEPALIVE rcvd") >= 2, "keepalives in the log", 15)
    assert "sending KEEPALIVE" in r1.logged()


def test_show_debugging(r1: Ferro) -> None:
    r1.begin(open_conf())
    assert r1.show("debug bgp updates") == "BGP updates debugging is on\n"
    text = r1.show("show debugging")
    assert "BGP debugging status:\n" in text
    assert "  BGP updates debugging is on (inbound)\n  BGP updates debugging is on (outbound)\n" in text
    r1.show("debug bgp neighbor-events")
    r1.show("debug bgp keepalives")
    text = r1.show("show debugging")
    assert "  BGP neighbor-events debugging is on\n" in text
    assert "  BGP keepalives debugging is on\n" in text
    assert r1.show("no debug bgp updates") == "BGP updates debugging is off\n"
    assert "updates debugging is on" not in r1.show("show debugging")


def test_debug_in_the_configuration(r1: Ferro) -> None:
    r1.begin(open_conf() + "debug bgp updates in\ndebug bgp neighbor-events\n")
    text = r1.show("show running-config")
    assert "debug bgp neighbor-events\n" in text and "debug bgp updates in\n" in text
    r1.configure("no debug bgp neighbor-events")
    assert "neighbor-events" not in r1.show("show running-config")
