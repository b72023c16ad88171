# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of a scan: offer, see what the server picks, offer the rest, until it refuses.

A server names one suite, one group and one scheme in a connection. So all three are taken off the lists at once, and a refusal does not say
which list is empty. Then the next offer is one that can only fail by one of them (decision 0120).
"""

from __future__ import annotations

from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import TLS_1_2, TLS_1_3, Offer
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_knowledge import Knowledge, Steps, doubt
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import (
    MOST_AT_ONCE,
    PRIME_GROUPS,
    SUITES_1_3,
    groups_of,
    is_anonymous,
    is_ecdhe,
    schemes_of,
    takes_ecdsa_key,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import ServerReply

OWN_CURVE = "the curve of the server's ECDSA key could not be read; it has to be among those that are offered, or others are hidden"


_USUAL_GROUPS = 5
"""So many of TLS 1.2 has a server with OpenSSL."""


class OlderWalk:
    """The suites of a version before TLS 1.3, and on the way groups and schemes, as far as `rotate` says so."""

    def __init__(
        self,
        known: Knowledge,
        version: int,
        suites: tuple[int, ...],
        *,
        rotate_groups: bool = False,
        rotate_schemes: bool = False,
        most: int | None = None,
        beyond: tuple[int, ...] = (),
    ) -> None:
        """Take what to walk over; after *most* more suites the walk ends.

        With suites *beyond* it also ends when nothing rotates any more, or one of them is chosen: the walk over those has all that is left.
        """
        self.known, self.version, self.most = known, version, most
        self.left = [suite for suite in suites if suite not in known.seen(version)]
        self._rotate_groups = rotate_groups and bool(groups_of(version))
        self._rotate_schemes = rotate_schemes and version == TLS_1_2
        self._hands_on, self._beyond = bool(beyond), () if known.few else beyond
        self.found = 0
        self.all_done = False
        self._recall = _Recall(known, version)

    def run(self) -> Steps[str | None]:
        """Walk; returns why suites may be missing, None when there are no more. `all_done`: nor are there any beyond."""
        while self.left and (self._rotate_groups or self._rotate_schemes or not self._hands_on):
            if self.most is not None and self.found >= self.most:
                return f"after {self.found} of them no more were asked for"
            at_once = tuple(self.left[: MOST_AT_ONCE - 1] if self.known.few else self.left)  # one more may be recalled
            narrowed = self._groups() is not None or self._schemes() is not None
            recalled = () if narrowed or not self.found else self._recall.suites()
            reply, accepted = yield from self._ask(at_once + recalled, self._groups(), self._schemes())
            self._recall.take(reply.suite if accepted else None, recalled, at_once)
            if accepted:
                continue
            if narrowed:
                reply, accepted = yield from self._ask_all(at_once)
            if accepted and reply.suite not in at_once:
                return None
            if accepted:
                yield from self._which(reply)
                continue
            reason = doubt(reply)
            if reason is not None or self.all_done:
                return reason
            self.left = self.left[len(at_once) :]
        return None

    def _ask(
        self, suites: tuple[int, ...], groups: tuple[int, ...] | None, schemes: tuple[int, ...] | None
    ) -> Steps[tuple[ServerReply, bool]]:
        offer = self.known.offer(self.version, suites, groups, schemes)
        reply = yield offer
        accepted = self.known.take(offer, reply)
        if accepted and reply.suite in self.left:
            self.left.remove(reply.suite)
            self.found += 1
        if accepted and groups is not None and reply.group is not None and reply.group == self.known.own_curve:
            self._rotate_groups = False  # what is left is for `older_rest`
            self.known.own_curve_last = groups[-1] == reply.group
        return reply, accepted

    def _ask_all(self, suites: tuple[int, ...]) -> Steps[tuple[ServerReply, bool]]:
        """Ask with all groups and schemes. Suites beyond come along: if those are refused too, that was all."""
        rest = tuple(suite for suite in self._beyond if suite not in self.known.seen(self.version) and suite not in suites)
        reply, accepted = yield from self._ask(suites + rest, None, None)
        self.all_done = bool(rest) and not accepted and doubt(reply) is None
        return reply, accepted

    def _which(self, reply: ServerReply) -> Steps[None]:
        """Full lists were accepted and what was left of them was not: find the list that is used up, with suites that are accepted.

        The one that is likely to have more is asked for, since then something new comes with the answer.
        """
        groups, schemes = self._groups(), self._schemes()
        groups_used_up = not self._rotate_schemes
        if self._rotate_groups and self._rotate_schemes and groups is not None:
            suites = tuple(suite for suite in self.known.seen(self.version) if is_ecdhe(suite))
            if len(self.known.groups) < _USUAL_GROUPS or schemes is None:
                unused, accepted = yield from self._ask(suites, groups, None)
                groups_used_up = not accepted
            else:
                unused, groups_used_up = yield from self._ask(suites, None, schemes)
        if not groups_used_up:
            self._end_schemes()
            return
        self._rotate_groups = False
        if not any(takes_ecdsa_key(suite) for suite in self.known.seen(self.version)):
            self.known.groups_ended.add(self.version)

    def _end_schemes(self) -> None:
        """What was left was refused. Keys of another kind may have more, if there are any."""
        self._rotate_schemes = False
        kinds = {takes_ecdsa_key(suite) for suite in self.known.signed}
        self.known.schemes_ended = self.known.schemes_ended or len(kinds) == 1

    def _groups(self) -> tuple[int, ...] | None:
        """The groups not seen yet; None for all of them."""
        rest = unseen_groups(self.known, self.version)
        whole = len(rest) == len(groups_of(self.version))
        return with_own_curve(self.known, rest) if self._rotate_groups and rest and not whole else None

    def _schemes(self) -> tuple[int, ...] | None:
        rest = tuple(scheme for scheme in schemes_of(self.version) if scheme not in self.known.schemes)
        whole = len(rest) == len(schemes_of(self.version))
        return rest if self._rotate_schemes and rest and not whole else None


class _Recall:
    """Tells on the way whose order counts: the server's first choice is offered once more, as the last one.

    A server that goes by the client's order then chooses another. One that chooses it again has an order of its own, if any
    that it passed over is accepted later.
    """

    def __init__(self, known: Knowledge, version: int) -> None:
        self._known, self._version = known, version
        self._done = False
        self._passed_over: tuple[int, ...] = ()

    def suites(self) -> tuple[int, ...]:
        """Return what to offer once more, once at the most."""
        first = self._known.first.get(self._version)
        undecided = self._known.preference is None and shown_preference(self._known, self._version) is None
        if self._done or not undecided or first is None or first[1].suite is None or is_anonymous(first[1].suite):
            return ()
        return (first[1].suite,)

    def take(self, chosen: int | None, recalled: tuple[int, ...], offered: tuple[int, ...]) -> None:
        """Take what was chosen out of an offer."""
        if chosen is None:
            return
        if chosen in self._passed_over:
            self._known.preference = "server"
        if recalled:
            self._done = True
            if chosen in recalled:
                self._passed_over = offered
            elif not is_anonymous(chosen):
                self._known.preference = "client"


def shown_preference(known: Knowledge, version: int) -> str | None:
    """Return whose order counts, as far as the first offer shows it: the server's, when it passed over what it accepts."""
    if version not in known.first:
        return None
    offer, reply = known.first[version]
    if reply.suite is None:
        return None
    before = offer.suites[: offer.suites.index(reply.suite)]
    return "server" if any(suite in before and not is_anonymous(suite) for suite in known.seen(version)) else None


