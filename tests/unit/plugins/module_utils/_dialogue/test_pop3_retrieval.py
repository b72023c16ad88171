# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message found by POP3: the newest first and not too far, removed by QUIT and not before, wherever the client is killed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_retrieval import NEWEST, NEWEST_LEFT
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import Retrieval, body_digest
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.unit.makers.retrieving import OLD, all_stale, by_pop3, message, sought
from ansible_collections.mailops.tls.tests.unit.servers.mailbox_servers import Folders, Pop3Server


def test_found_read_and_removed() -> None:
    world = Folders()
    other = world.add(b"Subject: hello\r\n\r\nhi\r\n")
    world.add(message())
    server = Pop3Server(world)
    looked = by_pop3(world, server=server)
    assert looked.log.failure is None and looked.last and world.all == [other]
    assert looked.steps == [("select", True), ("search", True), ("fetch", True), ("delete", True), ("logout", True)]
    copy, cleanup = looked.result.copies[0], looked.result.cleanup
    assert (copy.folder, copy.identifier, copy.unchanged, copy.whole) == ("INBOX", "u2", True, message())
    assert (cleanup.found, cleanup.removed, cleanup.failure) == (1, 1, None)
    facts = looked.result.folders[0]
    assert (facts.exists, facts.octets, facts.flags) == (2, len(message()) + len(other.content), None)
    assert server.said[:6] == ["CAPA", "STAT", "UIDL 2", "TOP 2 0", "UIDL 1", "TOP 1 0"]


def test_a_look_in_vain_is_not_the_last_while_there_is_patience() -> None:
    world, seen, result = Folders(), set[str](), Retrieval()
    for _number in range(5):
        world.add(b"Subject: hello\r\n\r\nhi\r\n")
    first = by_pop3(world, sought(patience=100), seen=seen, result=result)
    assert not first.last and first.log.failure is None and first.result.cleanup.found == 0
    world.add(message())
    server = Pop3Server(world)
    second = by_pop3(world, sought(patience=100), server=server, seen=seen, result=result)
    assert second.last and len(second.result.folders) == 1 and len(world.all) == 5
    assert [line for line in server.said if line.startswith(("UIDL", "TOP"))] == ["UIDL 6", "TOP 6 0", "UIDL 5"]


def test_a_message_that_does_not_come() -> None:
    looked = by_pop3(Folders())
    assert looked.log.failure is not None and looked.log.failure.kind is ErrorKind.NOT_FOUND and looked.last
    assert looked.steps == [("select", True), ("search", False), ("logout", True)]


@pytest.mark.parametrize("clean", [False, True])
def test_a_mailbox_that_is_not_counted_is_not_empty(clean: bool) -> None:
    looked = by_pop3(Folders(), server=Pop3Server(Folders(), refuse={"STAT": "-ERR [SYS/PERM] the index is broken"}), clean=clean)
    failure = looked.log.failure
    assert failure is not None and (failure.kind, failure.phase.value) == (ErrorKind.REJECTED, "select") and "index" in failure.text
    assert looked.result.looked == 0 and looked.steps == [("select", False)]


def test_only_what_is_left_over_is_cleaned_up() -> None:
    world = Folders()
    world.add(message(OLD, age=7200))
    kept = [world.add(message("mailops-probe-" + "c" * 32, age=60)), world.add(message("mailops-probe-not-ours", age=7200))]
    looked = by_pop3(world, clean=True)
    assert world.all == kept and (looked.result.cleanup.found, looked.result.cleanup.removed) == (1, 1)
    assert looked.steps == [("select", True), ("delete", True), ("logout", True)]
    assert by_pop3(world, clean=True).steps == [("select", True)]


def test_cleaning_up_begins_at_the_end_and_does_not_go_further_than_a_limit() -> None:
    world = Folders()
    far = world.add(message(OLD, age=7200))
    for _number in range(NEWEST_LEFT):
        world.add(b"Subject: x\r\n\r\n")
    server = Pop3Server(world)
    by_pop3(world, server=server, clean=True)
    assert far in world.all and len([line for line in server.said if line.startswith("TOP")]) == NEWEST_LEFT


def test_a_mailbox_of_100000_messages_is_as_quick_as_any() -> None:
    world = Folders()
    world.folders["INBOX"] = [world.add(b"Subject: x\r\n\r\n")] * 99_999
    world.add(message())
    server = Pop3Server(world)
    looked = by_pop3(world, server=server)
    assert looked.log.failure is None and len(world.all) == 99_999 and len(server.said) <= 3 * NEWEST


def test_a_server_without_unique_identifiers_and_one_without_top() -> None:
    for without in (("UIDL",), ("TOP",), ("UIDL", "TOP")):
        world = Folders()
        world.add(b"Subject: hello\r\n\r\nhi\r\n")
        world.add(message())
        looked = by_pop3(world, server=Pop3Server(world, without=without))
        assert looked.result.copies[0].unchanged is True and len(world.all) == 1


@pytest.mark.parametrize("refuse", [{"DELE": "-ERR read-only"}, {"QUIT": "-ERR [SYS/PERM] not all of them"}])
def test_a_mailbox_that_keeps_everything(refuse: dict[str, str]) -> None:
    world = Folders()
    world.add(message())
    cleanup = by_pop3(world, server=Pop3Server(world, refuse=refuse)).result.cleanup
    assert cleanup.left == 1 and len(world.all) == 1
    assert cleanup.failure is not None and cleanup.failure.kind is ErrorKind.CLEANUP_FAILED


@pytest.mark.parametrize("chunk", [1, 3, 50])
def test_bytes_arrive_in_any_pieces(chunk: int) -> None:
    world = Folders()
    world.add(message())
    looked = by_pop3(world, chunk=chunk)
    assert looked.result.copies[0].unchanged is True and looked.result.copies[0].whole == message()


def test_a_large_message_is_compared_and_not_kept() -> None:
    body = (b"x" * 72 + b"\r\n") * 30_000
    world = Folders()
    world.add(message(body=body))
    looked = by_pop3(world, replace(sought(patience=0), size=len(body) + 300, body=body_digest([body])))
    assert looked.result.copies[0].unchanged is True and looked.result.copies[0].whole is None and not world.all


def test_killed_at_any_step_the_next_run_leaves_nothing() -> None:
    world = Folders()
    world.add(message())
    steps = by_pop3(world).driven.steps
    for killed in range(steps):
        world = Folders()
        world.add(message())
        by_pop3(world, steps=killed)
        by_pop3(world, all_stale(), clean=True)
        assert not world.all, f"killed after {killed} steps"


@pytest.mark.parametrize("told", ["\u00b2 3", "\u0663 \u0664", "1", "1 x", "-1 2", "9999999999999999999 1"])
def test_a_count_that_is_none(told: str) -> None:
    looked = by_pop3(Folders(), server=Pop3Server(Folders(), refuse={"STAT": f"+OK {told}"}))
    assert (looked.result.folders[0].exists, looked.result.folders[0].octets) == (None, None)
