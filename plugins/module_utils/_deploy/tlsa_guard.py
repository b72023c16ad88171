# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Would this break DANE? Published TLSA records against the chain that is to be served (RFC 7671 section 8.1, RFC 7672 section 2.2).

Of every combination of usage, selector and matching type that is published, one record at least has to match: a
client may look at any one of them. What DNS does not tell for certain means: hold. That there are no records is certain when it was
validated, or when a resolver that validates says that the zone is not signed.

Two things here are like others and stay apart from them, since users would see the difference:

- `_dns/tlsa.py` looks records up for one address, as a sender does on a connection. Here there is no connection: the ends of all addresses
  count, and every answer has to prove itself, also those that a sender never asks for. A sender may deliver where this holds.
- `_rollover/admission.py` judges by what all name servers and clocks say, and wants an age of records. This judges by one resolver at one
  time, and also verifies the chain as a sender does: names, dates and path. Neither contains the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.mailops.tls.plugins.module_utils._dane.match import authenticate
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner, owner_name
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.proof import Validates, doubt, proof_of
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceKind, ReferenceName


@dataclass(frozen=True)
class Published:
    """What DNS has for one owner.

    `base_domain` is the name below which the `records` are, `secure` whether they were validated. `unsigned`: they were not, since
    their zone is not signed, so that nobody uses them. `error`: why it is not certain what there is.
    """

    owner: TlsaOwner
    base_domain: str = ""
    records: tuple[TlsaRecord, ...] = ()
    secure: bool = False
    unsigned: bool = False
    error: str | None = None


class GuardHolds(OptionError):
    """The guard holds a deployment back. `blocked` says why, without the way around it."""

    def __init__(self, published: Published, blocked: str) -> None:
        way_around = ". Only tlsa_guard=false deploys it all the same" if published.error is not None else ""
        super().__init__("tlsa_guard", published.owner.name, f"holds the deployment back: {blocked}{way_around}")
        self.blocked = blocked


@dataclass(frozen=True)
class GuardFinding:
    """The verdict on one owner: `blocked` says why the chain must not be deployed; None when it may be."""

    published: Published
    blocked: str | None

    def as_dict(self) -> dict[str, object]:
        """Return the shape of `tlsa` in results."""
        return {
            "owner": self.published.owner.name,
            "records": [str(one) for one in self.published.records],
            "secure": self.published.secure,
            "blocked": self.blocked,
        }


async def published_records(ask: Ask, owner: TlsaOwner, validates: Validates) -> Published:
    """Ask for the records of a host, first at the end of its aliases, then at its own name. One answer that proves nothing spoils all."""
    answers = [await ask(owner.host, rdtype, True) for rdtype in ("A", "AAAA")]
    # One address that was validated proves where the aliases lead.
    asked = [one for one in answers if one.outcome is Outcome.ERROR or not any(each.found and each.secure for each in answers)]
    names = [one.canonical_name.rstrip(".").lower() for one in answers if one.found]
    seen: Published | None = None
    for base in dict.fromkeys([*names, owner.host.lower()]):
        answer = await ask(owner_name(base, owner.port, owner.protocol), "TLSA", True)
        asked.append(answer)
        if answer.found and (answer.secure or seen is None):
            records = tuple(one for one in answer.records if isinstance(one, TlsaRecord))
            seen = Published(owner, base, records, answer.secure, not answer.secure)
        if answer.found and answer.secure:
            break
    doubts = [doubt(one, await proof_of(one, validates)) for one in asked]
    error = next((one for one in doubts if one is not None), None)
    found = seen or Published(owner)
    return found if error is None else replace(found, unsigned=False, error=error)


def judge(published: Published, chain: Sequence[Certificate], now: datetime) -> GuardFinding:
    """Return whether *chain*, leaf first, may be served under the name. *now* is aware."""
    if published.error is not None:
        return GuardFinding(published, f"it is not certain which TLSA records there are: {published.error}")
    screened = screen(published.records)
    usable = [one.record for one in screened if one.usable]
    if not usable or published.unsigned:
        return GuardFinding(published, None)
    references = [ReferenceName(ReferenceKind.DNS, name) for name in dict.fromkeys([published.base_domain, published.owner.host.lower()])]
    result = authenticate(screened, chain, references, now)
    matching = {one.record.parameters for one in result.records if one.usable and one.matched}
    missing = [one for one in dict.fromkeys(record.parameters for record in usable) if one not in matching]
    if missing:
        return GuardFinding(published, f"no TLSA record with the parameters {' and '.join(missing)} matches the new chain")
    if not result.authenticated:
        text = result.error.text if result.error is not None else "no match"
        return GuardFinding(published, f"the TLSA records do not authenticate the new chain: {text}")
    return GuardFinding(published, None)
