# SPDX-License-Identifier: GPL-2.0-or-later
"""A full table from BIRD and GoBGP through Ferro to BIRD and GoBGP, both families, compared route by
route with all attributes: after loading, after a part was withdrawn, after a part changed, after a
receiver and after the source began anew."""
from __future__ import annotations

import dataclasses
import functools
import ipaddress
import json
import os
import pathlib
import re
import socket
import struct
import time
from typing import Any, Callable, Iterable

import pytest

from confs import HEAD
from lab import Ferro, Lab, Node, Process, wait_until
from speaker import attribute

ROUTES = int(os.environ.get("FERRO_FULL_TABLE", "20000"))  # of IPv4, from BIRD
ROUTES6 = ROUTES // 10
ROUTES_GOBGP = ROUTES // 5
SOURCE, RECEIVER, GOBGP = 65002, 65003, 65004
ORIGINS = ("igp", "egp", "incomplete")
PATIENCE = 90 + ROUTES // 500
ON_ITS_WAY = 20
LOST = 3000  # records


@dataclasses.dataclass(frozen=True)
class Route:
    """What all programs must agree on."""

    path: tuple[int, ...]
    origin: str
    next_hop: str
    med: int | None
    communities: frozenset[tuple[int, ...]]
    large: frozenset[tuple[int, ...]]
    targets: frozenset[tuple[int, ...]]  # extended communities: route targets

    def passed_on(self, next_hop: str) -> Route:
        """As Ferro tells it to an external neighbor."""
        return dataclasses.replace(self, path=(65001, *self.path), next_hop=next_hop, med=None)


Table = dict[str, Route]


def made(group: int, version: int, asn: int, next_hop: str) -> Route:
    """A set of attributes; `version` makes it another one."""
    path = [asn, 64600 + group % 300, 4200000000 + group % 1000, 64700 + version][:2 + group % 3]
    few = group % 4 == 0
    return Route(tuple(path), ORIGINS[(group + version) % 3], next_hop,
                 None if few else group % 50 + version,
                 frozenset({(asn, group % 2000), (asn, 3000 + version)}),
                 frozenset({(4200000000, group, 1)} if group % 3 == 0 else ()),
                 frozenset({(asn, group % 100)} if group % 6 == 0 else ()))


def prefix4(first: int, i: int) -> str:
    length = 24 if i % 5 else 26
    return f"{ipaddress.IPv4Address((first << 24) + (i << 8))}/{length}"


def prefix6(i: int) -> str:
    return f"{ipaddress.IPv6Address((0x2001 << 112) + (0xd00 << 96) + (i << 80))}/{48 if i % 3 else 56}"


