# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer proves, above all one that says that there is nothing (RFC 4035 section 4.3).

An answer is certain when it was validated, and also when it was not but came from a nameserver that validates: that one would have failed
for a signed zone, so the zone is not signed. From a nameserver that validates nothing it is no evidence. Anybody on the way can leave
records out.
"""

from __future__ import annotations

from collections.abc import Awaitable
from enum import Enum
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome

Validates = Callable[[str], Awaitable[bool]]
"""Tells whether a nameserver, by the name that answers have for it, validates and is believed."""


class Proof(Enum):
    """What an answer is worth."""

    VALIDATED = "validated"
    UNSIGNED = "unsigned"
    UNTRUSTED = "untrusted"
    UNVALIDATED = "unvalidated"
    FAILED = "failed"


async def proof_of(answer: Answer, validates: Validates) -> Proof:
    """Return what an answer is worth."""
    if answer.outcome is Outcome.ERROR:
        return Proof.FAILED
    if answer.secure:
        return Proof.VALIDATED
    if answer.ad_untrusted:
        return Proof.UNTRUSTED
    return Proof.UNSIGNED if await who_answered_validates(answer, validates) else Proof.UNVALIDATED


async def who_answered_validates(answer: Answer, validates: Validates) -> bool:
    """Return whether every nameserver that gave no AD validates, maybe another one than the one that was asked first."""
    for one in sorted(answer.without_ad):
        if not await validates(one):
            return False
    return bool(answer.without_ad)


def doubt(answer: Answer, proof: Proof) -> str | None:
    """Return why an answer is not certain and what to do, as sentences without final stop; None when it is certain."""
    question = f"{answer.name} {answer.rdtype}"
    if proof is Proof.FAILED:
        return f"{question}: {answer.error or 'no answer'}"
    if answer.warning is not None and not answer.found:
        return f"{question}: {answer.warning}"
    who = " ".join(["nameserver", *([" and ".join(sorted(answer.without_ad))] if answer.without_ad else [])])
    if proof is Proof.UNTRUSTED:
        text = "%s: the %s says that it has validated the answer, but it is not believed. %s, or set trust_ad=always"
        return text % (question, who, _VALIDATING)
    if proof is Proof.UNVALIDATED:
        text = "%s: the answer of the %s was not validated, so anybody may have left records out. %s"
        return text % (question, who, _VALIDATING)
    return None


_VALIDATING = "Install a validating resolver on this machine, such as Unbound, and name it in nameservers"
