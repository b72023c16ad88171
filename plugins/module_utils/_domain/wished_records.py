# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From wishes to records: MX, SPF, DKIM, DMARC, MTA-STS, TLSRPT, CAA, SRV and TLSA, as RRsets that name servers take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._domain.wishes import (
    CaaWish,
    DkimWish,
    DmarcWish,
    MailWishes,
    SpfWish,
    StsWish,
    policy_id,
    policy_text,
)
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import srv_owner

LONGEST_STRING = 255
"""Most octets of one string in a TXT record (RFC 1035 section 3.3)."""


@dataclass(frozen=True)
class WishedRRset:
    """All records of one owner and type. `texts` are TXT records as people read them; `values` are RDATA in presentation format."""

    owner: str
    rdtype: str
    values: tuple[str, ...]
    ttl: int | None
    texts: tuple[str, ...] = ()

    def as_set(self) -> dict[str, Any]:
        """Return the item of `record_sets`, by the names of nsupdate and of the collection community.dns."""
        return {"record": f"{self.owner}.", "type": self.rdtype, **self._lifetime(), "value": list(self.values)}

    def as_singles(self) -> list[dict[str, Any]]:
        """Return the items of `single_records`."""
        return [{"record": f"{self.owner}.", "type": self.rdtype, **self._lifetime(), "value": value} for value in self.values]

    def as_records(self) -> list[dict[str, Any]]:
        """Return the items of `records`."""
        shown = self.texts or (None,) * len(self.values)
        return [
            {"owner": f"{self.owner}.", "type": self.rdtype, "ttl": self.ttl, "rdata": value, "text": text}
            for value, text in zip(self.values, shown)
        ]

    def lines(self) -> Iterator[str]:
        """Return lines of a zone file, with absolute names."""
        lifetime = "" if self.ttl is None else f"{self.ttl} "
        for value in self.values:
            yield f"{self.owner}. {lifetime}IN {self.rdtype} {value}"

    def _lifetime(self) -> dict[str, Any]:
        return {} if self.ttl is None else {"ttl": self.ttl}


def txt(wishes: MailWishes, owner: str, *texts: str) -> WishedRRset:
    """Return an RRset of TXT records."""
    return WishedRRset(owner, "TXT", tuple(quoted_strings(text) for text in texts), wishes.ttl, texts)


def quoted_strings(text: str) -> str:
    """Return a text as the strings of a TXT record. Readers join them with nothing between (RFC 7208 section 3.3)."""
    escaped = [character if character not in '\\"' else f"\\{character}" for character in text]
    parts = [escaped[at : at + LONGEST_STRING] for at in range(0, len(escaped), LONGEST_STRING)] or [[]]
    return " ".join('"' + "".join(part) + '"' for part in parts)


def mx_rrset(wishes: MailWishes) -> WishedRRset | None:
    """Return the MX records; a domain that receives no mail gets a null MX (RFC 7505)."""
    if wishes.exchanges is None:
        return None
    values = tuple(f"{preference} {host}." for preference, host in sorted(wishes.exchanges)) or ("0 .",)
    return WishedRRset(wishes.domain, "MX", values, wishes.ttl)


def spf_rrset(wishes: MailWishes) -> WishedRRset | None:
    """Return the SPF record; that of a domain that sends nothing allows nobody (RFC 7208 section 10.1.2)."""
    if not wishes.sends:
        return txt(wishes, wishes.domain, "v=spf1 -all")
    return None if wishes.spf is None else txt(wishes, wishes.domain, _spf(wishes.spf))


def _spf(wish: SpfWish) -> str:
    networks = [f"{'ip6' if ':' in one else 'ip4'}:{one}" for one in wish.networks]
    own = ["mx"] if wish.exchanges else []
    rest = "-all" if wish.rest == "fail" else "~all"
    return " ".join(["v=spf1", *networks, *own, *(f"include:{one}" for one in wish.includes), rest])


def dkim_rrsets(wishes: MailWishes) -> list[WishedRRset]:
    """Return the record of each key."""
    return [txt(wishes, f"{one.selector}._domainkey.{wishes.domain}", dkim_text(one)) for one in wishes.dkim]


def dkim_text(wish: DkimWish) -> str:
    """Return the record of one key (RFC 6376 section 3.6.1)."""
    return f"v=DKIM1; k={wish.key_type}; p={wish.key}"


