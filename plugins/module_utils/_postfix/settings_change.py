# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of main.cf, changed by one `postconf -e`, looked at again afterwards, and put back when they are not as they should be.

`postfix tls` loses the exit status of `postconf` and never looks. Postconf writes main.cf whole or not at all; one call for all
parameters means that no program ever sees half of them (the daemons wait while the file is being changed, too).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult, Run, complaint


class NotChanged(Exception):
    """Parameters could not be set; the text says why. `restored` tells whether they are all as they were before."""

    def __init__(self, text: str, restored: bool) -> None:
        super().__init__(text)
        self.restored = restored


@dataclass(frozen=True)
class Setting:
    """A parameter with its values in main.cf before and after, unexpanded; `None` where main.cf does not set it."""

    name: str
    before: str | None
    after: str | None

    def reversed(self) -> Setting:
        """Return what puts it back."""
        return Setting(self.name, self.after, self.before)

    def as_dict(self) -> dict[str, str | None]:
        """Return the shape of results."""
        return {"name": self.name, "before": self.before, "after": self.after}


def differences(explicit: Mapping[str, str], desired: Mapping[str, str | None]) -> tuple[Setting, ...]:
    """Return what has to change so that main.cf, which sets *explicit*, sets *desired*; `None` stands for removal."""
    settings = (Setting(name, explicit.get(name), after) for name, after in desired.items())
    return tuple(one for one in settings if not _same(one.before, one.after))


def change(run: Run, config_directory: str, settings: Sequence[Setting]) -> None:
    """Set parameters of the instance at *config_directory*; without *settings* nothing is run.

    Raises:
        NotChanged: when postconf refuses, or when main.cf sets something else afterwards; what was there before is then put back.
        PostfixMissing: when there is no Postfix.
    """
    if not settings:
        return
    failure = _edit(run, config_directory, settings) or _difference(run, config_directory, settings)
    if failure is None:
        return
    backwards = [one.reversed() for one in settings]
    if _difference(run, config_directory, backwards) is not None:
        _edit(run, config_directory, backwards)
    problem = _difference(run, config_directory, backwards)
    if problem is not None:
        failure += "; and what was there before could not be put back: " + problem
    raise NotChanged(failure, problem is None)


def _edit(run: Run, directory: str, settings: Iterable[Setting]) -> str | None:
    """Run postconf; returns why it failed."""
    values = [f"{one.name} = {one.after}" for one in settings if one.after is not None]
    removed = [one.name for one in settings if one.after is None]
    for option, words in (("-e", values), ("-X", removed)):
        result = run(["postconf", "-c", directory, option, *words]) if words else None
        if result is not None and result.status != 0:
            return f"postconf {option} failed: {_reason(result)}"
    return None


def _difference(run: Run, directory: str, settings: Iterable[Setting]) -> str | None:
    """Ask postconf again; returns what main.cf does not set as it should."""
    result = run(["postconf", "-c", directory, "-n"])
    if result.status != 0:
        return f"postconf -n failed: {_reason(result)}"
    pairs = (line.partition("=") for line in result.stdout.splitlines())
    found = {name.strip(): value.strip() for name, sign, value in pairs if sign}
    wrong = [one.name for one in settings if not _same(found.get(one.name), one.after)]
    return f"main.cf does not have the values that it was given for {', '.join(wrong)}" if wrong else None


def _same(one: str | None, other: str | None) -> bool:
    """Postconf folds white space, and a value is none when the parameter is not set."""
    return one is other if one is None or other is None else one.split() == other.split()


def _reason(result: CommandResult) -> str:
    return complaint(result.stderr) if result.stderr.strip() else f"exit status {result.status}"
