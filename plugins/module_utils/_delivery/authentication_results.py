# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a receiver concluded about a message: its Authentication-Results fields (RFC 8601)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._delivery.comments import unquoted, without_comments
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_RESULTS = 64
LONGEST_FIELD = 8192
_SECTION = re.compile(r'(?:"(?:[^"\\]|\\.)*"?|[^";])+', re.DOTALL)
_VALUE = r'("(?:[^"\\]|\\.)*"|[^\s";]+)'
_METHOD = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)(?:\s*/\s*[0-9]+)?\s*=\s*([A-Za-z][A-Za-z0-9-]*)(?=\s|\Z)")
_PROPERTY = re.compile(r"(?<!\S)([A-Za-z][A-Za-z0-9-]*\s*\.\s*[A-Za-z0-9_.-]+|reason)\s*=\s*" + _VALUE)


@dataclass(frozen=True)
class AuthenticationResult:
    """One conclusion: who drew it, by which method, and what it rests on (`header.d`, `smtp.mailfrom`, `reason`)."""

    authserv_id: str
    method: str
    result: str
    properties: dict[str, str] = field(default_factory=dict)

    def as_facts(self) -> dict[str, object]:
        """Return it in the shape of `authentication_results` in results."""
        return {
            "authserv_id": self.authserv_id,
            "method": self.method,
            "result": self.result,
            "properties": dict(self.properties),
        }


def read_results(text: str) -> tuple[AuthenticationResult, ...]:
    """Read one field; what does not fit the grammar is passed over, and `none` is no conclusion."""
    sections = _SECTION.findall(without_comments(" ".join(text[:LONGEST_FIELD].split())))
    words = sections[0].split() if sections else []
    if not words:
        return ()
    authserv_id = clean(unquoted(words[0]), 256)
    if not authserv_id:
        return ()
    found = (_result(authserv_id, section) for section in sections[1 : MOST_RESULTS + 1])
    return tuple(one for one in found if one is not None)


def _result(authserv_id: str, section: str) -> AuthenticationResult | None:
    """`method[/version] = result [ptype.property = value ...]`."""
    head = _METHOD.match(section)
    if not head:
        return None
    properties: dict[str, str] = {}
    for one in _PROPERTY.finditer(section, head.end()):
        properties.setdefault("".join(one[1].split()).lower(), clean(unquoted(one[2]), 256))
    return AuthenticationResult(authserv_id, head[1].lower(), head[2].lower(), properties)
