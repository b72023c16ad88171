# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How logins are tried in a run."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._login.terms import LoginTerms


@dataclass(frozen=True)
class LoginSettings:
    """What is tried, and how often.

    Attributes:
        mechanisms: what to log in with, each once at every endpoint; empty to see only what is offered.
        terms: who logs in, and what may be risked.
        attempts_limit: logins at one host in a run, as too many can lock an account.
        relay_test: ask whether a server of submission relays without a login.
    """

    mechanisms: tuple[str, ...] = ()
    terms: LoginTerms = LoginTerms()
    attempts_limit: int = 10
    relay_test: bool = False
