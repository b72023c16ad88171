# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in TLSA records and the DNS around them, as far as DNS alone shows them; identifiers as everywhere in the collection.

RFC 7671 section 8 (all servers have the records), RFC 8020 (a name above a name exists), RFC 6781 section 4.4.2 (signature validity).
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns
from ansible_collections.mailops.tls.plugins.module_utils._dane.findings import long_absence, odd_ttl, short_signature, zone_insecure
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import is_smtp
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_lint import record_mistakes, record_mistakes_elsewhere
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.findings import resolver_failure, server_failure, server_not_tried
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView, ServerView
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.differences import all_records, behind, lacking


def lint(view: OwnerView, now: int) -> list[Finding]:
    """Return what is wrong, each thing once; *now* is the time in seconds since 1970."""
    found = [*_records(view), *_security(view), *_servers(view), *_ttls(view), *_signatures(view, now)]
    return list(dict.fromkeys(found))


def _records(view: OwnerView) -> Iterator[Finding]:
    smtp = is_smtp(view.owner)
    seen: dict[TlsaRecord, None] = dict.fromkeys([*all_records(view.servers), *view.resolver_records])
    for screened in screen(seen):
        record = screened.record
        if smtp:
            yield from record_mistakes(view.owner, record, screened.reason)
        else:
            yield from record_mistakes_elsewhere(view.owner, record)


def _security(view: OwnerView) -> Iterator[Finding]:
    if view.validating is False:
        text = "the resolver does not validate, or is not believed, so that nothing can be said about DNSSEC"
        yield Finding(dns.RESOLVER_NOT_VALIDATING, view.owner, text)
    if not view.validating:
        return
    for hop in view.hops:
        if not hop.secure and not hop.ad_untrusted:
            text = f"the alias to {hop.target} is not validated with DNSSEC, so senders ignore the records behind it"
            yield Finding(dns.INSECURE_CNAME_HOP, hop.owner, text)
    if view.canonical.outcome is Outcome.FOUND and not view.canonical.secure and not view.canonical.ad_untrusted:
        yield zone_insecure(view.canonical_owner)


def _servers(view: OwnerView) -> Iterator[Finding]:
    yield from view.inconsistencies
    for text in view.alias_errors:
        yield Finding(dns.ALIAS_MISMATCH, view.owner, text)
    if view.resolver.outcome is Outcome.ERROR:
        yield resolver_failure(view.owner, view.resolver.error)
    for server in view.not_tried:
        yield server_not_tried(server.name, server.error or "not asked")
    for server in view.servers:
        if server.error is not None:
            yield server_failure(server.name, server.error)
        if server.nonterminal_denied:
            above = view.canonical_owner.partition(".")[2]
            text = f"it says that {above} does not exist (NXDOMAIN), so that resolvers need not find the records below it"
            yield Finding(dns.EMPTY_NONTERMINAL_NXDOMAIN, server.name, text)
        yield from _lag(view, server)


def _lag(view: OwnerView, server: ServerView) -> Iterator[Finding]:
    late = behind(server, view.servers)
    if late and server.soa is not None:
        yield Finding(dns.SECONDARY_LAG, server.name, f"it has serial {server.soa.serial}, {late} behind others")
        return
    # What only servers with an older zone still have is not lacking here.
    missing = lacking(server, [one for one in view.servers if not behind(one, view.servers)])
    if missing:
        text = f"it lacks records that others have: {', '.join(map(str, missing))}"
        yield Finding(dns.SECONDARY_LAG, server.name, text)


def _ttls(view: OwnerView) -> Iterator[Finding]:
    for server in view.servers:
        yield from odd_ttl(view.canonical_owner, server.ttl)
        if server.outcome in (Outcome.NODATA, Outcome.NXDOMAIN) and server.soa is not None:
            yield from long_absence(view.canonical_owner, server.soa.negative_ttl)


def _signatures(view: OwnerView, now: int) -> Iterator[Finding]:
    for server in view.servers:
        if server.signatures:
            yield from short_signature(server.name, max(one.expiration for one in server.signatures) - now, server.ttl)
