# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an MTA-STS policy that is to be published fits the exchanges as they were seen (RFC 8461 section 4). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import PolicyMode, matching_pattern
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import error_text, mapping, mappings, word


def contradictions(result: Mapping[str, Any], patterns: Sequence[str], mode: PolicyMode) -> list[str]:
    """Return what stands between a domain and a policy; empty when it fits.

    Args:
        result: an item of the results of `mail_domain_info`, from a host that is not believed.
        patterns: the exchanges as the policy names them.
        mode: its mode. `none` fits every domain: it ends a policy.
    """
    return [] if mode is PolicyMode.NONE else list(_all(result, patterns, mode))


def _all(result: Mapping[str, Any], patterns: Sequence[str], mode: PolicyMode) -> Iterator[str]:
    mx = mapping(result.get("mx"))
    exchanges = [word(one.get("exchange")) for one in mappings(mx.get("exchanges"))]
    if mx.get("null_mx") is True:
        yield "the domain receives no mail (null MX)"
        return
    if mx.get("found") is None or not exchanges:
        yield f"the exchanges are not known: {error_text(mx.get('error')) or error_text(result.get('error')) or 'the domain has none'}"
        return
    for exchange in exchanges:
        if matching_pattern(patterns, exchange) is None:
            yield f"{exchange} is an exchange, and the policy does not name it"
    if mode is PolicyMode.ENFORCE:
        yield from _certificates(result, exchanges)


def _certificates(result: Mapping[str, Any], exchanges: Sequence[str]) -> Iterator[str]:
    """Every address of every exchange has to show a certificate for its name, seen by a connection.

    Postfix at level `verify` takes the common name of a certificate that has no other; RFC 8461 section 4.2 does not.
    """
    seen = mappings(mapping(mapping(result.get("senders")).get("mandatory")).get("exchanges"))
    for exchange in exchanges:
        own = [one for one in seen if word(one.get("exchange")).lower() == exchange.lower()]
        if not own:
            yield f"{exchange} was not connected to, so its certificate is not known"
        for one in own:
            if one.get("protection") != "verified":
                yield f"{exchange}[{word(one.get('address'))}] does not verify: {word(one.get('fact'))}"
            elif one.get("has_dns_name") is False:
                yield f"{exchange}[{word(one.get('address'))}] has a certificate without a name in subjectAltName"
