# SPDX-License-Identifier: GPL-2.0-or-later
"""Canonical forms: what FRR's `show running-config` makes of a file, to the byte, in both profiles."""
from __future__ import annotations

import pathlib

import pytest

from capture import failing, settle


@pytest.mark.parametrize("profile", ["traditional", "datacenter"])
def test_canonical_forms_are_frrs(profile: str, tmp_path: pathlib.Path) -> None:
    failed, names = failing("canonical", tmp_path, "--only", f"^canonical-{profile}/", "--jobs", "3")
    cases = {f"{profile}/{name.removesuffix('.out')}" for name in failed}
    assert len(names) > 250
    settle("canonical", cases, {f"{profile}/{name.removesuffix('.out')}" for name in names})
