# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a text that is no domain, in the shape of all others."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure


def invalid_domain_facts(text: str, failure: Failure) -> dict[str, Any]:
    """Return the item of `results` of what is no domain."""
    absent = ("zone", "mx", "spf", "dmarc", "mta_sts", "tlsrpt", "caa", "autoconfig", "autodiscover", "bimi", "senders")
    return {
        "domain": text,
        "error": failure.as_dict(),
        "worst": "error",
        "role": "unknown",
        **dict.fromkeys(absent),
        **{name: [] for name in ("dkim", "dane", "srv", "dnsbl", "propagation", "lint")},
    }
