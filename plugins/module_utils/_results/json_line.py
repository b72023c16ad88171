# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a file of results: a header that says with which options it was made, then a result a line. Pure.

    {"kind": "header", "schema": 1, "run": ..., "vantage": ..., "started": ..., "digest": ..., "options": {...}}
    {"schema": 1, "run": ..., "vantage": ..., "probed_at": ..., "destination": ..., "status": ..., ...}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._errors import TRANSIENT_KINDS
from ansible_collections.mailops.tls.plugins.module_utils._results.domain_shape import DOMAIN_RESULT
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import LOGIN_RESULT, MAILBOX_RESULT, RESULT, Shape, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._results.short_line import cut, shortened, whole
from ansible_collections.mailops.tls.plugins.module_utils._results.short_shape import SHORT_RESULT
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

SCHEMA = 1
"""Of both kinds of lines; a number above it is of a later version, whose lines mean something else."""
LONGEST = 256 * 1024
"""Most bytes of a line; that of one exchange has two thousand."""
HEADER_BEGIN = b'{"kind":"header",'
_DIFFERING = 20
"""So many options that differ are named."""
_IDENTITY = ("schema", "run", "vantage", "probed_at")
_IDENTIFIED: Shape = dict.fromkeys(_IDENTITY[1:], (str,))
_BUSY = frozenset(("temporary_failure", "rate_limited", "disconnected", "timeout"))
"""Outcomes of logins that can be others the next time."""


class NotResults(ValueError):
    """What a line is that cannot be gone on with, to stand behind the path."""


@dataclass(frozen=True)
class RunIdentity:
    """Which run probed, and from which machine."""

    run: str
    vantage: str


class Line(NamedTuple):
    """A result out of a file, without what identifies it there; `probed_at` is UTC, as text."""

    result: dict[str, Any]
    probed_at: str


class ReadLine:
    """A line that was read, and found to be a result. Most readers need nothing of it but who it is about and how it ended.

    Attributes:
        short: the result as it stands there. What its `key` is made of is in it, its `status`, and whether it is `satisfied`.
        probed_at: when, UTC, as text.
    """

    __slots__ = ("_whole", "probed_at", "short")

    def __init__(self, short: dict[str, Any], probed_at: str, is_whole: bool) -> None:
        self.short, self.probed_at, self._whole = short, probed_at, is_whole

    def make_whole(self) -> None:
        """Put back what the line does not say; `short` is the whole result from now on."""
        if not self._whole:
            self.short, self._whole = whole(self.short), True

    def line(self) -> Line:
        """Return the whole result, as `make_whole` makes it."""
        self.make_whole()
        return Line(self.short, self.probed_at)


def utc_text(moment: datetime) -> str:
    """Return an aware UTC time as it stands in the file."""
    return moment.isoformat(timespec="seconds")[:19] + "Z"


def header_line(identity: RunIdentity, started: datetime, options: Mapping[str, Any]) -> bytes:
    """Return the first line of a file; `options` maps the name of each option that matters to what is compared of it."""
    return _line({
        "kind": "header",
        "schema": SCHEMA,
        "run": identity.run,
        "vantage": identity.vantage,
        "started": utc_text(started),
        "digest": options_digest(options),
        "options": dict(options),
    })  # fmt: skip


def result_line(identity: RunIdentity, probed_at: datetime, result: Mapping[str, Any]) -> bytes:
    """Return the line of a result; of one that is longer than `LONGEST` something is cut, which its item `cut` says."""
    own = {"schema": SCHEMA, "run": identity.run, "vantage": identity.vantage, "probed_at": utc_text(probed_at)}
    short = "destination" in result
    line = _line({**own, **(shortened(result) if short else result)})
    if len(line) <= LONGEST or "endpoints" not in result:
        return line
    for one in cut(result):
        line = _line({**own, **(shortened(one) if short else one)})
        if len(line) <= LONGEST:
            break
    return line


