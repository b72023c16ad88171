# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IMAP responses tell of folders and messages, in the forms that servers have for it."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import Completed
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_data import (
    exists_after,
    fetched,
    flags,
    folder_facts,
    found_uids,
    listed,
    number,
    octets,
    structure,
    text,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_names import encoded_name
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import ImapResponse, read_response
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError, LiteralLineReader
from hypothesis import given
from hypothesis import strategies as st


def responses(data: bytes) -> tuple[ImapResponse, ...]:
    reader = LiteralLineReader()
    reader.feed(data)
    found = []
    while (line := reader.next_line()) is not None:
        found.append(read_response(line))
    return tuple(found)


def completed(data: bytes, tagged: bytes = b"a1 OK done\r\n") -> Completed:
    return Completed(responses(tagged)[0], responses(data))


def test_the_junk_folder_has_its_use() -> None:
    data = (
        b'* LIST (\\HasNoChildren \\Sent) "/" Sent\r\n* LIST (\\junk) "/" "Spam box"\r\n* LIST (\\Junk) NIL {6}\r\nS&-P&-\r\n'
        b'* LIST (\\Junk) "/" &APw-\r\n* LIST broken\r\n* STATUS x (y)\r\n'
    )
    assert listed(completed(data), "\\Junk") == ["Spam box", "S&P&", "ü"]


def test_nothing_said_of_a_folder_is_none() -> None:
    facts = folder_facts("INBOX", completed(b"* 3 EXISTS\r\n* OK [UIDVALIDITY x] odd\r\n", b"a1 OK [READ-ONLY] done\r\n"))
    assert (facts.exists, facts.uid_validity, facts.flags, facts.recent, facts.read_write) == (3, None, None, None, False)


def test_news() -> None:
    assert exists_after(5, responses(b"* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n")) == 3
    assert exists_after(5, responses(b"* 2 EXPUNGE\r\n* 9 EXISTS\r\n* 1 RECENT\r\n")) == 9
    assert exists_after(0, responses(b"* 2 EXPUNGE\r\n")) == 0


def test_numbers_found_are_the_newest_first_and_numbers() -> None:
    data = b"* SEARCH 3 17 5\r\n* SEARCH 4294967295 4294967296 0 x -1 99999999999999999999 \xc2\xb2 \xd9\xa3\r\n* SEARCH\r\n"
    assert found_uids(completed(data)) == [4294967295, 17, 5, 3]


def test_a_message_told_in_parts_between_others() -> None:
    data = (
        b"* 7 FETCH (FLAGS (\\Seen))\r\n* 8 FETCH (UID 12 RFC822.SIZE 9)\r\n* 7 FETCH (UID 11 BODY[HEADER]<0> {4}\r\nA: b"
        b' INTERNALDATE "29-Nov-2026 01:00:00 +0000")\r\n* 9 EXISTS\r\n'
    )
    told = fetched(completed(data), 11)
    assert told["BODY[HEADER]"] == b"A: b" and flags(told["FLAGS"]) == ("\\Seen",)
    assert text(told["INTERNALDATE"]) == "29-Nov-2026 01:00:00 +0000"
    assert number(fetched(completed(data), 12)["RFC822.SIZE"]) == 9 and fetched(completed(data), 13) == {}


def test_what_is_called_a_digit_elsewhere_is_no_number() -> None:
    told = completed(b"* OK [UIDNEXT \xc2\xb2] x\r\n* OK [UNSEEN \xe2\x91\xa0] x\r\n")
    assert (folder_facts("INBOX", told).uid_next, folder_facts("INBOX", told).unseen) == (None, None)
    assert number("\u00b2") is None and number("\u0663") is None and number("12") == 12


def test_names_that_break_out_are_no_folders() -> None:
    no_names = (encoded_name("a\n\x1b[2J"), b"\x1b[2J", encoded_name("a\u202egpj"), b'"' + b"x" * 300 + b'"', b"{0}\r\n")
    shown = (*no_names, b"Spam", b"&APw-ber", b'"a\\"b"')
    lines = b"".join(b'* LIST (\\Junk) "/" ' + name + b"\r\n" for name in shown)
    assert listed(completed(lines), "\\Junk") == ["Spam", "\u00fcber", 'a"b']
    assert len(listed(completed(b'* LIST (\\Junk) "/" x\r\n' * 100), "\\Junk")) == 8


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(b"x", b"x"), ("atom", b"atom"), (None, b""), ((b"x",), b"")],
)
def test_octets(value: object, wanted: bytes) -> None:
    assert octets(value) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 3 1)', "text/plain"),
        (b'(("text" "plain" NIL)("text" "html" NIL NIL NIL "7BIT" 3 1) "alternative")', "multipart/alternative(text/plain, text/html)"),
        (b'((("a" "b" NIL) "related") ("image" "png" NIL) "mixed" NIL)', "multipart/mixed(multipart/related(a/b), image/png)"),
        (b"NIL", None),
        (b"()", None),
        (b'("x")', "?"),
        (b"(NIL NIL)", "?/?"),
    ],
)
def test_structures(data: bytes, wanted: str | None) -> None:
    told = fetched(completed(b"* 1 FETCH (UID 1 BODYSTRUCTURE " + data + b")\r\n"), 1)
    assert structure(told["BODYSTRUCTURE"]) == wanted


@given(st.binary(max_size=60))
def test_a_literal_comes_as_it_is(data: bytes) -> None:
    whole = b"* 1 FETCH (UID 1 BODY[TEXT]<0> {%d}\r\n%s)\r\n" % (len(data), data)
    assert fetched(completed(whole), 1)["BODY[TEXT]"] == data


def test_brackets_that_do_not_fit() -> None:
    with pytest.raises(LineError):
        fetched(completed(b"* 1 FETCH (UID 1 FLAGS (\\Seen)\r\n"), 1)
