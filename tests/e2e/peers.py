# SPDX-License-Identifier: GPL-2.0-or-later
"""The other side of a session: FRR, BIRD 2 and GoBGP, each behind the same few calls.

All play AS 65002 at 192.168.1.2 towards Ferro (AS 65001 at 192.168.1.1) and announce 10.245.0.0/24
with MED 55 and community 65002:7.
"""
from __future__ import annotations

import json
import signal
from typing import Any, Protocol, TypedDict

from lab import Lab, LabError, Node, Process, wait_until

FERRO = "192.168.1.1"
PEER = "192.168.1.2"
PEER_NETWORK = "10.245.0.0/24"
PEER_MED = 55
PEER_COMMUNITY = "65002:7"


class Seen(TypedDict):
    """A route as the peer has it in its table."""

    as_path: list[int]
    next_hop: str
    origin: str
    med: int | None


class Peer(Protocol):
    """What a test may ask of any peer."""

    name: str

    def begin(self, asn: int = ..., router_id: str = ..., hold: int = ...) -> None: ...
    def is_established(self) -> bool: ...
    def route(self, prefix: str) -> Seen | None: ...
    def announce(self, prefix: str) -> None: ...
    def withdraw(self, prefix: str) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...
    def kill(self) -> None: ...
    def log_text(self) -> str: ...


class PeerNode(Node):
    """A machine with the peer's address and its speaker, one foreground process."""

    speaker: Process | None = None

    def address(self) -> None:
        if not self.sh("ip -4 addr show dev eth0").strip().count(PEER):
            self.sh(f"ip addr add {PEER}/24 dev eth0")

    def freeze(self) -> None:
        assert self.speaker
        self.speaker.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.speaker
        self.speaker.signal(signal.SIGCONT)

    def kill(self) -> None:
        assert self.speaker
        self.speaker.signal(signal.SIGKILL)
        self.speaker.exit_status()


class Frr(PeerNode):
    """Debian's FRR: zebra and bgpd."""

    BIN = "/usr/lib/frr"

    def config(self, asn: int, router_id: str, hold: int) -> str:
        return f"""frr defaults traditional
hostname frr
log file /var/log/frr/bgpd.log debugging
debug bgp neighbor-events
!
ip prefix-list OUT seq 5 permit {PEER_NETWORK}
route-map OUT permit 10
 match ip address prefix-list OUT
 set metric {PEER_MED}
 set community {PEER_COMMUNITY}
route-map OUT permit 20
!
router bgp {asn}
 bgp router-id {router_id}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {FERRO} remote-as 65001
 neighbor {FERRO} timers {max(hold // 3, 1)} {hold}
 neighbor {FERRO} timers connect 2
 address-family ipv4 unicast
  network {PEER_NETWORK}
  neighbor {FERRO} route-map OUT out
"""

    def begin(self, asn: int = 65002, router_id: str = PEER, hold: int = 9) -> None:
        self.address()
        (self.etc / "bgpd.conf").write_text(self.config(asn, router_id, hold))
        (self.etc / "vtysh.conf").write_text("")
        if not (self.run_dir / "zserv.api").exists():
            self.start([f"{self.BIN}/zebra", "-f", "/dev/null", "-A", "127.0.0.1"])
            wait_until((self.run_dir / "zserv.api").exists, "zebra runs", 20)
        self.speaker = self.start([f"{self.BIN}/bgpd", "-f", "/etc/frr/bgpd.conf", "-A", "127.0.0.1"])
        wait_until(lambda: self.run(["vtysh", "-d", "bgpd", "-c", "show version"]).returncode == 0,
                   "FRR's bgpd answers", 20)

    def vtysh(self, *commands: str) -> str:
        argv = ["vtysh", "-d", "bgpd"]
        for command in commands:
            argv += ["-c", command]
        return self.run(argv).stdout

    def neighbor(self) -> dict[str, Any]:
        return json.loads(self.vtysh(f"show bgp neighbors {FERRO} json") or "{}").get(FERRO, {})

    def is_established(self) -> bool:
        return self.neighbor().get("bgpState") == "Established"

    def path(self, prefix: str) -> dict[str, Any] | None:
        answer = json.loads(self.vtysh(f"show bgp ipv4 unicast {prefix} json") or "{}")
        for path in answer.get("paths", []):
            if path["peer"]["peerId"] == FERRO:
                return path
        return None

    def route(self, prefix: str) -> Seen | None:
        path = self.path(prefix)
        if path is None:
            return None
        words = path["aspath"]["string"].split()
        return {"as_path": [int(w) for w in words], "next_hop": path["nexthops"][0]["ip"],
                "origin": path["origin"].lower(), "med": path.get("metric")}

    def announce(self, prefix: str) -> None:
        self.vtysh("configure terminal", "router bgp 65002", f"network {prefix}")

    def withdraw(self, prefix: str) -> None:
        self.vtysh("configure terminal", "router bgp 65002", f"no network {prefix}")

    def log_text(self) -> str:
        return (self.log_dir / "bgpd.log").read_text(errors="replace")


