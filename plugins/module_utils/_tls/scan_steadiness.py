# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the refusals of a server are worth anything: does it answer the same question the same way?

A scan concludes from refusals. But a server can refuse because it has had enough of this client, and several servers behind one address can
differ. So at its end a scan asks once more what was accepted before. On the way it notices answers that no single server gives, and
asks again where only the connection ended. Where answers contradict each other, nothing that was refused counts (decision 0160).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import Offer
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import version_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_knowledge import DIFFERENT, Knowledge, Steps, answers
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import groups_of, schemes_of, takes_ecdsa_key
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import Item, ItemState, ScanResult, not_tested
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import Outcome, ServerReply

LOCKED_OUT = "at the end the server refused what it had accepted before, so nothing that it refused counts"
PROBE_HAD = "the probe before the scan had {}, which the scan was refused, so nothing that was refused counts"


class _Watch:
    """Watches a scan: what was asked, and how it was answered."""

    def __init__(self, known: Knowledge, left: Callable[[], int]) -> None:
        self._known, self._left = known, left
        self._accepted: list[tuple[int, Offer, ServerReply]] = []
        self._alerts = False
        self._ended: Offer | None = None
        self._count = 0

    def ask(self, offer: Offer) -> Steps[ServerReply | None]:
        """Make one offer; None where the server has had enough.

        A connection that only ends may be no answer at all, from a server that sends alerts. So the offer is made again, and when it
        ends in the same way, one that was accepted before. An end before the first alert is looked at when that comes: stacks of
        Windows send none.
        """
        reply = yield from self._send(offer)
        if reply.outcome is Outcome.ALERT and self._ended is not None and self._left() > 1:
            again = yield from self._send(self._ended)
            self._ended = None
            if again.outcome is not Outcome.CLOSED:
                self._known.unsteady = DIFFERENT
        if reply.outcome is not Outcome.CLOSED or not self._accepted:
            return reply
        if not self._alerts:
            self._ended = self._ended or offer
            return reply
        if self._left() > 1:
            reply = yield from self._send(offer)
            if reply.outcome is Outcome.CLOSED:
                yield from self.control()
        return None if self._known.unsteady == LOCKED_OUT else reply

    def control(self) -> Steps[None]:
        """Ask once more what was accepted. Of two servers that take turns, it is what the other one has answered."""
        others = [one for one in self._accepted if (self._count + 1 - one[0]) % 2] or self._accepted
        if others and self._left() > 0:
            unused, offer, before = others[0]
            again = yield offer
            self._count += 1
            self._known.unconfirmed = False
            if again.outcome is not Outcome.HELLO:
                self._known.unsteady = LOCKED_OUT
            elif _kept(before) != _kept(again):
                self._known.unsteady = DIFFERENT

    def _send(self, offer: Offer) -> Steps[ServerReply]:
        reply = yield offer
        self._count += 1
        self._alerts = self._alerts or reply.outcome is Outcome.ALERT
        if answers(offer, reply):
            self._accepted.append((self._count, offer, reply))
            self._known.unconfirmed = False
            if self._changed_its_mind():
                self._known.unsteady = DIFFERENT
            return reply
        self._known.unconfirmed = bool(self._accepted)
        if self._was_accepted(offer):
            self._known.unsteady = DIFFERENT
        return reply

    def _changed_its_mind(self) -> bool:
        """True when of the same suites one was chosen, then another, though both could be chosen both times."""
        asked = [(offer, reply.suite) for unused, offer, reply in self._accepted]
        return any(
            one.suites == other.suites and one.version == other.version and first != second
            and all(self._was_possible(suite, offer) for suite in (first, second) for offer in (one, other))
            for (one, first), (other, second) in combinations(asked, 2)
        )  # fmt: skip

    def _was_possible(self, suite: int | None, offer: Offer) -> bool:
        """True when a suite was accepted elsewhere with a group and a scheme that an offer has."""
        curve = self._known.own_curve if takes_ecdsa_key(suite or 0) else None
        return any(
            reply.suite == suite and reply.version == offer.version and {reply.group, curve} - {None} <= set(offer.groups)
            and (reply.scheme is None or reply.scheme in offer.schemes)
            for unused, unused_offer, reply in self._accepted
        )  # fmt: skip

    def _was_accepted(self, offer: Offer) -> bool:
        """True when an offer has all groups and schemes, and a suite that was accepted in its version."""
        whole = offer.groups == groups_of(offer.version) and offer.schemes == schemes_of(offer.version)
        seen = self._known.seen(offer.version)
        return whole and not self._known.few and any(suite in seen for suite in offer.suites)


def steadily(known: Knowledge, plan: Steps[None], left: Callable[[], int]) -> Steps[None]:
    """Run a plan, and see on the way and at its end whether the server is steady.

    Args:
        known: takes why it is not.
        plan: what is asked.
        left: returns how many connections may still be made.
    """
    watch = _Watch(known, left)
    offer = next(plan, None)
    while offer is not None:
        reply = yield from watch.ask(offer)
        if reply is None:
            plan.close()
            return
        try:
            offer = plan.send(reply)
        except StopIteration:
            offer = None
    yield from watch.control()


def _kept(reply: ServerReply) -> tuple[Any, ...]:
    """What one server answers to one question, whenever it is asked. Extensions are not all of it: a stapled answer may come later."""
    return reply.version, reply.suite, reply.group, reply.scheme, reply.prime, reply.chain[:1], reply.compression


def contradicted(known: Knowledge, stopped: str | None) -> str | None:
    """Return why refusals do not count, None when they do. At a limit, nobody could ask whether the last ones did."""
    had = known.probed
    if had is not None and known.versions.get(had) is False:
        return PROBE_HAD.format(version_name(had))
    return known.unsteady or (stopped if known.unconfirmed else None)


def doubted(result: ScanResult, why: str) -> ScanResult:
    """Return a result in which nothing that was refused counts; what was accepted stands."""
    return replace(
        result,
        versions={name: not_tested(why) if item.value is False else item for name, item in result.versions.items()},
        suites={name: _open(item, why) for name, item in result.suites.items()},
        levels={name: _open(item, why) for name, item in result.levels.items()},
        preference=not_tested(why),
        groups=_open(result.groups, why),
        signature_schemes=_open(result.signature_schemes, why),
        weak_signature=_open(result.weak_signature, why),
        extended_master_secret=_one_of(result.extended_master_secret, why),
        secure_renegotiation=_one_of(result.secure_renegotiation, why),
        tickets=_one_of(result.tickets, why),
        compression=_one_of(result.compression, why),
        stapled_ocsp=_one_of(result.stapled_ocsp, why),
        timestamps=_one_of(result.timestamps, why),
        primes=_open(result.primes, why),
    )


def _open(item: Item[Any], why: str) -> Item[Any]:
    """What was seen may not be all, and where nothing was seen, nothing is known."""
    return _one_of(item, why) if item.value else not_tested(item.why or why)


def _one_of(item: Item[Any], why: str) -> Item[Any]:
    """What was seen may not be so in every connection."""
    return replace(item, complete=False, why=why) if item.state is ItemState.OBSERVED else item
