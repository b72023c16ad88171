# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version that a TXT record begins with, a semicolon behind it: `v=STSv1;`, `v=TLSRPTv1;` (RFC 8461 section 3.1, RFC 8460 section 3).

What does not begin so is nothing to senders. What was meant to is told as broken, and not as absent.
"""

from __future__ import annotations

import re

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import quoted
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import texts
from ansible_collections.mailops.tls.plugins.module_utils._text import clean


class VersionTag:
    """The version of one kind of record."""

    def __init__(self, text: str, like: str) -> None:
        """Take the version, as in `v=STSv1`, and a pattern of the words that people write in its place."""
        self._text = text
        self._usable = re.compile(rf"{re.escape(text)}[ \t]*;")
        self._meant = re.compile(rf"""[\s"'\ufeff\u200b]*v\s*=\s*["']?\s*{like}""", re.IGNORECASE)

    def records(self, answer: Answer) -> tuple[list[str], list[str]]:
        """Return the records that are of this version or were meant to be, and those of them that senders take."""
        every = texts(answer)
        found = [one for one in every if one.startswith(self._text)] or [one for one in every if self._meant.match(one)]
        return found, [one for one in found if self._usable.match(one)]

    def mistake(self, record: str) -> str:
        """Return what is wrong with the beginning of a record that senders do not take."""
        if record.startswith(self._text):
            return f"{self._text} is not followed by a semicolon"
        return f"{self._text} is not what {quoted(clean(record))} begins with"
