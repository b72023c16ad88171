# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server of a result, as formats for other programs need it: where it is, what it came to, and every certificate and record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import seconds_of
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Observed
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import (
    NOT_TESTED_KINDS,
    PROTOCOLS,
    STATUSES,
    issuer_text,
    key_text,
    leaves_of,
    running_endpoints,
)
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import flag, mapping, mappings, number, word

_KINDS = frozenset(kind.value for kind in ErrorKind)


@dataclass(frozen=True)
class Record:
    """A TLSA record beside what is served: `matched` is None where nothing was compared with it."""

    usage: str
    selector: str
    matching_type: str
    data: str
    matched: bool | None


@dataclass(frozen=True)
class Certificate:
    """The certificate of a server for one kind of key; `not_after` is UTC in seconds since 1970, None where unknown."""

    key: str
    issuer: str
    not_after: int | None


@dataclass(frozen=True)
class Server:
    """One server of a result. Text is clean; what the result does not say is empty, or None.

    `code` is OpenSSL's number of what is wrong with its certificate.
    """

    subject: str
    host: str
    address: str
    port: str
    service: str
    status: str
    satisfied: bool | None
    error: str
    text: str
    code: int | None
    protocol: str
    cipher: str
    level: str
    certificates: tuple[Certificate, ...]
    records: tuple[Record, ...]
    lookup: str

    @property
    def where(self) -> str:
        """The server as Postfix writes it: `host[address]:port`."""
        address = f"[{self.address}]" if self.address else ""
        return f"{self.host}{address}" + (f":{self.port}" if self.port else "")

    @property
    def tested(self) -> bool:
        """Whether there is a verdict. A server that answered that there are too many connections has none."""
        return self.error not in NOT_TESTED_KINDS

    @property
    def not_after(self) -> int | None:
        """When the first of its certificates ends."""
        return min((one.not_after for one in self.certificates if one.not_after is not None), default=None)


def servers_of(observed: Observed) -> Iterator[Server]:
    """Yield the servers of a result, but ports at which nobody listens; what failed before any was found is one without a host."""
    running = running_endpoints(observed)
    for endpoint in running:
        yield _server(observed.name, endpoint)
    if not running and mapping(observed.result.get("error")):
        yield _server(observed.name, {name: observed.result.get(name) for name in ("status", "satisfied", "error")})


def _server(subject: str, endpoint: Mapping[str, Any]) -> Server:
    error, tls = mapping(endpoint.get("error")), mapping(endpoint.get("tls"))
    verification = mapping(endpoint.get("verification"))
    wrong = mapping(verification.get("error"))
    tlsa = mapping(endpoint.get("tlsa"))
    port = number(endpoint.get("port"))
    return Server(
        subject=word(subject)[:255],
        host=word(endpoint.get("host"))[:255],
        address=word(endpoint.get("address"))[:64],
        port=str(int(port)) if port is not None else "",
        service=word(endpoint.get("service"))[:40],
        status=_known(endpoint.get("status"), STATUSES),
        satisfied=flag(endpoint.get("satisfied")),
        error=_known(error.get("kind"), _KINDS),
        text=word(error.get("text")) or word(wrong.get("text")),
        code=wrong["code"] if isinstance(wrong.get("code"), int) else None,
        protocol=_known(tls.get("protocol"), PROTOCOLS),
        cipher=word(tls.get("cipher"))[:80],
        level=word(verification.get("effective_level"))[:40],
        certificates=tuple(_certificates(endpoint)),
        records=tuple(_record(one) for one in mappings(tlsa.get("records"), 100)),
        lookup=word(tlsa.get("lookup"))[:40],
    )


def _known(value: object, words: Collection[str]) -> str:
    """Return a word of a closed list. A result can have been forged, and each new word would be a new series, class or column."""
    found = word(value)
    return found if not found or found in words else "other"


def _certificates(endpoint: Mapping[str, Any]) -> Iterator[Certificate]:
    leaves = leaves_of(endpoint)
    found = (Certificate(key_text(mapping(one.get("public_key"))), issuer_text(one), seconds_of(one.get("not_after"))) for one in leaves)
    yield from dict.fromkeys(found)


def _record(record: Mapping[str, Any]) -> Record:
    usage, selector, matching_type = (word(record.get(name))[:5] for name in ("usage", "selector", "matching_type"))
    return Record(usage, selector, matching_type, word(record.get("data")), flag(record.get("matched")))
