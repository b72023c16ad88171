# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that come back, or not: balancers in front of two Postfix instances (posttls-finger -r and -m); client certificates."""

from __future__ import annotations

from ..case import Case, Listener, Zone
from ..expectation import opportunistic, verified

EE = verified("3 1 1")
NO_SESSIONS = {
    "smtpd_tls_protocols": "TLSv1.2",
    "tls_ssl_options": "NO_TICKET",
    "smtpd_tls_always_issue_session_ids": "no",
    "smtpd_tls_exclude_ciphers": "aNULL",
}
"""With TLS 1.3 OpenSSL gives sessions whatever Postfix says."""


def _zone(name: str) -> tuple[Zone, ...]:
    """A signed domain with one exchange and a TLSA record for its certificate."""
    return (Zone(name + ".test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}")),)


def _balanced(first: str, second: str) -> tuple[Listener, ...]:
    """A balancer in front of two instances that call themselves so and have one certificate."""
    return (
        Listener(balances=("one", "two")),
        Listener(label="one", host=first, shares="mx"),
        Listener(label="two", host=second, shares="mx", second=True),
    )


CASES = (
    Case(
        name="balanced",
        destination="balanced.test",
        title="two Postfix instances behind one address, each with its own name and session keys",
        expected=opportunistic(EE),
        zones=_zone("balanced"),
        listeners=_balanced("one.balanced.test", "two.balanced.test"),
    ),
    Case(
        name="balanced-one-name",
        destination="balanced-one-name.test",
        title="two Postfix instances behind one address that call themselves alike and cannot resume each other's sessions",
        expected=opportunistic(EE),
        zones=_zone("balanced-one-name"),
        listeners=_balanced("mx.balanced-one-name.test", "mx.balanced-one-name.test"),
    ),
    Case(
        name="no-sessions",
        destination="no-sessions.test",
        title="a server that gives no sessions",
        expected=opportunistic(EE),
        zones=_zone("no-sessions"),
        listeners=(Listener(smtpd=NO_SESSIONS),),
    ),
    Case(
        name="client-certificate",
        destination="client-certificate.test",
        title="a server that insists on a certificate of the client and gets one",
        expected=opportunistic(EE),
        zones=_zone("client-certificate"),
        listeners=(
            Listener(
                smtpd={
                    "smtpd_tls_security_level": "encrypt",
                    "smtpd_tls_req_ccert": "yes",
                    "smtpd_tls_CAfile": "{root}",
                    "smtpd_tls_loglevel": "summary,peercert",
                }
            ),
        ),
        options={"client": True},
    ),
)
