# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All cases, in the order of their addresses."""

from __future__ import annotations

from .case import Case
from .themes import aliases, dane_ee, dane_ta, dialogues, insecure_dns, lmtp, pkix, protocols, routes, sessions

CASES: tuple[Case, ...] = (
    *dane_ee.CASES,
    *dane_ta.CASES,
    *insecure_dns.CASES,
    *aliases.CASES,
    *routes.CASES,
    *pkix.CASES,
    *protocols.CASES,
    *dialogues.CASES,
    *lmtp.CASES,
    *sessions.CASES,
)
