# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE by nameservers that validate nothing: "no TLSA records" is then no fact, but something that nobody looked at (pure).

Without AD an answer is insecure, and smtp(8) delivers as at may. That is right for an unsigned zone behind a nameserver that
validates. A nameserver that validates nothing says the same of every zone, also of one with TLSA records.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import NOT_VALIDATED, TlsaOutcome
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import InsecureMxPolicy, SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.rfc_reading import RfcReading

_NO_MX_STATUS = "whether the MX RRset is secure was not looked up: the answers were not validated"
_SHOWN_NAMESERVERS = 5


def nameservers_in_question(
    route: Route, endpoint: EndpointResult, insecure_mx: InsecureMxPolicy
) -> frozenset[str]:
    """Return the nameservers whose answers without AD made the level of an endpoint another than the one asked for."""
    policy, lookup = endpoint.policy, endpoint.lookup
    if policy is None or not policy.requested.uses_dane or lookup.outcome is TlsaOutcome.ERROR:
        return frozenset()
    if lookup.outcome is TlsaOutcome.SKIPPED:
        return route.without_ad | lookup.without_ad
    if lookup.outcome is TlsaOutcome.FOUND:
        # Behind MX records without AD validated TLSA records still count, unless the user decided otherwise.
        ignored = route.secure is False and insecure_mx is InsecureMxPolicy.ENCRYPT
        return route.without_ad if ignored else frozenset()
    return lookup.without_ad


def all_in_question(result: DestinationResult, insecure_mx: InsecureMxPolicy) -> frozenset[str]:
    """Return the nameservers in question for any endpoint of a destination."""
    each = (nameservers_in_question(result.route, one, insecure_mx) for one in result.endpoints)
    return frozenset().union(*each)


def without_downgrades(
    result: DestinationResult, not_validating: Collection[str], insecure_mx: InsecureMxPolicy
) -> DestinationResult:
    """Return the result where no level was lowered because of nameservers that do not validate."""
    endpoints = []
    for endpoint in result.endpoints:
        guilty = nameservers_in_question(result.route, endpoint, insecure_mx).intersection(not_validating)
        endpoints.append(_unvalidated(endpoint, guilty) if guilty else endpoint)
    return replace(result, endpoints=tuple(endpoints))


def _unvalidated(endpoint: EndpointResult, guilty: Collection[str]) -> EndpointResult:
    """The endpoint with the same status word, but not satisfied. A failure that keeps mail away by itself stays the one told."""
    failure, lookup, reason = endpoint.failure, endpoint.lookup, _NO_MX_STATUS
    if lookup.outcome is not TlsaOutcome.FOUND:
        reason = NOT_VALIDATED
        lookup = replace(lookup, outcome=TlsaOutcome.SKIPPED, error=NOT_VALIDATED)
    if failure is None or endpoint.satisfied:
        text = f"{reason} (nameserver {_named(guilty)})"
        failure = Failure(ErrorKind.DNSSEC_UNAVAILABLE, CommonPhase.TLSA, text)
    policy, verification = endpoint.policy, endpoint.verification
    return replace(
        endpoint,
        policy=None if policy is None else replace(policy, delivery=None, reason=reason),
        lookup=lookup,
        verification=None if verification is None else replace(verification, satisfied=False),
        failure=failure,
        rfc=None if endpoint.rfc is None else RfcReading(None, False),
        sessions=tuple(
            replace(one, verification=replace(one.verification, satisfied=False)) for one in endpoint.sessions
        ),
    )


def warning(not_validating: Collection[str], level: SecurityLevel, ad_untrusted: bool) -> str:
    """Return what to tell the user: what happened, why, and what to do."""
    names = _named(not_validating)
    if ad_untrusted:
        why = f"The nameserver {names} says that it validated answers with DNSSEC, but it is not believed."
    else:
        why = f"The nameserver {names} validated nothing with DNSSEC, not even the root."
    return (
        f"TLSA records were not looked up: the answers were not validated. {why}"
        f" At security_level {level.value} nothing that hangs on them is satisfied."
        " Run a validating resolver on a loopback address, or name one with nameservers."
        " If the path to the resolver is safe, set trust_ad to always; or choose another security_level."
    )


def _named(nameservers: Collection[str]) -> str:
    names = sorted(nameservers)
    more = len(names) - _SHOWN_NAMESERVERS
    return ", ".join(names[:_SHOWN_NAMESERVERS]) + (f" and {more} more" if more > 0 else "")
