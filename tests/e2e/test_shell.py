# SPDX-License-Identifier: GPL-2.0-or-later
"""vtysh as a person and as a script use it."""
from __future__ import annotations

import re
import shlex
from typing import Iterator

import pexpect
import pytest

from lab import Ferro, sanitizer_env

TAB, CTRL_C, CTRL_D, CTRL_P, CTRL_R, CTRL_Z = "\t", "\x03", "\x04", "\x10", "\x12", "\x1a"


class Terminal:
    """vtysh in an 80x24 terminal."""

    def __init__(self, node: Ferro) -> None:
        # A session of its own: else Ctrl-C would end nsenter, which stands between.
        argv = node.argv(["setsid", "--ctty", "--wait", *node.vtysh_argv()])
        env = node.env(sanitizer_env(node)) | {"VTYSH_PAGER": "cat"}
        self.child = pexpect.spawn(argv[0], argv[1:], env=env, encoding="utf-8", timeout=15,
                                   dimensions=(24, 80), echo=True)
        self.greeting = self.until("r1# ")

    def until(self, prompt: str) -> str:
        """What comes before the prompt, line ends as in Unix."""
        self.child.expect(re.escape(prompt))
        return str(self.child.before).replace("\r\n", "\n").replace("\r", "")

    def say(self, line: str, prompt: str = "r1# ") -> str:
        """Types a line; returns its answer without the echo."""
        self.child.send(line + "\r")
        return self.until(prompt).removeprefix(line + "\n")

    def ask(self, line: str, key: str, prompt: str) -> str:
        """Types a line and a key that completes or explains it; returns what is printed, and
        clears the line. Only what stands in lines of its own."""
        self.child.send(line + key)
        shown = self.until(prompt + line.rstrip("\t"))
        self.child.send(CTRL_C)
        self.until(prompt)
        return shown.removeprefix(line).replace("\a", "")

    def completes(self, line: str, whole: str) -> None:
        """TAB after `line` makes it `whole`."""
        self.child.send(line + TAB)
        self.child.expect_exact(whole)
        self.child.send(CTRL_C)
        self.child.expect_exact("# ")


@pytest.fixture
def term(router: Ferro) -> Iterator[Terminal]:
    terminal = Terminal(router)
    yield terminal
    terminal.child.close(force=True)


def test_greeting_and_exit(term: Terminal) -> None:
    assert re.fullmatch(r"\nHello, this is .+\n.+\n\n", term.greeting)
    term.child.send("exit\r")
    term.child.expect(pexpect.EOF)
    term.child.wait()
    assert term.child.exitstatus == 0


def test_prompts(term: Terminal) -> None:
    steps = [("disable", "r1> "), ("enable", "r1# "), ("configure terminal", "r1(config)# "),
             ("router bgp 65001", "r1(config-router)# "),
             ("address-family ipv4 unicast", "r1(config-router-af)# "),
             ("exit-address-family", "r1(config-router)# "), ("exit", "r1(config)# "),
             ("interface eth0", "r1(config-if)# "), ("router bgp 65001", "r1(config-router)# "),
             ("quit", "r1(config)# "), ("line vty", "r1(config-line)# "), ("end", "r1# "),
             ("conf t", "r1(config)# "), ("hostname other", "other(config)# "),
             ("hostname r1", "r1(config)# "), ("exit", "r1# ")]
    for line, prompt in steps:
        assert term.say(line, prompt) == "", line


def test_errors(term: Terminal) -> None:
    assert term.say("foo") == "% Unknown command: foo\n"
    assert term.say("show") == "% Command incomplete: show\n"
    assert term.say("show ip") == "% Command incomplete: show ip\n"
    assert term.say("c") == "% Ambiguous command: c\n"
    assert term.say("! a comment") == ""
    assert term.say("   ") == ""


def test_abbreviations(term: Terminal) -> None:
    whole = term.say("show ip bgp summary")
    assert "BGP router identifier 192.168.1.1" in whole
    short = term.say("sh ip b su")
    assert "BGP router identifier 192.168.1.1" in short


def test_do(term: Terminal) -> None:
    term.say("configure terminal", "r1(config)# ")
    assert "FRRouting" in term.say("do show version", "r1(config)# ")
    assert "no such" not in term.say("do show ip bgp summary", "r1(config)# ").lower()


def test_keys_that_leave(term: Terminal) -> None:
    """Ctrl-C drops the line and stays in the mode, Ctrl-Z goes back to the top, Ctrl-D ends."""
    term.say("configure terminal", "r1(config)# ")
    term.say("router bgp 65001", "r1(config-router)# ")
    term.child.send("nei" + CTRL_C)
    term.until("r1(config-router)# ")
    term.child.send(CTRL_Z)
    term.until("r1# ")
    term.child.send(CTRL_D)
    term.child.expect(pexpect.EOF)
    term.child.wait()
    assert term.child.exitstatus == 0


def test_tab(term: Terminal) -> None:
    term.completes("sh", "show ")
    term.completes("show ip bgp neigh", "show ip bgp neighbors ")
    term.completes("conf", "configure ")
    term.say("configure terminal", "r1(config)# ")
    term.say("router bgp 65001", "r1(config-router)# ")
    term.completes("neighbor 192.168.1.2 re", "neighbor 192.168.1.2 remote-as ")
    shown = term.ask("neighbor 192.168.1.2 remote-as ", TAB + TAB, "r1(config-router)# ")
    assert {"external", "internal"} <= set(shown.split())


