# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries from end to end, against servers in memory: lost and refused mail, broken connections, and clients that are killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.conductor import Delivery, DeliveryRun
from ansible_collections.mailops.tls.plugins.module_utils._delivery.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._delivery.result import delivery_facts
from ansible_collections.mailops.tls.plugins.module_utils._delivery.settings import Party
from ansible_collections.mailops.tls.plugins.module_utils._delivery.side import Side
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.options import delivery_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.delivery_report import fate
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.retrieving import OLD, message
from ansible_collections.mailops.tls.tests.unit.servers.mail_world import MailWorld

Facts = dict[str, Any]


async def _ask(name: str, rdtype: str, _secure: bool) -> Answer:
    return Answer(name, rdtype, Outcome.NODATA)


async def deliver(world: MailWorld, **given: Any) -> Delivery:
    """Deliver one message in this world."""
    options = delivery_options(world.parameters(**given))
    now = datetime.now(timezone.utc)

    def side(party: Party) -> Side:
        return Side(party, _ask, Prober(TlsContexts(options.submit_tls), ProberSettings(options.limits)), now, None)

    retrieve = options.delivery.retrieve
    run = DeliveryRun(
        options.delivery, side(options.delivery.submit), side(retrieve) if retrieve else None, _ask, lambda: datetime.now(timezone.utc)
    )
    return await run.run()


def delivered(world: MailWorld, **given: Any) -> tuple[Facts, list[str]]:
    """Deliver one message, and return the result and the ids of what is wrong with it."""

    async def run() -> tuple[Facts, list[str]]:
        async with world:
            found = await deliver(world, **given)
        return delivery_facts(found, Detail()), [one.id for one in lint(found)]

    return asyncio.run(run())


def steps(facts: Facts) -> list[str]:
    return [one["step"] if one["ok"] else f"{one['step']}!" for one in facts["steps"]]


SENT = ["connect", "greeting", "hello", "mail", "rcpt", "data", "end_of_data"]


@pytest.mark.parametrize("retrieve", ["imap", "pop3"])
def test_a_message_arrives_and_is_removed(retrieve: str) -> None:
    world = MailWorld()
    facts, wrong = delivered(world, retrieve=retrieve, size=5000)
    assert facts["delivered"] is True and facts["error"] is None and not world.folders.all
    looked = ["select", "select"] if retrieve == "imap" else ["select"]
    assert steps(facts) == [*SENT, "mailbox_connect", "mailbox_greeting", "mailbox_login", *looked, "search", "fetch", "delete", "logout"]
    assert facts["queue_id"] == "1CF5FC0AAE" and facts["accepted_recipients"] == ["probe@example.org"] and facts["folder"] == "INBOX"
    assert facts["unchanged_body"] is True and facts["cleanup"] == {"found": 1, "removed": 1, "left": 0, "error": None}
    assert facts["latency"]["total"] == pytest.approx(facts["latency"]["submit"] + facts["latency"]["delivery"], abs=0.01)
    assert [(hop["by"], hop["seconds"]) for hop in facts["received"]] == [("mail.example.org", 40.0), ("mx.example.net", None)]
    assert facts["authentication_results"][0]["method"] == "spf" and facts["headers"]["filters"] == {"X-Spam-Flag": "NO"}
    assert facts["submit"]["login"] is None and facts["retrieve"]["login"]["outcome"] == "accepted"
    assert wrong == ["delivery_hop_in_clear", "delivery_slow"]


def test_no_password_is_in_what_is_returned() -> None:
    world = MailWorld()

    async def run() -> Facts:
        async with world:
            found = await deliver(world, transcript=True)
            return delivery_facts(found, Detail(transcript=True))

    facts = asyncio.run(run())
    assert facts["retrieve"]["transcript"] and "secret" not in str(facts) and any("secret" in line for line in world.said)


def test_the_folder_for_junk() -> None:
    facts, wrong = delivered(MailWorld(folder="Junk"))
    assert facts["delivered"] and facts["folder"] == "Junk" and "delivery_in_junk" in wrong


