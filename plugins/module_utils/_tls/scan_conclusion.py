# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a scan, out of what it knows."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import (
    EXTENDED_MASTER_SECRET,
    RENEGOTIATION_INFO,
    SESSION_TICKET,
    SSL_3,
    TLS_1_3,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import group_name, signature_name, version_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.primes import prime_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_knowledge import MOST_PRIMES, Knowledge
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import WEAK_SCHEMES, Level, is_dhe
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import (
    MOST_BITS,
    GroupSeen,
    Item,
    Prime,
    ScanMode,
    ScanResult,
    not_tested,
    observed,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import suite_name

_SILENT = "no server answered in TLS"
_NOT_REACHED = "the scan did not come to it"
_UNREAD = "the key exchange of the server could not be read to its end"
_MANY_PRIMES = f"no more than {MOST_PRIMES} are kept"
_SEALED = "only TLS 1.3 is accepted, which says it behind encryption"


class Conclusion:
    """Makes items of knowledge. *stopped* is why a scan ended before its time, None when it did not."""

    def __init__(self, known: Knowledge, stopped: str | None) -> None:
        self._known = known
        alive = bool(known.suites) or known.refused
        self._why = stopped or (_NOT_REACHED if alive else _SILENT)
        self._alive = alive
        self._stopped = stopped

    def result(self, mode: ScanMode, connections: int, levels: tuple[Level, ...]) -> ScanResult:
        """Return the whole result."""
        known = self._known
        return ScanResult(
            mode=mode,
            connections=connections,
            stopped=self._stopped,
            closed=known.closed,
            versions={version_name(number): self._version(number) for number in range(SSL_3, TLS_1_3 + 1)},
            suites={version_name(number): self._suites(number) for number in range(SSL_3, TLS_1_3 + 1)},
            levels={level.name: self._level(level) for level in levels},
            preference=self._preference(),
            groups=self._groups(),
            signature_schemes=self._schemes(),
            weak_signature=self._weak(),
            extended_master_secret=self._flag(lambda reply: EXTENDED_MASTER_SECRET in reply.extensions),
            secure_renegotiation=self._flag(lambda reply: RENEGOTIATION_INFO in reply.extensions),
            tickets=self._flag(lambda reply: SESSION_TICKET in reply.extensions),
            compression=self._compression(),
            stapled_ocsp=self._of_certificate(
                lambda reply: reply.stapled_ocsp or tls_messages.STATUS_REQUEST in reply.extensions
            ),
            timestamps=self._of_certificate(lambda reply: reply.timestamps),
            primes=self._primes(),
        )

    def _version(self, number: int) -> Item[bool]:
        accepted = self._known.versions.get(number) if self._alive else None
        return not_tested(self._known.doubts.get(number) or self._why) if accepted is None else observed(accepted)

    def _suites(self, number: int) -> Item[tuple[str, ...]]:
        version = self._version(number)
        if version.value is None:
            return not_tested(version.why or self._why)
        names = tuple(suite_name(suite) for suite in self._known.seen(number))
        if not version.value or number in self._known.ended:
            return observed(names, self._known.named_primes if version.value and number == self._known.top else None)
        other = number not in (self._known.top, TLS_1_3)
        return observed(names, self._known.open_suites.get(number) or ("one was asked for in this version" if other else self._why))

    def _level(self, level: Level) -> Item[tuple[str, ...]]:
        top = self._known.top
        if top is None:
            return self._nothing()
        names = tuple(suite_name(suite) for suite in self._known.seen(top) if suite in level.suites)
        if level.name not in self._known.open_levels and not names:
            return not_tested(self._why)
        primed = self._known.named_primes if any(is_dhe(suite) for suite in level.suites) else None
        return observed(names, self._known.open_levels.get(level.name, self._why) or primed)

    def _nothing(self) -> Item[tuple[Any, ...]]:
        """Nothing at all before TLS 1.3, when that is known."""
        older = [self._version(number) for number in range(SSL_3, TLS_1_3)]
        doubted = next((item for item in older if item.value is None), None)
        return observed(()) if doubted is None else not_tested(doubted.why or self._why)

    def _preference(self) -> Item[str]:
        if self._known.preference is not None:
            return observed(self._known.preference)
        few = self._known.accepted == 1 and not self._stopped
        return not_tested("only one suite is accepted" if few else self._why)

    def _groups(self) -> Item[tuple[GroupSeen, ...]]:
        known = self._known
        seen = tuple(
            GroupSeen(group_name(group), tuple(version_name(version) for version in sorted(versions)))
            for group, versions in known.groups.items()
        )
        if not known.suites:
            return not_tested(self._why)
        unread = _UNREAD if known.unread else None
        wanted = [version for version in (known.top, TLS_1_3) if version is not None and version > SSL_3]
        for version in wanted:
            settled = version in known.groups_ended or known.versions.get(version) is False or self._no_curves(version)
            if not settled:
                return observed(seen, unread or known.open_groups.get(version) or known.doubts.get(version) or self._why)
        return observed(seen, unread)

    def _no_curves(self, version: int) -> bool:
        """True when all suites of a version were seen, and none takes a group."""
        known = self._known
        return version in known.ended and not any(version in versions for versions in known.groups.values())

    def _schemes(self) -> Item[tuple[str, ...]]:
        known = self._known
        if not known.schemes:
            return not_tested(self._unsigned())
        names = tuple(dict.fromkeys(_scheme(scheme) for scheme in known.schemes))
        return observed(names, None if known.schemes_ended else known.open_schemes or "no refusal has shown that there are no more")

    def _weak(self) -> Item[str | None]:
        known = self._known
        seen = next((scheme for scheme in known.schemes if scheme in WEAK_SCHEMES), None)
        if seen is not None:
            return observed(_scheme(seen))
        if known.weak_tested:
            return observed(None)
        return not_tested(self._unsigned())

    def _unsigned(self) -> str:
        """Why no signature was seen."""
        if self._stopped:
            return self._why
        return _UNREAD if self._known.unread else "no suite of TLS 1.2 with a signed key exchange was seen"

    def _flag(self, read: Callable[[ServerReply], bool]) -> Item[bool]:
        """What the first ServerHello of the best old version says."""
        top = self._known.top
        if top is None:
            return not_tested(_SEALED if self._known.versions.get(TLS_1_3) else self._why)
        return observed(read(self._known.first[top][1]))

    def _compression(self) -> Item[bool]:
        """It was offered in every hello before TLS 1.3, which has none."""
        if self._known.top is not None:
            return observed(self._known.compressed)
        nothing = self._nothing()
        return not_tested(nothing.why or self._why) if nothing.value is None else observed(False)

    def _of_certificate(self, read: Callable[[ServerReply], bool]) -> Item[bool]:
        reply = self._known.authenticated
        if reply is None:
            return not_tested(_SEALED if self._known.versions.get(TLS_1_3) else self._why)
        return observed(read(reply))

    def _primes(self) -> Item[tuple[Prime, ...]]:
        known = self._known
        found = tuple(_prime(prime) for prime in known.primes)
        if found:
            return observed(found, _UNREAD if known.unread else _MANY_PRIMES if len(found) == MOST_PRIMES else None)
        if known.unread:
            return not_tested(_UNREAD)
        if known.primes_tested:
            return observed(())
        return self._nothing() if known.top is None else not_tested(self._why)


def _prime(octets: bytes) -> Prime:
    number = int.from_bytes(octets, "big")
    value = octets.hex() if number.bit_length() <= MOST_BITS else None
    return Prime(number.bit_length(), value, prime_name(number))


def _scheme(number: int) -> str:
    """The algorithm and its digest; schemes of an RSA-PSS key have the name of those with an ordinary one, and more."""
    algorithm, digest = signature_name(number)
    name = algorithm if digest is None else f"{algorithm}-{digest}"
    return f"{name} (PSS key)" if 0x0809 <= number <= 0x080B else name
