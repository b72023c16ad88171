# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be shown, whoever says it: some servers repeat in their refusal what they were sent."""

from __future__ import annotations

import re

SHORTEST = 4
"""Characters of what is concealed. What is shorter stands in too many words, and would be told by the gaps."""
MASK = "********"
_WORDS = re.compile(r'[^\s"]+')


class Concealed:
    """The secrets of one connection, put out of sight in any text, in capitals or not."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        self._open: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *texts: str | None) -> None:
        """Conceal these."""
        self._texts.update(dict.fromkeys(text for text in texts if text and len(text) >= SHORTEST and text not in self._open))
        longest = sorted(self._texts, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE) if longest else None

    def leave(self, *texts: str) -> None:
        """Show these, which are no secrets, even where they stand beside one."""
        self._open.update(texts)

    def add_line(self, line: bytes, shown: str) -> None:
        """Conceal the words of a line that was sent, but for those that are shown of it."""
        self.add(*(word for word in _WORDS.findall(line.decode("utf-8", "replace")) if word not in shown))

    def out_of(self, text: str) -> str:
        """Return a text without them."""
        return self._pattern.sub(MASK, text) if self._pattern else text
