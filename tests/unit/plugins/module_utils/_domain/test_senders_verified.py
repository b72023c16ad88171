# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can deliver: whatever fleets say, mail is called verified only where it was verified."""

from __future__ import annotations

import functools

from ansible_collections.mailops.tls.plugins.module_utils._domain.senders import LEVELS, Outcome, Protection, Sender, StsView, senders
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, hierarchy, issue
from hypothesis import given
from hypothesis import strategies as st


@functools.cache
def _chain() -> Hierarchy:
    return hierarchy(("mx.example.com",))


@st.composite
def endpoints(draw: st.DrawFn, level: SecurityLevel, chain: tuple[Certificate, ...], host: str) -> EndpointResult:
    """Whatever a fleet at a level can say of an address."""
    deliveries = {
        SecurityLevel.DANE: [SecurityLevel.MAY, SecurityLevel.ENCRYPT, SecurityLevel.HALF_DANE, SecurityLevel.DANE],
    }.get(level, [level])
    delivery = draw(st.sampled_from(deliveries))
    policy = SessionPolicy(level, delivery, delivery, delivery.must_match)
    candidate = Candidate(host, host, "192.0.2.1", 25, 10)
    if draw(st.booleans()):
        return EndpointResult(candidate, policy, failure=Failure(draw(st.sampled_from(ErrorKind)), CommonPhase.CONNECT, "failed"))
    status = draw(st.sampled_from(Status))
    strong = {SecurityLevel.HALF_DANE: status is Status.TRUSTED}.get(delivery, status is Status.VERIFIED)
    satisfied = strong if delivery.must_match else draw(st.booleans())
    shown = chain if status not in (Status.PLAINTEXT, Status.FAILED, Status.ANONYMOUS) else ()
    return EndpointResult(candidate, policy, verification=Verification(status, satisfied), chain=shown)


@given(st.data())
def test_verified_is_only_what_was_verified(data: st.DataObject) -> None:
    hosts = data.draw(st.lists(st.sampled_from(["a.example", "b.example", "c.example"]), min_size=1, unique=True))
    bare = Certificate(issue("a.example").der)
    certificates = st.sampled_from([(Certificate(_chain().leaf.der),), (bare,)])
    named = st.fixed_dictionaries({host: st.booleans() for host in hosts})
    sts = data.draw(st.builds(StsView, st.booleans(), named, st.just("fact"), st.booleans()))
    route, destination = Route("mx"), parse_destination("example.com", protocol=Protocol.SMTP, service_port=lambda _service: 25)
    found = {
        level: DestinationResult(destination, route, tuple(data.draw(endpoints(level, data.draw(certificates), host)) for host in hosts))
        for level in LEVELS
    }
    down = frozenset(data.draw(st.sets(st.sampled_from(hosts))))
    seen = {one.sender: one for one in senders(found, sts, down)}
    for sender, one in seen.items():
        counting = [row for row in one.deliveries if row.outcome is not Outcome.DELIVERED and row.exchange not in down]
        assert (one.outcome is Outcome.DELIVERED) <= (not counting or all(row.exchange in down for row in one.deliveries))
        for row in one.deliveries:
            assert (row.protection is None) is (row.outcome is not Outcome.DELIVERED)
            if row.protection is not Protection.VERIFIED:
                continue
            levels = (SecurityLevel.DANE, SecurityLevel.VERIFY)
            dane, verify = (next(one for one in found[level].endpoints if one.host == row.exchange) for level in levels)
            by_dane = dane.status is Status.VERIFIED and dane.policy is not None and dane.policy.delivery is SecurityLevel.DANE
            by_names = verify.status is Status.VERIFIED
            by_sts = by_names and sts.known and sts.enforced and sts.matched[row.exchange] and bool(verify.chain[0].dns_names)
            reasons = {Sender.DANE: by_dane, Sender.MTA_STS: by_sts, Sender.DANE_AND_MTA_STS: by_dane or by_sts, Sender.MANDATORY: by_names}
            assert reasons.get(sender, False), (sender, row)
        if one.protection is Protection.VERIFIED:
            assert all(row.protection in (None, Protection.VERIFIED) for row in one.deliveries)