def options_digest(options: Mapping[str, Any]) -> str:
    """Return the digest of options, whatever their order."""
    text = json.dumps(options, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def parse_header(line: bytes) -> Mapping[str, Any]:
    """Return the options in a header.

    Raises:
        NotResults: when it is none.
    """
    header = read_mapping(line)
    if header is None or header.get("kind") != "header":
        text = "has no header: it is of a version before 1.0.0, which did not note the options, or no file of results"
        raise NotResults(text)
    _check_schema(header)
    options = header.get("options")
    if not isinstance(options, dict) or header.get("digest") != options_digest(options):
        raise NotResults("has a damaged header")
    return options


def parse_line(line: bytes, number: int, shape: Shape | None = None) -> Line:
    """Return the whole result in a line, which has a *shape*: by default that of a destination.

    Raises:
        NotResults: with the number of the line.
    """
    return read_line(line, number, shape).line()


def read_line(line: bytes, number: int, shape: Shape | None = None) -> ReadLine:
    """Return the result in a line as it stands there. It has the *shape*, or will have it when it is made whole.

    Raises:
        NotResults: with the number of the line.
    """
    found = read_mapping(line)
    if found is None:
        raise NotResults(f"has a line {number} that is not the result of a probe")
    _check_schema(found)
    shape = RESULT if shape is None else shape
    is_short = shape is RESULT
    if not has_shape(found, _IDENTIFIED) or not has_shape(found, SHORT_RESULT if is_short else shape):
        raise NotResults(f"has a line {number} that is not the result of a probe")
    probed_at: str = found["probed_at"]
    for name in _IDENTITY:
        del found[name]
    return ReadLine(found, probed_at, not is_short)


def differing_options(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name the options that differ, with what they were and are where that is short. A file can come from anywhere."""
    names = [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
    told = [f"{clean(name, 60)} ({_show(then.get(name))}, now {_show(now.get(name))})" for name in names[:_DIFFERING]]
    return [*told, f"and {len(names) - _DIFFERING} more"] if len(names) > _DIFFERING else told


def failed_for_now(result: Mapping[str, Any]) -> bool:
    """Tell whether a lookup or a connection failed somewhere in a result, short or whole, so that another try can end differently."""
    endpoints = result.get("endpoints") or ()
    sessions = [session for endpoint in endpoints for session in endpoint.get("key_algorithms") or ()]
    attempts = [
        attempt for one in (*endpoints, *sessions) for attempt in (one.get("reconnects") or {"attempts": ()})["attempts"]
    ]
    if any((endpoint.get("tlsa") or {}).get("error") is not None for endpoint in endpoints):
        return True  # also where what else is wrong with the endpoint is told as its error
    exchanges = (result.get("route") or {}).get("exchanges") or ()
    parts = [result, *exchanges, *endpoints, *sessions, *attempts]
    return any(map(_failed, parts))


def mailbox_failed_for_now(result: Mapping[str, Any]) -> bool:
    """Tell the same of a result of `mailbox_tls_probe`. A closed port beside open ones is a service that is not run."""
    running = [one for one in result["endpoints"] if one["port_state"] in ("open", "error")]
    if any((one.get("tlsa") or {}).get("error") is not None for one in running):
        return True
    return any(map(_failed, (result, *result["srv"], *running)))


def login_failed_for_now(result: Mapping[str, Any]) -> bool:
    """Tell the same of a result of `mail_auth_probe`, where a login can have found a server busy."""
    logins = [one for endpoint in result["endpoints"] for one in endpoint["logins"]]
    return mailbox_failed_for_now(result) or any(one["outcome"] in _BUSY for one in logins)


def domain_failed_for_now(result: Mapping[str, Any]) -> bool:
    """Tell the same of a result of `mail_domain_info`: of the domain itself, of a record, a document or a server."""
    parts = [result[name] for name in ("spf", "dmarc", "mta_sts", "tlsrpt", "caa", "bimi")]
    parts += [*result["dkim"], *result["srv"], *result["dnsbl"]]
    unknown = [one["outcome"] == "unknown" for one in (result["senders"] or {}).values()]
    lost = any(one["lookup"] == "error" for one in result["dane"])
    return lost or any(unknown) or any(_failed(part) for part in (result, *parts) if part is not None)


def _failed(part: Mapping[str, Any]) -> bool:
    """Tell whether a part of a result has an error that can pass. Where one is null it can be missing, too."""
    error = part.get("error")
    return error is not None and error["kind"] in TRANSIENT_KINDS


@dataclass(frozen=True)
class ResultKind:
    """What tells results of one module from those of another.

    Attributes:
        name: of what there is one result each.
        key: by what a result is known.
        shape: what readers rely on.
        failed_for_now: whether another try can end differently.
    """

    name: str
    key: Callable[[Mapping[str, Any]], str]
    shape: Shape
    failed_for_now: Callable[[Mapping[str, Any]], bool]


def parse_one_of(kinds: Iterable[ResultKind], line: bytes, number: int) -> tuple[ResultKind, Line] | None:
    """Return the result in a line with the first of the *kinds* that it is of, None when it is of none.

    Lines of one file are of one kind, so that of the line before is best tried first.
    """
    for kind in kinds:
        with suppress(NotResults):
            return kind, parse_line(line, number, kind.shape)
    return None


def mailbox_key(result: Mapping[str, Any]) -> str:
    """Return how a result of `mailbox_tls_probe` is known: a host and a domain can have the same name."""
    return f"{result['lookup']} {result['target']}"


DESTINATIONS = ResultKind("destination", lambda result: str(result["destination"]), RESULT, failed_for_now)
DOMAINS = ResultKind("domain", lambda result: str(result["domain"]), DOMAIN_RESULT, domain_failed_for_now)
LOGINS = ResultKind("target", mailbox_key, LOGIN_RESULT, login_failed_for_now)
MAILBOXES = ResultKind("target", mailbox_key, MAILBOX_RESULT, mailbox_failed_for_now)


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode("ascii") + b"\n"


def read_mapping(line: bytes) -> dict[str, Any] | None:
    """Return the mapping in a line, None for anything else."""
    try:
        found = json.loads(line.decode("utf-8"))  # else each line is looked at for its encoding
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _check_schema(line: Mapping[str, Any]) -> None:
    schema = line.get("schema")
    if isinstance(schema, bool) or not isinstance(schema, int) or schema < 1:
        raise NotResults("has a line that does not say its schema")
    if schema > SCHEMA:
        raise NotResults(f"is of a later version of this collection: its schema is {schema}, this one knows {SCHEMA}")


def _show(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, str) and value.startswith("sha256:"):
        return value[:15]
    text = clean(json.dumps(value) if not isinstance(value, str) else value, 61)
    return text if len(text) <= 60 else text[:57] + "..."
