# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running scan knows: offers and replies in, what they prove kept."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import SSL_3, TLS_1_2, TLS_1_3, Offer
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import GROUPS, version_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import groups_of, is_dhe, is_ecdhe, schemes_of, takes_ecdsa_key
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import Outcome, ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

Found = TypeVar("Found")
Steps = Generator[Offer, ServerReply, Found]
"""A part of a scan: it yields what to offer, is sent the reply, and returns what it found."""

_REFUSALS = (
    "handshake_failure", "protocol_version", "insufficient_security", "illegal_parameter", "decode_error", "missing_extension",
    "unsupported_extension", "unexpected_message", "inappropriate_fallback",
)  # fmt: skip
"""Alerts that answer what was offered. Others tell of trouble, which proves nothing."""


DIFFERENT = "the same question was answered in two ways, as by several servers at one address, so nothing that was refused counts"
NAMED_PRIMES = "the scan did not come to those for which the client names a prime"
MOST_PRIMES = 16
"""Primes that are kept of a server, which can make a new one for each connection."""


@dataclass
class Knowledge:
    """What was seen, by the numbers of TLS. `ended` has the versions whose refusal proved that no further suite is accepted.

    `versions`: accepted or refused; `doubts`: why a version is neither. `open_groups` and `open_suites` say, for a version, why more
    may exist, `open_schemes` for TLS 1.2. `first` is the first offer with everything that was accepted, with its reply;
    `authenticated` the first reply with a certificate. `few`: the server takes only short offers. `own_curve` is that of the
    server's ECDSA key; `own_curve_hidden`: it has such a key, whose curve could not be read; `own_curve_last`: it was chosen though
    it was offered last. `named_primes` is why suites may be missing that want a prime which the client names.
    `unread`: there was a key exchange that did not come to its end. `unsteady` is why no refusal counts. `unconfirmed`: nothing was
    accepted since something was refused. `probed` is the version that a probe of this server has had.
    """

    server_name: str | None = None
    versions: dict[int, bool] = field(default_factory=dict)
    doubts: dict[int, str] = field(default_factory=dict)
    suites: dict[int, list[int]] = field(default_factory=dict)
    groups: dict[int, list[int]] = field(default_factory=dict)
    schemes: list[int] = field(default_factory=list)
    signed: list[int] = field(default_factory=list)
    primes: list[bytes] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    groups_ended: set[int] = field(default_factory=set)
    schemes_ended: bool = False
    open_schemes: str | None = None
    open_groups: dict[int, str] = field(default_factory=dict)
    open_suites: dict[int, str] = field(default_factory=dict)
    open_levels: dict[str, str | None] = field(default_factory=dict)
    first: dict[int, tuple[Offer, ServerReply]] = field(default_factory=dict)
    authenticated: ServerReply | None = None
    preference: str | None = None
    weak: str | None = None
    weak_tested: bool = False
    primes_tested: bool = False
    compressed: bool = False
    refused: bool = False
    closed: int = 0
    few: bool = False
    named_primes: str | None = NAMED_PRIMES
    own_curve: int | None = None
    own_curve_hidden: bool = False
    own_curve_last: bool = False
    unread: bool = False
    unsteady: str | None = None
    unconfirmed: bool = False
    probed: int | None = None

    def offer(
        self,
        version: int,
        suites: tuple[int, ...],
        groups: tuple[int, ...] | None = None,
        schemes: tuple[int, ...] | None = None,
    ) -> Offer:
        """Return an offer; without lists of groups or schemes, of all that the version has."""
        wanted = groups_of(version) if groups is None else groups
        signed = schemes_of(version) if schemes is None else schemes
        return Offer(version, suites, wanted, signed, self.server_name)

    def take(self, offer: Offer, reply: ServerReply) -> bool:
        """Keep what a reply shows; True when the server accepted the offer in the very version that was offered.

        A server that chose what was not offered has accepted nothing: walks would not end with it.
        """
        version, suite = reply.version, reply.suite
        if not answers(offer, reply) or version is None or suite is None:
            self.closed += reply.outcome is Outcome.CLOSED
            self.refused = self.refused or reply.outcome is Outcome.ALERT
            return False
        if self.versions.get(version) is False:
            self.unsteady = DIFFERENT
        self.versions[version] = True
        _add(self.suites.setdefault(version, []), suite)
        if reply.group is not None:
            _add(self.groups.setdefault(reply.group, []), version)
        if reply.scheme is not None:
            _add(self.schemes, reply.scheme)
            _add(self.signed, suite)
        if reply.prime and len(self.primes) < MOST_PRIMES:
            _add(self.primes, reply.prime)
        if version < TLS_1_3 and reply.group is None and not reply.prime and (is_ecdhe(suite) or is_dhe(suite)):
            self.unread = True
        if reply.chain and self.authenticated is None:
            self.authenticated = reply
        if reply.chain and self.own_curve is None and takes_ecdsa_key(suite):
            self._keep_curve(reply.chain[0])
        self.compressed = self.compressed or reply.compression != 0
        self.first.setdefault(version, (offer, reply))
        return version == offer.version

    def _keep_curve(self, leaf: bytes) -> None:
        """Keep the group that the key of a certificate is on. Keys of EdDSA are not on any that a client has to offer."""
        key = Certificate(leaf).public_key
        if key is None or key.type == "ecdsa":
            self.own_curve = next((number for number, name in GROUPS.items() if key is not None and name == key.curve), None)
            self.own_curve_hidden = self.own_curve is None

    @property
    def top(self) -> int | None:
        """The highest accepted version before TLS 1.3."""
        return max((version for version, yes in self.versions.items() if yes and version <= TLS_1_2), default=None)

    @property
    def accepted(self) -> int:
        """How many different suites were accepted."""
        return len({suite for suites in self.suites.values() for suite in suites})

    def seen(self, version: int) -> list[int]:
        """Return the suites that were accepted in a version, in the order in which they were found."""
        return self.suites.get(version, [])


def answers(offer: Offer, reply: ServerReply) -> bool:
    """Tell whether a reply chooses something that was offered: a suite, in the version of the offer or one before it."""
    if reply.outcome is not Outcome.HELLO or reply.version is None or reply.suite not in offer.suites:
        return False
    return SSL_3 <= reply.version <= offer.version and (reply.version >= TLS_1_3) == (offer.version >= TLS_1_3)


def doubt(reply: ServerReply) -> str | None:
    """Return why a refusal proves nothing; None when it is one.

    A closed connection counts as one: stacks of Windows send no alert. Whether there is a server at all shows elsewhere.
    """
    if reply.outcome is Outcome.NO_TLS:
        return "the server answered something that is not TLS"
    if reply.outcome is Outcome.SILENT:
        return "the server did not answer"
    if reply.outcome is Outcome.ALERT and reply.alert not in _REFUSALS:
        return f"the server answered with the alert {reply.alert}"
    if reply.outcome is Outcome.HELLO:
        return f"the server chose what was not offered, in {version_name(reply.version or 0)}"
    return None


def _add(items: list[Found], item: Found) -> None:
    if item not in items:
        items.append(item)