class ModernWalk:
    """The suites and groups of TLS 1.3, which do not depend on each other. Groups that an older version showed are not asked for again."""

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.suites_done = self.groups_done = False

    def run(self) -> Steps[None]:
        """Walk. The first offer has all groups that were not seen before, and when that is refused the second has all there are.

        So one of them tells whether there is TLS 1.3, and a refusal of the first, if there is, that no group is left.
        """
        known = self.known
        unseen = unseen_groups(known, TLS_1_3)
        reply, accepted = yield from self._ask(SUITES_1_3, unseen or None)
        if not accepted and reply.alert != "protocol_version" and len(unseen) < len(groups_of(TLS_1_3)):
            reason = doubt(reply)
            reply, accepted = yield from self._ask(SUITES_1_3, None)
            if accepted:
                self._end_groups(reason)
        if not accepted:
            settle(known, TLS_1_3, reply)
            return
        while not (self.suites_done and self.groups_done):
            left, groups = self._left(), unseen_groups(known, TLS_1_3)
            if not left and not self.suites_done:
                self._end_suites(None)
            elif not groups and not self.groups_done:
                self._end_groups(None)
            elif self.suites_done:
                yield from self._more_groups(tuple(known.seen(TLS_1_3)), groups)
            elif self.groups_done:
                yield from self._more_suites(left)
            else:
                unused, accepted = yield from self._ask(left, groups)
                if not accepted and (yield from self._more_groups(tuple(known.seen(TLS_1_3)) + left, groups)):
                    self._end_suites(None)

    def _more_groups(self, suites: tuple[int, ...], groups: tuple[int, ...]) -> Steps[bool]:
        """Ask for new groups with suites that are accepted: a refusal means that there are none."""
        before = len(self.known.groups)
        reply, accepted = yield from self._ask(suites, groups)
        if accepted and len(self.known.groups) > before:
            return True
        self._end_groups(doubt(reply) if not accepted else "the server did not keep to the groups that were offered")
        return False

    def _more_suites(self, left: tuple[int, ...]) -> Steps[None]:
        reply, accepted = yield from self._ask(left, None)
        if not accepted:
            self._end_suites(doubt(reply))

    def _ask(self, suites: tuple[int, ...], groups: tuple[int, ...] | None) -> Steps[tuple[ServerReply, bool]]:
        offer = self.known.offer(TLS_1_3, suites, groups)
        reply = yield offer
        return reply, self.known.take(offer, reply)

    def _left(self) -> tuple[int, ...]:
        return tuple(suite for suite in SUITES_1_3 if suite not in self.known.seen(TLS_1_3))

    def _end_suites(self, reason: str | None) -> None:
        """There are no more suites, unless there is a reason to doubt it."""
        self.suites_done = True
        if reason is None:
            self.known.ended.add(TLS_1_3)
        else:
            self.known.open_suites[TLS_1_3] = reason

    def _end_groups(self, reason: str | None) -> None:
        self.groups_done = True
        if reason is None:
            self.known.groups_ended.add(TLS_1_3)
        else:
            self.known.open_groups[TLS_1_3] = reason


