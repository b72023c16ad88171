# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit of open files: raised as far as needed, and an error where that is not allowed."""

from __future__ import annotations

import resource

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors


def limits(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> list[tuple[int, int]]:
    """Pretend these limits; returns the list that new ones are noted in."""
    noted: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda what: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda what, pair: noted.append(pair))
    return noted


def test_a_limit_that_is_high_enough_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = limits(monkeypatch, 4096, 4096)
    reserve_descriptors(500)
    assert noted == []


def test_a_low_soft_limit_is_raised_within_the_hard_one(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = limits(monkeypatch, 256, 4096)
    reserve_descriptors(500)
    assert len(noted) == 1 and 500 < noted[0][0] <= 4096 and noted[0][1] == 4096


def test_more_than_the_hard_limit_is_an_error_that_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = limits(monkeypatch, 256, 512)
    with pytest.raises(OptionError, match="concurrency: 500 needs .* the limit .* is 512"):
        reserve_descriptors(500)
    assert noted == []
