# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: a laboratory for each test, and the leak test at the end of every one."""
from __future__ import annotations

import pathlib
from typing import Iterator

import pytest

from confs import open_conf
from lab import BGPD, VTYSH, Ferro, Lab


def pytest_configure(config: pytest.Config) -> None:
    for program in (BGPD, VTYSH):
        if not pathlib.Path(program).is_file():
            raise pytest.UsageError(f"{program} is missing: run ./check, or set FERRO_BUILD")


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> Iterator[Lab]:
    """An empty laboratory. Afterwards each Ferro in it must end well and without a report."""
    with Lab(tmp_path) as made:
        yield made
        for node in made.nodes:
            if isinstance(node, Ferro):
                node.check_clean_end()


@pytest.fixture
def r1(lab: Lab) -> Ferro:
    """A machine for Ferro; bgpd is not started."""
    return lab.add(Ferro, "r1")


@pytest.fixture
def router(r1: Ferro) -> Ferro:
    """Ferro by itself, with what every tutorial begins with."""
    r1.stub("eth0")
    r1.begin(open_conf())
    return r1