def source_tables(kept: Callable[[int], bool] = lambda i: True,
                  version: Callable[[int], int] = lambda i: 0) -> tuple[Table, Table]:
    """What the source says, of both families, as Ferro must have it."""
    four = {prefix4(20, i): made(i // 7, version(i), SOURCE, "192.168.1.2")
            for i in range(ROUTES) if kept(i)}
    six = {prefix6(i): made(i // 7, version(i), SOURCE, "2001:db8:1::2")
           for i in range(ROUTES6) if kept(i)}
    return four, six


def gobgp_table() -> Table:
    return {prefix4(60, i): made(i // 7, 5, GOBGP, "192.168.3.2") for i in range(ROUTES_GOBGP)}


def passed_on(table: Table, next_hop: str) -> Table:
    return {prefix: route.passed_on(next_hop) for prefix, route in table.items()}


# ---- Ferro ----

CONF = HEAD + f"""router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 timers bgp 30 90
""" + "".join(f""" neighbor 192.168.{n + 1}.2 remote-as {SOURCE + n}
 neighbor 192.168.{n + 1}.2 timers connect 1
""" for n in range(3)) + """ address-family ipv6 unicast
""" + "".join(f"  neighbor 192.168.{n + 1}.2 activate\n" for n in range(3)) + """ exit-address-family
"""


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", text))


@functools.lru_cache(None)
def read_route(path: str, origin: str, next_hop: str, med: int | None, *lists: str) -> Route:
    """From the strings of Ferro's JSON; many routes have the same ones."""
    communities, large, targets = (frozenset(numbers(c) for c in text.split()) for text in lists)
    return Route(numbers(path), origin.lower(), next_hop, med, communities, large, targets)


def ferro_route(path: dict[str, Any]) -> Route:
    hop = next(h for h in path["nexthops"] if h.get("scope", "global") == "global")
    lists = (path.get(name, {}).get("string", "")
             for name in ("community", "largeCommunity", "extendedCommunity"))
    return read_route(path["aspath"]["string"], path["origin"], hop["ip"], path.get("metric"), *lists)


def ferro_table(r1: Ferro, family: str) -> Table:
    done = r1.run(r1.vtysh_argv("-c", f"show bgp {family} unicast detail json"), seconds=PATIENCE)
    routes = json.loads(done.stdout)["routes"]
    assert all(len(paths) == 1 for paths in routes.values())
    return {prefix: ferro_route(paths[0]) for prefix, paths in routes.items()}


# ---- BIRD ----

def bird_statement(prefix: str, r: Route) -> str:
    words = [f"bgp_origin = ORIGIN_{r.origin.upper()};"]
    words += [f"bgp_path.prepend({n});" for n in reversed(r.path[1:])]
    if r.med is not None:
        words.append(f"bgp_med = {r.med};")
    words += [f"bgp_community.add(({a},{b}));" for a, b in sorted(r.communities)]
    words += [f"bgp_large_community.add(({a},{b},{c}));" for a, b, c in sorted(r.large)]
    words += [f"bgp_ext_community.add((rt,{a},{b}));" for a, b in sorted(r.targets)]
    return f"  route {prefix} blackhole {{ {' '.join(words)} }};\n"


class Bird(Node):
    """BIRD at 192.168.N.2, with IPv4 and IPv6 over one session."""

    number: int
    speaker: Process

    def begin(self, number: int, four: Table, six: Table) -> None:
        self.number = number
        self.write(four, six)
        self.speaker = self.start(["bird", "-f", "-c", "/etc/frr/bird.conf", "-s", "/run/bird.ctl"])
        wait_until(lambda: self.birdc("show", "status"), "BIRD answers", 30)

    def write(self, four: Table, six: Table) -> None:
        n = self.number
        routes = ["".join(bird_statement(p, r) for p, r in t.items()) for t in (four, six)]
        # A MED leaves only if the export filter has set it.
        (self.etc / "bird.conf").write_text(f"""router id 192.168.{n}.2;
filter own {{
  if source != RTS_STATIC then reject;
  if defined(bgp_med) then bgp_med = bgp_med;
  accept;
}}
protocol device {{ }}
protocol static four {{ ipv4;
{routes[0]}}}
protocol static six {{ ipv6;
{routes[1]}}}
protocol bgp ferro {{
  local 192.168.{n}.2 as {SOURCE + n - 1};
  neighbor 192.168.{n}.1 as 65001;
  hold time 90; connect retry time 1; connect delay time 1; error wait time 1, 2;
  ipv4 {{ import all; export filter own; }};
  ipv6 {{ import all; export filter own; next hop address 2001:db8:{n}::2; }};
}}
""")

    def birdc(self, *words: str) -> str:
        return self.run(["birdc", "-s", "/run/bird.ctl", *words], seconds=PATIENCE).stdout

    def count(self, family: str) -> int:
        said = self.birdc("show", "route", "table", f"master{family}", "protocol", "ferro", "count")
        found = re.search(r"(\d+) of \d+ routes", said)
        return int(found.group(1)) if found else -1

    def table(self, family: str) -> Table:
        said = self.birdc("show", "route", "table", f"master{family}", "protocol", "ferro", "all")
        found: Table = {}
        for entry in re.split(r"^(?=\S+/\d+ )", said, flags=re.M)[1:]:
            prefix, _, rest = entry.partition(" ")
            found[prefix] = bird_route(rest[rest.index("\tBGP."):])
        return found


@functools.lru_cache(None)
def bird_route(text: str) -> Route:
    fields = dict(re.findall(r"^\tBGP\.(\w+): *(.*)$", text, re.M))

    def lists(name: str) -> frozenset[tuple[int, ...]]:
        return frozenset(numbers(x) for x in re.findall(r"\(([^)]*)\)", fields.get(name, "")))
    med = fields.get("med")
    return Route(numbers(fields["as_path"]), fields["origin"].lower(), fields["next_hop"].split()[0],
                 None if med is None else int(med), lists("community"), lists("large_community"),
                 lists("ext_community"))


# ---- GoBGP ----

def wire_attributes(r: Route) -> bytes:
    path = struct.pack(">BB", 2, len(r.path) - 1) + b"".join(struct.pack(">I", n) for n in r.path[1:])
    out = (attribute(0x40, 1, bytes([ORIGINS.index(r.origin)])) + attribute(0x40, 2, path)
           + attribute(0x40, 3, socket.inet_aton(r.next_hop)))
    if r.med is not None:
        out += attribute(0x80, 4, struct.pack(">I", r.med))
    out += attribute(0xc0, 8, b"".join(struct.pack(">HH", *c) for c in sorted(r.communities)))
    if r.targets:
        out += attribute(0xc0, 16, b"".join(struct.pack(">BBHI", 0, 2, *t) for t in sorted(r.targets)))
    if r.large:
        out += attribute(0xc0, 32, b"".join(struct.pack(">III", *c) for c in sorted(r.large)))
    return out


def mrt(table: Table) -> bytes:
    """The table as a dump that GoBGP can inject (RFC 6396 4.3). `gobgp mrt inject` ends before it has
    handed over the last records: they are copies of one."""
    def record(subtype: int, body: bytes) -> bytes:
        return struct.pack(">IHHI", 0, 13, subtype, len(body)) + body
    own = socket.inet_aton("192.168.3.2")
    out = [record(1, own + struct.pack(">HHB", 0, 1, 2) + own + own + struct.pack(">I", GOBGP))]
    last = list(table.items())[-1:]
    for n, (prefix, route) in enumerate([*table.items(), *last * LOST]):
        net = ipaddress.ip_network(prefix)
        name = bytes([net.prefixlen]) + net.network_address.packed[:(net.prefixlen + 7) // 8]
        a = wire_attributes(route)
        out.append(record(2, struct.pack(">I", n) + name + struct.pack(">HHIH", 1, 0, 0, len(a)) + a))
    return b"".join(out)


class Gobgp(Node):
    """GoBGP at 192.168.3.2."""

    def begin(self, routes: Table) -> None:
        (self.etc / "gobgpd.toml").write_text(f"""[global.config]
as = {GOBGP}
router-id = "192.168.3.2"
[[neighbors]]
[neighbors.config]
neighbor-address = "192.168.3.1"
peer-as = 65001
[neighbors.transport.config]
local-address = "192.168.3.2"
[neighbors.timers.config]
hold-time = 90
connect-retry = 2
idle-hold-time-after-reset = 2
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv4-unicast"
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv6-unicast"
""")
        (self.etc / "table.mrt").write_bytes(mrt(routes))
        self.start(["gobgpd", "-f", "/etc/frr/gobgpd.toml", "--log-level=warn"])
        wait_until(lambda: self.run(["gobgp", "neighbor"]).returncode == 0, "GoBGP answers", 30)
        done = self.run(["gobgp", "mrt", "inject", "global", "/etc/frr/table.mrt"], seconds=PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr

    def count(self, family: str) -> int:
        answer = self.run(["gobgp", "-j", "neighbor", "192.168.3.1"])
        families = json.loads(answer.stdout).get("afi_safis", []) if answer.returncode == 0 else []
        for f in families:
            if f["config"]["family"]["afi"] == (1 if family == "4" else 2):
                return int(f["state"].get("received", 0))
        return -1

    def table(self, family: str) -> Table:
        answer = self.run(["gobgp", "-j", "global", "rib", "-a", f"ipv{family}"], seconds=PATIENCE)
        found = json.loads(answer.stdout)
        return {prefix: gobgp_route(p["attrs"]) for prefix, paths in found.items() for p in paths
                if p.get("source-id") == "192.168.1.1"}


def gobgp_route(attributes: Iterable[dict[str, Any]]) -> Route:
    by_type = {a["type"]: a for a in attributes}
    targets = [c["value"] for c in by_type.get(16, {}).get("value", [])]
    large = [(c["ASN"], c["LocalData1"], c["LocalData2"]) for c in by_type.get(32, {}).get("value", [])]
    hop = by_type[14]["nexthop"] if 14 in by_type else by_type[3]["nexthop"]
    return Route(tuple(n for s in by_type[2]["as_paths"] for n in s["asns"]),
                 ORIGINS[by_type[1]["value"]], hop, by_type.get(4, {}).get("metric"),
                 frozenset((c >> 16, c & 0xffff) for c in by_type.get(8, {}).get("communities", [])),
                 frozenset(large), frozenset(numbers(t) for t in targets))


# ---- the comparison ----

def same(what: str, got: Table, want: Table) -> None:
    """Says the first few differences, not fifty thousand routes."""
    missing, extra = sorted(want.keys() - got.keys()), sorted(got.keys() - want.keys())
    others = [(p, got[p], want[p]) for p in want if p in got and got[p] != want[p]]
    assert not missing and not extra and not others, (
        f"{what}: {len(missing)} missing {missing[:3]}, {len(extra)} too many {extra[:3]}, "
        f"{len(others)} differ {others[:2]}")


@dataclasses.dataclass
class World:
    r1: Ferro
    source: Bird
    receiver: Bird
    gobgp: Gobgp

    def await_counts(self, four: int, six: int) -> None:
        """Until both receivers have so many routes of the source's (and BIRD those of GoBGP)."""
        more = ROUTES_GOBGP

        def arrived() -> bool:
            return (self.receiver.count("4") == four + more and self.receiver.count("6") == six
                    and self.gobgp.count("4") in (four, four + more)
                    and self.gobgp.count("6") == six)
        wait_until(arrived, f"{four} + {six} routes", PATIENCE, 0.5)

    def compare(self, four: Table, six: Table) -> None:
        """All views of the table; what is still on its way has some seconds to come."""
        end = time.monotonic() + ON_ITS_WAY
        while True:
            try:
                return self._compare(four, six)
            except AssertionError:
                if time.monotonic() > end:
                    raise
                time.sleep(1)

    def _compare(self, four: Table, six: Table) -> None:
        theirs = gobgp_table()
        same("Ferro, IPv4", ferro_table(self.r1, "ipv4"), four | theirs)
        same("Ferro, IPv6", ferro_table(self.r1, "ipv6"), six)
        same("BIRD, IPv4", self.receiver.table("4"),
             passed_on(four, "192.168.2.1") | passed_on(theirs, "192.168.2.1"))
        same("BIRD, IPv6", self.receiver.table("6"), passed_on(six, "2001:db8:2::1"))
        same("GoBGP, IPv4", self.gobgp.table("4"), passed_on(four, "192.168.3.1"))
        same("GoBGP, IPv6", self.gobgp.table("6"), passed_on(six, "2001:db8:3::1"))

    def say(self, four: Table, six: Table) -> None:
        self.source.write(four, six)
        assert "Reconfig" in self.source.birdc("configure")


@pytest.fixture
def world(lab: Lab, r1: Ferro) -> World:
    made_nodes = (lab.add(Bird, "source"), lab.add(Bird, "receiver"), lab.add(Gobgp, "gobgp"))
    for n, node in enumerate(made_nodes):
        lab.cable(r1, node, f"eth{n}")
        for end, interface, host in ((r1, f"eth{n}", 1), (node, "eth0", 2)):
            end.sh(f"ip addr add 192.168.{n + 1}.{host}/24 dev {interface}")
            end.sh(f"ip -6 addr add 2001:db8:{n + 1}::{host}/64 dev {interface} nodad")
    r1.begin(CONF, "-n")
    return World(r1, *made_nodes)


def test_full_table(world: World) -> None:
    four, six = source_tables()
    world.gobgp.begin(gobgp_table())
    world.receiver.begin(2, {}, {})
    world.source.begin(1, four, six)
    world.await_counts(len(four), len(six))
    world.compare(four, six)
    same("the source", {p: r for p, r in world.source.table("4").items() if p.startswith("60.")},
         passed_on(gobgp_table(), "192.168.1.1"))

    four, six = source_tables(kept=lambda i: i % 3 != 0)  # a part goes
    world.say(four, six)
    world.await_counts(len(four), len(six))
    world.compare(four, six)

    def newer(i: int) -> int:
        return int(i % 4 == 1)
    four, six = source_tables(version=newer)  # it comes back, and others change
    world.say(four, six)
    world.await_counts(len(four), len(six))
    world.compare(four, six)

    world.receiver.speaker.stop()
    world.receiver.begin(2, {}, {})
    world.await_counts(len(four), len(six))
    world.compare(four, six)

    world.source.speaker.stop()
    world.await_counts(0, 0)
    world.compare({}, {})
    world.source.begin(1, four, six)
    world.await_counts(len(four), len(six))
    world.compare(four, six)
