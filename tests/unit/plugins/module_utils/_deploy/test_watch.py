# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for a certificate, by a clock of our own, and what counts when nobody can look."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener, Listening, Unasked
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import Sight
from ansible_collections.mailops.tls.plugins.module_utils._deploy.watch import Watch

ONE, TWO = Listener("127.0.0.1", 25, False), Listener("127.0.0.1", 465, True)
NEW, OLD = Sight("new"), Sight("old")
SHUT, BROKEN = Sight(None, "it refuses the connection"), Sight(None, "it refuses STARTTLS: 454 no", broken=True)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def watch(answers: dict[Listener, list[Sight]], clock: Clock, *, allow_unseen: bool = False) -> Watch:
    def look(listener: Listener, algorithm: str) -> Sight:
        return answers[listener].pop(0) if len(answers[listener]) > 1 else answers[listener][0]

    return Watch(Listening(tuple(answers)), allow_unseen, 5, look, clock, clock.sleep)


def wait(answers: dict[Listener, list[Sight]], *, allow_unseen: bool = False) -> tuple[str | None, float, Watch]:
    made = watch(answers, clock := Clock(), allow_unseen=allow_unseen)
    return made.wait("ecdsa", "new"), clock.now, made


def test_served_at_once() -> None:
    problem, waited, made = wait({ONE: [NEW], TWO: [NEW]})
    assert (problem, waited, made.unseen()) == (None, 0.0, None)
    assert [one["served"] for one in made.facts("new")] == [True, True]


def test_served_after_a_while() -> None:
    problem, waited, _made = wait({ONE: [OLD, SHUT, BROKEN, NEW], TWO: [OLD, NEW]})
    assert problem is None and 0.5 < waited < 2


@pytest.mark.parametrize(
    ("last", "text"),
    [
        (OLD, "[127.0.0.1]:465 does not serve the new certificate after 5 seconds"),
        (BROKEN, "[127.0.0.1]:465 has no TLS with the new certificate after 5 seconds: it refuses STARTTLS: 454 no"),
        (SHUT, "[127.0.0.1]:465 could not be asked whether it serves the certificate: it refuses the connection"),
    ],
    ids=["another", "broken", "shut"],
)
def test_never_served_and_why(last: Sight, text: str) -> None:
    problem, waited, _made = wait({ONE: [NEW], TWO: [last]})
    assert problem is not None and problem.startswith(text)
    assert 5 <= waited < 6


def test_what_cannot_be_asked_may_be_allowed() -> None:
    problem, waited, made = wait({ONE: [SHUT], TWO: [NEW]}, allow_unseen=True)
    assert problem is None and waited < 1
    assert made.unseen() == "[127.0.0.1]:25 could not be asked: it refuses the connection"
    assert [one["served"] for one in made.facts("new")] == [None, True]
    assert made.all_serve("ecdsa", "new")


@pytest.mark.parametrize("last", [OLD, BROKEN])
def test_what_is_seen_to_be_wrong_is_never_allowed(last: Sight) -> None:
    problem, _waited, made = wait({ONE: [last], TWO: [NEW]}, allow_unseen=True)
    assert problem is not None and not made.all_serve("ecdsa", "new")


def test_nobody_to_ask() -> None:
    """Silence is no success: the services and their reasons are told, unless the user has waived the look."""
    unasked = Listening(unasked=(Unasked("smtp/inet", "it expects the PROXY protocol"),))
    problem = Watch(unasked, False, 5, lambda one, kind: NEW).wait("ecdsa", "new")
    assert problem is not None and "(smtp/inet: it expects the PROXY protocol)" in problem and "allow_unseen" in problem
    nothing = Watch(Listening(), False, 5, lambda one, kind: NEW).wait("ecdsa", "new")
    assert nothing is not None and "no smtpd is on a TCP port" in nothing
    for made in (Watch(unasked, True, 5, lambda one, kind: NEW), Watch(Listening(waived=True), False, 5, lambda one, kind: NEW)):
        assert made.wait("ecdsa", "new") is None and made.unseen() is not None
