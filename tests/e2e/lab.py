# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines for end-to-end tests: each has network, mount, host name and process ids of its own.

A machine is a process tree under one `unshare`. It has no name in /run/netns, so any number of test
runs can go on at once, and it ends with everything in it when its `unshare` ends: also when the test
program is killed (the kernel sends the signal then). /etc/frr, /run, /var/log and /var/lib/frr are
private folders of the machine, so daemons use their default paths.
"""
from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import time
from typing import Any, Callable, Iterator, Sequence, TypeVar

T = TypeVar("T")
N = TypeVar("N", bound="Node")
TOP = pathlib.Path(__file__).resolve().parents[2]
CONF_EXAMPLES = TOP / "conf-examples"
DATA = TOP / "tests" / "data"
BUILD = pathlib.Path(os.environ.get("FERRO_BUILD", TOP / "build-check"))
# Another pair of programs may take Ferro's part, to test the tests.
BGPD = os.environ.get("FERRO_BGPD", str(BUILD / "bgpd" / "bgpd"))
VTYSH = os.environ.get("FERRO_VTYSH", str(BUILD / "vty" / "vtysh"))
CLONE_NEWNET = 0x40000000
SANITIZER_EXIT = 99

Command = str | Sequence[str]


class LabError(Exception):
    """Something that a test took for granted did not happen."""


def wait_until(check: Callable[[], T], what: str, seconds: float = 30, step: float = 0.1) -> T:
    """Calls `check` until it gives something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"{what}: not within {seconds:g} s (last: {value!r})")
        time.sleep(step)


