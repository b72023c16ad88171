# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gauges for the textfile collector of Prometheus's node_exporter, in its text format 0.0.4.

The number of series is bounded: where servers are more than that, only the sums over all of them are written, and how many were left out.
A certificate that has ended is exported like any other; its time is in the past. Lines have no time stamps, as the collector wants it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import seconds_of
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material
from ansible_collections.mailops.tls.plugins.module_utils._report.server import Server, servers_of
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import sight_of
from ansible_collections.mailops.tls.plugins.module_utils._report.subject import counting

MOST_SERIES = 5000
WITHIN_DAYS = (0, 7, 14, 30, 60, 90)
"""Certificates are counted that end within so many days; 0 are those that have ended."""
_DAY = 86400
_WIDEST_LABEL = 300

HELP = {
    "destination_satisfied": "Whether mail would be delivered to a destination by the requested level.",
    "endpoint_satisfied": "Whether an endpoint satisfies the requested level.",
    "endpoint_tested": "Whether there is a verdict on an endpoint; 0 where it had too many connections or was left out.",
    "endpoint_info": "What an endpoint came to; always 1.",
    "endpoint_not_after_seconds": "When the certificate of an endpoint ends or has ended, in seconds since 1970.",
    "tlsa_record_matched": "Whether a TLSA record matches what an endpoint serves.",
    "destinations": "How many destinations came to a status.",
    "destinations_satisfied": "How many destinations mail would be delivered to.",
    "endpoints": "How many endpoints came to a status.",
    "endpoint_errors": "How many endpoints ended with a kind of error.",
    "endpoint_protocols": "How many endpoints speak a version of TLS.",
    "certificates_ending": "How many certificates end within so many days; those that have ended are in all.",
    "changes": "How many changes there are since the run before.",
    "series_left_out": "How many series of single endpoints were left out, as there would be too many.",
    "shares_missing": "How many of the machines that probed have not told of all that they were given.",
    "last_run_seconds": "When the last result was found, in seconds since 1970.",
}
_PREFIX = "mailops_tls_"


@dataclass
class _Sums:
    """What is counted over all results."""

    destinations: Counter[str] = field(default_factory=Counter)
    satisfied: int = 0
    endpoints: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    protocols: Counter[str] = field(default_factory=Counter)
    ending: Counter[int] = field(default_factory=Counter)


class _Series:
    """Samples by metric; of single endpoints no more than there may be."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._samples: dict[str, dict[str, float]] = {name: {} for name in HELP}
        self.wanted = 0

    def single(self, name: str, value: float, **labels: str) -> None:
        """Add a sample about one endpoint. Of two with the same labels the worse, which is the lower one, counts."""
        if not self._kept(name, value, labels):
            self.wanted += 1
            if self.wanted <= self._most:
                self.add(name, value, **labels)

    def add(self, name: str, value: float, **labels: str) -> None:
        """Add a sample."""
        self._samples[name][_labels(labels)] = value

    def forget_singles(self, names: Iterable[str]) -> None:
        """Drop the samples of some metrics."""
        for name in names:
            self._samples[name] = {}

    def text(self) -> str:
        """Return all metrics that have samples."""
        lines = []
        for name, samples in self._samples.items():
            if samples:
                lines += [f"# HELP {_PREFIX}{name} {HELP[name]}", f"# TYPE {_PREFIX}{name} gauge"]
                lines += [f"{_PREFIX}{name}{labels} {value:.15g}" for labels, value in samples.items()]
        return "".join(f"{line}\n" for line in lines)

    def _kept(self, name: str, value: float, labels: Mapping[str, str]) -> bool:
        samples, key = self._samples[name], _labels(labels)
        if key not in samples:
            return False
        samples[key] = min(samples[key], value)
        return True


_SINGLE = (
    "destination_satisfied", "endpoint_satisfied", "endpoint_tested", "endpoint_info", "endpoint_not_after_seconds", "tlsa_record_matched",
)  # fmt: skip


def prometheus(material: Material, most_series: int = MOST_SERIES) -> str:
    """Return the gauges of a report.

    Args:
        material: what is reported.
        most_series: the most samples about single endpoints; with more of them there are only sums.
    """
    series, sums = _Series(most_series), _Sums()
    now = seconds_of(material.moment) or 0
    for observed in material.results():
        sight = sight_of(observed)
        sums.destinations[sight.status or "none"] += 1
        sums.satisfied += sight.satisfied is True
        if sight.satisfied is not None:
            series.single("destination_satisfied", sight.satisfied, destination=observed.name)
        for server in servers_of(observed):
            _count(server, sums, now)
            _single(server, series)
    if series.wanted > most_series:
        series.forget_singles(_SINGLE)
    series.add("series_left_out", series.wanted if series.wanted > most_series else 0)
    _add_sums(series, sums)
    if material.changes is not None:
        series.add("changes", len(counting(material.changes)))
    series.add("shares_missing", len(material.missing))
    if now:
        series.add("last_run_seconds", now)
    return series.text()


def _single(server: Server, series: _Series) -> None:
    where = {"destination": server.subject, "host": server.host, "address": server.address, "port": server.port}
    if server.satisfied is not None:
        series.single("endpoint_satisfied", server.satisfied, **where)
    series.single("endpoint_tested", server.tested, **where)
    series.single("endpoint_info", 1, **where, status=server.status, protocol=server.protocol, error=server.error)
    for certificate in server.certificates:
        if certificate.not_after is not None:
            series.single("endpoint_not_after_seconds", certificate.not_after, **where, key=certificate.key, issuer=certificate.issuer)
    for record in server.records:
        if record.matched is not None:
            numbers = {"usage": record.usage, "selector": record.selector, "matching_type": record.matching_type}
            series.single("tlsa_record_matched", record.matched, **where, **numbers)


def _count(server: Server, sums: _Sums, now: int) -> None:
    sums.endpoints[server.status or "none"] += 1
    if server.error:
        sums.errors[server.error] += 1
    if server.protocol:
        sums.protocols[server.protocol] += 1
    for certificate in server.certificates:
        for days in WITHIN_DAYS:
            if certificate.not_after is not None and certificate.not_after < now + days * _DAY:
                sums.ending[days] += 1


def _add_sums(series: _Series, sums: _Sums) -> None:
    for status, number in sorted(sums.destinations.items()):
        series.add("destinations", number, status=status)
    series.add("destinations_satisfied", sums.satisfied)
    for status, number in sorted(sums.endpoints.items()):
        series.add("endpoints", number, status=status)
    for kind, number in sorted(sums.errors.items()):
        series.add("endpoint_errors", number, kind=kind)
    for protocol, number in sorted(sums.protocols.items()):
        series.add("endpoint_protocols", number, protocol=protocol)
    for days in WITHIN_DAYS:
        series.add("certificates_ending", sums.ending[days], within_days=str(days))


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value[:_WIDEST_LABEL].replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
