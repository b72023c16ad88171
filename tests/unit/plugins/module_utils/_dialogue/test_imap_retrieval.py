# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message found by IMAP: what is asked, what is kept, and that nothing is left behind, wherever the client is killed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_mailbox import PIECE
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import body_digest
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.unit.makers.retrieving import MINE, OLD, all_stale, by_imap, message, sought
from ansible_collections.mailops.tls.tests.unit.servers.mailbox_servers import Folders, ImapServer, Stored


def test_found_read_and_removed() -> None:
    world = Folders()
    other = world.add(b"Subject: hello\r\n\r\nhi\r\n")
    world.add(message())
    server = ImapServer(world)
    looked = by_imap(server)
    assert looked.log.failure is None and world.all == [other]
    assert looked.steps == [("select", True), ("search", True), ("fetch", True), ("delete", True), ("logout", True)]
    copy, cleanup = looked.result.copies[0], looked.result.cleanup
    assert (copy.folder, copy.junk, copy.identifier, copy.unchanged, copy.structure) == ("INBOX", False, "2", True, "text/plain")
    assert (copy.flags, copy.internal_date, copy.whole) == (("\\Recent",), "29-Nov-2026 01:00:00 +0000", message())
    assert (cleanup.found, cleanup.removed, cleanup.left, cleanup.failure) == (1, 1, 0, None)
    assert looked.result.folders[0].as_facts() == {
        "folder": "INBOX", "junk": False, "flags": ["\\Answered", "\\Deleted"], "permanent_flags": ["\\Deleted", "\\*"], "exists": 2,
        "recent": 0, "unseen": 1, "uid_validity": 7, "uid_next": 99, "read_write": True, "octets": None,
    }  # fmt: skip
    searches = [line for line in server.said if "SEARCH" in line]
    assert server.said[server.said.index(searches[0]) - 1].endswith("NOOP") and f'OR HEADER X-Mailops-Probe "{MINE}"' in searches[0]


def test_it_comes_while_it_is_waited_for() -> None:
    world = Folders()
    came: list[float] = []

    def later(now: float) -> None:
        if now >= 3 and not came:
            came.append(now)
            world.add(message())

    looked = by_imap(ImapServer(world), later=later)
    assert looked.log.failure is None and len(looked.result.copies) == 1 and not world.all
    assert looked.result.found_at is not None and came[0] < looked.result.found_at < came[0] + 2.5 and looked.result.looked == 3


def test_the_junk_folder_is_looked_into() -> None:
    world = Folders("INBOX", "Spam")
    world.add(message(), "Spam")
    looked = by_imap(ImapServer(world))
    assert [(copy.folder, copy.junk) for copy in looked.result.copies] == [("Spam", True)] and not world.all
    assert not by_imap(ImapServer(Folders(), "IMAP4rev1")).result.copies


def test_two_copies_in_two_folders() -> None:
    world = Folders("INBOX", "Spam")
    for folder in ("INBOX", "INBOX", "Spam"):
        world.add(message(), folder)
    looked = by_imap(ImapServer(world))
    assert sorted(copy.folder for copy in looked.result.copies) == ["INBOX", "INBOX", "Spam"] and not world.all
    assert looked.result.cleanup.removed == 3


def test_a_message_that_does_not_come() -> None:
    looked = by_imap(ImapServer(Folders()))
    failure = looked.log.failure
    assert failure is not None and (failure.kind, failure.phase.value) == (ErrorKind.NOT_FOUND, "search")
    assert looked.steps == [("select", True), ("search", False), ("logout", True)]
    assert looked.result.found_at is None and looked.result.looked == 5


@pytest.mark.parametrize("clean", [False, True])
def test_a_search_that_is_refused_is_no_absence(clean: bool) -> None:
    world = Folders()
    world.add(message())
    looked = by_imap(ImapServer(world, refuse={"UID SEARCH": "NO [SERVERBUG] the index is broken"}), clean=clean)
    failure = looked.log.failure
    assert failure is not None and (failure.kind, failure.phase.value) == (ErrorKind.REJECTED, "search") and "index" in failure.text
    assert looked.result.looked == 0 and looked.result.found_at is None


def test_a_message_that_is_there_and_cannot_be_read_has_arrived() -> None:
    world = Folders("INBOX", "Spam")
    world.add(message(), "Spam")
    looked = by_imap(ImapServer(world, refuse={"UID FETCH 1 (UID FLAGS": "NO no"}))
    assert [(copy.folder, copy.junk, copy.unchanged) for copy in looked.result.copies] == [("Spam", True, None)]
    assert looked.result.cleanup.removed == 1 and ("fetch", False) in looked.steps


def test_only_what_is_left_over_is_cleaned_up() -> None:
    world = Folders("INBOX", "Spam")
    for folder in ("INBOX", "Spam", "Spam"):
        world.add(message(OLD, age=7200), folder)
    kept = [
        world.add(message("mailops-probe-" + "c" * 32, age=60)),
        world.add(message("mailops-probe-not-ours", age=7200)),
        world.add(b"Subject: X-Mailops-Probe: " + OLD.encode() + b"\r\n\r\nX-Mailops-Probe: " + OLD.encode() + b"\r\n"),
    ]
    looked = by_imap(ImapServer(world), clean=True)
    assert world.all == kept and (looked.result.cleanup.found, looked.result.cleanup.removed) == (3, 3) and looked.log.failure is None
    assert looked.steps == [("select", True), ("select", True), ("delete", True), ("delete", True), ("logout", True)]


def test_nothing_left_over() -> None:
    looked = by_imap(ImapServer(Folders()), clean=True)
    assert looked.steps == [("select", True), ("logout", True)] and looked.result.cleanup.found == 0 and looked.log.failure is None
    refused = by_imap(ImapServer(Folders(), refuse={"SELECT": "NO no"}), clean=True)
    assert refused.log.failure is not None and refused.log.failure.phase.value == "select"


