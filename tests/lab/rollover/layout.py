# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the rollover network keeps its files; beside what it has in common with the other network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..layout import Layout

DEFAULT_STATE = Path("/run/mailops-tls-roll")


@dataclass(frozen=True)
class RolloverLayout(Layout):
    """The files of one rollover network; `nsd` is the server of the zones above the domain, `unbound` the resolver."""

    state: Path = DEFAULT_STATE

    @property
    def primary(self) -> Path:
        """BIND's files."""
        return self.state / "ns1"

    @property
    def secondary(self) -> Path:
        """The files of the NSD that transfers the domain."""
        return self.state / "ns2"

    @property
    def stubborn(self) -> Path:
        """The files of the resolver that remembers too long."""
        return self.state / "stubborn"

    @property
    def update_key(self) -> Path:
        """The TSIG key that may change TLSA records, as nsupdate(1) takes it."""
        return self.state / "update.key"

    @property
    def transfer_key(self) -> Path:
        """The TSIG key of zone transfers and NOTIFY."""
        return self.state / "transfer.key"

    @property
    def watch(self) -> Path:
        """The sender's files: `log` has one line for each probe, `failures` what posttls-finger said."""
        return self.state / "sender"

    def exchange(self, label: str) -> Path:
        """The configuration directory of a mail server."""
        return self.state / label
