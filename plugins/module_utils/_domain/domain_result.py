# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One domain in the shape of results: the facts of each part, who can deliver, and all findings. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mail_dns
from ansible_collections.mailops.tls.plugins.module_utils._dns.findings import resolver_failure
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import (
    AnnouncedServer,
    ProbedServer,
    differing_sources,
    left_out,
    server_key,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.autoconfig import judge_autoconfig
from ansible_collections.mailops.tls.plugins.module_utils._domain.autodiscover import judge_autodiscover
from ansible_collections.mailops.tls.plugins.module_utils._domain.bimi import judge_bimi
from ansible_collections.mailops.tls.plugins.module_utils._domain.caa import judge_caa
from ansible_collections.mailops.tls.plugins.module_utils._domain.dane import judge_dane
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_lint import lint_dmarc
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_record import DmarcPolicy
from ansible_collections.mailops.tls.plugins.module_utils._domain.dnsbl import judge_lists
from ansible_collections.mailops.tls.plugins.module_utils._domain.domain_view import DomainView
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts import MtaSts, judge_mta_sts
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import PolicyMode
from ansible_collections.mailops.tls.plugins.module_utils._domain.mx import DomainRole, domain_role, lint_mx
from ansible_collections.mailops.tls.plugins.module_utils._domain.nameservers import judge_zone
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import joined
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.reverse_names import lint_reverse
from ansible_collections.mailops.tls.plugins.module_utils._domain.sender_views import left_out_exchanges
from ansible_collections.mailops.tls.plugins.module_utils._domain.senders import SenderResult, StsView, judge_senders, names_itself, senders
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import Check, DomainSettings
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_lint import lint_spf
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_walk import SpfStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.srv import SrvEntry, announced_by_srv, judge_srv
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._smtp.lint import lint as lint_exchanges

_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


class JudgedDomain:
    """What the parts of a domain say together."""

    def __init__(self, view: DomainView, settings: DomainSettings, detail: Detail, now: datetime) -> None:
        """Take what was seen; *now* is the time of the look, aware."""
        self._view, self._settings, self._detail, self._now = view, settings, detail, now
        self.mta_sts = self._judge_mta_sts()
        self.senders = self._judge_senders()

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `results`."""
        view, found = self._view, self.findings()
        sts = self.mta_sts
        return {
            "domain": view.domain.text,
            "error": view.failure.as_dict() if view.failure is not None else None,
            "worst": self._worst(found),
            "role": self._role().value,
            "zone": view.zone[0].as_facts() if view.zone is not None else None,
            "mx": self._mx_facts(),
            "spf": view.spf.as_facts() if view.spf is not None else None,
            "dkim": [one.as_facts() for one in view.dkim],
            "dmarc": view.dmarc.as_facts() if view.dmarc is not None else None,
            "mta_sts": sts.as_facts() if sts is not None else None,
            "tlsrpt": view.tlsrpt.as_facts() if view.tlsrpt is not None else None,
            "dane": [one.as_facts() for one in view.dane],
            "caa": view.caa.as_facts() if view.caa is not None else None,
            "srv": [one.as_facts(self._srv_facts(one)) for one in view.srv or ()],
            "autoconfig": view.autoconfig.as_facts(self._probe_facts(view.autoconfig.servers)) if view.autoconfig else None,
            "autodiscover": view.autodiscover.as_facts(self._probe_facts(view.autodiscover.servers)) if view.autodiscover else None,
            "bimi": view.bimi.as_facts() if view.bimi is not None else None,
            "dnsbl": [one.as_facts() for one in view.lists],
            "propagation": [one.as_facts() for one in view.propagation],
            "senders": {one.sender.value: one.as_facts() for one in self.senders} if self.senders else None,
            "lint": [one.as_facts() for one in found],
        }

    def findings(self) -> list[Finding]:
        """Return all findings, one for an id and a subject, the worst first; without those that are to be ignored.

        Of a domain that does not exist there are none: its error says it all.
        """
        known: dict[tuple[str, str], Finding] = {}
        if self._view.failure is not None and self._view.failure.kind is ErrorKind.DNS_NOT_FOUND:
            return []
        for one in (*self._not_asked(), *self._all_findings()):
            if one.id not in self._settings.ignored:
                known.setdefault((one.id, one.subject), one)
        return sorted(known.values(), key=lambda one: _RANKS[one.severity])

    def _all_findings(self) -> Iterator[Finding]:
        view = self._view
        if view.zone is not None:
            yield from judge_zone(view.domain.name, view.zone[0])
            yield from view.zone[1]
        names_senders = view.spf.names_senders if view.spf is not None else None
        if self._settings.wants(Check.MX):
            yield from lint_mx(view.mx, names_senders, self._silent(), private_allowed=self._settings.private_allowed)
            yield from (finding for one in view.reverse for finding in lint_reverse(one))
            yield from view.greetings
        if view.spf is not None:
            yield from lint_spf(view.spf, null_mx=bool(view.mx.nulls))
        for key in view.dkim:
            yield from key.findings
        yield from view.old_policies
        if view.dmarc is not None:
            yield from lint_dmarc(view.dmarc)
        if self.mta_sts is not None:
            yield from self.mta_sts.findings
        if view.tlsrpt is not None:
            yield from view.tlsrpt.findings
        yield from judge_dane(view.dane)
        if view.bimi is not None:
            yield from judge_bimi(view.bimi, view.dmarc.enforced if view.dmarc is not None else None)
        yield from judge_lists(view.lists)
        yield from self._certificate_findings()
        yield from self._announced_findings()

    def _worst(self, found: Sequence[Finding]) -> str:
        """The severity of the worst finding. A domain of which nothing could be seen is never fine."""
        if self._view.failure is not None:
            return Severity.ERROR.value
        return found[0].severity.value if found else "ok"

    def _not_asked(self) -> Iterator[Finding]:
        """What DNS did not tell: nothing that follows from it can be relied on, the absence of findings least of all."""
        view, sts = self._view, self.mta_sts
        documents = [one.failure for one in view.autoconfig.sources] if view.autoconfig is not None else []
        failures = [sts.failure if sts is not None else None, *documents]
        found = [*view.unanswered, *(one.text for one in failures if one is not None and one.kind is ErrorKind.DNS_ERROR)]
        if found:
            yield resolver_failure(view.domain.name, joined(tuple(dict.fromkeys(found))))
        for exchange in view.dane:
            if exchange.lookup.error is not None:
                yield resolver_failure(exchange.exchange, exchange.lookup.error)

    def _certificate_findings(self) -> Iterator[Finding]:
        """What the connections to the exchanges showed, and who may issue their certificates."""
        view = self._view
        if view.caa is not None:
            yield from judge_caa(view.caa)
        if view.levels is None:
            return
        yield from lint_exchanges(view.levels[SecurityLevel.DANE])
        yield from judge_senders(view.domain.name, self.senders)
        issuers = {one.host.lower(): one.chain[0].issuer for one in view.levels[SecurityLevel.VERIFY].endpoints if one.chain}
        for host, found in view.host_caa.items():
            issuer = issuers.get(host)
            yield from judge_caa(found, {"host": issuer} if issuer else None)

    def _announced_findings(self) -> Iterator[Finding]:
        view, name = self._view, self._view.domain.name
        sources: dict[str, Sequence[AnnouncedServer]] = {}
        if view.srv is not None:
            probed = {one.name: probe for one in view.srv if (probe := self._srv_probe(one)) is not None}
            yield from judge_srv(name, view.srv, probed)
            sources["SRV records"] = announced_by_srv(view.srv)
        if view.autoconfig is not None:
            receives = view.mx.found is None or bool(view.mx.exchanges)
            yield from judge_autoconfig(view.autoconfig, self._probes(view.autoconfig.servers), receives=receives)
            sources["autoconfig"] = view.autoconfig.servers
        if view.autodiscover is not None:
            yield from judge_autodiscover(view.autodiscover)
            sources["autodiscover"] = view.autodiscover.servers
        yield from differing_sources(name, sources)
        there = left_out_exchanges(view.levels[SecurityLevel.NONE]) if view.levels is not None else {}
        for host, text in {**there, **left_out(view.probes)}.items():
            yield Finding(mail_dns.ADDRESSES_LEFT_OUT, host, text)

    def _judge_mta_sts(self) -> MtaSts | None:
        view = self._view
        if view.sts is None:
            return None
        record, document = view.sts
        exchanges = [one.name.lower() for one in view.mx.exchanges] if view.mx.found is not None else None
        dane = any(one.lookup.records for one in view.dane)
        return judge_mta_sts(record, document, exchanges, self._valid_certificates(), tlsrpt=view.tlsrpt, dane=dane)

    def _valid_certificates(self) -> dict[str, bool | None]:
        """By exchange whether a trusted authority vouches for its name, at every address; None where no session showed it."""
        if self._view.levels is None:
            return {}
        found: dict[str, bool | None] = {}
        for one in self._view.levels[SecurityLevel.VERIFY].endpoints:
            valid = (one.status is Status.VERIFIED and names_itself(one)) if one.chain else None
            before = found.get(one.host.lower(), True)
            found[one.host.lower()] = False if False in (valid, before) else None if None in (valid, before) else True
        return found

    def _judge_senders(self) -> tuple[SenderResult, ...]:
        if self._view.levels is None or not self._settings.wants(Check.SENDERS):
            return ()
        return senders(self._view.levels, _sts_view(self.mta_sts), self._settings.expected_down)

    def _role(self) -> DomainRole:
        spf, dmarc = self._view.spf, self._view.dmarc
        if spf is None or dmarc is None:
            return DomainRole.UNKNOWN
        rejects = None if dmarc.unknown is not None else dmarc.applied_policy is DmarcPolicy.REJECT
        return domain_role(self._view.mx, spf.sends_nobody, spf.status is SpfStatus.NONE, rejects)

    def _mx_facts(self) -> dict[str, Any] | None:
        if not self._settings.wants(Check.MX):
            return None
        facts, probes = self._view.mx.as_facts(), self._exchange_probes()
        exchanges = [{**one, "probe": probes.get(str(one["exchange"]).lower())} for one in facts["exchanges"]]
        return {**facts, "exchanges": exchanges}

    def _silent(self) -> dict[str, str] | None:
        """Exchanges of which no address took a connection, and why; None where none was made."""
        if self._view.levels is None:
            return None
        endpoints = self._view.levels[SecurityLevel.NONE].endpoints
        up = {one.host.lower() for one in endpoints if one.connected}
        asked = [one for one in endpoints if one.candidate is not None and one.host.lower() not in up]
        unknown = (ErrorKind.WITHHELD, ErrorKind.LIMIT_EXCEEDED)
        withheld = {one.host.lower() for one in asked if one.failure is not None and one.failure.kind in unknown}
        return {one.host.lower(): one.failure.text for one in asked if one.failure is not None and one.host.lower() not in withheld}

    def _exchange_probes(self) -> dict[str, dict[str, Any]]:
        """By exchange its worst endpoint, as a sender with DANE meets it."""
        if self._view.levels is None:
            return {}
        found = {}
        for one in sorted(self._view.levels[SecurityLevel.DANE].endpoints, key=lambda one: (not one.satisfied, one.status.severity)):
            found[one.host.lower()] = one.as_facts(self._detail)
        return found

    def _probes(self, servers: Iterable[AnnouncedServer]) -> dict[str, ProbedServer]:
        found = {}
        for server in servers:
            key = server_key(server)
            if key is not None and key in self._view.probes:
                found[server.name] = self._view.probes[key]
        return found

    def _probe_facts(self, servers: Iterable[AnnouncedServer]) -> dict[str, Mapping[str, Any]]:
        return {name: probe.facts for name, probe in self._probes(servers).items() if probe.facts}

    def _srv_probe(self, entry: SrvEntry) -> ProbedServer | None:
        return next(iter(self._probes(announced_by_srv([entry])).values()), None)

    def _srv_facts(self, entry: SrvEntry) -> Mapping[str, Any] | None:
        probe = self._srv_probe(entry)
        return probe.facts or None if probe is not None else None


def _sts_view(found: MtaSts | None) -> StsView:
    """What a sender that meets the domain for the first time makes of its policy."""
    if found is None:
        return StsView(fact="MTA-STS was not looked at")
    if found.mode is PolicyMode.ENFORCE:
        return StsView(True, {one.exchange.lower(): one.pattern is not None for one in found.exchanges}, "")
    if found.mode is not None:
        return StsView(fact=f"the MTA-STS policy is in mode {found.mode.value}")
    if found.status is RecordStatus.NONE:
        return StsView()
    why = found.failure.text if found.failure else found.status.value
    if found.status is RecordStatus.ERROR:
        return StsView(fact=f"whether MTA-STS enforces could not be asked ({why})", known=False)
    return StsView(fact=f"no MTA-STS policy can be used ({why})")


def summarize(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the `summary` of results given as facts."""
    counted = Counter(result["worst"] for result in results)
    return {"domains": sum(counted.values()), "by_worst": dict(counted)}
