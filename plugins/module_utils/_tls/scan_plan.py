# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scan asks, in which order: everything, or what a grade needs with the worst first.

What matters most comes first, since a scan may be stopped at any step.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import SSL_3, TLS_1_2, TLS_1_3
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_knowledge import Knowledge, Steps, doubt
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import (
    COMMON_SUITES,
    OLDER_SUITES,
    UNSIGNED_SUITES,
    WEAK_SCHEMES,
    Level,
    is_anonymous,
    is_dhe,
    is_ecdhe,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_walk import (
    ModernWalk,
    OlderWalk,
    accepts_together,
    older_rest,
    older_schemes,
    settle,
    shown_preference,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import Outcome, ServerReply


def full_scan(known: Knowledge) -> Steps[None]:
    """Ask for everything."""
    yield from _older_versions(known)
    top = known.top
    if top is not None:
        yield from _all_suites(known, top)
        if top == TLS_1_2:
            yield from older_schemes(known)
            known.weak_tested = known.schemes_ended
        yield from _preference(known, top)
    yield from ModernWalk(known).run()
    if top is None:
        yield from _preference(known, TLS_1_3)
    else:
        yield from older_rest(known, top, lambda: _primed(known, top, OLDER_SUITES))


def grade_scan(known: Knowledge, levels: tuple[Level, ...]) -> Steps[None]:
    """Ask for what a grade needs: some examples of each bad level, all of the good ones."""
    yield from _older_versions(known)
    top = known.top
    if top is not None:
        for level in levels:
            yield from _level(known, top, level, rotate_groups=level != levels[0])  # most servers refuse the worst as a whole
        known.open_suites[top] = "only examples of each level were asked for"
        yield from _weak_signature(known)
        yield from _prime(known, top)
        yield from _preference(known, top)
    yield from ModernWalk(known).run()
    if top is None:
        yield from _preference(known, TLS_1_3)
    else:
        yield from older_rest(known, top, lambda: tuple(suite for level in levels for suite in _missing(known, top, level)))


def _primed(known: Knowledge, version: int, suites: tuple[int, ...]) -> tuple[int, ...]:
    """Return the suites with a Diffie-Hellman prime that were not seen."""
    wanted = COMMON_SUITES if known.few else suites
    return tuple(suite for suite in suites if is_dhe(suite) and suite in wanted and suite not in known.seen(version))


def _missing(known: Knowledge, version: int, level: Level) -> tuple[int, ...]:
    """Return those of a level of which there are not examples enough."""
    have = sum(suite in level.suites for suite in known.seen(version))
    return () if level.examples is not None and have >= level.examples else _primed(known, version, level.suites)


def _older_versions(known: Knowledge) -> Steps[None]:
    """Ask for the versions before TLS 1.3, the highest first.

    A server answers with the highest version that it has at or below the one offered, and with the alert protocol_version when there is
    none (RFC 5246 appendix E.1). So one offer can tell of several versions. Where a version is accepted, every refusal does: the server
    has read the hello. An internal error may come of a digest that is too weak to sign with, so it is asked again without signatures,
    and another one is a refusal.
    """
    version, unsigned, failed = TLS_1_2, False, False
    while version >= SSL_3:
        suites = COMMON_SUITES if known.few else UNSIGNED_SUITES if unsigned else OLDER_SUITES
        offer = known.offer(version, suites)
        reply = yield offer
        known.take(offer, reply)
        got = reply.version if reply.version is not None and known.versions.get(reply.version) else None
        if got is not None and got <= version:
            for other in range(got + 1, version + 1):
                known.versions.setdefault(other, False)
            version = got - 1
        elif version == TLS_1_2 and not known.few and reply.alert != "protocol_version":
            known.few = True  # the hello may have been too long for it
        elif reply.alert == "protocol_version" or (known.top is not None and (doubt(reply) is None or failed and _fails(reply))):
            for other in range(SSL_3, version + 1):
                known.versions.setdefault(other, False)
            break
        elif known.top is not None and not unsigned and not known.few:
            unsigned, failed = True, _fails(reply)
        else:
            settle(known, version, reply)
            known.few = known.few and known.top is not None
            version -= 1


def _fails(reply: ServerReply) -> bool:
    """Tell whether the server failed, where it has to say that it does not want."""
    return reply.outcome is Outcome.ALERT and reply.alert == "internal_error"


def _all_suites(known: Knowledge, version: int) -> Steps[None]:
    """Walk over the suites: those that need a group first and alone, since others would be chosen in their place."""
    known.open_suites[version] = "the scan did not come to the end of them"
    elliptic = tuple(suite for suite in OLDER_SUITES if is_ecdhe(suite))
    walk = OlderWalk(known, version, elliptic, rotate_groups=True, rotate_schemes=True, beyond=OLDER_SUITES)
    reason = yield from walk.run()
    if reason is None and not walk.all_done:
        reason = yield from OlderWalk(known, version, OLDER_SUITES, rotate_schemes=not known.schemes).run()
    if reason is None:
        del known.open_suites[version]
        known.ended.add(version)
        known.primes_tested = True
    else:
        known.open_suites[version] = reason


def _level(known: Knowledge, version: int, level: Level, *, rotate_groups: bool) -> Steps[None]:
    known.open_levels[level.name] = "the scan did not come to the end of them"
    have = sum(suite in level.suites for suite in known.seen(version))
    most = None if level.examples is None else max(level.examples - have, 0)
    walk = OlderWalk(known, version, level.suites, most=most, rotate_groups=rotate_groups)
    known.open_levels[level.name] = yield from walk.run()


def _weak_signature(known: Knowledge) -> Steps[None]:
    """Offer nothing but signatures with SHA-1 and SHA-224, with suites whose key exchange is signed."""
    if not known.signed or known.top != TLS_1_2:
        return
    seen = [scheme for scheme in known.schemes if scheme in WEAK_SCHEMES]
    if not seen:
        yield from accepts_together(known, known.offer(TLS_1_2, tuple(known.signed), schemes=WEAK_SCHEMES))
    known.weak_tested = True


def _prime(known: Knowledge, version: int) -> Steps[None]:
    """Ask for a Diffie-Hellman prime, unless there was one, or all suites that have one were refused."""
    if not known.primes and any(why is not None for why in known.open_levels.values()):
        yield from accepts_together(known, known.offer(version, tuple(suite for suite in OLDER_SUITES if is_dhe(suite))))
    known.primes_tested = True


def _preference(known: Knowledge, version: int) -> Steps[None]:
    """Tell whose order counts. The server's, when it did not take the first acceptable suite of the first offer.

    When it did, a second offer has an acceptable one before that.
    """
    known.preference = known.preference or shown_preference(known, version)
    if known.preference is not None or version not in known.first:
        return
    reply = known.first[version][1]
    others = [suite for suite in known.seen(version) if suite != reply.suite and not is_anonymous(suite)]
    if not others or reply.suite is None:
        return
    second = yield from accepts_together(known, known.offer(version, (others[-1], reply.suite)))
    if second is not None:
        known.preference = "server" if second.suite == reply.suite else "client"