def test_two_copies_and_a_footer() -> None:
    world = MailWorld(copies=2, change=lambda text: text + b"-- \r\nour footer\r\n")
    facts, wrong = delivered(world)
    assert {"delivery_duplicated", "delivery_body_changed"} <= set(wrong) and facts["unchanged_body"] is False
    assert facts["cleanup"]["removed"] == 2 and not world.folders.all


@pytest.mark.parametrize("retrieve", ["imap", "pop3"])
@tries_again
def test_a_lost_message(retrieve: str) -> None:
    facts, _wrong = delivered(MailWorld(folder=None), retrieve=retrieve, timeout=patient(0.5))
    assert facts["delivered"] is False and facts["error"]["kind"] == "not_found" and facts["queue_id"] == "1CF5FC0AAE"
    assert steps(facts)[-2:] == ["search!", "logout"]


@pytest.mark.parametrize("retrieve", ["imap", "pop3"])
@tries_again
def test_a_mailbox_that_nobody_could_look_into(retrieve: str) -> None:
    """The first login is let through, all others are refused."""
    world = MailWorld()

    def close(_number: int) -> None:
        if any(line.startswith("MAIL FROM") for line in world.said):
            world.replies |= {"LOGIN": "NO [AUTHENTICATIONFAILED] no", "PASS": "-ERR [AUTH] no"}

    world.on_command = close
    facts, _wrong = delivered(world, retrieve=retrieve, timeout=patient(0.5))
    assert facts["delivered"] is False and facts["error"]["kind"] == "rejected" and world.folders.all
    assert fate(facts).startswith("the message was handed over, and nobody has looked for it, queued there as 1CF5FC0AAE: ")


@pytest.mark.parametrize(
    ("replies", "phase"),
    [
        ({"MAIL": "550 5.7.1 no"}, "mail"),
        ({"RCPT": "550 5.1.1 unknown"}, "rcpt"),
        ({"RCPT": "452 4.2.2 over quota"}, "rcpt"),
        ({"DATA": "451 later"}, "data"),
        ({".": "554 5.7.1 spam"}, "end_of_data"),
        ({"EHLO": "554 no"}, "ehlo"),
    ],
)
def test_refused_mail(replies: dict[str, str], phase: str) -> None:
    world = MailWorld(replies=replies, folder=None)
    facts, _wrong = delivered(world)
    assert facts["delivered"] is False and (facts["error"]["kind"], facts["error"]["phase"]) == ("rejected", phase)
    assert facts["accepted_recipients"] == [] and facts["steps"][-1]["ok"] is False
    assert not [line for line in world.said if "SEARCH" in line and " OR " in line]


def test_nothing_is_sent_to_whom_cannot_be_cleaned_up_behind() -> None:
    for replies in ({"LOGIN": "NO [AUTHENTICATIONFAILED] wrong"}, {"SELECT": "NO no mailbox"}):
        world = MailWorld(replies=replies)
        facts, _wrong = delivered(world)
        assert facts["delivered"] is False and facts["error"]["kind"] == "rejected" and not any("MAIL" in line for line in world.said)
        assert steps(facts)[-1] in ("mailbox_login!", "logout") and any(step.endswith("!") for step in steps(facts))


def test_a_password_is_withheld_without_tls() -> None:
    world = MailWorld()
    facts, _wrong = delivered(world, of_retrieve={"insecure_expose_password_without_tls": False})
    assert facts["error"]["kind"] == "withheld" and "secret" not in "".join(world.said) and not any("MAIL" in line for line in world.said)


def test_a_mailbox_that_keeps_the_message() -> None:
    world = MailWorld(replies={"UID STORE": "NO read-only"})
    facts, wrong = delivered(world)
    assert facts["delivered"] and facts["error"]["kind"] == "cleanup_failed" and facts["cleanup"]["left"] == 1
    assert wrong[0] == "delivery_left_behind"


def test_lmtp_replies_for_each_recipient() -> None:
    facts, _wrong = delivered(MailWorld(), submit="lmtp", recipient=["probe@example.org", "other@example.org"])
    ends = [(one["recipient"], one["ok"]) for one in facts["steps"] if one["step"] == "end_of_data"]
    assert ends == [("probe@example.org", True), ("other@example.org", True)] and facts["delivered"]


