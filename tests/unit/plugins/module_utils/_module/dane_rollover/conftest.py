# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world for whole rollovers."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import World


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(tmp_path, "ecdsa")
