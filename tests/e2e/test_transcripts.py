# SPDX-License-Identifier: GPL-2.0-or-later
"""FRR's interactive shell, session by session: what was typed in FRR 10's vtysh is typed in ours, in
a terminal of the same size, and what appears has to be what appeared there.

The transcripts stand in tests/data/frr-reference/shell. What differs on purpose or cannot be the
same is in the tables below, each with its reason; anything else that differs is a fault.
"""
from __future__ import annotations

import ast
import difflib
import pathlib
import re
import signal
import time
from dataclasses import dataclass
from typing import Callable

import pexpect
import pytest

from lab import DATA, Ferro, sanitizer_env

FOLDER = DATA / "frr-reference" / "shell"
QUIET = 15  # seconds without a byte: nothing more comes. An answer as expected is not waited behind

# What runs in the captures, as far as its statements are here; the other lines of the text are GONE.
BASE = """hostname r1
interface eth0
 ip address 10.0.0.1/24
router bgp 65001
 bgp router-id 10.0.0.1
 no bgp ebgp-requires-policy
 neighbor PG peer-group
 neighbor PG remote-as 65005
 neighbor 10.0.0.2 remote-as 65002
 neighbor 10.0.0.2 shutdown
 neighbor 10.0.0.3 remote-as 65003
 neighbor 2001:db8::2 remote-as 65002
 address-family ipv4 unicast
  network 10.244.0.0/24
"""
GONE = (
    "ip prefix-list OTHER seq 5 permit any\nip prefix-list PL1 seq 5 permit 10.0.0.0/8\n"
    "ip prefix-list PL2 seq 5 permit 11.0.0.0/8\n!\n",
    "route-map RM1 permit 10\nexit\n!\nroute-map RM2 permit 10\nexit\n!\n",
    " link-params\n exit-link-params\n",
    " !\n address-family l2vpn evpn\n  vni 100\n  exit-vni\n exit-address-family\n",
    "!\nbgp as-path access-list AP seq 5 permit .*\n!\nbgp community-list standard CL seq 5 permit 65001:1\n",
)
# Transcripts of paging: the text needs as many lines as FRR's, whatever is in them. FRR leaves the
# four lines of the header out of the pager, so that they leave the screen, and `end`: here the header
# is asked away, and `end` is a line of the text.
PAGED = {"pager-terminal-paginate", "pager-terminal-paginate-raw", "terminal-length"}
FILLER = BASE + "router bgp 65001\n" + "".join(
    f" neighbor 10.0.1.{i + 1} remote-as 65002\n" for i in range(sum(t.count("\n") for t in GONE) - 1))

# Blocks and statements that are not here (yet): such a step is left out, up to the end of the block
# that it opens.
LEFT_OUT = re.compile(
    "address-family (ipv[46] (multicast|labeled-unicast|vpn|flowspec|unreachability)|l2vpn|link-state)|"
    "segment-routing|vnc |(no )?(route-map|vrf|key chain|nexthop-group|ip prefix-list) |link-params")

Check = Callable[[str, str], bool]


def any_answer(got: str, wanted: str) -> bool:
    """Only the prompt is compared."""
    return got.splitlines()[-1:] == wanted.splitlines()[-1:]


def part_of(got: str, wanted: str) -> bool:
    """Fewer commands are here than in FRR, and a few that FRR does not have."""
    ours = {"commit", "discard", "rollback"}
    lines = set(wanted.splitlines())
    return any_answer(got, wanted) and all(
        line in lines or line.split()[:1] and line.split()[0] in ours or "maximum-paths" in line
        for line in got.splitlines())


def recent(got: str, wanted: str) -> bool:
    """FRR's history had earlier sessions in it, and ends with the same lines."""
    lines = got.splitlines()[1:]
    return len(lines) > 3 and wanted.splitlines()[-len(lines):] == lines