@pytest.mark.parametrize("capabilities", [("IMAP4rev1",), ("IMAP4rev1", "UIDPLUS"), ("IMAP4rev2",)])
@pytest.mark.parametrize("marked", [False, True])
def test_what_others_have_marked_as_deleted_stays(capabilities: tuple[str, ...], marked: bool) -> None:
    world = Folders()
    theirs = world.add(b"Subject: hello\r\n\r\nhi\r\n", "INBOX", *(("\\Deleted",) if marked else ()))
    world.add(message())
    looked = by_imap(ImapServer(world, *capabilities))
    single = len(capabilities) == 2 or capabilities == ("IMAP4rev2",)
    cleanup = looked.result.cleanup
    assert theirs in world.all
    if single or not marked:
        assert world.all == [theirs] and cleanup.left == 0 and cleanup.failure is None
    else:
        assert cleanup.left == 1 and cleanup.failure is not None and "UIDPLUS" in cleanup.failure.text
        assert cleanup.failure.kind is ErrorKind.CLEANUP_FAILED


@pytest.mark.parametrize(
    ("refuse", "word"),
    [
        ({"UID STORE": "NO [READ-ONLY] read-only"}, "mark"),
        ({"UID EXPUNGE": "NO no right"}, "remove"),
    ],
)
def test_a_mailbox_that_keeps_everything(refuse: dict[str, str], word: str) -> None:
    world = Folders()
    world.add(message())
    looked = by_imap(ImapServer(world, refuse=refuse))
    cleanup = looked.result.cleanup
    assert cleanup.left == 1 and cleanup.failure is not None and word in cleanup.failure.text and ("delete", False) in looked.steps


def test_a_folder_that_cannot_be_opened() -> None:
    looked = by_imap(ImapServer(Folders(), refuse={"SELECT": "NO [NONEXISTENT] no such mailbox"}))
    failure = looked.log.failure
    assert failure is not None and (failure.kind, failure.phase.value) == (ErrorKind.REJECTED, "select")
    assert looked.steps[0] == ("select", False) and looked.steps[-1] == ("logout", True)
    reply = looked.result.steps[0].reply
    assert reply is not None and (reply.status, reply.response_code) == ("no", "NONEXISTENT")


def test_what_only_resembles_the_message_is_looked_at_once() -> None:
    world = Folders()
    world.add(b"Subject: Re: Probe " + MINE.encode() + b"\r\n\r\nhi\r\n")
    server = ImapServer(world)
    looked = by_imap(server)
    assert looked.log.failure is not None and looked.log.failure.kind is ErrorKind.NOT_FOUND and len(world.all) == 1
    assert len([line for line in server.said if "HEADER.FIELDS (X-Mailops-Probe)]" in line]) == 1


def test_a_large_message_comes_in_pieces() -> None:
    body = (b"x" * 72 + b"\r\n") * 30_000
    world = Folders()
    world.add(message(body=body))
    server = ImapServer(world)
    looked = by_imap(server, replace(sought(), size=len(body) + 300, body=body_digest([body])))
    assert looked.result.copies[0].unchanged is True and looked.result.copies[0].whole is None and not world.all
    assert len([line for line in server.said if "BODY.PEEK[TEXT]" in line]) == len(body) // PIECE + 2


def test_a_message_that_has_grown_is_not_read() -> None:
    world = Folders()
    world.add(message(body=b"y" * 1_000_000))
    server = ImapServer(world)
    looked = by_imap(server)
    assert looked.result.copies[0].unchanged is False and not [line for line in server.said if "BODY.PEEK[TEXT]" in line]


def test_the_newest_of_a_hundred_thousand() -> None:
    world = Folders()
    for _number in range(100_000):
        world.add(b"Subject: x\r\n\r\n")
    world.add(message())
    server = ImapServer(world)
    looked = by_imap(server)
    assert looked.log.failure is None and looked.result.cleanup.removed == 1
    assert any("UID SEARCH 99002:* OR" in line for line in server.said)
    by_imap(server, clean=True)
    assert any("UID SEARCH 90001:* HEADER" in line for line in server.said)


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_bytes_arrive_in_any_pieces(chunk: int) -> None:
    world = Folders()
    world.add(message())
    assert by_imap(ImapServer(world), chunk=chunk).result.copies[0].unchanged is True and not world.all


def test_killed_at_any_step_the_next_run_leaves_nothing() -> None:
    whole = by_imap(_with_message()[1])
    assert whole.driven.over
    for steps in range(whole.driven.steps):
        world, server = _with_message()
        by_imap(server, steps=steps)
        by_imap(ImapServer(world), all_stale(), clean=True)
        assert not world.all, f"killed after {steps} steps"


def _with_message() -> tuple[Folders, ImapServer]:
    world = Folders("INBOX", "Spam")
    world.add(message())
    world.add(message(), "Spam")
    return world, ImapServer(world)


class _Dripping(ImapServer):
    """Sends one byte of a body at a time, whatever is asked for."""

    def _items(self, one: Stored, rest: str) -> list[bytes]:
        return [re.sub(rb"\{[0-9]+\}\r\n(.).*", rb"{1}\r\n\1", item, flags=re.DOTALL) if b"[TEXT]" in item else item
                for item in super()._items(one, rest)]  # fmt: skip


def test_a_body_in_pieces_of_one_byte_is_not_read_to_its_end() -> None:
    world = Folders()
    world.add(message(body=b"x" * 5000))
    looked = by_imap(_Dripping(world))
    assert looked.result.copies[0].unchanged is None and not world.all and len(looked.log.transcript) < 1000