def dmarc_rrset(wishes: MailWishes, wish: DmarcWish) -> WishedRRset:
    """Return the DMARC record (RFC 9989 section 4.7)."""
    tags = [("v", "DMARC1"), ("p", wish.policy), ("sp", wish.subdomain_policy), ("np", wish.nonexistent_policy)]
    tags += [("adkim", "s" if wish.strict_dkim else None), ("aspf", "s" if wish.strict_spf else None)]
    tags += [("rua", ",".join(_mailto(one) for one in wish.rua) or None)]
    return txt(wishes, f"_dmarc.{wishes.domain}", "; ".join(f"{name}={value}" for name, value in tags if value is not None))


def _mailto(address: str) -> str:
    """Return a mail address as a URI; comma and exclamation mark separate in both records (RFC 9989 section 4.7, RFC 8460 section 3)."""
    local = "".join(character if character not in "%,!;?&#/ " else f"%{ord(character):02X}" for character in address)
    return f"mailto:{local}"


def tlsrpt_rrset(wishes: MailWishes) -> WishedRRset | None:
    """Return the record that asks for reports about TLS (RFC 8460 section 3); items are mail addresses and https URLs."""
    if not wishes.tlsrpt:
        return None
    rua = ",".join(one.replace(",", "%2C").replace("!", "%21") if one.startswith("https:") else _mailto(one) for one in wishes.tlsrpt)
    return txt(wishes, f"_smtp._tls.{wishes.domain}", f"v=TLSRPTv1; rua={rua}")


def sts_rrset(wishes: MailWishes, sts: StsWish) -> WishedRRset:
    """Return the record that announces a policy (RFC 8461 section 3.1)."""
    return txt(wishes, f"_mta-sts.{wishes.domain}", f"v=STSv1; id={policy_id(policy_text(wishes, sts))}")


def caa_rrset(wishes: MailWishes) -> WishedRRset | None:
    """Return the CAA records (RFC 8659 section 4, RFC 9495)."""
    if wishes.caa is None:
        return None
    values = tuple(_caa(wishes.caa))
    return WishedRRset(wishes.domain, "CAA", values, wishes.ttl) if values else None


def _caa(wish: CaaWish) -> Iterator[str]:
    for tag, names in (("issue", wish.issue), ("issuewild", wish.issuewild), ("issuemail", wish.issuemail)):
        if names is not None:
            yield from (f'0 {tag} "{name}"' for name in names or (";",))
    yield from (f'0 iodef "{one if ":" in one else _mailto(one)}"' for one in wish.iodef)


def srv_rrsets(wishes: MailWishes) -> list[WishedRRset]:
    """Return the SRV records of each service (RFC 6186, RFC 8314)."""
    found: dict[str, list[str]] = {}
    for one in wishes.services:
        value = f"{one.priority} {one.weight} {one.port} {one.target}." if one.target else "0 0 0 ."
        found.setdefault(srv_owner(one.service, wishes.domain), []).append(value)
    return [WishedRRset(owner, "SRV", tuple(values), wishes.ttl) for owner, values in found.items()]


def tlsa_rrsets(wishes: MailWishes) -> list[WishedRRset]:
    """Return the records that came ready made, those of one owner and type together."""
    ordered = sorted(wishes.tlsa, key=lambda one: (one.owner, one.rdtype))
    groups = groupby(ordered, lambda one: (one.owner, one.rdtype))
    made = [(owner, rdtype, list(records)) for (owner, rdtype), records in groups]
    return [
        WishedRRset(owner, rdtype, tuple(dict.fromkeys(one.rdata for one in records)), _least(one.ttl for one in records) or wishes.ttl)
        for owner, rdtype, records in made
    ]


def _least(lifetimes: Iterable[int | None]) -> int | None:
    """All records of an RRset have one TTL (RFC 2181 section 5.2)."""
    return min((one for one in lifetimes if one is not None), default=None)


def elsewhere(wishes: MailWishes) -> list[WishedRRset]:
    """Return the records that the domains of report addresses have to publish, to take reports about this one (RFC 9990 section 4)."""
    addresses = wishes.dmarc.rua if wishes.dmarc is not None else ()
    hosts = dict.fromkeys(one.rpartition("@")[2].lower() for one in addresses)
    strangers = [host for host in hosts if not f".{host}".endswith(f".{wishes.domain}") and not f".{wishes.domain}".endswith(f".{host}")]
    return [txt(wishes, f"{wishes.domain}._report._dmarc.{host}", "v=DMARC1") for host in strangers]
