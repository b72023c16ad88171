# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hostile server of the suite is: a name, a script to follow, and how a probe of it has to end."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Phase
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Script

End = tuple[ErrorKind, Phase]


@dataclass(frozen=True)
class Hostile:
    """One server. `ends` are the failures a probe may end with, all of them right; `succeeds`: none is right as well.

    Where there is more than one, OpenSSL's versions differ, or two limits are met at about the same time.
    """

    name: str
    script: Script
    ends: tuple[End, ...] = ()
    succeeds: bool = False


def ends(name: str, script: Script, kind: ErrorKind, *phases: Phase) -> Hostile:
    """Return a server whose probe ends with one kind of failure, in one of these phases."""
    return Hostile(name, script, tuple((kind, phase) for phase in phases))


def succeeds(name: str, script: Script) -> Hostile:
    """Return a server that is odd, but does nothing that a probe has to fail over."""
    return Hostile(name, script, succeeds=True)
