# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of mailboxes: responses of IMAP, POP3 and ManageSieve servers, and the dialogues that hear them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue import imap_response, pop3_reply, sieve_response
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue, ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import ResponseKind, Value, read_response, values
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import Limits, LineError, LiteralLine, LiteralLineReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Pause, Receive, Send, StartTls, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.managesieve import ManageSieveDialogue, ManageSieveSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue, Pop3Log, Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_reply import Pop3Reader, Pop3Status
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import of_imap, of_pop3, of_sieve
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionDialogue, SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MOST_UNSOLICITED, Talk
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean

_LIMITS = Limits(line=256, literal=128, together=1024, literals=8)
"""Small ones, so that short inputs come to them."""
_MOST_STEPS = 20_000
_MODES = (TlsMode.STARTTLS, TlsMode.IMPLICIT, TlsMode.NONE)
Capabilities = dict[str, tuple[str, ...]]


def imap(data: bytes) -> None:
    """Responses are the same however the bytes arrive, and what they mean is clean. The first byte is the size of the pieces."""
    for line in _lines(data):
        response = read_response(line)
        if response.kind is not ResponseKind.CONTINUATION:  # a challenge is taken as it came
            assert not list(unclean([response.code, response.code_text, of_imap(response).as_facts()]))
        assert (response.tag != "") is (response.kind is ResponseKind.TAGGED)
        assert response.name.isascii()
        _check(response.capabilities or {})
        try:
            assert _weight(values(line)) <= line.size + 1
        except LineError as error:
            assert is_clean(str(error))
    _check(imap_response.capabilities(data.decode("utf-8", "replace")))


def sieve(data: bytes) -> None:
    """Lines are strings or ends of responses, and every string stands in the line. The first byte is the size of the pieces."""
    lines = []
    for line in _lines(data):
        try:
            read = sieve_response.read_line(line)
        except LineError as error:
            assert is_clean(str(error))
            continue
        assert sum(map(len, (*read.strings, *read.code_strings))) <= line.size
        assert read.code is None or (read.status is not None and read.code.isascii())
        assert is_clean(read.text) and not list(unclean(of_sieve(read).as_facts()))
        lines.append(read)
    _check(sieve_response.capabilities(lines))


def _lines(data: bytes) -> list[LiteralLine]:
    """Read lines in pieces and at once, which has to come to the same."""
    size, text = (data[0] if data else 0) + 1, data[1:]
    pieces, whole = (_read_lines(text, one) for one in (size, len(text) + 1))
    assert pieces == whole[: len(pieces)]
    for line in whole:
        assert len(line.texts) == len(line.literals) + 1 <= _LIMITS.literals + 1 and line.size <= _LIMITS.together
        assert all(is_clean(shown) for shown in line.shown) and max(map(len, line.literals), default=0) <= _LIMITS.literal
    return whole


def _read_lines(text: bytes, size: int) -> list[LiteralLine]:
    reader, found = LiteralLineReader(_LIMITS), []
    try:
        for at in range(0, len(text), size):
            reader.feed(text[at : at + size])
            while (line := reader.next_line()) is not None:
                found.append(line)
    except LineError as error:
        assert is_clean(str(error))
        return found
    assert len(reader.take_buffered()) <= len(text) and reader.next_line() is None
    return found


def _weight(found: Value) -> int:
    if isinstance(found, tuple):
        return sum(_weight(one) for one in found)
    return 0 if found is None else len(found)


def pop3(data: bytes) -> None:
    """Replies are the same however the bytes arrive. The first byte is the size of the pieces, the second which replies have lines."""
    size, pattern, text = (data[0] if data else 0) + 1, data[1:2] or b"\0", data[2:]
    pieces, whole = (_read_replies(text, one, pattern[0]) for one in (size, len(text) + 1))
    assert pieces == whole[: len(pieces)]
    for reply in whole:
        assert is_clean(reply.first) and (is_clean(reply.text) or reply.status is Pop3Status.PLUS)
        assert reply.status is Pop3Status.OK or not reply.lines
        assert not list(unclean(of_pop3(reply).as_facts())) or reply.status is Pop3Status.PLUS
        _check(pop3_reply.capabilities(reply.lines))


def _read_replies(text: bytes, size: int, pattern: int) -> list[pop3_reply.Pop3Reply]:
    reader, found = Pop3Reader(most_lines=16, most_bytes=1024), list[pop3_reply.Pop3Reply]()
    try:
        for at in range(0, len(text), size):
            reader.feed(text[at : at + size])
            while (reply := reader.next_reply(multiline=bool(pattern >> len(found) % 8 & 1))) is not None:
                found.append(reply)
    except LineError as error:
        assert is_clean(str(error))
        return found
    assert len(reader.take_buffered()) <= 2 * len(text)
    return found


def _check(told: Capabilities) -> None:
    """Keywords are in upper case as ASCII has it, and nothing is empty or unclean."""
    assert not any("a" <= char <= "z" for keyword in told for char in keyword) and not list(unclean(told))
    assert all(words == tuple(word for word in words if word) for words in told.values())


_STARTS: tuple[Callable[[TlsMode, Any], Talk], ...] = (
    lambda mode, how: ImapDialogue(ImapSettings(**how), mode, _LIMITS),
    lambda mode, how: Pop3Dialogue(Pop3Settings(**how), mode),
    lambda mode, how: ManageSieveDialogue(ManageSieveSettings(**how), mode, _LIMITS),
    lambda mode, how: SubmissionDialogue(SubmissionSettings(**how, ehlo_name="probe.example.net"), mode),
)


def mailbox(data: bytes) -> None:
    """Every dialogue ends whatever it is told. The first two bytes choose protocol, settings and pieces."""
    choice, size, text = data[:1] or b"\0", (data[1] if len(data) > 1 else 0) + 1, data[2:]
    kind, mode, flags = choice[0] % 4, _MODES[(choice[0] >> 2) % 3], choice[0] >> 4
    talk = _STARTS[kind](mode, {"strict": bool(flags & 1), "injection_test": bool(flags & 2)})
    drive(talk, text, size)
    log = talk.log
    assert 0 <= log.injected <= 2 * len(text) + 200 and len(log.unsolicited) <= MOST_UNSOLICITED
    shown = [log.greeting, log.before_tls, log.after_tls, log.at_greeting, log.unsolicited, log.listed_mechanisms]
    assert not list(unclean([*shown, [line.text for line in log.transcript]]))
    assert log.failure is None or is_clean(log.failure.text)
    assert not isinstance(log, Pop3Log) or log.timestamp is None or log.timestamp.encode() in text


def drive(talk: Talk, text: bytes, size: int) -> None:
    """Drive a dialogue to its end: it hears a text in pieces, and then that the server is gone."""
    at, now = 0, 0.0
    for _step in range(_MOST_STEPS):
        now += 0.001
        step = talk.next_step(now)
        if isinstance(step, Finished):
            return
        if isinstance(step, StartTls):
            talk.tls_started(now)
        elif isinstance(step, Send):
            assert step.data.endswith(b"\r\n")
        elif isinstance(step, Pause):
            now += step.seconds
        else:
            assert isinstance(step, Receive)
            talk.receive(text[at : at + size] if at < len(text) else b"x" * 70000)
            at += size
    raise AssertionError("the dialogue did not end")
