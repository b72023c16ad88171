# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line, details below it and performance data, as plugins of Icinga, Nagios and their like print them; and their exit code.

Source: Monitoring Plugins Development Guidelines, sections "Plugin Output" and "Performance data".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import seconds_of
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, ResultOf
from ansible_collections.mailops.tls.plugins.module_utils._report.server import Server, servers_of
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import sight_of

WARNING_DAYS, CRITICAL_DAYS = 14, 3
MOST_LINES = 50
_DAY = 86400
_SAID = {ResultOf.DESTINATION: "mail would not be delivered", ResultOf.DELIVERY: "a message was not delivered"}


class ExitCode(IntEnum):
    """The exit code of a plugin, the state of a service."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_GRAVITY = (ExitCode.OK, ExitCode.UNKNOWN, ExitCode.WARNING, ExitCode.CRITICAL)
"""States from the best to the worst: what is known to be wrong counts more than what is not known."""


@dataclass
class _Seen:
    names: int = 0
    satisfied: int = 0
    untested: int = 0
    days: int | None = None
    state: ExitCode = ExitCode.OK
    lines: list[tuple[ExitCode, str]] = field(default_factory=list)

    def note(self, state: ExitCode, line: str) -> None:
        """Take what is not well."""
        self.state = max(self.state, state, key=_GRAVITY.index)
        self.lines.append((state, line))


def icinga(material: Material, warning_days: int = WARNING_DAYS, critical_days: int = CRITICAL_DAYS) -> tuple[ExitCode, str]:
    """Return the exit code and what the plugin prints.

    Args:
        material: what is reported.
        warning_days: a certificate that ends within so many days is a warning.
        critical_days: one that ends within so many is critical, as is one that has ended.
    """
    seen, now = _Seen(), seconds_of(material.moment) or 0
    for observed in material.results():
        seen.names += 1
        sight = sight_of(observed)
        servers = list(servers_of(observed))
        seen.satisfied += sight.satisfied is True
        if sight.satisfied is False:
            said = _SAID.get(observed.kind, "not as wanted")
            seen.note(ExitCode.CRITICAL, f"{observed.name}: {said}, {sight.reason or sight.error or sight.status}")
        elif sight.satisfied is None and servers and not any(one.tested for one in servers):
            seen.untested += 1
            seen.note(ExitCode.UNKNOWN, f"{observed.name}: not tested, {servers[0].error}")
        elif sight.satisfied is None:
            seen.note(ExitCode.UNKNOWN, f"{observed.name}: no verdict")
        for server in servers:
            _certificates(server, now, warning_days, critical_days, seen)
    for share in material.missing:
        seen.note(ExitCode.UNKNOWN, share.text[0].lower() + share.text[1:])
    if not seen.names:
        seen.note(ExitCode.UNKNOWN, "nothing was probed")
    return seen.state, _printed(seen, warning_days, critical_days)


def _certificates(server: Server, now: int, warning_days: int, critical_days: int, seen: _Seen) -> None:
    if server.not_after is None:
        return
    days = (server.not_after - now) // _DAY
    seen.days = days if seen.days is None else min(seen.days, days)
    where = f"{server.subject}: the certificate of {server.where}"
    if server.not_after < now:
        seen.note(ExitCode.CRITICAL, f"{where} has ended")
    elif days < critical_days:
        seen.note(ExitCode.CRITICAL, f"{where} ends in {_days(days)}")
    elif days < warning_days:
        seen.note(ExitCode.WARNING, f"{where} ends in {_days(days)}")


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _printed(seen: _Seen, warning_days: int, critical_days: int) -> str:
    worst_first = sorted(seen.lines, key=lambda one: -_GRAVITY.index(one[0]))
    first = f"MAIL TLS {seen.state.name} - {seen.satisfied} of {seen.names} satisfied"
    if worst_first:
        first += f"; {worst_first[0][1]}"
    data = f"satisfied={seen.satisfied};;;0;{seen.names} untested={seen.untested};;;0;{seen.names}"
    if seen.days is not None:
        data += f" days_left={seen.days};{warning_days}:;{critical_days}:"
    below = [f"[{state.name}] {line}" for state, line in worst_first[:MOST_LINES]]
    if len(worst_first) > MOST_LINES:
        below.append(f"and {len(worst_first) - MOST_LINES} more")
    return "\n".join([f"{_plain(first)} | {data}", *map(_plain, below)]) + "\n"


def _plain(text: str) -> str:
    """Return text without the bar that performance data begin with."""
    return text.replace("|", "/").replace("\n", " ")
