# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which TLSA records speak for an SMTP server: RFC 7672 section 2.2, as Postfix's `tls_dane_resolve` does it.

The question is `_PORT._tcp.NAME`. For a host behind aliases NAME is tried as the end of the aliases and then as the host
itself. The name under which records were found is the TLSA base domain: it is what SNI and the certificate's name use,
even when the TLSA question itself ran through an alias to another owner (RFC 7672 section 2.2.3).

How a lookup ends:

- `found`: a validated RRset, whatever its records are worth. It ends the search: also unusable records at the end of the
  aliases keep the host's own name from being asked.
- `none`: asked, and there is certainly no RRset (NXDOMAIN or no data), at any name asked.
- `insecure`: asked, and what RRset there is was not validated (at one name at least); it counts as none.
- `skipped`: not asked, because the host's address is not validated: an attacker could point it anywhere. Also when the
  host is an alias and that alias is not validated. With an error, which only the run as a whole can add (see
  _smtp/unvalidated.py), nothing is known, since who answered validates nothing at all.
- `error`: something could not be learned. This is never softened to one of the others: the host must not be used
  (RFC 7672 section 2.1.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import owner_name
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome, noting
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_record_name
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure


class TlsaOutcome(str, Enum):
    """How a TLSA lookup ended; `tlsa.lookup` in results, explained in the file's docstring."""

    FOUND = "found"
    NONE = "none"
    INSECURE = "insecure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class TlsaLookup:
    """The end of a TLSA lookup.

    `base_domain`, `owner` (the RRset's owner after aliases) and `records` belong to a FOUND RRset; for an INSECURE one
    base domain and owner tell where it was, and the records, which must not be used, are left out. `error` is the text of
    an ERROR. `ad_untrusted`: a reply had AD, from a resolver whose AD does not count. `asked`: the names asked, in order.
    `without_ad`: see Answer.
    """

    outcome: TlsaOutcome
    base_domain: str | None = None
    owner: str | None = None
    secure: bool = False
    records: tuple[TlsaRecord, ...] = ()
    error: str | None = None
    ad_untrusted: bool = False
    asked: tuple[str, ...] = ()
    without_ad: frozenset[str] = frozenset()

    def failure(self, host: str, port: int) -> Failure | None:
        """Return what an ERROR means for the endpoint whose records these are: it must not end in a downgrade. Else None."""
        if self.outcome is not TlsaOutcome.ERROR:
            return None
        return Failure(ErrorKind.TLSA_LOOKUP_FAILED, CommonPhase.TLSA, f"TLSA lookup error for {host}:{port}: {self.error}")


SKIPPED = TlsaLookup(TlsaOutcome.SKIPPED)
"""Nobody has looked."""
NOT_VALIDATED = "TLSA records not looked up: the answers were not validated"
"""Why a lookup counts as none where the nameservers validate nothing."""


async def find_tlsa(
    ask: Ask, *, host: str, canonical_name: str, address_secure: bool, port: int, force: bool = False
) -> TlsaLookup:
    """Look up the TLSA records for one address of a server.

    Args:
        host: the host name as published (Postfix's qname), e.g. the MX exchange.
        canonical_name: the owner of the address record after aliases (rname); equal to *host* without aliases.
        address_secure: whether this address record was validated; A and AAAA records are judged separately.
        port: the port of the connection.
        force: ask also when the address is not validated (posttls-finger `-f`); the RRset itself must be validated still.
            """
    without_ad: set[str] = set()
    lookup = await _find(noting(ask, without_ad), host, canonical_name, address_secure, port, force)
    return replace(lookup, without_ad=frozenset(without_ad)) if without_ad else lookup


async def _find(
    ask: Ask, host: str, canonical_name: str, address_secure: bool, port: int, force: bool
) -> TlsaLookup:
    is_alias = canonical_name.lower() != host.lower()
    if address_secure:
        bases = (canonical_name, host) if is_alias else (host,)
        return await _search(ask, bases, port, TlsaLookup(TlsaOutcome.NONE))
    if force:
        return await _search(ask, (host,), port, TlsaLookup(TlsaOutcome.NONE))
    if not is_alias:
        return SKIPPED
    # A validated alias to an insecure address still vouches for the host's own name (RFC 7672 section 2.1.3).
    alias = await ask(host, "CNAME", True)
    so_far = TlsaLookup(TlsaOutcome.NONE, ad_untrusted=alias.ad_untrusted, asked=(host,))
    if not alias.found:
        return replace(so_far, outcome=TlsaOutcome.ERROR, error=_error_text(alias, "alias not found any longer"))
    if not alias.secure:
        return replace(so_far, outcome=TlsaOutcome.SKIPPED)
    return await _search(ask, (host,), port, so_far)


async def _search(ask: Ask, bases: tuple[str, ...], port: int, so_far: TlsaLookup) -> TlsaLookup:
    """Ask at each base domain until one has a validated RRset or cannot be asked."""
    for base in bases:
        name = owner_name(base, port)
        if not is_record_name(name):
            continue  # too long for DNS, or an asterisk in the middle: Postfix looks up no such name and so finds nothing
        answer = await ask(name, "TLSA", True)
        so_far = replace(
            so_far, asked=so_far.asked + (name,), ad_untrusted=so_far.ad_untrusted or answer.ad_untrusted
        )
        if answer.outcome is Outcome.ERROR:
            error = _error_text(answer, "no answer")
            return replace(so_far, outcome=TlsaOutcome.ERROR, base_domain=None, owner=None, error=error)
        if answer.found and answer.secure:
            records = tuple(record for record in answer.records if isinstance(record, TlsaRecord))
            return replace(
                so_far, outcome=TlsaOutcome.FOUND, base_domain=base, owner=answer.canonical_name, secure=True, records=records
            )
        if answer.found:
            so_far = replace(so_far, outcome=TlsaOutcome.INSECURE, base_domain=base, owner=answer.canonical_name)
    return so_far


def _error_text(answer: Answer, otherwise: str) -> str:
    return f"Name service error for name={answer.name} type={answer.rdtype}: {answer.error or otherwise}"
