# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`expect`: what every endpoint has to look like for the task to succeed.

An expectation is a mapping in the shape of an endpoint of the results, with only the items that matter. A plain value has
to be equal (text in any case), a list names the values that will do, a mapping goes one level down. Two words of its own:
`min_days_left` is the least number of days until the leaf certificate ends, and `error` may be an `error.kind`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import LOGIN_OUTCOMES
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_SHARED: Mapping[str, Sequence[str]] = {
    "error": ("kind", "phase", "text"),
    "tls": ("protocol", "cipher", "cipher_bits", "group", "signature", "signature_digest", "sni", "alpn", "session_reused"),
    "verification": (
        "status", "requested_level", "effective_level", "delivery_level", "trusted", "matched", "matched_name", "depth", "error",
    ),
    "tlsa": ("lookup", "base_domain", "owner", "secure"),
}  # fmt: skip
_MIN_DAYS = "min_days_left"
_SHOWN_UNMET = 10
_KINDS = tuple(kind.value for kind in ErrorKind)


@dataclass(frozen=True)
class Vocabulary:
    """What can be expected of the endpoints of one module.

    Attributes:
        subject: how results name what they are about.
        plain: the items with one value, or a list.
        nested: the items with items of their own.
    """

    subject: str
    plain: tuple[str, ...]
    nested: Mapping[str, Sequence[str]]


DESTINATIONS = Vocabulary(
    "destination",
    ("host", "address", "port", "preference", "status", "satisfied", "greeting", "server_name"),
    {**_SHARED, "capabilities": ("before_tls", "after_tls")},
)
MAILBOXES = Vocabulary(
    "target",
    (
        "service", "protocol", "tls_mode", "host", "address", "port", "port_state", "status", "satisfied", "greeting", "greeting_status",
        "apop", "starttls_offered", "injected_plaintext", "command_injected",
    ),
    {
        **_SHARED,
        "capabilities": ("greeting", "before_tls", "after_tls"),
        "auth_mechanisms": ("before_tls", "after_tls"),
        "password_login": ("before_tls", "after_tls"),
    },
)  # fmt: skip

LOGINS = Vocabulary(
    "target",
    (*MAILBOXES.plain, "logins"),
    {**MAILBOXES.nested, "mechanisms": ("before_tls", "after_tls", "only_before_tls", "only_after_tls", "after_login")},
)
_OUTCOMES = "logins"
"""Not a list there: an outcome, for all logins, or a mapping of mechanisms to outcomes."""


@dataclass(frozen=True)
class Expectation:
    """A checked expectation: the mapping as given, and the words that it is in."""

    wanted: Mapping[str, Any]
    words: Vocabulary = DESTINATIONS


@dataclass(frozen=True)
class Unmet:
    """One expectation that one endpoint does not meet. `endpoint` is `host[address]:port`, or empty for a destination.

    `subject` is the name under which a result tells its destination.
    """

    destination: str
    endpoint: str
    item: str
    expected: Any
    found: Any
    because: str | None
    subject: str = "destination"

    def __str__(self) -> str:
        destination = clean(self.destination, 255)
        where = f"{destination} via {self.endpoint}" if self.endpoint else destination
        text = f"{where}: expected {self.item} {_show(self.expected)}, found {_show(self.found)}"
        return f"{text} ({self.because})" if self.because else text

    def as_dict(self) -> dict[str, Any]:
        """Return it as an item of the `unmet` result."""
        return {
            self.subject: self.destination,
            "endpoint": self.endpoint,
            "item": self.item,
            "expected": self.expected,
            "found": self.found,
            "because": self.because,
        }


