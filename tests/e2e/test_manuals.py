# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual pages name what there is, and nothing else."""
from __future__ import annotations

import re

from lab import TOP, Ferro

DOC = TOP / "doc"


def options_of(page: str) -> set[str]:
    """Names of the options that a page describes or lists, without dashes."""
    found: set[str] = set()
    for kind, line in re.findall(r"^\.(It |Op |)Fl (.*)$", (DOC / page).read_text(), re.M):
        words = re.split(r"[ ,]+", re.sub(r"\bAr [^,]*", "", line))
        for word in words:
            if kind == "Op " and word.isalpha():
                found |= set(word)  # .Op Fl bCEhm
            elif word not in ("Fl", "", "."):
                found.add(word.lstrip("-"))
    return found


def options_in_help(text: str) -> set[str]:
    found = set()
    for line in text.splitlines():
        match = re.match(r" *(?:-(\w)[ ,] *)?--([-\w]+)", line)
        if match:
            found |= {name for name in match.groups() if name}
    return found


def test_options_of_bgpd(r1: Ferro) -> None:
    told = options_in_help(r1.bgpd("-h").stdout)
    page = options_of("bgpd.8")
    # the long names of options that change nothing
    assert told - page == {"module", "socket", "int_num"}
    ignored = set("oKwx") | {"I", "M", "z", "moduledir", "scriptdir", "tcli"}
    assert page - told <= ignored, page - told


def test_options_of_vtysh(r1: Ferro) -> None:
    r1.begin("hostname r1\n")
    done = r1.run(r1.vtysh_argv("-h"))
    told = options_in_help(done.stdout)
    page = options_of("vtysh.1")
    assert told <= page, told - page
    for option in page - told:  # what the help leaves out is taken all the same
        if not option.isalnum() or len(option) > 1:
            continue
        said = r1.run(r1.vtysh_argv("-" + option), seconds=10).stderr
        assert "invalid option" not in said, option


def test_statements_of_the_configuration(r1: Ferro) -> None:
    """Every statement named in frr.conf(5) is one."""
    page = (DOC / "frr.conf.5").read_text()
    statements = page[page.index(".Sh STATEMENTS"):page.index(".Sh EXAMPLES")]
    r1.begin("hostname r1\n")
    known = r1.shell("configure terminal", "list", "router bgp 1", "list", "exit", "interface lo", "list",
                     "exit", "line vty", "list").stdout
    known += "\n service terminal-length (0-512)\n"  # taken, and not listed, as in FRR's vtysh
    for line in re.findall(r"^\.It Ic (.*)$", statements, re.M):
        for statement in line.split(" , Ic "):
            words = re.split(r" (?:Ar|Oo|Op|Ns)\b", statement)[0].split()
            words = [w for w in words if w != "no"]
            assert re.search(r"(^|\s|\])" + r"[^\n]*".join(map(re.escape, words)), known, re.M), statement


def test_example_of_the_page(r1: Ferro) -> None:
    page = (DOC / "frr.conf.5").read_text()
    example = page.split(".Bd -literal -offset indent\n")[1].split(".Ed\n")[0]
    (r1.etc / "x.conf").write_text(example)
    done = r1.bgpd("-C", "-f", "/etc/frr/x.conf")
    assert done.returncode == 0 and done.stderr == ""
