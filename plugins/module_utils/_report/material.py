# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report is made of, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._results.reading import word


class ResultOf(str, Enum):
    """What a result is about, by the module that it is of."""

    DESTINATION = "destination"
    MAILBOX = "mailbox"
    DOMAIN = "domain"
    DELIVERY = "delivery"
    ROLLOVER = "rollover"


class Observed(NamedTuple):
    """A result with what is known of it besides.

    `probed_at` is UTC as text, empty where nobody noted it. `vantage` is the machine that looked, empty for this one. `grades` has one for
    each policy that was asked for, as `_grade/` gives them.
    """

    kind: ResultOf
    name: str
    result: Mapping[str, Any]
    probed_at: str = ""
    vantage: str = ""
    grades: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class ReportedRun:
    """A run whose results are told of: its name, where it was, when it began, and the options that decided."""

    run: str
    vantage: str
    started: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class MissingShare:
    """The part of a run that was given to one machine, of which something never came; `expected` is None where nobody knows how much."""

    prober: str
    received: int
    expected: int | None
    reason: str = ""

    @property
    def text(self) -> str:
        """What is missing, in a sentence without its end."""
        only = f"only {self.received} {'result' if self.received == 1 else 'results'} came"
        came = only if self.expected is None else f"{self.received} of {self.expected} results came"
        return f"The share of {self.prober} is not whole, {came}" + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True)
class Material:
    """Everything that a report is made of.

    Attributes:
        title: what the reader calls it.
        moment: when the last of the results was found, UTC as text; ages are counted from here.
        results: gives all results anew at each call, one after the other; none of them twice.
        runs: the runs that they are of.
        changes: what is different from the audit before; None where there is none to compare with.
        previous: the name of the audit before.
        missing: what the run does not have, although it was to be looked at.
        is_audit: whether this is a run of an audit, which people want to see compared.
    """

    title: str
    moment: str
    results: Callable[[], Iterable[Observed]]
    runs: tuple[ReportedRun, ...] = ()
    changes: tuple[Mapping[str, Any], ...] | None = None
    previous: str | None = None
    missing: tuple[MissingShare, ...] = ()
    is_audit: bool = False


class Rendered(NamedTuple):
    """A report: its text, and what a task returns of it besides."""

    text: str
    facts: Mapping[str, Any] = {}


_LONGEST_NAME = 255
_NAMED_BY = {"destination": ResultOf.DESTINATION, "target": ResultOf.MAILBOX, "domain": ResultOf.DOMAIN, "label": ResultOf.ROLLOVER}


def observed(result: Mapping[str, Any], probed_at: str = "", vantage: str = "") -> Observed | None:
    """Return a result by what it is about; None when it is no result that can be reported."""
    for key, kind in _NAMED_BY.items():
        if isinstance(result.get(key), str):
            return Observed(kind, _name(result[key]), result, word(probed_at), word(vantage))
    if "delivered" in result and isinstance(result.get("steps"), list):
        return Observed(ResultOf.DELIVERY, _name(_delivery_name(result)), result, word(probed_at), word(vantage))
    return None


def _name(text: str) -> str:
    """Return a name as every format can show it: destinations have the text of a list, which can be anything."""
    return word(text)[:_LONGEST_NAME].strip()


def _delivery_name(result: Mapping[str, Any]) -> str:
    submit = result.get("submit")
    host = submit.get("host") if isinstance(submit, Mapping) else None
    return host if isinstance(host, str) else "delivery"
