# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What DNS said, as values free of any DNS library.

A failure to learn something is never the same as learning that it is not there: `Outcome.ERROR` and the two kinds of
absence are different outcomes everywhere in the collection.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from enum import Enum
from typing import Callable, Union

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

LONGEST_TEXT = 65535
"""Most characters of a text record, which is what a record can hold."""


class Outcome(str, Enum):
    """How a question ended."""

    FOUND = "found"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    ERROR = "error"


@dataclass(frozen=True)
class MxRecord:
    """MX RDATA (RFC 5321 section 5); a null MX (RFC 7505) has the empty exchange `""`."""

    preference: int
    exchange: str


@dataclass(frozen=True)
class SrvRecord:
    """SRV RDATA (RFC 2782); the target `""` means: service not available."""

    priority: int
    weight: int
    port: int
    target: str


@dataclass(frozen=True)
class TxtRecord:
    """TXT RDATA (RFC 1035 section 3.3.14), octets as they came: where one string ends and the next begins can be the mistake."""

    strings: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """The strings joined with nothing between them, cleaned."""
        return clean(b"".join(self.strings), LONGEST_TEXT)


RecordData = Union[str, MxRecord, SrvRecord, TlsaRecord, TxtRecord]
"""An address or a name (CNAME, NS, PTR) is a `str`; data of any other type is one in presentation format."""


@dataclass(frozen=True)
class Answer:
    """The answer to one question, aliases followed.

    `name` is what was asked for, `canonical_name` where the records were found after CNAMEs (Postfix's qname and
    rname), both without trailing dot. `secure` is true when the reply with the records, and every alias on the way,
    was validated (AD) by a resolver we believe. `ad_untrusted` is true when a reply had AD but the resolver is
    not one whose AD counts, so `secure` is false although the data may be signed. `ttl` is the smallest TTL seen, seconds.
    `without_ad` names the nameservers whose replies had no AD that counts, though it was asked for: whether that means
    anything depends on whether they validate at all. An ERROR leaves it empty.
    `error` is the reason of an ERROR; `warning` is something odd about a usable answer (records dropped, an alias loop).
    """

    name: str
    rdtype: str
    outcome: Outcome
    records: tuple[RecordData, ...] = ()
    canonical_name: str = ""
    secure: bool = False
    ad_untrusted: bool = False
    without_ad: frozenset[str] = frozenset()
    ttl: int | None = None
    error: str | None = None
    warning: str | None = None

    @property
    def found(self) -> bool:
        """True when there is at least one record."""
        return self.outcome is Outcome.FOUND

    @property
    def absent(self) -> bool:
        """True when the resolver said with certainty that there is no such record."""
        return self.outcome in (Outcome.NODATA, Outcome.NXDOMAIN)


Ask = Callable[[str, str, bool], Awaitable[Answer]]
"""Asks one question: (name, record type, want DNSSEC) -> Answer. Never raises for what DNS does; that is an Answer too."""


def noting(ask: Ask, without_ad: set[str]) -> Ask:
    """Return `ask`, which also adds to a set what its answers have as without_ad."""

    async def ask_and_note(name: str, rdtype: str, want_dnssec: bool) -> Answer:
        answer = await ask(name, rdtype, want_dnssec)
        without_ad.update(answer.without_ad)
        return answer

    return ask_and_note


async def ask_nobody(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
    """Stand for DNS where it is not needed. Who asks all the same gets an error, so that nothing is taken for absent."""
    return Answer(name, rdtype, Outcome.ERROR, error="DNS is not asked here")
