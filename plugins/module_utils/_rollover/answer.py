# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a controller takes from an answer of ``dane_rollover`` on a mail server, for itself, for other servers and for people. Pure.

A mail server may have been taken over. So its answer is data: every field has its form and its bounds, texts are no templates,
records are at names that the inventory gives to this server, and requests ask for its own names. What is not so is left out and
named. None of it can make the controller do something for another server.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._text import inert
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.acceptance import AcceptedRecord, Terms, acceptance
from ansible_collections.mailops.tls.plugins.module_utils._x509.der import DerError
from ansible_collections.mailops.tls.plugins.module_utils._x509.request_names import asked_for
from ansible_collections.mailops.tls.plugins.module_utils._x509.structure import outline

KEY_KINDS = ("any", "rsa", "ecdsa", "ed25519")
"""The kinds of keys that a look from outside asks for, the first always."""
MAX_ITEMS = 128
MAX_KEYS = 32
MAX_REQUESTS = 8
MAX_CHAIN = 262144
_MAX_TEXT = 1000
_MAX_MESSAGE = 4000
_MAX_REFUSED = 8
_MAX_SHOWN = 40
_MAX_PATH = 1024
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_BLOCK = r"-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----\s*"
_BLOCKS, _CHAIN = re.compile(_BLOCK), re.compile(rf"(?:{_BLOCK})+\Z")
_PHASES = frozenset(one.value for one in RolloverPhase)
_KINDS = frozenset(one.value for one in ActionKind)


@dataclass(frozen=True)
class Server:
    """What the inventory says of the server that answers.

    Args:
        names: the names that its certificates may have, in lower case.
        folder: where it keeps the state of this rollover.
            """

    terms: Terms
    names: frozenset[str]
    folder: str


