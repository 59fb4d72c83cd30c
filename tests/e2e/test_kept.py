# SPDX-License-Identifier: GPL-2.0-or-later
"""What the shows say of routes that FRR would not have: denied ones, which Ferro keeps as received."""
from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from lab import Ferro, Lab, wait_until

ONE = """hostname r1
interface eth0
 ip address 192.168.1.1/24
interface lo
 ip address 10.255.0.3/32
ip route 203.0.113.0/24 blackhole
router bgp 65001
 no bgp ebgp-requires-policy
 timers bgp 3 9
 neighbor 192.168.1.2 remote-as 65002
 address-family ipv4 unicast
  network 10.255.0.3/32
  network 203.0.113.0/24
"""
TWO = """hostname r2
interface eth0
 ip address 192.168.1.2/24
router bgp 65002
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 192.168.1.1 remote-as 65001
 address-family ipv4 unicast
  network 10.52.0.0/24
"""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ferro]:
    with Lab(tmp_path_factory.mktemp("kept")) as lab:
        ferro, other = lab.add(Ferro, "f"), lab.add(Ferro, "g")
        lab.cable(ferro, other)
        ferro.begin(ONE)
        other.begin(TWO)
        wait_until(lambda: ferro.paths("10.52.0.0/24") and other.paths("203.0.113.0/24"),
                   "both have all routes")
        # It sends back what it has, with our own AS in the path.
        wait_until(lambda: looped(ferro) == 2, "ours come back")
        yield ferro
        ferro.check_clean_end()
        other.check_clean_end()


def looped(ferro: Ferro) -> int:
    found = re.search(r"AS-PATH loop: (\d+)", ferro.show("show ip bgp neighbors 192.168.1.2"))
    return int(found.group(1)) if found else 0


def as_paths(ferro: Ferro) -> list[str]:
    return sorted(re.findall(r"\(\d+\) (.*)$", ferro.show("show ip bgp paths"), re.MULTILINE))


def test_denied_routes_have_no_sets(one: Ferro) -> None:
    assert as_paths(one) == ["", "65002"]
    summary = one.show("show ip bgp attribute-info summary")
    # Our networks as they are and as sent, the neighbor's route as it came and as sent back.
    assert "Total attributes: 4\n" in summary, summary
    assert "4 BGP attributes" in one.show("show bgp memory")


def test_soft_reconfiguration_keeps_them(one: Ferro) -> None:
    one.configure("router bgp 65001", "address-family ipv4 unicast",
                  "neighbor 192.168.1.2 soft-reconfiguration inbound")
    try:
        assert as_paths(one) == ["", "65002", "65002 65001"]
        assert "Total attributes: 5\n" in one.show("show ip bgp attribute-info summary")
    finally:
        one.configure("router bgp 65001", "address-family ipv4 unicast",
                      "no neighbor 192.168.1.2 soft-reconfiguration inbound")


def test_import_checks_go_by_length(one: Ferro) -> None:
    table = one.show("show ip bgp import-check-table detail")
    assert re.findall(r"^ (\S+) valid", table, re.MULTILINE) == ["203.0.113.0", "10.255.0.3"], table
