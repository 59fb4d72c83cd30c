# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations that many tests share."""
from __future__ import annotations

# What every FRR tutorial begins with.
SEED = """router bgp 65001
 bgp router-id 192.168.1.1
 neighbor 192.168.1.2 remote-as 65002
 neighbor 192.168.1.2 timers connect 10
 timers bgp 10 30
 bgp tcp-keepalive 60 10 6
 network 10.244.0.0/24
"""

HEAD = """frr defaults traditional
hostname r1
log file /var/log/frr/bgpd.log debugging
service integrated-vtysh-config
!
interface eth0
 ip address 192.168.1.1/24
!
"""


def open_conf(*more: str, keepalive: int = 3, hold: int = 9, connect: int = 2,
              asn: int = 65001, head: str = HEAD) -> str:
    """The seed with the two checks off that keep it from exchanging routes, and quick timers.

    `more` are lines inside `router bgp`."""
    lines = "".join(f" {line}\n" for line in more)
    return head + f"""router bgp {asn}
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 192.168.1.2 remote-as 65002
 neighbor 192.168.1.2 timers connect {connect}
 timers bgp {keepalive} {hold}
 network 10.244.0.0/24
{lines}"""


def star_conf(count: int, *more: str) -> str:
    """Ferro in the middle of Lab.star: spoke number N calls as AS 65002 + N.

    `more` are lines inside `router bgp`, behind the neighbors."""
    interfaces = "".join(f"interface eth{n}\n ip address 192.168.{n + 1}.1/24\n!\n" for n in range(1, count))
    neighbors = "".join(f" neighbor 192.168.{n + 1}.2 remote-as {65002 + n}\n"
                        f" neighbor 192.168.{n + 1}.2 passive\n" for n in range(count))
    lines = "".join(f" {line}\n" for line in more)
    return HEAD + interfaces + f"""router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
{neighbors} timers bgp 60 180
{lines}"""
