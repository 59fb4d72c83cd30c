# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons that are compared: their configuration for a scenario, start and end, and their shells.

All get the same neighbors, no policy, their own default timers, and install no routes unless the
scenario says so. Neighbors are passive: the speakers connect.
"""
from __future__ import annotations

import dataclasses
import ipaddress
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

import arena
from arena import ROUTER, ROUTER6, BenchError

AS, SPEAKER_AS = 65000, 4200000000
FIRST = ipaddress.IPv4Address("10.99.64.1")


@dataclasses.dataclass
class Setup:
    """What a scenario asks of a daemon."""

    neighbors: int
    mesh: bool = False  # iBGP route reflector clients
    ipv6: bool = False
    kernel: bool = False
    networks: int = 0  # `network` lines; FRR's syntax only
    hold: int = 0  # seconds; 0: the daemon's own

    def peers(self) -> list[tuple[str, int]]:
        return [(str(FIRST + i), AS if self.mesh else SPEAKER_AS + i) for i in range(self.neighbors)]


class Daemon:
    """One daemon under test, running in the namespace "router"."""

    name = ""
    title = ""
    warm_up = 1.0  # seconds that it gets before the first announcement
    warm_up_groups = 1.0  # the same in scenarios of many receivers
    dumps: dict[str, list[str]] = {}  # shown name: arguments of the shell
    small: list[str] = []
    ipv6_hop = ROUTER6  # what it announces as its own next hop over an IPv4 session

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.dir = pathlib.Path(tempfile.mkdtemp())
        os.chmod(self.dir, 0o777)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = open(self.dir / "out", "ab")

    def config(self) -> list[str]:
        raise NotImplementedError

    def launch(self) -> None:
        raise NotImplementedError

    def spawn(self, *argv: str) -> int:
        popen = subprocess.Popen(arena.Net.argv(*argv), stdin=subprocess.DEVNULL, stdout=self.log,
                                 stderr=self.log, cwd="/", start_new_session=True)
        self.processes.append(popen)
        return popen.pid

    def write(self, name: str, lines: list[str]) -> str:
        path = self.dir / name
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    def start(self, seconds: float = 60) -> None:
        """Until it listens."""
        self.launch()
        main = self.processes[-1]
        arena.wait_until(lambda: main.poll() is not None or arena.listens(main.pid, 179),
                         f"{self.name} listens", seconds)
        if main.poll() is not None:
            raise BenchError(f"{self.name} did not start: {self.printed()}")

    def printed(self) -> str:
        return (self.dir / "out").read_text(errors="replace")[-300:]

    def pids(self) -> list[int]:
        return [p.pid for p in self.processes]

    def main_pid(self) -> int:
        """The process that has the table: the largest one."""
        return max(self.pids(), key=lambda p: arena.memory_mb([p], "VmRSS"))

    def shell(self, *args: str) -> list[str]:
        raise NotImplementedError

    def ask(self, *args: str) -> str:
        return arena.sh(*self.shell(*args))

    def stop(self) -> None:
        for p in self.processes:
            p.send_signal(signal.SIGTERM)
        end = time.monotonic() + 5
        for p in reversed(self.processes):
            try:
                p.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        self.log.close()


class FrrLike(Daemon):
    """FRR's syntax and sockets: FRR and Ferro."""

    dumps = {"show ip bgp": ["show ip bgp"], "show ip bgp json": ["show ip bgp json"]}
    small = ["show ip bgp summary"]

    def neighbor_lines(self) -> list[str]:
        out = []
        for n, asn in self.setup.peers():
            if self.setup.mesh:
                out.append(f" neighbor {n} peer-group clients")
            else:
                out += [f" neighbor {n} remote-as {asn}", f" neighbor {n} passive",
                        f" neighbor {n} disable-connected-check"]
        return out

    def family_lines(self, family: str, more: str = "") -> list[str]:
        who = ["clients"] if self.setup.mesh else [n for n, _ in self.setup.peers()]
        out = [f" address-family {family}"]
        for n in who:
            out.append(f"  neighbor {n} activate")
            out += [f"  neighbor {n} route-reflector-client"] if self.setup.mesh else []
            out += [f"  neighbor {n} {more}"] if more else []
        return out

    def config(self) -> list[str]:
        s = self.setup
        out = ["frr defaults traditional", "hostname router", f"log file {self.dir}/log emergencies"]
        out += self.policy_lines()
        out += [f"router bgp {AS}", f" bgp router-id {ROUTER}", " no bgp ebgp-requires-policy",
                " no bgp network import-check", " no bgp default ipv4-unicast"]
        if s.mesh:
            out += [f" bgp cluster-id {ROUTER}", " neighbor clients peer-group",
                    f" neighbor clients remote-as {AS}", " neighbor clients passive"]
        out += self.neighbor_lines() + self.family_lines("ipv4 unicast")
        out += [f"  network {ipaddress.IPv4Address('20.0.0.0') + 256 * i}/24"
                for i in range(s.networks)]
        out.append(" exit-address-family")
        if s.ipv6:
            out += self.family_lines("ipv6 unicast", self.ipv6_line()) + [" exit-address-family"]
        return out + ["exit"]

    def policy_lines(self) -> list[str]:
        return []

    def ipv6_line(self) -> str:
        return ""

    def vty(self) -> socket.socket:
        """An open shell: FRR's socket, which takes a line and a NUL."""
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(self.dir / "bgpd.vty"))
        for line in ("enable",):
            vty_ask(s, line)
        return s


