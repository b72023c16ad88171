# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a lab keeps its files. The state directory is short because unix sockets live in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .namespace import Namespace


@dataclass(frozen=True)
class LabLayout:
    """The files of one lab below its state directory; the namespace has the directory's name."""

    state: Path

    @property
    def namespace(self) -> str:
        """The name of the network namespace."""
        return self.state.name

    @property
    def net(self) -> Namespace:
        """The network namespace."""
        return Namespace(self.namespace)

    @property
    def marker(self) -> Path:
        """Written first; what has no marker was not made by us and is never removed."""
        return self.state / "made-by-lab"

    @property
    def started(self) -> Path:
        """The servers that were started, one a line; see `lifecycle`."""
        return self.state / "started"

    @property
    def summary(self) -> Path:
        """What is up, as JSON; written last, so its presence means the lab is complete."""
        return self.state / "lab.json"

    def environment(self) -> dict[str, str]:
        """The environment of commands inside: scripts find the lab."""
        return {**os.environ, "LAB_STATE": str(self.state)}
