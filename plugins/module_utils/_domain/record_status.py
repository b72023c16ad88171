# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one thing that a domain publishes stands: there, broken, absent, or nobody could be asked."""

from __future__ import annotations

from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._text import clean


class RecordStatus(str, Enum):
    """`status` of the checks of one domain in results; some checks have words of their own beside these.

    VALID: there and usable. INVALID: there and broken. MULTIPLE: there more than once, which is as bad. NONE: DNS or the web server
    says that it is not there. ERROR: nobody said anything, so nothing is known.
    """

    VALID = "valid"
    INVALID = "invalid"
    MULTIPLE = "multiple"
    NONE = "none"
    ERROR = "error"


class ReadingPhase(Phase):
    """Where reading what a domain publishes fails, after it was asked for."""

    PARSE = "parse"


def dns_failure(answer: Answer) -> Failure:
    """Return why an answer says nothing."""
    text = f"{answer.rdtype} records of {clean(answer.name, 300)}: {answer.error or 'no answer'}"
    return Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, text)


def unreadable(text: str) -> Failure:
    """Return why a record or document cannot be used."""
    return Failure(ErrorKind.DOCUMENT_INVALID, ReadingPhase.PARSE, text)


def texts(answer: Answer) -> tuple[str, ...]:
    """Return the TXT records of an answer, each with its strings joined, in their order.

    They are as they came, tabs and all: whoever shows one cleans it.
    """
    return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer.records if isinstance(record, TxtRecord))
