# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a result as facts: what every reader of results relies on. Checked where one comes from a file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Callable, Union

Shape = Union[tuple[type, ...], dict[str, Any], list[Any], "Maybe", "LeftOut", Callable[[Any], bool]]
"""Types of which a value must be one; the items a mapping must have; the shape of each item of a list; a test."""


@dataclass(frozen=True)
class Maybe:
    """Null or of this shape; as an item of a mapping it can also be missing."""

    shape: Any


@dataclass(frozen=True)
class LeftOut:
    """An item of a mapping that can be missing; where it is there, it is of this shape."""

    shape: Any


STATUSES = frozenset(("verified", "trusted", "untrusted", "anonymous", "plaintext", "failed"))
"""The words of `status`: those of `_probe/judgement.py`, which is above this room."""
ENDED = frozenset(("not_cached", "known_server", "failed", "maximum"))
"""The words of `reconnects.ended`: those of `_probe/reconnect.py`."""
LOGIN_OUTCOMES = frozenset((
    "accepted", "bad_credentials", "not_offered", "mechanism_refused", "tls_required", "temporary_failure", "rate_limited",
    "account_problem", "server_not_authentic", "withheld", "unsupported", "protocol_error", "disconnected", "timeout",
))  # fmt: skip
"""The words of `logins.outcome`: those of `_login/outcome.py`, which is above this room."""

_NOTHING = type(None)
_MISSING = object()
_TEXT = (str,)
_TEXT_OR_NULL = (str, _NOTHING)
_NUMBER = (int,)
_NUMBER_OR_NULL = (int, _NOTHING)
_FLAG = (bool,)
_FLAG_OR_NULL = (bool, _NOTHING)
_DIGESTS = frozenset(hashlib.algorithms_available)
_HEX = re.compile(r"[0-9a-f]*")


def _is_hex(value: Any) -> bool:
    return isinstance(value, str) and len(value) % 2 == 0 and _HEX.fullmatch(value) is not None


