# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of header fields that servers on a message's way have written: Received, Authentication-Results."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._delivery.authentication_results import MOST_RESULTS, read_results
from ansible_collections.mailops.tls.plugins.module_utils._delivery.comments import parts, unquoted, without_comments
from ansible_collections.mailops.tls.plugins.module_utils._delivery.received import MOST_HOPS, hops
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue, ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_retrieval import ImapRetrieval
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue, Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_retrieval import Pop3Retrieval
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import LARGEST_KEPT, Retrieval
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import StepRecorder
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script, Talk
from ansible_collections.mailops.tls.tests.fuzz.mailbox_targets import drive
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean
from ansible_collections.mailops.tls.tests.unit.makers.retrieving import MINE, sought

_LONGEST = 256


@dataclass(frozen=True, eq=False)
class _Errand:
    """Look for a message until patience ends, or clean up after others."""

    result: Retrieval
    clean: bool

    def run(self, talk: Talk) -> Script[None]:
        steps = StepRecorder(lambda: talk.at)
        if isinstance(talk, ImapDialogue):
            by_imap = ImapRetrieval(talk, talk.log.after_tls or (), sought(), self.result, steps)
            yield from by_imap.clean() if self.clean else by_imap.run()
        else:
            assert isinstance(talk, Pop3Dialogue)
            by_pop3 = Pop3Retrieval(talk, sought(), self.result, steps, set())
            yield from by_pop3.clean() if self.clean else by_pop3.run()


def retrieval(data: bytes) -> None:
    """A look into a mailbox ends, with clean facts, and counts no more as removed than was found. The first bytes are as for `mailbox`."""
    choice, size, text = data[:1] or b"\0", (data[1] if len(data) > 1 else 0) + 1, data[2:]
    errand = _Errand(Retrieval(), clean=bool(choice[0] & 2))
    talk = (ImapSettings, Pop3Settings)[choice[0] % 2](errand=errand).start(TlsMode.IMPLICIT)
    drive(talk, text, size)
    found = errand.result
    facts = [[one.as_facts() for one in found.folders], [one.as_facts() for one in found.copies]]
    assert not list(unclean(facts)) and 0 <= found.cleanup.removed <= found.cleanup.found
    assert all(MINE.encode() in text and len(one.header) <= LARGEST_KEPT for one in found.copies)
    assert found.cleanup.failure is None or is_clean(found.cleanup.failure.text)
    assert talk.log.failure is None or is_clean(talk.log.failure.text)


def received(data: bytes) -> None:
    """Hops are clean, bounded facts whatever was written. A NUL begins the next field."""
    fields = data.decode("utf-8", "surrogateescape").split("\0")
    found = hops(fields)
    assert len(found) == min(len(fields), MOST_HOPS) and found[-1].seconds is None
    for hop in found:
        facts = hop.as_facts()
        assert not list(unclean(facts))
        assert all(len(text) <= _LONGEST for text in facts.values() if isinstance(text, str))
        if hop.source_address is not None:
            ipaddress.ip_address(hop.source_address)
        assert hop.at is None or hop.at.utcoffset() is not None
        assert hop.tls is None or hop.tls.stated or (hop.tls.protocol, hop.tls.cipher) == (None, None)


def authentication_results(data: bytes) -> None:
    """Conclusions are clean, bounded facts, and no comment is one."""
    text = data.decode("utf-8", "surrogateescape")
    found = read_results(text)
    assert len(found) <= MOST_RESULTS and not list(unclean([one.as_facts() for one in found]))
    for one in found:
        assert one.authserv_id and one.method.isascii() and one.result.isascii()
        assert all(len(name) <= _LONGEST and len(value) <= _LONGEST for name, value in one.properties.items())
    pieces = parts(text)
    assert sum(len(piece) for _comment, piece in pieces) <= len(text) and len(without_comments(text)) <= len(text) + len(pieces)
    assert len(unquoted(text)) <= len(text)
