# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of each finding on DMARC and BIMI a case that has it and a near one that has not."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dmarc
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import FindingCase, lines

RUA = "rua=mailto:r@example.com"
GOOD = f"v=DMARC1; p=reject; {RUA}"
_ELSEWHERE = "_dmarc TXT v=DMARC1; p=reject; rua=mailto:r@reports.net"
_MAIL = "reports.net. MX 10 mx.reports.net"
_CONSENT = "example.com._report._dmarc.reports.net. TXT v=DMARC1"
_LOGO = "default._bimi TXT v=BIMI1; l=https://example.com/logo.svg"


def _case(kind: FindingKind, wrong: str, right: str = GOOD) -> FindingCase:
    return FindingCase(kind, lines(f"_dmarc TXT {wrong}"), lines(f"_dmarc TXT {right}"))


DMARC_CASES = (
    _case(dmarc.DMARC_MISSING, "-"),
    FindingCase(
        dmarc.DMARC_MULTIPLE_RECORDS,
        lines(f"_dmarc TXT {GOOD}", "_dmarc TXT v=DMARC1; p=none"),
        lines(f"_dmarc TXT {GOOD}", "_dmarc TXT v=spf1 -all"),
    ),
    _case(dmarc.DMARC_VERSION_INVALID, GOOD.replace("DMARC1", "dmarc1")),
    _case(dmarc.DMARC_SYNTAX_ERROR, GOOD.replace("reject; ", "reject ")),
    _case(dmarc.DMARC_DUPLICATE_TAG, f"{GOOD}; p=reject", f"{GOOD}; sp=reject"),
    _case(dmarc.DMARC_STRAY_BACKSLASH, GOOD.replace(";", "\\;")),
    _case(dmarc.DMARC_POLICY_MISSING, f"v=DMARC1; {RUA}"),
    _case(dmarc.DMARC_POLICY_INVALID, f"v=DMARC1; p=block; {RUA}"),
    _case(dmarc.DMARC_POLICY_NONE, f"v=DMARC1; p=none; {RUA}", f"v=DMARC1; p=quarantine; {RUA}"),
    _case(dmarc.DMARC_TESTING, f"{GOOD}; t=y", f"{GOOD}; t=n"),
    _case(dmarc.DMARC_SUBDOMAIN_POLICY_WEAKER, f"{GOOD}; sp=none", f"{GOOD}; sp=reject"),
    _case(dmarc.DMARC_REMOVED_TAG, f"{GOOD}; ri=3600", f"{GOOD}; np=reject"),
    _case(dmarc.DMARC_PCT_PARTIAL, f"{GOOD}; pct=50", f"{GOOD}; pct=100"),
    _case(dmarc.DMARC_UNKNOWN_TAG, f"{GOOD}; policy=reject", f"{GOOD}; psd=n"),
    _case(dmarc.DMARC_NO_REPORTS, "v=DMARC1; p=reject"),
    _case(dmarc.DMARC_REPORT_URI_INVALID, "v=DMARC1; p=reject; rua=r@example.com"),
    _case(dmarc.DMARC_REPORT_URI_NOT_MAILTO, "v=DMARC1; p=reject; rua=https://example.com/r"),
    _case(dmarc.DMARC_REPORT_SIZE_LIMIT, f"{GOOD}!10m"),
    FindingCase(dmarc.DMARC_REPORT_NOT_AUTHORISED, lines(_ELSEWHERE, _MAIL), lines(_ELSEWHERE, _MAIL, _CONSENT)),
    FindingCase(dmarc.DMARC_REPORT_DOMAIN_NO_MAIL, lines(_ELSEWHERE, _CONSENT, "reports.net. MX 0 ."), lines(_ELSEWHERE, _CONSENT, _MAIL)),
    _case(dmarc.DMARC_FO_WITHOUT_RUF, f"{GOOD}; fo=1", f"{GOOD}; fo=1; ruf=mailto:r@example.com"),
    FindingCase(dmarc.DMARC_RECORD_IN_WRONG_PLACE, lines("_dmarc TXT -", f"@ TXT {GOOD}"), lines(f"_dmarc TXT {GOOD}", f"@ TXT {GOOD}")),
    FindingCase(
        dmarc.DMARC_UNRELATED_RECORD, lines(f"_dmarc TXT {GOOD}", "_dmarc TXT site=1"), lines(f"_dmarc TXT {GOOD}", "@ TXT site=1")
    ),
    FindingCase(
        dmarc.DMARC_ORG_DOMAIN_DIFFERS,
        replace(lines("_dmarc.com. TXT v=DMARC1; p=none; psd=n"), suffixes="com\n"),
        replace(lines("_dmarc.com. TXT v=DMARC1; p=none; psd=y"), suffixes="com\n"),
    ),
    FindingCase(dmarc.BIMI_RECORD_INVALID, lines(_LOGO.replace("https:", "http:")), lines(_LOGO)),
    FindingCase(dmarc.BIMI_WITHOUT_ENFORCEMENT, lines(_LOGO, f"_dmarc TXT v=DMARC1; p=none; {RUA}"), lines(_LOGO, f"_dmarc TXT {GOOD}")),
)
