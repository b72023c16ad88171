# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modes, owners and groups as users write them."""

from __future__ import annotations

import grp
import os
import pwd

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import Access
from ansible_collections.mailops.tls.plugins.module_utils._files.permissions import parse_access, parse_mode


@pytest.mark.parametrize(
    ("value", "mode"),
    [(None, None), ("0600", 0o600), ("600", 0o600), ("0o640", 0o640), (0o600, 0o600), (" 0400 ", 0o400)],
    ids=["none", "octal", "without-zero", "python", "number-of-yaml", "blanks"],
)
def test_modes(value: object, mode: object) -> None:
    assert parse_mode(value, "mode", secret=True) == mode  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["", "u=rw", "0800", "60", "01600", 600, 640, -1, "0o", "0x180", "0066", "0000", "-600"])
def test_what_is_no_mode(value: object) -> None:
    with pytest.raises(OptionError) as raised:
        parse_mode(value, "certificate_mode")  # type: ignore[arg-type]
    assert raised.value.option == "certificate_mode"


@pytest.mark.parametrize("value", ["0644", "0604", "0602", "0601", 0o644])
def test_a_key_for_everybody_is_refused(value: object) -> None:
    with pytest.raises(OptionError, match="everybody"):
        parse_mode(value, "mode", secret=True)  # type: ignore[arg-type]
    assert parse_mode(value, "mode") is not None  # type: ignore[arg-type]


def test_owners() -> None:
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    assert parse_access(0o640, user, group) == Access(0o640, os.getuid(), os.getgid())
    assert parse_access(None, "12", "34") == Access(None, 12, 34)
    assert parse_access(None, None, None) == Access()


@pytest.mark.parametrize("option", ["owner", "group"])
def test_nobody_of_that_name(option: str) -> None:
    names = {"owner": None, "group": None, option: "no such name"}
    with pytest.raises(OptionError) as raised:
        parse_access(None, names["owner"], names["group"])
    assert raised.value.option == option