def parse_expectation(value: Mapping[str, Any], words: Vocabulary = DESTINATIONS) -> Expectation:
    """Check an expectation.

    Raises:
        OptionError: for an item that no endpoint has, for a value it can never have, and where nothing is expected.
    """
    _not_empty("expect", value)
    for name, wanted in value.items():
        if name == _MIN_DAYS:
            _check_days(wanted)
        elif name == _OUTCOMES and name in words.plain:
            _check_outcomes(wanted)
        elif name in words.nested:
            _check_nested(name, wanted, words.nested[name])
        elif name not in words.plain:
            known = ", ".join(sorted((*words.plain, *words.nested, _MIN_DAYS)))
            raise OptionError("expect", name, f"is not an item of an endpoint; known are: {known}")
        elif isinstance(wanted, Mapping):
            raise OptionError("expect", {name: wanted}, "must not be a mapping")
        else:
            _not_empty(name, wanted)
    return Expectation(dict(value), words)


def _check_nested(name: str, wanted: Any, items: Sequence[str]) -> None:
    if isinstance(wanted, Mapping):
        _not_empty(name, wanted)
        unknown = sorted(set(wanted) - set(items))
        if unknown:
            text = f"is not an item of {name}; known are: {', '.join(items)}"
            raise OptionError("expect", f"{name}.{unknown[0]}", text)
        for key, value in wanted.items():
            _not_empty(f"{name}.{key}", value)
    elif name == "error":
        _not_empty(name, wanted)
        for kind in wanted if isinstance(wanted, list) else [wanted]:
            if kind is not None and str(kind).lower() not in _KINDS:
                raise OptionError("expect", {name: kind}, f"is not an error.kind; known are: {', '.join(_KINDS)}")
    elif wanted is not None:
        raise OptionError("expect", {name: wanted}, "must be a mapping")


def _check_outcomes(wanted: Any) -> None:
    _not_empty(_OUTCOMES, wanted)
    for mechanism, outcomes in wanted.items() if isinstance(wanted, Mapping) else [(None, wanted)]:
        name = _OUTCOMES if mechanism is None else f"{_OUTCOMES}.{mechanism}"
        _not_empty(name, outcomes)
        for one in outcomes if isinstance(outcomes, list) else [outcomes]:
            if str(one).lower() not in LOGIN_OUTCOMES:
                raise OptionError("expect", {name: one}, f"is not an outcome; known are: {', '.join(sorted(LOGIN_OUTCOMES))}")


def _check_days(wanted: Any) -> None:
    if isinstance(wanted, bool) or not re.match(r"-?[0-9]{1,9}\Z", str(wanted)):
        raise OptionError("expect", {_MIN_DAYS: wanted}, "is not a number of days")


def _not_empty(name: str, wanted: Any) -> None:
    """An empty mapping would always be met, an empty list never."""
    if isinstance(wanted, (Mapping, list)) and not wanted:
        raise OptionError("expect", {} if name == "expect" else {name: wanted}, "expects nothing")


def unmet_by(expectation: Expectation | None, now: datetime) -> Callable[[Sequence[Mapping[str, Any]]], list[Unmet]] | None:
    """Return what compares results with an expectation, as `unmet_expectations` does; None where nothing is expected."""
    return None if expectation is None else lambda results: unmet_expectations(expectation, results, now)


def unmet_expectations(
    expectation: Expectation, results: Sequence[Mapping[str, Any]], now: datetime
) -> list[Unmet]:
    """Compare results with an expectation.

    Args:
        results: destinations as in the `results` of a probe.
        now: the time for `min_days_left`, aware.

    Returns:
        Everything that differs, empty when all endpoints meet it. A destination without any endpoint meets only what its own
        status, satisfied and error do.
    """
    found: list[Unmet] = []
    named = expectation.words.subject
    for result in results:
        subjects = result["endpoints"] or [result]
        for subject in subjects:
            endpoint = endpoint_name(subject) if result["endpoints"] else ""
            because = _because(subject)
            for item, expected, actual in _differences(expectation.wanted, subject, now):
                found.append(Unmet(result[named], endpoint, item, expected, actual, because, named))
    return found


def endpoint_name(endpoint: Mapping[str, Any]) -> str:
    """Return an endpoint as Postfix writes it, `host[address]:port`, without the port where there is none."""
    port = f":{endpoint['port']}" if endpoint["port"] else ""
    return f"{endpoint['host']}[{endpoint['address'] or 'no address'}]{port}"


