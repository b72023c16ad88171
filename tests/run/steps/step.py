# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step of the test run is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workshop import Workshop


@dataclass(frozen=True)
class Step:
    """One named check: `run` raises when it finds something wrong.

    Steps of one `lane` never run at the same time; those that need root are skipped for others.
    """

    name: str
    group: str
    run: Callable[[Workshop], None]
    needs_root: bool = False
    lane: str = ""
