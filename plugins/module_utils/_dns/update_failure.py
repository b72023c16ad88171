# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a dynamic update, or a question to the primary server before and after it, failed (RFC 2136 section 2.2, RFC 8945 section 5)."""

from __future__ import annotations

from enum import Enum


class UpdateFailureKind(str, Enum):
    """The closed list; `error.kind` in results."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DISCONNECTED = "disconnected"
    MALFORMED = "malformed_reply"
    UNSIGNED = "unsigned_reply"
    BAD_KEY = "bad_key"
    BAD_SIGNATURE = "bad_signature"
    BAD_TIME = "bad_time"
    REFUSED = "refused"
    NOT_AUTHORITATIVE = "not_authoritative"
    NOT_ZONE = "not_zone"
    SERVER_FAILURE = "server_failure"
    NOT_IMPLEMENTED = "not_implemented"
    FORMAT_ERROR = "format_error"
    OTHER = "other_rcode"
    ALIAS = "alias"
    CONFLICT = "conflict"
    NOT_SHOWN = "not_shown"


REPEATABLE = frozenset({
    UpdateFailureKind.TIMEOUT,
    UpdateFailureKind.DISCONNECTED,
    UpdateFailureKind.MALFORMED,
    UpdateFailureKind.UNSIGNED,
    UpdateFailureKind.BAD_SIGNATURE,
    UpdateFailureKind.CONFLICT,
})  # fmt: skip
"""What another try may mend. Repeating does no harm: the prerequisites of an update that was done are not met any more."""


class UpdateFailed(Exception):
    """One failure: its kind and a clean line of text.

    `certain`: the server itself said that it did nothing, signed if signatures are in use. Otherwise an update may have been done.
    """

    def __init__(self, kind: UpdateFailureKind, text: str, certain: bool = False) -> None:
        super().__init__(text)
        self.kind = kind
        self.certain = certain

    def as_dict(self) -> dict[str, str]:
        """Return the shape of `error` in results."""
        return {"kind": self.kind.value, "text": str(self)}
