# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets out of texts: a server can say ours back, in its replies and in the dialogue that is kept."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials

HIDDEN = "(a secret, not shown)"
_SHORTEST = 4
"""Characters of a secret that is looked for; what is shorter is in every other word."""


@dataclass(frozen=True)
class Concealment:
    """Takes the secrets of one set of credentials out of texts, as they are and in the base64 that mechanisms make of them."""

    forms: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, *credentials: Credentials) -> Concealment:
        """Return what conceals these."""
        given = [secret for one in credentials for secret in (one.password, one.token)]
        secrets = [secret for secret in given if secret and len(secret) >= _SHORTEST]
        forms = [form for secret in secrets for form in _forms(secret)]
        return cls(tuple(sorted(dict.fromkeys(forms), key=len, reverse=True)))

    def hide(self, text: str) -> str:
        """Return a text without them."""
        for form in self.forms:
            text = text.replace(form, HIDDEN)
        return text

    def hide_in(self, facts: Any) -> Any:
        """Return facts without them, wherever in them they are."""
        if isinstance(facts, str):
            return self.hide(facts)
        if isinstance(facts, dict):
            return {name: self.hide_in(value) for name, value in facts.items()}
        return [self.hide_in(one) for one in facts] if isinstance(facts, list) else facts


def _forms(secret: str) -> list[str]:
    """The secret itself, and what base64 always makes of it, at each of the three places where it can begin in a longer text."""
    raw = secret.encode("utf-8")
    found = [secret]
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw + bytes(2)).decode("ascii")
        # Only characters all of whose six bits are the secret's.
        found.append(whole[-(-8 * before // 6) : 8 * (before + len(raw)) // 6])
    return found