def test_to_hand_it_over_only() -> None:
    facts, _wrong = delivered(MailWorld(), retrieve=None)
    assert facts["delivered"] is None and facts["error"] is None and steps(facts) == SENT and facts["retrieve"] is None


@pytest.mark.parametrize("begins", ["LOGIN", "SELECT", "NOOP", "UID SEARCH", "UID FETCH", "UID STORE", "UID EXPUNGE", "LOGOUT"])
def test_a_connection_that_breaks_once_leaves_nothing_behind(begins: str) -> None:
    """The first login is left alone: that a mailbox cannot be cleaned stops it all."""
    world = MailWorld()

    def arm(_number: int) -> None:
        if any(line.startswith("MAIL FROM") for line in world.said) and not world.cut:
            world.cut[begins] = 1

    world.on_command = arm
    facts, _wrong = delivered(world)
    assert facts["delivered"] is True and not world.folders.all and facts["cleanup"]["left"] == 0, facts["cleanup"]
    assert world.cut == {begins: 0} and facts["error"] is None


def test_a_server_that_restarts_while_it_is_waited_for() -> None:
    world = MailWorld()

    def arm(_number: int) -> None:
        if any(line.startswith("MAIL FROM") for line in world.said) and not world.bye:
            world.bye["NOOP"] = 1

    world.on_command = arm
    facts, _wrong = delivered(world)
    assert facts["delivered"] is True and facts["error"] is None and world.bye == {"NOOP": 0} and not world.folders.all


@pytest.mark.parametrize(("retrieve", "begins"), [("imap", "UID FETCH 1 (UID FLAGS"), ("pop3", "RETR")])
@pytest.mark.parametrize("comes_back", [True, False])
def test_a_message_that_was_found_has_arrived_though_it_could_not_be_read(retrieve: str, begins: str, comes_back: bool) -> None:
    world = MailWorld(cut={begins: 1})

    def close(_number: int) -> None:
        if world.said[-1].find(begins) >= 0 and not comes_back:
            world.replies |= {"LOGIN": "NO [AUTHENTICATIONFAILED] no", "PASS": "-ERR [AUTH] no"}

    world.on_command = close
    facts, wrong = delivered(world, retrieve=retrieve)
    assert world.cut == {begins: 0} and facts["delivered"] is True and facts["found_after"] is not None
    assert facts["cleanup"]["left"] == len(world.folders.all) == (0 if comes_back else 1)
    assert ("delivery_left_behind" in wrong) is not comes_back


def test_a_server_that_breaks_off_when_it_has_the_message() -> None:
    world = MailWorld(cut={".": 1})
    facts, _wrong = delivered(world)
    assert facts["delivered"] is True and not world.folders.all and facts["cleanup"]["removed"] == 1
    assert facts["accepted_recipients"] == [] and facts["found_after"] is None


@pytest.mark.parametrize("retrieve", ["imap", "pop3"])
def test_killed_at_any_command_the_next_run_leaves_nothing_behind(retrieve: str) -> None:
    world = MailWorld()
    delivered(world, retrieve=retrieve)
    for number in range(1, len(world.said) + 1):
        killed = MailWorld()
        asyncio.run(_kill(killed, number, retrieve))
        killed.on_command = lambda _number: None
        facts, _wrong = delivered(killed, retrieve=retrieve, stale_after=0.0)
        assert facts["delivered"] is True and not killed.folders.all, f"killed at command {number}"


async def _kill(world: MailWorld, number: int, retrieve: str) -> None:
    async with world:
        client = asyncio.ensure_future(deliver(world, retrieve=retrieve))
        world.on_command = _at(number, client.cancel)
        try:
            await client
        except asyncio.CancelledError:
            return


def _at(number: int, act: Callable[[], object]) -> Callable[[int], None]:
    def told(seen: int) -> None:
        if seen == number:
            act()

    return told


def test_what_others_have_left_is_removed_and_the_young_stays() -> None:
    world = MailWorld()
    world.folders.add(message(OLD, age=10**6), "Junk")
    young = world.folders.add(message("mailops-probe-" + "c" * 32, age=-(10**9)))
    facts, _wrong = delivered(world)
    assert world.folders.all == [young] and facts["cleanup"]["found"] == facts["cleanup"]["removed"] == 2