# Answers that are not FRR's, by transcript and line.
DIFFERENT: dict[tuple[str, str], tuple[str, Check]] = {
    ("daemon-down-greeting", "show daemons<CR>"): ("one process: staticd cannot be down alone", any_answer),
    ("daemon-down-greeting", "show static routes<CR>"): ("the same", any_answer),
    ("start-daemon-only", "show interface brief<CR>"): ("bgpd is zebra too", any_answer),
    ("hostname-change", "no hostname<CR>"): ("the prompt becomes `(null)`, a fault of FRR's",
                                             lambda got, wanted: got.endswith("r1(config)#")),
    ("pipe", "show running-config | exclude x<CR>"): ("FRR has only include", any_answer),
    ("prompts", "interface eth0<CR>"): ("mgmtd notes that nothing changed", any_answer),
    ("prompts-quit-end", "interface eth0<CR>"): ("the same", any_answer),
    ("write", "show startup-config<CR>"): ("FRR shows a file that it does not write", any_answer),
    ("find-and-list", "find maximum-paths<CR>"): ("fewer families", part_of),
    ("find-and-list", "list<CR>"): ("access-class comes with access lists", part_of),
    ("find-and-list", "list permutations<CR>"): ("the same; FRR's order is that of its graph in memory",
                                                 any_answer),
    ("history", "show history<CR>"): ("earlier sessions", recent),
    ("long-question-pager", "?"): ("fewer daemons", part_of),
    ("long-question-pager", "show ?"): ("fewer daemons", part_of),
    ("xterm-raw", "show ip ?"): ("fewer daemons", lambda got, wanted: part_of(
        got.replace("\r", ""), wanted.replace("\r", ""))),
}
# Not replayed here, and why. The telnet ones are in test_telnet.py.
ELSEWHERE = {
    "daemon-killed-in-session": "test_daemon_killed",
    "pager-env-more": "FRR pipes its greeting through the pager, where the first keys are lost",
}


@dataclass
class Step:
    keys: str  # as in the transcript: "show version<CR>"
    shown: str


def read_steps(path: pathlib.Path) -> tuple[dict[str, str], list[Step]]:
    """The environment of a transcript, and its steps; the first one is the start."""
    env: dict[str, str] = {}
    steps = []
    text = path.read_bytes().decode()
    for part in re.split(r"^--- ", text, flags=re.M)[1:]:
        head, _, body = part.partition("\n")
        if head.startswith("end"):
            break
        if head.startswith("start"):
            found = re.search(r"env (\{.*\})", head)
            env = ast.literal_eval(found[1]) if found else {}
            env["TERM"] = "xterm" if "TERM=xterm" in head else "dumb"
        keys = head.partition(": ")[2] if head.startswith("sent") else ""
        raw = body.startswith(("'", '"')) and body.rstrip().endswith(("'", '"'))
        steps.append(Step(keys, ast.literal_eval(body.strip()) if raw else body.removesuffix("\n")))
    return env, steps


def typed(keys: str) -> str:
    named = {"CR": "\r", "TAB": "\t"}
    return re.sub(r"<(CR|TAB|\^[A-Z])>", lambda m: named.get(m[1]) or chr(ord(m[1][1]) & 31), keys)