@dataclass(frozen=True)
class Answer:
    """What is taken: the fields that texts, phases and times are in; the records; and what was refused, a line each.

    Args:
        unknown: whether a record was refused that a look at DNS may explain.
            """

    facts: dict[str, Any]
    add: tuple[AcceptedRecord, ...] = ()
    remove: tuple[AcceptedRecord, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: bool = False


def answer(result: object, server: Server) -> Answer:
    """Return what is taken from the result of a run of the module, as Ansible has registered it."""
    given = _mapping(result)
    dns = _mapping(given.get("dns"))
    add = acceptance(dns.get("add") or [], server.terms)
    remove = acceptance(dns.get("remove") or [], server.terms, removal=True)
    requests, no_requests = _requests(given.get("csrs"), server)
    facts = {
        **_state(given),
        "changed": given.get("changed") is True,
        "failed": given.get("failed") is True,
        "unreachable": given.get("unreachable") is True,
        "msg": _text(given.get("msg"), _MAX_MESSAGE),
        "csrs": requests,
        "deployed": _deployed(given.get("deployed")),
    }
    refused = shortened([*_variables(given.get("ansible_facts")), *add.refused, *remove.refused, *no_requests])
    return Answer(facts, add.records, remove.records, refused, add.unknown or remove.unknown)


def shortened(refused: Sequence[str]) -> tuple[str, ...]:
    """Return the first of many lines, and how many more there are."""
    left = len(refused) - _MAX_REFUSED
    shown = tuple(inert(one, 400) for one in refused[:_MAX_REFUSED])
    return (*shown, f"and {left} more") if left > 0 else shown


def _variables(facts: object) -> list[str]:
    """What it says are facts of it, of which Ansible makes variables; where Python is, Ansible finds out itself."""
    names = [str(one)[:_MAX_SHOWN] for one in _mapping(facts) if not str(one).startswith("discovered_interpreter_")]
    shown = ", ".join(names[:MAX_REQUESTS]) + (" and more" if len(names) > MAX_REQUESTS else "")
    return [f"variables that it has set itself: {shown}"] if names else []


def _state(given: Mapping[str, Any]) -> dict[str, Any]:
    action, verify, then = (_mapping(given.get(name)) for name in ("action", "verify", "next_step"))
    asked = verify.get("key_algorithms")
    return {
        "phase": _one_of(given.get("phase"), _PHASES),
        "message": _text(given.get("message"), _MAX_MESSAGE),
        "action": {"kind": _one_of(action.get("kind"), _KINDS) or "none", "done": action.get("done") is True},
        "next_step": {"text": _text(then.get("text"), _MAX_TEXT), "at": _time(then.get("at"))},
        "needs_look": verify.get("needed") is True,
        "key_algorithms": [one for one in KEY_KINDS if one == KEY_KINDS[0] or (isinstance(asked, Sequence) and one in asked)],
        "earliest": _time(given.get("earliest")),
        "clock": _time(given.get("clock")),
        "was_blocked": given.get("was_blocked") is not False,
        "dnssec": given.get("dnssec") if isinstance(given.get("dnssec"), bool) else None,
        "days_left": _number(given.get("days_left")),
        "blockers": _notes(given.get("blockers"), ("text",)),
        "findings": _notes(given.get("findings"), ("subject", "text"), ("severity",), ("since",)),
        "alarms": _notes(given.get("alarms"), ("subject", "text"), (), ("since",)),
    }


def _notes(
    items: object, texts: Sequence[str], words: Sequence[str] = (), times: Sequence[str] = ()
) -> list[dict[str, str | None]]:
    """Items with ``id`` and some texts; those without a proper identifier are called ``unknown``."""
    found: list[dict[str, str | None]] = []
    for item in _items(items, MAX_ITEMS):
        if isinstance(item, Mapping):
            one: dict[str, str | None] = {"id": _identifier(item.get("id")) or "unknown"}
            one.update({name: _text(item.get(name), _MAX_TEXT) for name in texts})
            one.update({name: _identifier(item.get(name)) for name in words if name in item})
            one.update({name: _time(item.get(name)) for name in times if name in item})
            found.append(one)
    return found


def _deployed(items: object) -> list[dict[str, str]]:
    """The chains that a server serves, for those that share a name with it."""
    found = []
    for item in _items(items, MAX_KEYS):
        chain = item.get("chain") if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and isinstance(chain, str) and _is_chain(chain):
            found.append(
                {
                    "config_directory": _text(item.get("config_directory"), _MAX_PATH),
                    "algorithm": _one_of(item.get("algorithm"), KEY_KINDS) or "other",
                    "public_key_sha256": _digest(item.get("public_key_sha256")),
                    "chain": chain,
                }
            )
    return found


def _is_chain(text: str) -> bool:
    """Whether it is nothing but certificates, so that another server is not stopped by what it cannot read."""
    return bool(certificates_of(text))


def certificates_of(text: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return each certificate of a chain in PEM as its DER and its SubjectPublicKeyInfo; none where it is not a chain and nothing else."""
    if len(text) > MAX_CHAIN or not _CHAIN.match(text):
        return ()
    try:
        found = [(der, outline(der)) for der in map(binascii.a2b_base64, _BLOCKS.findall(text))]
    except (DerError, binascii.Error):
        return ()
    return tuple((der, one.spki.raw) for der, one in found) if all(one.exact for _der, one in found) else ()


def _requests(items: object, server: Server) -> tuple[list[dict[str, str]], list[str]]:
    """The requests that may be handed to an authority, and why others may not."""
    found: list[dict[str, str]] = []
    refused: list[str] = []
    given = _items(items, MAX_ITEMS)
    for item in given[:MAX_REQUESTS]:
        try:
            found.append(_request(item, server))
        except ValueError as reason:
            refused.append(f"a certificate request {reason}")
    if len(given) > MAX_REQUESTS:
        refused.append(f"{len(given)} certificate requests are more than {MAX_REQUESTS}")
    return found, refused


def _request(item: object, server: Server) -> dict[str, str]:
    given = _mapping(item)
    text, algorithm = given.get("csr"), _one_of(given.get("algorithm"), KEY_KINDS[1:])
    if not isinstance(text, str):
        raise ValueError("has no text")
    if algorithm is None:
        raise ValueError("is for no kind of key that there is")
    asked = asked_for(text)
    foreign = [one for one in asked.names if one not in server.names]
    if foreign or asked.more:
        raise ValueError(f"asks for {', '.join([*foreign, *asked.more][:MAX_REQUESTS])}, which is not this server's")
    digest = _digest(given.get("public_key_sha256")) or asked.public_key_sha256
    if digest != asked.public_key_sha256:
        raise ValueError("is for another key than it says")
    return {"algorithm": algorithm, "public_key_sha256": digest, "path": _path(given.get("path"), server.folder), "csr": text}


def _path(text: object, folder: str) -> str:
    """A file below the folder of the rollover, else nothing: whoever uses it may do so on another machine."""
    if not isinstance(text, str) or len(text) > _MAX_PATH or inert(text) != text or ".." in text.split("/"):
        return ""
    return text if text.startswith(folder.rstrip("/") + "/") else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(items: object, most: int) -> list[Any]:
    return list(items[:most]) if isinstance(items, Sequence) and not isinstance(items, (str, bytes)) else []


def _text(value: object, limit: int) -> str:
    return "" if value is None else inert(value if isinstance(value, (str, bytes)) else str(value)[:limit], limit)


def _one_of(value: object, known: Collection[str]) -> str | None:
    return str(value) if isinstance(value, str) and value in known else None


def _identifier(value: object) -> str | None:
    return str(value) if isinstance(value, str) and _IDENTIFIER.match(value) else None


def _time(value: object) -> str | None:
    return str(value) if isinstance(value, str) and _TIME.match(value) else None


def _digest(value: object) -> str:
    return str(value) if isinstance(value, str) and _DIGEST.match(value) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**6 else None