def unseen_groups(known: Knowledge, version: int) -> tuple[int, ...]:
    """Return the groups of a version that the server has not chosen, in any version."""
    return tuple(group for group in groups_of(version) if group not in known.groups)


def with_own_curve(known: Knowledge, groups: tuple[int, ...]) -> tuple[int, ...]:
    """Return groups with the curve of an ECDSA key as the last one: without it such a key cannot be used (decision 0143)."""
    own = known.own_curve
    return groups if own is None else (*(group for group in groups if group != own), own)


def older_rest(known: Knowledge, version: int, primed: Callable[[], tuple[int, ...]]) -> Steps[None]:
    """Ask for what is left of the groups before TLS 1.3, and for suites that take a prime only if it is named (decision 0145).

    Both are in one offer, so that one refusal ends both. Groups are asked for with suites that are accepted and need one.
    Those of an RSA key are the better question, as no group has to be among those that are offered. An ECDSA key's own curve stays on
    the list until the server chooses it, though it is the last. Then the others are asked for without it: a server that refuses
    all of them would have taken another before, or never takes one.

    Args:
        known: what is known.
        version: the version.
        primed: returns the suites with a prime that are still of interest.
    """
    seen = tuple(suite for suite in known.seen(version) if is_ecdhe(suite))
    suites = tuple(suite for suite in seen if not takes_ecdsa_key(suite)) or seen
    keep_own = suites == seen and known.own_curve is not None and not known.own_curve_last
    while True:
        ended = not suites or version in known.groups_ended or version in known.open_groups
        rest = () if ended else unseen_groups(known, version)
        if suites and not ended and not rest:
            known.groups_ended.add(version)
        named = primed() if groups_of(version) and not (keep_own and rest) else ()
        if not rest and not named:
            known.named_primes = None
            return
        groups = with_own_curve(known, rest) if keep_own else rest
        offer = known.offer(version, (suites if rest else ()) + named, groups + (PRIME_GROUPS if named else ()))
        before = len(known.groups)
        reply = yield offer
        accepted = known.take(offer, reply)
        if accepted and reply.group is not None and keep_own and reply.group == known.own_curve:
            keep_own = False
        elif not accepted or (len(known.groups) == before and reply.suite not in named):
            _end_rest(known, version, reply, bool(rest) and suites == seen)
            if named:
                known.named_primes = doubt(reply)
                return


def _end_rest(known: Knowledge, version: int, reply: ServerReply, of_any_key: bool) -> None:
    """There are no more groups, unless there is a reason to doubt it."""
    if version in known.groups_ended or version in known.open_groups:
        return
    reason = doubt(reply)
    if reason is None and known.own_curve_hidden and of_any_key:
        reason = OWN_CURVE
    if reason is None:
        known.groups_ended.add(version)
    else:
        known.open_groups[version] = reason


def older_schemes(known: Knowledge) -> Steps[None]:
    """Ask for what is left of the signature schemes of TLS 1.2, with all suites whose key exchange is signed.

    The suite that the server chose first is the last of them, so an answer also tells whose order counts.
    """
    first = known.first[TLS_1_2][1].suite
    suites = tuple(sorted(known.signed, key=lambda suite: suite == first))
    one_kind = len({takes_ecdsa_key(suite) for suite in suites}) == 1
    while known.signed and not known.schemes_ended:
        rest, before = tuple(scheme for scheme in schemes_of(TLS_1_2) if scheme not in known.schemes), len(known.schemes)
        offer = known.offer(TLS_1_2, suites, schemes=rest)
        reply = yield offer
        if known.take(offer, reply) and len(known.schemes) > before:
            if len(suites) > 1 and one_kind and first in suites:
                known.preference = "server" if reply.suite == first else "client"
            continue
        known.open_schemes = doubt(reply)
        known.schemes_ended = known.open_schemes is None
        return


def settle(known: Knowledge, version: int, reply: ServerReply) -> None:
    """Keep what the refusal of a version is worth."""
    reason = doubt(reply)
    if reason is None:
        known.versions.setdefault(version, False)
    else:
        known.doubts[version] = reason


def accepts_together(known: Knowledge, offer: Offer) -> Steps[ServerReply | None]:
    """Make one offer; the reply when it was accepted in its version."""
    reply = yield offer
    return reply if known.take(offer, reply) else None
