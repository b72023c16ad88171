# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a result of `mail_domain_info`, as far as a report, a summary or an expectation looks into it."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._results.shape import Maybe, Shape

_NOTHING = type(None)
_TEXT, _TEXT_OR_NULL = (str,), (str, _NOTHING)
_NUMBER_OR_NULL, _FLAG, _FLAG_OR_NULL = (int, _NOTHING), (bool,), (bool, _NOTHING)
_ERROR = Maybe({"kind": _TEXT, "phase": _TEXT, "text": _TEXT})
_RECORD = Maybe({"status": _TEXT, "record": _TEXT_OR_NULL, "error": _ERROR})
_PROBE = Maybe({"status": _TEXT})
_DOCUMENT = Maybe({
    "status": _TEXT,
    "source": _TEXT_OR_NULL,
    "servers": [{"type": _TEXT, "host": _TEXT_OR_NULL, "port": _NUMBER_OR_NULL, "probe": _PROBE}],
})  # fmt: skip
_SENDER = Maybe({"outcome": _TEXT, "protection": _TEXT_OR_NULL, "fact": _TEXT})
DOMAIN_RESULT: Shape = {
    "domain": _TEXT,
    "error": _ERROR,
    "worst": _TEXT,
    "role": _TEXT,
    "zone": Maybe({
        "secure": _FLAG_OR_NULL, "apex": _TEXT_OR_NULL, "agreed": _FLAG_OR_NULL, "soa": Maybe({"serial": (int,)}), "servers": [{}],
    }),
    "mx": Maybe({
        "null_mx": _FLAG,
        "exchanges": [{"preference": _NUMBER_OR_NULL, "exchange": _TEXT, "addresses": [{"address": _TEXT}], "expected_down": _FLAG}],
    }),
    "spf": Maybe({"status": _TEXT, "record": _TEXT_OR_NULL, "lookups": _NUMBER_OR_NULL, "error": _ERROR}),
    "dkim": [{"selector": _TEXT, "owner": _TEXT, "status": _TEXT, "record": _TEXT_OR_NULL, "key_type": _TEXT_OR_NULL,
              "key_bits": _NUMBER_OR_NULL, "differences": Maybe([_TEXT]), "error": _ERROR}],
    "dmarc": Maybe({
        "status": _TEXT, "location": _TEXT_OR_NULL, "applied_policy": _TEXT_OR_NULL, "testing": _FLAG_OR_NULL, "error": _ERROR,
    }),
    "mta_sts": Maybe({"status": _TEXT, "policy": {"mode": _TEXT_OR_NULL, "mx": [_TEXT]}, "error": _ERROR}),
    "tlsrpt": _RECORD,
    "dane": [{"exchange": _TEXT, "lookup": _TEXT, "records": [{}], "error": _TEXT_OR_NULL}],
    "caa": Maybe({"found_at": _TEXT_OR_NULL, "records": [{"tag": _TEXT, "value": _TEXT}], "error": _ERROR}),
    "srv": [{"service": _TEXT, "target": _TEXT_OR_NULL, "port": _NUMBER_OR_NULL, "not_offered": _FLAG, "probe": _PROBE, "error": _ERROR}],
    "autoconfig": _DOCUMENT,
    "autodiscover": _DOCUMENT,
    "bimi": _RECORD,
    "dnsbl": [{"subject": _TEXT, "zone": _TEXT, "status": _TEXT, "error": _ERROR}],
    "propagation": [{"nameserver": _TEXT, "agreed": _FLAG_OR_NULL, "differences": [{"owner": _TEXT, "type": _TEXT}], "errors": [_TEXT]}],
    "senders": Maybe({name: _SENDER for name in ("no_tls", "opportunistic", "mta_sts", "dane", "dane_and_mta_sts", "mandatory")}),
    "lint": [{"id": _TEXT, "severity": _TEXT, "subject": _TEXT, "text": _TEXT, "fix": _TEXT}],
}  # fmt: skip
"""One item of `results`."""