def test_question_mark(term: Terminal) -> None:
    """Texts and columns as FRR 10 has them; `candidate` and `private` are ours."""
    assert term.ask("xyz ", "?", "r1# ") == "\n% There is no matched command.\n"
    assert term.ask("configure ", "?", "r1# ") == (
        "\n  <cr>       \n"
        "  candidate  Edit a candidate, which is committed as a whole\n"
        "  private    Edit a candidate, which is committed as a whole\n"
        "  terminal   Configuration terminal\n")
    prompt = "r1(config-router)# "
    term.say("configure terminal", "r1(config)# ")
    term.say("router bgp 65001", prompt)
    assert term.ask("timers bgp ", "?", prompt) == "\n  (0-65535)  Keepalive interval\n"
    assert term.ask("timers bgp 10 ", "?", prompt) == "\n  (0-65535)  Holdtime\n"
    assert term.ask("timers bgp 10 30 ", "?", prompt) == "\n  <cr>\n"
    assert term.ask("neighbor 192.168.1.2 timers ", "?", prompt) == """
  (0-65535)  Keepalive interval
  connect    BGP connect timer
  delayopen  RFC 4271 DelayOpenTimer
"""
    assert term.ask("network ", "?", prompt) == """
  A.B.C.D    Network number
  A.B.C.D/M  IPv4 prefix
"""


def test_history(term: Terminal) -> None:
    term.say("show version")
    term.child.send(CTRL_P)
    term.child.expect_exact("show version")
    term.child.send("\r")
    assert "FRRouting" in term.until("r1# ")
    assert "show version" in term.say("show history").splitlines()


def test_list_and_find(term: Terminal) -> None:
    lines = term.say("list")
    assert "  configure [terminal]" in lines.splitlines() or "configure" in lines
    found = term.say("find maximum-paths")
    assert all("maximum-paths" in line for line in found.splitlines())


def test_pipe(router: Ferro) -> None:
    text = router.show("show running-config | include neighbor").splitlines()
    assert text and all("neighbor" in line for line in text)
    text = router.show("show running-config | exclude neighbor").splitlines()
    assert text and not any("neighbor" in line for line in text)
    assert router.show("show running-config | begin router bgp").startswith("router bgp 65001\n")


def test_typed_configuration_counts(term: Terminal, router: Ferro) -> None:
    term.say("configure terminal", "r1(config)# ")
    term.say("router bgp 65001", "r1(config-router)# ")
    assert term.say("neighbor 192.168.1.5 remote-as 65005", "r1(config-router)# ") == ""
    assert "neighbor 192.168.1.5 remote-as 65005" in router.show("show running-config")
    said = term.say("neighbor 192.168.1.99 timers 1 3", "r1(config-router)# ")
    assert said == "% Specify remote-as or peer-group commands first\n"


def test_several_commands(router: Ferro) -> None:
    """-c several times: in order; the first fault ends it with status 1."""
    done = router.shell("show version", "configure terminal", "router bgp 65001", "timers bgp 7 21", "end",
                        "show running-config")
    assert done.returncode == 0
    assert "timers bgp 7 21" in done.stdout
    done = router.shell("foo", "show version")
    assert done.returncode == 1
    assert done.stdout.startswith("% Unknown command: foo\n")
    assert "FRRouting" not in done.stdout


def test_newlines_in_c(router: Ferro) -> None:
    done = router.shell("configure terminal\nrouter bgp 65001\ntimers bgp 8 24\nend\nshow running-config")
    assert done.returncode == 0
    assert "timers bgp 8 24" in done.stdout


def test_script_on_stdin(router: Ferro) -> None:
    script = "configure terminal\nrouter bgp 65001\nnetwork 10.9.0.0/16\nend\nshow running-config\n"
    done = router.shell(stdin=script)
    assert done.returncode == 0
    assert "  network 10.9.0.0/16\n" in done.stdout
    assert "network 10.9.0.0/16" in router.show("show running-config")


def test_file(router: Ferro) -> None:
    """-f: a file of statements; an unknown line is told with its number and gives status 2."""
    (router.etc / "x.conf").write_text("router bgp 65001\n neighbor 10.0.0.61 remote-as 65061\n"
                                       " neighbor 10.0.0.61 foobar 7\n")
    done = router.run(router.vtysh_argv("-f", "/etc/frr/x.conf"))
    assert done.returncode == 2
    assert re.search(r"line 3: % Unknown command\[\d+\]:  neighbor 10\.0\.0\.61 foobar 7",
                     done.stdout + done.stderr)
    assert "neighbor 10.0.0.61 remote-as 65061" in router.show("show running-config")


def test_no_daemon(r1: Ferro) -> None:
    done = r1.shell("show version")
    assert done.returncode == 1
    assert "failed to connect to any daemons" in done.stdout + done.stderr


def test_daemon_comes_back(router: Ferro, term: Terminal) -> None:
    """A shell that is open while bgpd is started again goes on by itself."""
    assert router.end() == 0
    router.begin(router.conf.read_text())
    term.say("show version", "# ")
    assert "FRRouting" in term.say("show version")


def test_output_into_a_pipe(router: Ferro) -> None:
    command = shlex.join(router.vtysh_argv("-c", "show running-config")) + " | head -n 1"
    assert router.sh(command) == "Building configuration...\n"
