# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs an exchange, as far as its name tells: the domain it belongs to.

A guess, not a lookup in the public suffix list, which is large, changes every week and would have to be shipped: the last two
labels of the name, or the last three below a country's own `com`, `co` and the like.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address

_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "go", "gob", "gov", "mil", "ne", "net", "nom", "or", "org"))
"""Second-level domains in which many countries register names for others; no more, since others use such words as their names."""


def operator_domain(exchange: str) -> str | None:
    """Return the domain, in lower case, that an exchange's name most probably belongs to; None for an address.

    `alt1.aspmx.l.google.com` gives `google.com`, `mx1.mail.example.co.uk` `example.co.uk`.
    """
    if is_address(exchange):
        return None
    labels = exchange.lower().split(".")
    is_country = len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if is_country else -2:])
