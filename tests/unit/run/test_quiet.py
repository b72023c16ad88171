# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test run ends a step that says nothing any more, and no step for being slow."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_log_that_grows_may_take_for_ever(quiet: Any) -> None:
    silence = quiet.Silence()
    for size in range(100):
        silence.look(size, quiet.PATIENCE - 1, 1.0)


def test_a_silent_one_is_stuck(quiet: Any) -> None:
    silence = quiet.Silence()
    silence.look(5, quiet.LOOK, 0.1)
    silence.look(5, quiet.PATIENCE - 1, 0.1)
    with pytest.raises(quiet.Stuck):
        silence.look(5, 1.0, 0.1)


def test_a_busy_machine_has_more_time(quiet: Any) -> None:
    silence = quiet.Silence()
    silence.look(5, quiet.LOOK, 10.0)
    silence.look(5, 9 * quiet.PATIENCE, 10.0)
    with pytest.raises(quiet.Stuck):
        silence.look(5, 2 * quiet.PATIENCE, 10.0)
