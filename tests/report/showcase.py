# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet that nobody has: some hundred domains with all that can be said of one, the same at each run. Screenshots show it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, mail_dns, smtp
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, failed, lost, record, tlsa
from ansible_collections.mailops.tls.tests.unit.makers.reports import MOMENT, delivery_result, domain_result, rollover_result

COUNT = 240
_NAMES = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "island", "juniper", "kestrel", "lagoon")
_ISSUERS = ("CN=R11,O=Example Trust,C=US", "CN=Sample CA 4,O=Sample Authority,C=DE", "CN=Mail CA,O=House of Keys,C=NL")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def results() -> list[dict[str, Any]]:
    """Results of every module."""
    chance = random.Random(7)
    found = [_destination(number, chance) for number in range(COUNT)]
    found += [domain_result(f"{name}.example", lint=_domain_lint(f"{name}.example")) for name in _NAMES[:6]]
    found += [_mailbox("mail.amber.example"), delivery_result("mail.amber.example"), rollover_result("mx1.amber.example")]
    return found


def changes() -> tuple[dict[str, Any], ...]:
    """What is different from the audit before."""
    return (
        _change("delivery", "birch1.example", None, "delivered", "not delivered (starttls_not_offered)"),
        _change("verdict", "amber.example", "mx2.amber.example", "verified", "untrusted"),
        _change("key", "cedar2.example", "mx.cedar2.example", "9f86d081884c7d65", "2c26b46b68ffc68f"),
        _change("tlsa", "amber.example", "mx2.amber.example", "3 1 1 9f86d081884c7d65", "3 1 1 fcde2b2edba56bf4"),
        _change("new", "juniper5.example", None, None, "verified"),
        *(_change("renewed", f"{name}3.example", f"mx.{name}3.example", "ends 2026-05-20", "ends 2026-08-01") for name in _NAMES[:8]),
    )


def _change(kind: str, domain: str, host: str | None, before: str | None, after: str | None) -> dict[str, Any]:
    about = {"destination": domain, "host": host, "address": None}
    return {"kind": kind, **about, "before": before, "after": after, "counts": kind != "renewed"}


def _destination(number: int, chance: random.Random) -> dict[str, Any]:
    domain = f"{_NAMES[number % len(_NAMES)]}{number // len(_NAMES) or ''}.example"
    if number == 0:
        return _rolling(domain)
    host = f"mx.{domain}"
    luck = chance.random()
    if luck < 0.02:
        return failed(domain, "dns_error")
    if luck < 0.06:
        return audited(domain, lost(host, kind=chance.choice(["connect_timeout", "connect_refused", "rate_limited"])))
    if luck < 0.1:
        text = f"{host} does not offer STARTTLS"
        error = {"kind": "starttls_not_offered", "phase": "ehlo", "text": "the server does not offer STARTTLS"}
        seen = lost(host, status="plaintext", error=error)
        return audited(domain, seen, lint=[Finding(smtp.STARTTLS_NOT_OFFERED, f"{host}[192.0.2.1]:25", text).as_facts()])
    return audited(domain, _endpoint(host, chance, luck))


def _endpoint(host: str, chance: random.Random, luck: float) -> dict[str, Any]:
    rsa = chance.random() < 0.55
    ends = datetime.strptime(MOMENT, _TIME) + timedelta(days=chance.choice([-3, 4, 11, 20, 25, 41, 55, 60, 74, 80, 88, 120, 200]))
    own = luck < 0.2
    leaf = certificate(
        host,
        issuer=f"CN={host}" if own else chance.choice(_ISSUERS),
        not_after=ends.strftime(_TIME),
        public_key={"type": "rsa", "bits": chance.choice([2048, 2048, 4096])} if rsa else {"type": "ecdsa", "bits": 256},
    )
    seen = endpoint(host, dane=luck > 0.6, chain=[leaf])
    seen["tls"] = {**seen["tls"], "protocol": chance.choice(["TLSv1.3"] * 8 + ["TLSv1.2"] * 3 + ["TLSv1"])}
    if own and luck <= 0.6:
        seen.update(status="untrusted")
    return seen


def _rolling(domain: str) -> dict[str, Any]:
    """A domain whose second exchange serves a key that no record knows yet."""
    first, second = f"mx1.{domain}", f"mx2.{domain}"
    records = [record(second, "first key", matched=False), record(second, "next key", matched=False)]
    other = endpoint(
        second, "192.0.2.2", status="untrusted", satisfied=False, preference=20,
        chain=[certificate(second, key="third key")], tlsa=tlsa(second, records),
        verification={"status": "untrusted", "requested_level": "dane", "effective_level": "dane", "matched": False,
                      "error": {"code": 65, "depth": 0, "text": "no matching DANE TLSA records"}},
    )  # fmt: skip
    lint = [Finding(dane.STALE_RECORD, f"_25._tcp.{second}", "3 1 1 9f86d081884c7d65... matches nothing that is served").as_facts()]
    return audited(domain, endpoint(first), other, lint=lint)


def _domain_lint(domain: str) -> list[dict[str, str | None]]:
    return [Finding(mail_dns.PTR_MISSING, "192.0.2.1", f"192.0.2.1, an address of mx.{domain}, has no name").as_facts()]


def _mailbox(host: str) -> dict[str, Any]:
    def seen() -> Iterator[dict[str, Any]]:
        for service, port in (("imaps", 993), ("submission", 587)):
            login = {"mechanism": "PLAIN", "outcome": "accepted", "error": None, "reply": {"code": 235, "text": "Welcome"}}
            yield {**endpoint(host), "service": service, "port": port, "port_state": "open", "logins": [login]}
        yield {**lost(host, kind="connect_refused"), "service": "pop3s", "port": 995, "port_state": "refused", "logins": []}

    return {"target": host, "lookup": "host", "srv": [], "status": "verified", "satisfied": True, "worst": "ok", "error": None,
            "warnings": [], "ports": None, "endpoints": list(seen()), "lint": []}  # fmt: skip
