# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One endpoint of a result, read without trust: what it says, and why the rest is not known.

A result may have been made by another machine and an older version. So everything is optional here, and nothing raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Callable, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._results.reading import error_text, flag, mapping, mappings, word

BEFORE_1_3 = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2")
TLS_1_3 = "TLSv1.3"
_MOST = 400
_NO_SCAN = "no scan was made"
_NO_TLS = "there is no TLS"
_REFUSED_ALL = "the server accepted nothing that the scan offered"


class Observation(NamedTuple):
    """A value that was seen, at which endpoint, and in which field of the result."""

    value: str
    endpoint: str
    field: str


class Gap(NamedTuple):
    """What is not known of an endpoint, and why."""

    endpoint: str
    why: str


@dataclass(frozen=True)
class Observed:
    """All that is known of one thing. Without a gap nothing more is to be found."""

    seen: tuple[Observation, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def __add__(self, other: Observed) -> Observed:
        return Observed(self.seen + other.seen, self.gaps + other.gaps)


def together(parts: Iterable[Observed]) -> Observed:
    """Return several as one."""
    seen: list[Observation] = []
    gaps: list[Gap] = []
    for one in parts:
        seen += one.seen
        gaps += one.gaps
    return Observed(tuple(seen), tuple(gaps))


class ScanItem(NamedTuple):
    """One item of a scan: its value where it was observed, else why not; `why` also where it is not complete."""

    value: Any
    observed: bool
    complete: bool
    why: str
    field: str


class SessionView(NamedTuple):
    """One TLS session of an endpoint: the path to its facts, the facts, and its certificates."""

    path: str
    tls: Mapping[str, Any]
    chain: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class EndpointView:
    """One endpoint and the path to it in the result."""

    path: str
    facts: Mapping[str, Any]

    @cached_property
    def name(self) -> str:
        """The endpoint as people write it: `mx.example.org[192.0.2.25]:25`."""
        host, address, port = (word(self.facts.get(key)) for key in ("host", "address", "port"))
        return (host or "?") + (f"[{address}]" if address else "") + (f":{port}" if port else "")

    @cached_property
    def host(self) -> str:
        """The name of the server, in lower case."""
        return word(self.facts.get("host")).lower()

    @cached_property
    def sessions(self) -> tuple[SessionView, ...]:
        """The session of the endpoint itself, and one for each other kind of key that the server was asked for and has."""
        found = [(self.path, self.facts)]
        for index, one in enumerate(mappings(self.facts.get("key_algorithms"), 20)):
            if flag(one.get("offered")) is not False:
                found.append((f"{self.path}.key_algorithms[{index}]", one))
        return tuple(
            SessionView(path, mapping(facts.get("tls")), tuple(mappings(facts.get("chain"), 32)))
            for path, facts in found
            if mapping(facts.get("tls")).get("established") is not False
        )

    @cached_property
    def trouble(self) -> str:
        """What went wrong with the endpoint, empty when nothing did."""
        return error_text(self.facts.get("error"))

    @cached_property
    def error_kind(self) -> str:
        """The kind of that, empty without any."""
        return word(mapping(self.facts.get("error")).get("kind"))

    @property
    def implicit(self) -> bool:
        """True where TLS begins with the connection."""
        return self.facts.get("tls_mode") == "implicit"

    @cached_property
    def speaks_tls(self) -> bool:
        """True when it was seen that the server speaks TLS, however the handshake ended."""
        scanned = any(item.value is True for item in self.versions.values())
        return scanned or self.error_kind == "handshake_failed" or bool(mapping(self.facts.get("tls")).get("protocol"))

    @cached_property
    def lacks_starttls(self) -> bool:
        """True when the server said what it offers, and STARTTLS was not among it. A failure of any other kind says nothing."""
        if self.speaks_tls or self.implicit:
            return False
        if self.error_kind:
            return self.error_kind == "starttls_not_offered"
        offered = flag(self.facts.get("starttls_offered"))
        if offered is not None:
            return not offered
        before = mapping(self.facts.get("capabilities")).get("before_tls")
        return isinstance(before, Mapping) and "STARTTLS" not in before and self.facts.get("status") == "plaintext"

    @cached_property
    def scan(self) -> Mapping[str, Any]:
        """The facts of the scan, empty without one, and where it was refused everything: that shows nothing."""
        return {} if self._refused_all else mapping(self.facts.get("scan"))

    @cached_property
    def _refused_all(self) -> bool:
        versions = mapping(mapping(self.facts.get("scan")).get("versions"))
        return bool(versions) and all(mapping(versions.get(name)).get("value") is False for name in (*BEFORE_1_3, TLS_1_3))

    @cached_property
    def versions(self) -> dict[str, ScanItem]:
        """What the scan says of each protocol version."""
        return {name: self.item("versions", name) for name in (*BEFORE_1_3, TLS_1_3)} if self.scan else {}

    @cached_property
    def only_1_3(self) -> bool:
        """True when the scan proved that nothing before TLS 1.3 is accepted, and TLS 1.3 is."""
        older = all(self.versions[name].value is False for name in BEFORE_1_3) if self.versions else False
        return older and self.versions[TLS_1_3].value is True

    @cached_property
    def _known(self) -> dict[Callable[[EndpointView], Observed], Observed]:
        return {}

    def look(self, subject: Callable[[EndpointView], Observed]) -> Observed:
        """Return what was seen of one thing. It is looked for once, however many ask: a policy, and Internet.nl's numbers."""
        found = self._known.get(subject)
        if found is None:
            found = self._known[subject] = subject(self)
        return found

    def item(self, *keys: str) -> ScanItem:
        """Return an item of the scan."""
        path = f"{self.path}.scan.{'.'.join(keys)}"
        if not self.scan:
            return ScanItem(None, False, False, self.nothing, path)
        found: Any = self.scan
        for key in keys:
            found = mapping(found).get(key)
        facts = mapping(found)
        observed = facts.get("state") == "observed"
        why = word(facts.get("why")) or "the scan does not say"
        return ScanItem(facts.get("value") if observed else None, observed, observed and facts.get("complete") is True, why, path)

    @property
    def nothing(self) -> str:
        """Why nothing is known of what a scan would tell."""
        if self.lacks_starttls:
            return _NO_TLS
        if self._refused_all:
            return _REFUSED_ALL
        return self.trouble or _NO_SCAN

    def saw(self, value: object, field: str) -> Observation:
        """Return an observation here."""
        return Observation(word(value), self.name, field)

    def gap(self, why: str) -> Observed:
        """Return that nothing is known here, and why."""
        return Observed(gaps=(Gap(self.name, why),))


def names_of(item: ScanItem) -> list[str]:
    """Return the texts in a list that a scan observed."""
    found = item.value[:_MOST] if isinstance(item.value, (list, tuple)) else []
    return [word(one) for one in found if isinstance(one, str)]


def entries_of(item: ScanItem) -> list[Mapping[str, Any]]:
    """Return the mappings in a list that a scan observed."""
    return mappings(item.value, _MOST)
