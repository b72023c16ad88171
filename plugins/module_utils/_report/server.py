# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server of a result, as formats for other programs need it: where it is, what it came to, and every certificate and record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Observed
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import STATUSES, endpoints_of, issuer_text, key_text
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import flag, mapping, mappings, number, word

NOT_TESTED_KINDS = frozenset(("rate_limited", "opted_out", "withheld"))
"""Errors that say that nobody has looked: no verdict on the server, good or bad."""
_KINDS = frozenset(kind.value for kind in ErrorKind)
_LEVELS_OF_TLS = frozenset(("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"))
_NOT_RUN = frozenset(("refused", "filtered"))
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Record:
    """A TLSA record beside what is served: `matched` is None where nothing was compared with it."""

    usage: str
    selector: str
    matching_type: str
    matched: bool | None


@dataclass(frozen=True)
class Certificate:
    """The certificate of a server for one kind of key; `not_after` is UTC in seconds since 1970, None where unknown."""

    key: str
    issuer: str
    not_after: int | None


@dataclass(frozen=True)
class Server:
    """One server of a result. Text is clean; what the result does not say is empty, or None."""

    subject: str
    host: str
    address: str
    port: str
    service: str
    status: str
    satisfied: bool | None
    error: str
    text: str
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
    found = False
    for endpoint in endpoints_of(observed):
        if word(endpoint.get("port_state")) not in _NOT_RUN:
            found = True
            yield _server(observed.name, endpoint)
    error = mapping(observed.result.get("error"))
    if not found and error:
        yield _server(observed.name, {name: observed.result.get(name) for name in ("status", "satisfied", "error")})


def seconds(moment: object) -> int | None:
    """Return a time of results in seconds since 1970, None for what is none."""
    try:
        return int(datetime.strptime(word(moment), _TIME).replace(tzinfo=timezone.utc).timestamp())
    except (ValueError, OverflowError):
        return None


def _server(subject: str, endpoint: Mapping[str, Any]) -> Server:
    error, tls = mapping(endpoint.get("error")), mapping(endpoint.get("tls"))
    verification = mapping(endpoint.get("verification"))
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
        text=word(error.get("text")) or word(mapping(verification.get("error")).get("text")),
        protocol=_known(tls.get("protocol"), _LEVELS_OF_TLS),
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
    seen = set()
    for one in (endpoint, *mappings(endpoint.get("key_algorithms"), 10)):
        for leaf in mappings(one.get("chain"), 1):
            found = Certificate(key_text(mapping(leaf.get("public_key"))), issuer_text(leaf), seconds(leaf.get("not_after")))
            if found not in seen:
                seen.add(found)
                yield found


def _record(record: Mapping[str, Any]) -> Record:
    usage, selector, matching_type = (word(record.get(name))[:5] for name in ("usage", "selector", "matching_type"))
    return Record(usage, selector, matching_type, flag(record.get("matched")))
