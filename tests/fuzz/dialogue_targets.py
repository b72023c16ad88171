# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of the dialogue: replies, the SMTP machine, capabilities. They take what a server says."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Receive, Send, StartTls, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import (
    LINE_LIMIT,
    REPLY_LINES,
    Reply,
    ReplyReader,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import (
    SmtpDialogue,
    SmtpPhase,
    SmtpSettings,
    capabilities,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean

_MOST_STEPS = 10_000
_SETTINGS = [
    (SmtpSettings("probe.example.net"), TlsMode.STARTTLS),
    (SmtpSettings("probe.example.net", lmtp=True), TlsMode.STARTTLS),
    (SmtpSettings("probe.example.net"), TlsMode.IMPLICIT),
    (SmtpSettings("probe.example.net"), TlsMode.NONE),
]


def reply(data: bytes) -> None:
    """Replies are the same however the bytes arrive, and within limits. The first byte is the size of the pieces."""
    size, text = (data[0] if data else 0) + 1, data[1:]
    whole = _replies(text, len(text) + 1)
    for one in whole[0]:
        assert 0 <= one.code <= 999 and 0 < len(one.lines) == len(one.raw_lines) <= REPLY_LINES
        assert all(is_clean(line) and len(line) <= LINE_LIMIT for line in one.lines + one.raw_lines)
        assert is_clean(one.text)
    pieces = _replies(text, size)
    assert pieces[0] == whole[0][: len(pieces[0])] or whole[1] is not None
    if pieces[1] is None and whole[1] is None:
        assert pieces == whole


def _replies(text: bytes, size: int) -> tuple[list[Reply], Failure | None]:
    reader, found = ReplyReader(), []
    try:
        for at in range(0, len(text), size):
            reader.feed(text[at : at + size])
            while True:
                one = reader.next_reply(SmtpPhase.EHLO)
                if one is None:
                    break
                found.append(one)
    except ProbeError as error:
        return found, error.failure
    behind = reader.take_buffered()
    assert len(behind) <= len(text) and reader.next_reply(SmtpPhase.EHLO) is None
    return found, None


def dialogue(data: bytes) -> None:
    """The machine ends whatever it is told. The first byte chooses settings and pieces; what ends early is a server gone."""
    choice, text = (data[0] if data else 0), data[1:]
    machine = SmtpDialogue(*_SETTINGS[choice % 4])
    size, at, ended = (choice >> 2) + 1, 0, False
    for step_number in range(_MOST_STEPS):
        step = machine.next_step(step_number / 1000)
        if isinstance(step, Finished):
            ended = True
            break
        if isinstance(step, StartTls):
            machine.tls_started(step_number / 1000)
        elif isinstance(step, Send):
            assert step.data.endswith(b"\r\n") and step.data.count(b"\n") == 1
        else:
            assert isinstance(step, Receive)
            machine.receive(text[at : at + size] if at < len(text) else b"\n" * 200)
            at += size
    assert ended
    log = machine.log
    assert 0 <= log.injected <= len(text) + 200
    shown = [log.greeting, log.server_name, log.before_tls, log.after_tls, [line.text for line in log.transcript]]
    assert not list(unclean(shown)) and (log.failure is None or is_clean(log.failure.text))


def capability(data: bytes) -> None:
    """Capabilities are keywords in upper case with words, all of them out of the reply. The data are lines."""
    lines = [clean(line) for line in data.split(b"\n")]
    found = capabilities(Reply(250, tuple(lines), tuple(lines)))
    said = "\n".join(lines[1:])
    for keyword, words in found.items():
        assert keyword and not any("a" <= char <= "z" for char in keyword)
        assert all(word and word in said for word in words)
    assert sum(len(words) for words in found.values()) + len(found) <= len(said)