def _one_of(words: frozenset[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in words


def _are_fingerprints(value: Any) -> bool:
    """Tell whether these are digests by the name of their algorithm; null of what cannot be read."""
    if value.__class__ is not dict:
        return False
    for name, one in value.items():
        if name not in _DIGESTS or not (one is None or _is_hex(one)):
            return False
    return True


_STATUS = _one_of(STATUSES)
_ERROR = Maybe({"kind": _TEXT, "phase": _TEXT, "text": _TEXT})
_TLS = Maybe({
    "protocol": _TEXT_OR_NULL, "cipher": _TEXT_OR_NULL, "cipher_bits": _NUMBER_OR_NULL, "group": _TEXT_OR_NULL,
    "signature": _TEXT_OR_NULL, "signature_digest": _TEXT_OR_NULL, "session_reused": _FLAG_OR_NULL,
})  # fmt: skip
_CERTIFICATE = {
    "subject": _TEXT_OR_NULL,
    "issuer": _TEXT_OR_NULL,
    "not_after": _TEXT_OR_NULL,
    "public_key": Maybe({"type": _TEXT, "bits": _NUMBER_OR_NULL, "curve": _TEXT_OR_NULL}),
    "fingerprints": {"certificate": _are_fingerprints, "public_key": _are_fingerprints},
    "pem": Maybe(_TEXT),
}
_VERIFICATION = Maybe({
    "requested_level": _TEXT, "effective_level": _TEXT, "reason": _TEXT_OR_NULL, "matched": _FLAG_OR_NULL,
    "matched_name": _TEXT_OR_NULL, "error": Maybe({"code": _NUMBER, "depth": _NUMBER, "text": _TEXT}),
})  # fmt: skip
_RECORD = {
    "usage": _NUMBER, "selector": _NUMBER, "matching_type": _NUMBER, "data": _is_hex, "usable": _FLAG,
    "reason": _TEXT_OR_NULL, "matched": _FLAG_OR_NULL, "matched_depth": _NUMBER_OR_NULL,
}  # fmt: skip
_ATTEMPT = {"server_name": _TEXT_OR_NULL, "session_offered": _FLAG, "session_reused": _FLAG_OR_NULL, "error": _ERROR}
_RECONNECTS = Maybe({"ended": _one_of(ENDED), "attempts": [_ATTEMPT]})
_TRANSCRIPT = Maybe([{"direction": _TEXT, "phase": _TEXT, "text": _TEXT}])
_SESSION = {
    "status": _STATUS, "satisfied": _FLAG, "error": _ERROR, "tls": _TLS, "chain": [_CERTIFICATE],
    "verification": _VERIFICATION, "reconnects": _RECONNECTS, "transcript": _TRANSCRIPT,
}  # fmt: skip
_ENDPOINT = {
    **_SESSION,
    "host": _TEXT,
    "address": _TEXT_OR_NULL,
    "port": _NUMBER_OR_NULL,
    "injected_plaintext": _NUMBER,
    "tlsa": {"owner": _TEXT_OR_NULL, "records": [_RECORD]},
    "key_algorithms": Maybe([
        {**_SESSION, "algorithm": _TEXT, "offered": _FLAG_OR_NULL, "tlsa": {"records": [_RECORD]}},
    ]),
}  # fmt: skip
RESULT: dict[str, Any] = {
    "destination": _TEXT,
    "status": _STATUS,
    "satisfied": _FLAG,
    "error": _ERROR,
    "route": {"warnings": [_TEXT], "exchanges": [{"error": _ERROR}]},
    "endpoints": [_ENDPOINT],
    "lint": Maybe([{"id": _TEXT, "subject": _TEXT, "text": _TEXT}]),
}
"""One item of `results`, as far as a report, a table, a summary or an expectation looks into it."""


_MAILBOX_ENDPOINT = {
    "service": _TEXT, "host": _TEXT, "address": _TEXT_OR_NULL, "port": _NUMBER_OR_NULL, "port_state": _TEXT,
    "status": _STATUS, "satisfied": _FLAG, "error": _ERROR, "tls": _TLS, "chain": [_CERTIFICATE],
    "verification": _VERIFICATION, "transcript": _TRANSCRIPT, "tlsa": {"owner": _TEXT_OR_NULL, "records": [_RECORD]},
}  # fmt: skip
MAILBOX_RESULT: dict[str, Any] = {
    "target": _TEXT,
    "lookup": _one_of(frozenset(("host", "srv"))),
    "srv": [{"service": _TEXT, "owner": _TEXT, "error": _ERROR}],
    "status": _STATUS,
    "satisfied": _FLAG,
    "worst": _TEXT,
    "error": _ERROR,
    "warnings": [_TEXT],
    "ports": Maybe([{"address": _TEXT, "port": _NUMBER, "service": _TEXT_OR_NULL, "state": _TEXT}]),
    "endpoints": [_MAILBOX_ENDPOINT],
    "lint": [{"id": _TEXT, "severity": _TEXT, "subject": _TEXT, "text": _TEXT, "fix": _TEXT}],
}
"""The same of `mailbox_tls_probe`."""

LOGIN_RESULT: Shape = {
    **MAILBOX_RESULT,
    "endpoints": [{
        **_MAILBOX_ENDPOINT,
        "mechanisms": {"before_tls": Maybe([_TEXT]), "after_tls": Maybe([_TEXT])},
        "logins": [{"mechanism": _TEXT, "outcome": _one_of(LOGIN_OUTCOMES), "error": _ERROR, "reply": Maybe({"text": _TEXT})}],
    }],
}  # fmt: skip
"""The same of `mail_auth_probe`."""


def has_shape(value: Any, shape: Shape) -> bool:
    """Tell whether a value read from JSON has a shape; what the shape does not name may be anything."""
    return _has_items({"": value}, {"": shape})


def _has_items(value: dict[str, Any], items: dict[str, Any]) -> bool:
    """Compare item by item, with few calls: a file can have 100,000 results of 200 items each."""
    for name, shape in items.items():
        one = value.get(name, _MISSING)
        kind = type(shape)
        if kind is tuple:
            if type(one) in shape:
                continue
            return False
        if kind is LeftOut:
            if one is _MISSING:
                continue
            shape, kind = shape.shape, type(shape.shape)
        if kind is Maybe:
            if one is None or one is _MISSING:
                continue
            shape, kind = shape.shape, type(shape.shape)
        if kind is tuple:
            fits = type(one) in shape
        elif kind is dict:
            fits = one.__class__ is dict and _has_items(one, shape)
        elif kind is list:
            fits = one.__class__ is list and _all_have(one, shape[0])
        else:
            fits = shape(one)
        if not fits:
            return False
    return True


def _all_have(values: list[Any], shape: Any) -> bool:
    if shape.__class__ is tuple:
        return all(type(each) in shape for each in values)
    if shape.__class__ is not dict:
        return all(_has_items({"": each}, {"": shape}) for each in values)
    for each in values:
        if each.__class__ is not dict or not _has_items(each, shape):
            return False
    return True