def plain(text: str) -> str:
    """As the transcripts without control bytes were written down."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\b", "").replace("\a", "")


def neutral(text: str) -> str:
    """Who we are, what takes memory and what depends on the moment."""
    for pattern, instead in (
            (r"FRRouting (\(version )?[-\w.]+", r"FRRouting \1V"),
            (r"on Linux\(.*", "on Linux"),
            (r"Copyright 1996-2005 .*[^\r\n]|Ferro [^\r\n]*", "AUTHOR"),
            (r"frr version .*", "frr version V"),
            (r"'--(prefix|sysconfdir)=.*", "OPTIONS"),
            (r"using .* of memory|BGP table version \d+", "N"),
            (r"never +(Connect|Active|Idle)( \(Admin\))?", "never S"),
            (r" +(?=\n)| +$", "")):
        text = re.sub(pattern, instead, text)
    return text


def masked(text: str) -> str:
    """A running configuration, line by line without what is in the lines."""
    text = re.sub(r"show running-config( no-header)?", "show running-config", text)
    text = re.sub(r"Building configuration...\r?\n\r?\nCurrent configuration:\r?\n!\r?\n", "", text)
    known = ("--More--", "r1# ", "%", "show ", "terminal", "q")
    lines = re.split(r"(\r?\n|\r)", text)
    return "".join(line if not line.strip() or line.startswith(known) or line.isspace() else "x"
                   for line in lines)


class Player:
    """A shell in a terminal; what it prints is read until it is what was expected, or nothing more
    comes."""

    def __init__(self, node: Ferro, env: dict[str, str], *options: str) -> None:
        argv = node.argv(["setsid", "--ctty", "--wait", *node.vtysh_argv(*options)])
        self.child = pexpect.spawn(argv[0], argv[1:], env=node.env(sanitizer_env(node)) | env,
                                   encoding="utf-8", dimensions=(24, 80))

    def read(self, enough: Callable[[str], bool]) -> str:
        text, last = "", time.monotonic()
        while time.monotonic() - last < QUIET:
            try:
                text += self.child.read_nonblocking(65536, 0.05)
                last = time.monotonic()
            except pexpect.TIMEOUT:
                if enough(text):
                    break
            except pexpect.EOF:
                return text + "<EOF>"
        return text

    def type(self, keys: str, wanted: str) -> str:
        self.child.send(typed(keys))
        return self.read(lambda text: plain(text).endswith(wanted))


class Replay:
    """One transcript: every step of it is compared."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.env, self.steps = read_steps(FOLDER / f"{name}.txt")

    def wanted(self, step: Step) -> str:
        text = step.shown
        if self.name in PAGED:
            return re.sub(r"(?<=[\n\r])end\r?\n", "", text)
        for lines in GONE:
            text = text.replace(lines, "")
        return text

    def view(self, text: str, step: Step) -> str:
        """What of a text is compared."""
        raw = "\r\n" in step.shown or "\b" in step.shown
        text = neutral(text if raw else plain(text))
        return masked(text) if self.name in PAGED else text

    def equal(self, got: str, step: Step) -> bool:
        reason = DIFFERENT.get((self.name, step.keys))
        a, b = self.view(got, step), self.view(self.wanted(step), step)
        return a == b or (reason is not None and reason[1](a, b))

    def difference(self, got: str, step: Step) -> str:
        a, b = self.view(self.wanted(step), step), self.view(got, step)
        lines = difflib.unified_diff(a.split("\n"), b.split("\n"), "FRR", "Ferro", lineterm="", n=1)
        return "\n".join([f"after {step.keys!r}:", *map(repr, lines)])

    def play(self, node: Ferro, *options: str) -> list[str]:
        player = Player(node, self.env, *options)
        prompt, until, faults = "", None, []
        for step in self.steps:
            if until is not None or LEFT_OUT.match(step.keys):
                until = until or prompt
                if step.shown.splitlines()[-1] == until:
                    until = None
                continue
            keys = step.keys
            if self.name in PAGED:
                keys = keys.replace("show running-config", "show running-config no-header")
            player.child.send(typed(keys))
            got = player.read(lambda text: self.equal(text, step))
            if not self.equal(got, step):
                faults.append(self.difference(got, step))
            prompt = step.shown.splitlines()[-1] if step.shown else ""
        player.child.close(force=True)
        return faults


NAMES = sorted(p.stem for p in FOLDER.glob("*.txt")
               if not p.stem.startswith("telnet") and not p.stem.endswith(".running") and p.stem not in ELSEWHERE)


@pytest.mark.parametrize("name", NAMES)
def test_transcript(r1: Ferro, name: str) -> None:
    r1.stub("eth0")
    r1.begin(FILLER if name in PAGED else BASE)
    options = ("-d", "bgpd") if name == "start-daemon-only" else ()
    faults = Replay(name).play(r1, *options)
    assert not faults, "\n\n".join(faults)


def test_daemon_killed(r1: Ferro) -> None:
    """As in daemon-killed-in-session, but that lines between need the daemon: the shell has no
    table of commands of its own."""
    r1.begin(BASE)
    player = Player(r1, {"TERM": "dumb"})
    player.read(lambda text: text.endswith("r1# "))
    assert r1.daemon
    r1.daemon.signal(signal.SIGKILL)
    r1.daemon.exit_status()
    r1.daemon = None
    for left in ("bgpd.vty", "bgpd.pid"):
        (r1.run_dir / left).unlink()
    lost = ("Warning: closing connection to bgpd because of an I/O error!\n"
            "Warning: connecting to bgpd...failed!\n")
    down = "Warning: connecting to bgpd...failed!\nbgpd is not running\n"
    assert plain(player.type("show bgp summary<CR>", "r1# ")) == f"show bgp summary\n{lost}r1# "
    assert plain(player.type("show bgp summary<CR>", "r1# ")) == f"show bgp summary\n{down}r1# "
    assert plain(player.type("configure terminal<CR>", "r1# ")) == f"configure terminal\n{down}r1# "
    r1.begin("hostname r1\n")
    assert plain(player.type("show bgp summary<CR>", "r1# ")) == (
        "show bgp summary\nWarning: connecting to bgpd...success!\n% BGP instance not found\nr1# ")
    player.child.close(force=True)