def holds(check: Callable[[], object], seconds: float, step: float = 0.2) -> bool:
    """Is `check` true all the time?"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not check():
            return False
        time.sleep(step)
    return True


def host(*argv: str) -> str:
    """Runs a program outside of all machines."""
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: exit {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


class Process:
    """A program that runs in a machine until it is told to stop."""

    def __init__(self, node: Node, argv: Sequence[str], log: pathlib.Path,
                 env: dict[str, str] | None = None) -> None:
        self.log = log
        self.name = pathlib.Path(argv[0]).name
        with open(log, "ab") as out:
            self._popen = subprocess.Popen(node.argv(argv), stdin=subprocess.DEVNULL, stdout=out,
                                           stderr=out, env=node.env(env), cwd="/",
                                           start_new_session=True)
        node.processes.append(self)

    @property
    def pid(self) -> int:
        """The program's process id as the host sees it; nsenter stands between us and it."""
        own = self._popen.pid
        children = pathlib.Path(f"/proc/{own}/task/{own}/children")
        return int(wait_until(lambda: children.read_text().split(), f"{self.name} runs", 5)[0])

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def exit_status(self, seconds: float = 15) -> int:
        """Waits for the end; negative for a signal, as in subprocess."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.name} did not end within {seconds:g} s") from None

    def is_running(self) -> bool:
        return self._popen.poll() is None

    def reap(self) -> None:
        """The machine is gone: nsenter, which stops when its program is stopped, ends too."""
        if self.is_running():
            os.kill(self._popen.pid, signal.SIGCONT)
            self.exit_status()

    def stop(self, seconds: float = 15) -> int:
        if self.is_running():
            self.signal(signal.SIGTERM)
        return self.exit_status(seconds)

    def printed(self) -> str:
        return self.log.read_text(errors="replace")


class Node:
    """A machine."""

    asan = ""  # more options of the sanitizer, each with a colon before it

    def __init__(self, lab: Lab, name: str) -> None:
        self.name = name
        self.processes: list[Process] = []
        self.dir = lab.dir / name
        self.etc = self.dir / "etc"
        self.run_dir = self.dir / "run" / "frr"
        self.log_dir = self.dir / "log" / "frr"
        for folder in (self.etc, self.run_dir, self.log_dir, self.dir / "lib", self.dir / "home"):
            folder.mkdir(parents=True)
            folder.chmod(0o777)
        binds = [(self.etc, "/etc/frr"), (self.dir / "run", "/run"), (self.dir / "log", "/var/log"),
                 (self.dir / "lib", "/var/lib/frr")]
        for folder in ("/etc/frr", "/var/lib/frr"):
            os.makedirs(folder, exist_ok=True)
        script = "set -e; mount --make-rprivate /; hostname " + name
        script += "".join(f"; mount --bind {a} {b}" for a, b in binds)
        script += "; ip link set lo up; sysctl -qw net.ipv4.ip_forward=1"
        script += " net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0"
        script += f" net.ipv6.conf.all.accept_dad=0; touch {self.dir}/ready"
        # The first process of a machine has to wait for orphans, or they stay as zombies.
        script += "; sleep 3600 & wait $!"
        self._holder = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--uts", "--pid",
             "--fork", "--mount-proc", "--kill-child=KILL", "sh", "-c", script],
            stdin=subprocess.DEVNULL, start_new_session=True)
        wait_until(self._is_ready, f"namespaces of {name}", 15, 0.02)
        holder = self._holder.pid
        children = pathlib.Path(f"/proc/{holder}/task/{holder}/children").read_text().split()
        self.init = int(children[0])

    def _is_ready(self) -> bool:
        if self._holder.poll() is not None:
            raise LabError(f"{self.name}: could not make the namespaces (is this root?)")
        return (self.dir / "ready").exists()

    def destroy(self) -> None:
        self._holder.kill()
        self._holder.wait()
        for process in self.processes:
            process.reap()

    def argv(self, command: Command) -> list[str]:
        """The command line that runs a command in the machine."""
        inner = ["sh", "-c", command] if isinstance(command, str) else list(command)
        return ["nsenter", "-t", str(self.init), "-n", "-m", "-u", "-p", "--", *inner]

    def env(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        env = {k: v for k, v in os.environ.items() if not k.startswith("VTYSH")}
        env |= {"HOME": str(self.dir / "home"), "TERM": "dumb", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        return env | (extra or {})

    def run(self, command: Command, stdin: str | None = None, seconds: float = 30,
            env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end, whatever its exit status."""
        feed: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(self.argv(command), capture_output=True, text=True, timeout=seconds,
                              env=self.env(env), cwd="/", errors="replace", **feed)

    def sh(self, command: Command) -> str:
        """Runs a program that must not fail; returns what it printed."""
        done = self.run(command)
        if done.returncode:
            raise LabError(f"{self.name}: {command}: exit {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout

    def start(self, argv: Sequence[str], env: dict[str, str] | None = None) -> Process:
        return Process(self, argv, self.dir / (pathlib.Path(argv[0]).name + ".out"), env)

    def routes(self, *words: str) -> list[dict[str, Any]]:
        """The kernel's IPv4 routes, as `ip -j route show` has them."""
        return json.loads(self.sh(["ip", "-j", "-d", "route", "show", *words]) or "[]")

    def has_route(self, prefix: str, **fields: object) -> bool:
        found = self.routes(prefix)
        return any(all(r.get(k) == v for k, v in fields.items()) for r in found)

    def link(self, interface: str, *words: str) -> None:
        self.sh(["ip", "link", "set", interface, *words])

    def stub(self, *interfaces: str) -> None:
        """Interfaces that are up and lead nowhere."""
        for name in interfaces:
            self.sh(f"ip link add {name} type veth peer name far-{name} && ip link set {name} up"
                    f" && ip link set far-{name} up")

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """Sockets made inside the `with` belong to this machine."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as home, open(f"/proc/{self.init}/ns/net") as there:
            if libc.setns(there.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                libc.setns(home.fileno(), CLONE_NEWNET)


class Lab:
    """Machines and the cables between them; leaving the `with` removes everything."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.dir = folder
        self.nodes: list[Node] = []
        # Daemons that run under users of their own must reach their folders.
        for parent in (folder, *folder.parents):
            if parent == pathlib.Path("/tmp"):
                break
            with contextlib.suppress(PermissionError):
                parent.chmod(parent.stat().st_mode | 0o011)

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.destroy()

    def add(self, kind: Callable[[Lab, str], N], name: str) -> N:
        node = kind(self, name)
        self.nodes.append(node)
        return node

    def cable(self, a: Node, b: Node, a_name: str = "eth0", b_name: str = "eth0") -> None:
        """A veth pair. The MAC addresses tell machine and interface, as in the FRR captures."""
        def mac(node: Node, interface: str) -> str:
            return f"02:00:00:00:{self.nodes.index(node) + 1:02x}:{int(interface[-1]) + 1:02x}"
        host("ip", "link", "add", a_name, "netns", str(a.init), "address", mac(a, a_name), "type",
             "veth", "peer", "name", b_name, "netns", str(b.init), "address", mac(b, b_name))
        a.link(a_name, "up")
        b.link(b_name, "up")

    def star(self, hub: Node, count: int) -> list[Node]:
        """Machines around `hub`: number N is at its ethN, as 192.168.(N+1).2/24; the hub's own
        addresses are for its configuration to set."""
        spokes = []
        for number in range(count):
            node = self.add(Node, f"p{number}")
            self.cable(hub, node, f"eth{number}")
            node.sh(f"ip addr add 192.168.{number + 1}.2/24 dev eth0")
            spokes.append(node)
        return spokes


def sanitizer_env(node: Node) -> dict[str, str]:
    report = f"log_path={node.dir}/sanitizer:exitcode={SANITIZER_EXIT}"
    asan = f"{report}:detect_leaks=1:detect_stack_use_after_return=1{node.asan}"
    return {"ASAN_OPTIONS": asan,
            "UBSAN_OPTIONS": f"{report}:print_stacktrace=1"}


class Ferro(Node):
    """A machine with Ferro's bgpd, which runs in the foreground so that its exit status is known."""

    def __init__(self, lab: Lab, name: str) -> None:
        super().__init__(lab, name)
        self.daemon: Process | None = None
        self.conf = self.etc / "frr.conf"
        self.log = self.log_dir / "bgpd.log"

    def begin(self, config: str, *options: str, wait: bool = True) -> Process:
        """Starts bgpd with this configuration, and waits until it answers."""
        self.conf.write_text(config)
        (self.etc / "vtysh.conf").write_text("service integrated-vtysh-config\n")
        self.daemon = self.start([BGPD, "-f", "/etc/frr/frr.conf", "-A", "127.0.0.1", *options],
                                 sanitizer_env(self))
        if wait:
            wait_until(self._answers, f"{self.name}: bgpd answers", 20)
        return self.daemon

    def _answers(self) -> bool:
        assert self.daemon
        if not self.daemon.is_running():
            raise LabError(f"{self.name}: bgpd ended: {self.daemon.printed()}")
        return (self.run_dir / "bgpd.vty").exists() and (self.run_dir / "bgpd.pid").exists()

    def bgpd(self, *options: str, seconds: float = 30) -> subprocess.CompletedProcess[str]:
        """Runs bgpd to its end: -h, -v, -C, faults."""
        return self.run([BGPD, *options], seconds=seconds, env=sanitizer_env(self))

    def vtysh_argv(self, *options: str) -> list[str]:
        return [VTYSH, *options]

    def shell(self, *commands: str, stdin: str | None = None,
              options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """vtysh with -c for each command."""
        argv = self.vtysh_argv(*options)
        for command in commands:
            argv += ["-c", command]
        return self.run(argv, stdin=stdin, env=sanitizer_env(self))

    def show(self, command: str) -> str:
        done = self.shell(command)
        if done.returncode:
            raise LabError(f"{command}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def show_json(self, command: str) -> Any:
        return json.loads(self.show(command + " json"))

    def configure(self, *lines: str) -> None:
        """Types the lines in `configure terminal`; none may be refused."""
        done = self.shell("configure terminal", *lines)
        if done.returncode or done.stdout:
            raise LabError(f"configure {lines}: exit {done.returncode}: {done.stdout}{done.stderr}")

    def state_of(self, peer: str) -> str:
        neighbors = self.show_json("show bgp neighbors")
        return str(neighbors.get(peer, {}).get("bgpState"))

    def is_established(self, peer: str = "192.168.1.2") -> bool:
        return self.state_of(peer) == "Established"

    def await_established(self, peer: str = "192.168.1.2", seconds: float = 40) -> None:
        wait_until(lambda: self.is_established(peer), f"{self.name}: {peer} Established", seconds)

    def paths(self, prefix: str) -> list[dict[str, Any]]:
        """The paths of one destination, as `show bgp ipv4 unicast PREFIX json` has them."""
        answer = self.show_json(f"show bgp ipv4 unicast {prefix}")
        return answer.get("paths", [])

    def logged(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def await_logged(self, text: str, seconds: float = 15) -> None:
        wait_until(lambda: text in self.logged(), f"{self.name}'s log has {text!r}", seconds)

    def end(self) -> int:
        """SIGTERM, and the exit status."""
        assert self.daemon
        return self.daemon.stop()

    def check_clean_end(self) -> None:
        """Every run is a leak test: the daemon must end well and leave no sanitizer report."""
        daemon, self.daemon = self.daemon, None
        status = 0
        if daemon:
            if daemon.is_running():
                daemon.signal(signal.SIGCONT)
            status = daemon.stop()
        reports = sorted(self.dir.glob("sanitizer.*"))
        assert not reports, "sanitizer report:\n" + "\n".join(r.read_text() for r in reports)
        assert status == 0, f"bgpd ended with {status}: {daemon.printed() if daemon else ''}"