def vty_ask(s: socket.socket, line: str) -> bytes:
    """The answer to a line, without the four bytes at its end."""
    s.sendall(line.encode() + b"\0")
    answer = b""
    while len(answer) < 4 or answer[-4:-1] != b"\0\0\0":
        part = s.recv(1 << 20)
        if not part:
            raise BenchError("the daemon closed its shell")
        answer += part
    return answer[:-4]


class Ferro(FrrLike):
    name, title = "ferro", "Ferro"
    build = pathlib.Path(".")

    def launch(self) -> None:
        conf = self.write("frr.conf", self.config())
        args = [] if self.setup.kernel else ["-Z"]
        self.spawn(str(self.build / "bgpd" / "bgpd"), *args, "-S", "-f", conf, "-i",
                   str(self.dir / "bgpd.pid"), "--vty_socket", str(self.dir), "--config_dir",
                   str(self.dir), "-P", "0")

    def shell(self, *args: str) -> list[str]:
        return [str(self.build / "vty" / "vtysh"), "--vty_socket", str(self.dir), "--config_dir",
                str(self.dir), "-c", *args]


class Before(Ferro):
    """Another build of Ferro, to be compared with this one."""

    name, title = "before", "Ferro before"


class Frr(FrrLike):
    name, title = "frr", "FRR 8.4"
    # It waits for 1 s and 50 ms a peer, at most 10 s, before a group hears anything.
    warm_up, warm_up_groups = 3.0, 12.0

    def policy_lines(self) -> list[str]:
        """Without zebra it knows no IPv6 address of its own."""
        if not self.setup.ipv6:
            return []
        return ["route-map out6 permit 10", f" set ipv6 next-hop global {ROUTER6}", "exit"]

    def ipv6_line(self) -> str:
        return "route-map out6 out"

    def launch(self) -> None:
        conf = self.write("bgpd.conf", self.config())
        zebra = ["-Z"]
        if self.setup.kernel:
            zconf = self.write("zebra.conf", ["hostname router", f"log file {self.dir}/zlog emergencies"])
            api = f"{self.dir}/zserv.api"
            self.spawn("/usr/lib/frr/zebra", "-f", zconf, "-i", f"{self.dir}/zebra.pid", "-z", api,
                       "--vty_socket", str(self.dir), "-P", "0")
            arena.wait_until(lambda: os.path.exists(api), "zebra's socket", 20)
            zebra = ["-z", api]
        self.spawn("/usr/lib/frr/bgpd", *zebra, "-S", "-f", conf, "-i", f"{self.dir}/bgpd.pid",
                   "--vty_socket", str(self.dir), "-P", "0")

    def shell(self, *args: str) -> list[str]:
        return ["/usr/bin/vtysh", "--vty_socket", str(self.dir), "-d", "bgpd", "-c", *args]