def not_met(unmet: Sequence[Unmet], more: int = 0) -> str | None:
    """Return one line that names every difference (the first few of many); None when all is as expected.

    Of *more* differences nothing is known but their number.
    """
    if not unmet and not more:
        return None
    shown = "; ".join(str(one) for one in unmet[:_SHOWN_UNMET])
    more += max(0, len(unmet) - _SHOWN_UNMET)
    return f"expect is not met: {shown}" + (f"; and {more} more" if more > 0 else "")


def _because(subject: Mapping[str, Any]) -> str | None:
    """The error that explains a bad endpoint; if it is about one kind of key, after the name of that kind."""
    for session in subject.get("key_algorithms") or ():
        if session["offered"] is not False and not session["satisfied"]:
            error = _error(session)
            return f"{session['algorithm']}: {error or session['status']}"
    return _error(subject)


def _error(subject: Mapping[str, Any]) -> str | None:
    error = subject.get("error") or (subject.get("verification") or {}).get("error")
    return error["text"] if error else None


def _differences(wanted: Mapping[str, Any], subject: Mapping[str, Any], now: datetime) -> list[tuple[str, Any, Any]]:
    differences = []
    for name, expected in wanted.items():
        actual = subject.get(name)
        if name == _MIN_DAYS:
            days = _days_left(subject, now)
            if days is None or days < int(expected):
                differences.append((name, expected, days))
        elif name == _OUTCOMES:
            differences += _outcome_differences(expected, actual or ())
        elif name == "error" and not isinstance(expected, Mapping):
            kind = actual["kind"] if actual else None
            if not accepts(expected, kind):
                differences.append((name, expected, kind))
        elif isinstance(expected, Mapping):
            inner = actual if isinstance(actual, Mapping) else {}
            for key, value in expected.items():
                if not accepts(value, inner.get(key)):
                    differences.append((f"{name}.{key}", value, inner.get(key)))
        elif not accepts(expected, actual):
            differences.append((name, expected, actual))
    return differences


def _outcome_differences(expected: Any, logins: Sequence[Mapping[str, Any]]) -> list[tuple[str, Any, Any]]:
    """Compare outcomes; an endpoint without a login that is expected has not met that."""
    outcomes = {one["mechanism"]: one["outcome"] for one in logins}
    if isinstance(expected, Mapping):
        wanted = {str(name).upper(): value for name, value in expected.items()}
    else:
        wanted = dict.fromkeys(outcomes, expected)
        if not outcomes:
            return [(_OUTCOMES, expected, None)]
    return [(f"{_OUTCOMES}.{name}", value, outcomes.get(name)) for name, value in wanted.items() if not accepts(value, outcomes.get(name))]


def accepts(expected: Any, actual: Any) -> bool:
    """Tell whether a value is what is expected: equal, text in any case, or one of a list."""
    if isinstance(expected, list):
        return expected == actual or any(accepts(one, actual) for one in expected)
    if isinstance(expected, Mapping):
        inner = actual if isinstance(actual, Mapping) else {}
        return all(key in inner and accepts(value, inner[key]) for key, value in expected.items())
    if expected is None or actual is None:
        return expected is actual
    if isinstance(actual, list):
        return expected in actual
    if isinstance(expected, str) or isinstance(actual, str):
        return str(expected).lower() == str(actual).lower()
    return isinstance(expected, bool) is isinstance(actual, bool) and bool(expected == actual)


def _days_left(subject: Mapping[str, Any], now: datetime) -> int | None:
    """The days until the first of the endpoint's own certificates ends; None when one of them does not say."""
    chains = [subject.get("chain"), *(one["chain"] for one in subject.get("key_algorithms") or ())]
    ends = [chain[0].get("not_after") for chain in chains if chain]
    if not ends or not all(ends):
        return None
    return min((datetime.fromisoformat(end.replace("Z", "+00:00")) - now).days for end in ends)


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return " or ".join(_show(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
