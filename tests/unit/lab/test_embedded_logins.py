# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded servers' half of logins, and the commands of the IMAP server, without sockets."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab"))
from embedded.imap import ImapSession  # noqa: E402
from embedded.logins import Login, plain, scram  # noqa: E402
from embedded.mailbox import MOST, Mailbox  # noqa: E402

PASSWORDS = {"anna": "pencil"}


def outcome(login: Login, *responses: bytes) -> str | None:
    """Return the user after these responses."""
    next(login)
    with pytest.raises(StopIteration) as end:
        for response in responses:
            login.send(response)
    user: str | None = end.value.value
    return user


@pytest.mark.parametrize(
    ("response", "user"),
    [
        (b"\0anna\0pencil", "anna"),
        (b"anna\0anna\0pencil", "anna"),
        (b"root\0anna\0pencil", None),
        (b"\0anna\0pen", None),
        (b"\0otto\0pencil", None),
        (b"anna", None),
        (b"\0anna\0\xff", None),
    ],
)
def test_plain(response: bytes, user: str | None) -> None:
    assert outcome(plain(PASSWORDS), response) == user


@pytest.mark.parametrize("first", [b"", b"p=tls-exporter,,n=anna,r=x", b"n,,n=anna", b"n,,m=1,n=anna,r=x"])
def test_scram_refuses_what_it_cannot_read(first: bytes) -> None:
    assert outcome(scram(PASSWORDS), first) is None


@pytest.mark.parametrize("final", [b"", b"c=biws,r=x,p=AAAA", b"c=biws,r=%b,p=AAAA", b"c=eSws,r=%b,p=AAAA", b"c=biws,r=%b,p=A"])
def test_scram_refuses_a_wrong_proof(final: bytes) -> None:
    login = scram(PASSWORDS)
    next(login)
    nonce = login.send(b"n,,n=anna,r=x").split(b",")[0][2:]
    with pytest.raises(StopIteration) as end:
        login.send(final.replace(b"%b", nonce))
    assert end.value.value is None


def session(*, offers_tls: bool = False) -> ImapSession:
    """Return a session that was greeted."""
    made = ImapSession(PASSWORDS, Mailbox(), offers_tls=offers_tls)
    assert made.greet().startswith(b"* OK [CAPABILITY IMAP4rev1")
    return made


@pytest.mark.parametrize(
    ("line", "end"),
    [
        (b"", b"* BAD a command has a tag and a name"),
        (b"a", b"* BAD a command has a tag and a name"),
        (b"a FETCH 1 FLAGS", b"a BAD no such command here"),
        (b"a SELECT INBOX", b"a BAD no such command here"),
        (b"a UID NOOP", b"a BAD no such command here"),
        (b"a LOGIN anna", b"a NO [AUTHENTICATIONFAILED] wrong name or password"),
        (b'a login "anna" "pencil"', b"welcome"),
        (b"a AUTHENTICATE CRAM-MD5", b"a NO there is no such mechanism"),
        (b"a AUTHENTICATE PLAIN =", b"a NO [AUTHENTICATIONFAILED] wrong name or password"),
        (b"a AUTHENTICATE PLAIN %%%", b"a BAD that is no base64"),
        (b"a AUTHENTICATE PLAIN " + base64.b64encode(b"\0anna\0pencil"), b"welcome"),
        (b"a STARTTLS", b"a BAD there is no TLS to begin"),
    ],
)
def test_commands_before_a_login(line: bytes, end: bytes) -> None:
    assert session().take(line).endswith(end + b"\r\n")


def test_a_login_can_be_given_up_and_taken_up_again() -> None:
    made = session()
    assert made.take(b"a AUTHENTICATE PLAIN") == b"+ \r\n"
    assert made.take(b"*").startswith(b"a BAD")
    assert made.take(b"b AUTHENTICATE PLAIN") == b"+ \r\n"
    assert b"b OK" in made.take(base64.b64encode(b"\0anna\0pencil"))


def test_literals_are_strings() -> None:
    made = session()
    assert made.take(b"a LOGIN {4}") == b"+ go on\r\n"
    assert made.literal == 4
    made.take_literal(b"anna")
    assert made.take(b" {6+}") == b""
    made.take_literal(b"pencil")
    assert b"a OK" in made.take(b"")


def test_passwords_wait_for_tls() -> None:
    made = session(offers_tls=True)
    assert b"PRIVACYREQUIRED" in made.take(b"a LOGIN anna pencil")
    assert b"PRIVACYREQUIRED" in made.take(b"a AUTHENTICATE PLAIN AGFubmE=")
    assert made.take(b"a STARTTLS").startswith(b"a OK") and made.begins_tls


def test_a_mailbox_does_not_grow_for_ever() -> None:
    mailbox = Mailbox()
    for number in range(MOST + 5):
        mailbox.put(b"X-Number: %d\r\n\r\nbody\r\n" % number)
    assert len(mailbox.messages) == MOST and mailbox.messages[0].has_header("x-number", "5")
    assert mailbox.next_uid == MOST + 6


def test_messages_are_chosen_by_set_and_expunged_by_uid() -> None:
    mailbox = Mailbox()
    for _number in range(4):
        mailbox.put(b"Subject: one\r\n two\r\n\r\nbody\r\n")
    made = ImapSession(PASSWORDS, mailbox, offers_tls=False)
    made.take(b"a LOGIN anna pencil")
    assert b"[UIDNEXT 5]" in made.take(b"b SELECT inbox")
    assert made.take(b"c STORE 1,3:* +FLAGS.SILENT (\\Deleted)").count(b"FETCH (FLAGS (\\Deleted))") == 3
    assert made.take(b"d UID SEARCH UNDELETED SUBJECT two") == b"* SEARCH 2\r\nd OK done\r\n"
    assert made.take(b"e UID EXPUNGE 3:4") == b"* 4 EXPUNGE\r\n* 3 EXPUNGE\r\ne OK done\r\n"
    assert made.take(b"f FETCH * (UID BODY[TEXT]<1.2>)") == b"* 2 FETCH (UID 2 BODY[TEXT]<1> {2}\r\nod)\r\nf OK done\r\n"
    assert made.take(b"g CLOSE") == b"g OK done\r\n"
    assert [one.uid for one in mailbox.messages] == [2]
