# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at a domain has seen, as far as it can be compared with what is to be published. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._domain.publishing_steps import Published
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import domain_of
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

_Found = tuple[tuple[str, str], "frozenset[str]"]


def published_records(result: Mapping[str, Any], wanted: str) -> Published:
    """Return the records that an item of `results` of `mail_domain_info` has. What it does not know is missing.

    Args:
        result: the item.
        wanted: the domain that it has to be of, in ASCII.

    Raises:
        OptionError: for `current`, when it is no such item, or that of another domain.
    """
    try:
        domain = domain_of(result["domain"])
        found = dict(_all(result, domain))
    except (KeyError, TypeError, AttributeError, ValueError):
        shown = sorted(str(name) for name in result)[:5]
        raise OptionError("current", shown, "is not an item of the results of mail_domain_info") from None
    if domain != wanted:
        raise OptionError("current", inert(str(result["domain"]), 300), f"is a look at another domain than {wanted}")
    return found


def _all(result: Mapping[str, Any], domain: str) -> Iterator[_Found]:
    yield from _mx(domain, result["mx"])
    yield from _record(domain, result["spf"], "temperror", "records")
    yield from _record(f"_smtp._tls.{domain}", result["tlsrpt"], "error", "record")
    yield from _sts(f"_mta-sts.{domain}", result["mta_sts"])
    if result["dmarc"] and result["dmarc"]["status"] != "error":
        own = result["dmarc"]["record"] if result["dmarc"]["location"] in (domain, f"_dmarc.{domain}") else None
        yield (f"_dmarc.{domain}", "TXT"), _texts([own])
    for key in result["dkim"]:
        if key["status"] != "error":
            yield (str(key["owner"]).lower(), "TXT"), _texts([key["record"]])
    if result["caa"]:
        own_caa = result["caa"]["records"] if result["caa"]["found_at"] == domain else []
        yield (domain, "CAA"), frozenset(f'{128 if one["critical"] else 0} {one["tag"]} "{one["value"]}"' for one in own_caa)
    services: dict[str, set[str]] = {}
    for one in result["srv"]:
        value = "0 0 0 ." if one["not_offered"] else f"{one['priority']} {one['weight']} {one['port']} {one['target']}."
        services.setdefault(str(one["owner"]).lower(), set()).add(value)
    yield from (((owner, "SRV"), frozenset(values)) for owner, values in services.items())
    for exchange in result["dane"]:
        if exchange["lookup"] != "error":
            owner = f"_{exchange['port']}._tcp.{exchange['exchange']}".lower()
            rdata = [f"{one['usage']} {one['selector']} {one['matching_type']} {one['data']}" for one in exchange["records"]]
            yield (owner, "TLSA"), frozenset(rdata)


def _mx(domain: str, part: Mapping[str, Any] | None) -> Iterator[_Found]:
    if part and part["found"] is not None:
        values = [f"{one['preference']} {one['exchange']}." for one in part["exchanges"]] if not part["implicit"] else []
        yield (domain, "MX"), frozenset(["0 ."] if part["null_mx"] else values)


def _record(owner: str, part: Mapping[str, Any] | None, unknown: str, item: str) -> Iterator[_Found]:
    if part and part["status"] != unknown:
        found = part[item]
        yield (owner, "TXT"), _texts(found if isinstance(found, list) else [found])


def _sts(owner: str, part: Mapping[str, Any] | None) -> Iterator[_Found]:
    if part and part["txt"]["found"] is not None:
        yield (owner, "TXT"), _texts(part["txt"]["records"])


def _texts(texts: Sequence[str | None]) -> frozenset[str]:
    return frozenset(text for text in texts if text is not None)