class Bird(PeerNode):
    """Debian's BIRD 2."""

    def config(self, asn: int, router_id: str, hold: int, networks: list[str]) -> str:
        statics = "\n".join(f"  route {n} blackhole;" for n in networks)
        return f"""log "/var/log/frr/bird.log" all;
router id {router_id};
protocol device {{ }}
protocol static {{
  ipv4;
{statics}
}}
protocol bgp ferro {{
  debug {{ states, events }};
  local {PEER} as {asn};
  neighbor {FERRO} as 65001;
  hold time {hold};
  connect retry time 2;
  connect delay time 1;
  error wait time 1, 4;
  ipv4 {{
    import all;
    export filter {{
      if net = {PEER_NETWORK} then {{
        bgp_med = {PEER_MED};
        bgp_community.add(({PEER_COMMUNITY.replace(':', ',')}));
      }}
      accept;
    }};
  }};
}}
"""

    def begin(self, asn: int = 65002, router_id: str = PEER, hold: int = 9) -> None:
        self.address()
        self.networks = [PEER_NETWORK]
        self.arguments = (asn, router_id, hold)
        self._write()
        self.speaker = self.start(["bird", "-f", "-c", "/etc/frr/bird.conf", "-s", "/run/bird.ctl"])
        wait_until(lambda: self.run(["birdc", "-s", "/run/bird.ctl", "show", "status"]).returncode == 0,
                   "BIRD answers", 20)

    def _write(self) -> None:
        asn, router_id, hold = self.arguments
        (self.etc / "bird.conf").write_text(self.config(asn, router_id, hold, self.networks))

    def birdc(self, *words: str) -> str:
        return self.run(["birdc", "-s", "/run/bird.ctl", *words]).stdout

    def is_established(self) -> bool:
        return "Established" in self.birdc("show", "protocols", "ferro")

    def route(self, prefix: str) -> Seen | None:
        text = self.birdc("show", "route", "for", prefix, "protocol", "ferro", "all")
        fields: dict[str, str] = {}
        for line in text.splitlines():
            key, colon, value = line.strip().partition(":")
            if colon and key.startswith("BGP."):
                fields.setdefault(key[4:], value.strip())
        if "next_hop" not in fields:
            return None
        med = fields.get("med")
        return {"as_path": [int(w) for w in fields.get("as_path", "").split()],
                "next_hop": fields["next_hop"].split()[0], "origin": fields["origin"].lower(),
                "med": None if med is None else int(med)}

    def _reconfigure(self) -> None:
        self._write()
        answer = self.birdc("configure")
        if "Reconfigured" not in answer and "Reconfiguration" not in answer:
            raise LabError(f"BIRD: {answer}")

    def announce(self, prefix: str) -> None:
        self.networks.append(prefix)
        self._reconfigure()

    def withdraw(self, prefix: str) -> None:
        self.networks.remove(prefix)
        self._reconfigure()

    def log_text(self) -> str:
        return (self.log_dir / "bird.log").read_text(errors="replace")


class Gobgp(PeerNode):
    """Debian's GoBGP."""

    ORIGINS = {0: "igp", 1: "egp", 2: "incomplete"}

    def begin(self, asn: int = 65002, router_id: str = PEER, hold: int = 9) -> None:
        self.address()
        (self.etc / "gobgpd.toml").write_text(f"""[global.config]
as = {asn}
router-id = "{router_id}"
[[neighbors]]
[neighbors.config]
neighbor-address = "{FERRO}"
peer-as = 65001
[neighbors.transport.config]
local-address = "{PEER}"
[neighbors.timers.config]
hold-time = {hold}
keepalive-interval = {max(hold // 3, 1)}
connect-retry = 2
idle-hold-time-after-reset = 2
""")
        self.speaker = self.start(["gobgpd", "-f", "/etc/frr/gobgpd.toml", "--log-level=debug"])
        wait_until(lambda: self.run(["gobgp", "neighbor"]).returncode == 0, "GoBGP answers", 20)
        self.sh(f"gobgp global rib add -a ipv4 {PEER_NETWORK} origin igp med {PEER_MED} "
                f"community {PEER_COMMUNITY}")

    def is_established(self) -> bool:
        answer = self.run(["gobgp", "-j", "neighbor", FERRO])
        if answer.returncode:
            return False
        return json.loads(answer.stdout)["state"].get("session_state") == 6

    def route(self, prefix: str) -> Seen | None:
        answer = self.run(["gobgp", "-j", "global", "rib", "-a", "ipv4", prefix])
        if answer.returncode or not answer.stdout.startswith("{"):
            return None
        for paths in json.loads(answer.stdout).values():
            for path in paths:
                if path.get("source-id") == "192.168.1.1" or path.get("neighbor-ip") == FERRO:
                    return self._seen(path["attrs"])
        return None

    def _seen(self, attributes: list[dict[str, Any]]) -> Seen:
        by_type = {a["type"]: a for a in attributes}
        path = [n for s in by_type[2].get("as_paths", []) for n in s["asns"]]
        return {"as_path": path, "next_hop": by_type[3]["nexthop"],
                "origin": self.ORIGINS[by_type[1]["value"]],
                "med": by_type[4]["metric"] if 4 in by_type else None}

    def announce(self, prefix: str) -> None:
        self.sh(f"gobgp global rib add -a ipv4 {prefix} origin igp")

    def withdraw(self, prefix: str) -> None:
        self.sh(f"gobgp global rib del -a ipv4 {prefix}")

    def log_text(self) -> str:
        assert self.speaker
        return self.speaker.printed()


KINDS: dict[str, type[PeerNode]] = {"frr": Frr, "bird": Bird, "gobgp": Gobgp}


def joined(lab: Lab, ferro: Node, kind: str) -> Any:
    """Adds a peer of this kind at the other end of Ferro's eth0."""
    peer = lab.add(KINDS[kind], kind)
    lab.cable(ferro, peer)
    return peer