class Bird(Daemon):
    name, title = "bird", "BIRD 2"
    dumps = {"show route": ["show", "route"], "show route all": ["show", "route", "all"]}
    small = ["show", "status"]

    def config(self) -> list[str]:
        s = self.setup
        channel = "import all; export where source = RTS_BGP;" + (" gateway direct;" if s.mesh else "")
        out = [f'log "{self.dir}/log" {{ warning, error, fatal, bug }};', f"router id {ROUTER};",
               "protocol device {}"]
        if s.kernel:
            out.append("protocol kernel { ipv4 { export all; import none; }; }")
        out += ["template bgp speaker {", f"  local {ROUTER} as {AS};", "  passive yes;",
                f"  ipv4 {{ {channel} }};"]
        out += [f"  ipv6 {{ {channel} }};"] if s.ipv6 else []
        out += ["  direct;", "  rr client;", f"  rr cluster id {ROUTER};"] if s.mesh else []
        out.append("}")
        for i, (n, asn) in enumerate(s.peers()):
            out.append(f"protocol bgp p{i} from speaker {{ neighbor {n} as {asn}; }}")
        return out

    def launch(self) -> None:
        conf = self.write("bird.conf", self.config())
        self.spawn("/usr/sbin/bird", "-f", "-c", conf, "-s", str(self.dir / "bird.ctl"))

    def shell(self, *args: str) -> list[str]:
        return ["/usr/sbin/birdc", "-s", str(self.dir / "bird.ctl"), *args]

    def control(self) -> socket.socket:
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(self.dir / "bird.ctl"))
        bird_read(s)
        return s


def bird_read(s: socket.socket) -> bytes:
    """An answer of BIRD's: its last line has a code and a blank in front."""
    answer = b""
    while True:
        part = s.recv(1 << 20)
        if not part:
            raise BenchError("bird closed its shell")
        answer += part
        last = answer.rstrip(b"\n").rpartition(b"\n")[2]
        if answer.endswith(b"\n") and last[:4].isdigit() and last[4:5] == b" ":
            return answer


class OpenBgpd(Daemon):
    name, title = "openbgpd", "OpenBGPD 7.7"
    ipv6_hop = "::1"
    dumps = {"show rib": ["show", "rib"], "show rib -j": ["-j", "show", "rib"]}
    small = ["show", "summary"]

    def config(self) -> list[str]:
        s = self.setup
        out = [f"AS {AS}", f"router-id {ROUTER}", "fib-update no", f"listen on {ROUTER}",
               f'socket "{self.dir}/bgpd.sock"']
        for n, asn in s.peers():
            out += [f"neighbor {n} {{", f"  remote-as {asn}", "  passive", "  announce IPv4 unicast"]
            out += ["  announce IPv6 unicast"] if s.ipv6 else []
            out += [f"  route-reflector {ROUTER}"] if s.mesh else []
            out.append("}")
        return out + ["allow from any", "allow to any"]

    def launch(self) -> None:
        os.makedirs("/run/openbgpd", exist_ok=True)
        conf = self.write("bgpd.conf", self.config())
        os.chmod(conf, 0o600)
        self.spawn("/usr/sbin/bgpd", "-d", "-f", conf)

    def pids(self) -> list[int]:
        main = self.processes[0].pid
        return [main, *arena.children(main)]

    def shell(self, *args: str) -> list[str]:
        return ["/usr/sbin/bgpctl", "-s", str(self.dir / "bgpd.sock"), *args]


class GoBgp(Daemon):
    name, title = "gobgp", "GoBGP 3.10"
    ipv6_hop = f"::ffff:{ROUTER}"

    def config(self) -> list[str]:
        s = self.setup
        out = ["[global.config]", f"  as = {AS}", f'  router-id = "{ROUTER}"',
               f'  local-address-list = ["{ROUTER}"]']
        for n, asn in s.peers():
            out += ["[[neighbors]]", "  [neighbors.config]", f'    neighbor-address = "{n}"',
                    f"    peer-as = {asn}", "  [neighbors.transport.config]",
                    "    passive-mode = true"]
            if s.mesh:
                out += ["  [neighbors.route-reflector.config]", "    route-reflector-client = true",
                        f'    route-reflector-cluster-id = "{ROUTER}"']
            for family in ["ipv4-unicast"] + (["ipv6-unicast"] if s.ipv6 else []):
                out += ["  [[neighbors.afi-safis]]", "    [neighbors.afi-safis.config]",
                        f'      afi-safi-name = "{family}"']
        return out

    def launch(self) -> None:
        conf = self.write("gobgp.toml", self.config())
        self.spawn("/usr/bin/gobgpd", "-f", conf, "-l", "error", "--pprof-disable")


DAEMONS: dict[str, type[Daemon]] = {d.name: d for d in (Ferro, Before, Bird, Frr, OpenBgpd, GoBgp)}
