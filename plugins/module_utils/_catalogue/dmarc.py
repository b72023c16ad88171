# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DMARC records and reports (RFC 9989, RFC 9990), and BIMI, which stands on them."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

DMARC_MISSING = FindingKind(
    "dmarc_missing",
    Severity.WARNING,
    "The domain has no DMARC record",
    why="The visible sender can be forged without consequence or report.",
    fix="Publish p=none with a report address in rua. Tighten it when the reports are good.",
    reference="RFC 9989 section 4.10",
)
DMARC_MULTIPLE_RECORDS = FindingKind(
    "dmarc_multiple_records",
    Severity.ERROR,
    "The domain has more than one DMARC record",
    why="Receivers discard all of them.",
    fix="Keep one record.",
    reference="RFC 9989 section 4.10",
)
DMARC_VERSION_INVALID = FindingKind(
    "dmarc_version_invalid",
    Severity.ERROR,
    "The DMARC record does not begin with its version",
    why="Receivers ignore the record.",
    fix="Begin the record with v=DMARC1.",
    reference="RFC 9989 sections 4.7 and 4.8",
)
DMARC_SYNTAX_ERROR = FindingKind(
    "dmarc_syntax_error",
    Severity.ERROR,
    "The DMARC record is malformed",
    why="The tag is lost. If it was p, the policy is none.",
    fix="Write tag=value and separate the tags by semicolons.",
    reference="RFC 9989 section 4.8",
)
DMARC_DUPLICATE_TAG = FindingKind(
    "dmarc_duplicate_tag",
    Severity.ERROR,
    "A tag stands twice in the DMARC record",
    why="Some receivers discard the record, others pick one.",
    fix="Keep one of the two.",
    reference="RFC 9989 section 4.8, RFC 6376 section 3.2",
)
DMARC_STRAY_BACKSLASH = FindingKind(
    "dmarc_stray_backslash",
    Severity.ERROR,
    "The DMARC record has backslashes or quotes in its text",
    why="Receivers do not recognise the version or the tags.",
    fix="Enter the text without escapes.",
    reference="RFC 9989 section 4.8",
)
DMARC_POLICY_MISSING = FindingKind(
    "dmarc_policy_missing",
    Severity.WARNING,
    "The DMARC record has no policy",
    why="Newer receivers take it for none. Older ones ignore the record.",
    fix="Add p= with none, quarantine or reject.",
    reference="RFC 9989 section 4.7",
)
DMARC_POLICY_INVALID = FindingKind(
    "dmarc_policy_invalid",
    Severity.ERROR,
    "A policy of the DMARC record does not exist",
    why="Receivers treat it as none, or ignore the record.",
    fix="Write none, quarantine or reject.",
    reference="RFC 9989 section 4.7",
)
DMARC_POLICY_NONE = FindingKind(
    "dmarc_policy_none",
    Severity.WARNING,
    "DMARC only watches",
    why="Forged mail is delivered as before.",
    fix="Read the reports. When they are good, change to quarantine and then to reject.",
    reference="RFC 9989 sections 4.7 and 5.1",
)
DMARC_TESTING = FindingKind(
    "dmarc_testing",
    Severity.WARNING,
    "DMARC is in test mode",
    why="Receivers apply a milder policy than the record says. Tests are easily forgotten.",
    fix="Remove t=y when the test is over.",
    reference="RFC 9989 section 4.7",
)
DMARC_SUBDOMAIN_POLICY_WEAKER = FindingKind(
    "dmarc_subdomain_policy_weaker",
    Severity.WARNING,
    "Subdomains have a weaker policy than the domain",
    why="Forgers use a subdomain.",
    fix="Remove sp or np, or make it as strict as p.",
    reference="RFC 9989 section 4.7",
)
DMARC_REMOVED_TAG = FindingKind(
    "dmarc_removed_tag",
    Severity.NOTICE,
    "The DMARC record has a tag that was removed",
    why="Receivers no longer read it.",
    fix="Remove it. To test a policy, use t=y.",
    reference="RFC 9989 appendices A.6 and C.5.2",
)
DMARC_PCT_PARTIAL = FindingKind(
    "dmarc_pct_partial",
    Severity.WARNING,
    "DMARC is applied to a part of the mail",
    why="Older receivers apply the policy to that part, newer ones to all.",
    fix="Remove pct.",
    reference="RFC 7489 section 6.3, RFC 9989 appendix A.6",
)
DMARC_UNKNOWN_TAG = FindingKind(
    "dmarc_unknown_tag",
    Severity.NOTICE,
    "The DMARC record has an unknown tag",
    why="Receivers ignore it. Mostly it is a typing mistake.",
    fix="Correct or remove it.",
    reference="RFC 9989 section 4.8",
)
DMARC_NO_REPORTS = FindingKind(
    "dmarc_no_reports",
    Severity.NOTICE,
    "DMARC reports go nowhere",
    why="Nobody sees who sends mail in the name of the domain.",
    fix="Add rua with a report address.",
    reference="RFC 9989 section 4.7",
)
DMARC_REPORT_URI_INVALID = FindingKind(
    "dmarc_report_uri_invalid",
    Severity.ERROR,
    "A report address of DMARC is invalid",
    why="No reports arrive.",
    fix="Write mailto: in front of the address. Encode commas and exclamation marks.",
    reference="RFC 9989 section 4.7, RFC 3986",
)
DMARC_REPORT_URI_NOT_MAILTO = FindingKind(
    "dmarc_report_uri_not_mailto",
    Severity.NOTICE,
    "A report address of DMARC is no mail address",
    why="Reporters have to support mailto only.",
    fix="Add a mailto address.",
    reference="RFC 9989 section 4.7",
)
DMARC_REPORT_SIZE_LIMIT = FindingKind(
    "dmarc_report_size_limit",
    Severity.NOTICE,
    "A report address of DMARC has a size limit",
    why="Size limits are obsolete, and reporters ignore them.",
    fix="Remove the exclamation mark and the size.",
    reference="RFC 9989 section 4.8 and appendix C.4",
)
DMARC_REPORT_NOT_AUTHORISED = FindingKind(
    "dmarc_report_not_authorised",
    Severity.WARNING,
    "A foreign report address has not agreed",
    why="Reporters leave that address out.",
    fix="Ask its owner to publish the record that allows it.",
    reference="RFC 9990 section 4",
)
DMARC_REPORT_DOMAIN_NO_MAIL = FindingKind(
    "dmarc_report_domain_no_mail",
    Severity.WARNING,
    "The domain of a report address takes no mail",
    why="The reports bounce.",
    fix="Use another report address.",
    reference="RFC 9989 section 4.7, RFC 7505",
)
DMARC_FO_WITHOUT_RUF = FindingKind(
    "dmarc_fo_without_ruf",
    Severity.NOTICE,
    "The DMARC record has fo without ruf",
    why="Reporters ignore fo then.",
    fix="Remove fo.",
    reference="RFC 9989 section 4.7",
)
DMARC_RECORD_IN_WRONG_PLACE = FindingKind(
    "dmarc_record_in_wrong_place",
    Severity.ERROR,
    "The DMARC record is at the wrong name",
    why="Receivers look at _dmarc only and do not find it.",
    fix="Move the record to _dmarc.",
    reference="RFC 9989 section 4.5",
)
DMARC_UNRELATED_RECORD = FindingKind(
    "dmarc_unrelated_record",
    Severity.NOTICE,
    "Other records stand beside the DMARC record",
    why="Good receivers skip them. Others may be confused.",
    fix="Narrow the wildcard that makes them, or remove them.",
    reference="RFC 9989 section 4.10",
)
DMARC_ORG_DOMAIN_DIFFERS = FindingKind(
    "dmarc_org_domain_differs",
    Severity.WARNING,
    "Old and new receivers find different organisational domains",
    why="They find different policies and align names differently.",
    fix="Publish psd=n at the organisational domain.",
    reference="RFC 9989 section 4.10.2, RFC 7489 section 3.2",
)
BIMI_RECORD_INVALID = FindingKind(
    "bimi_record_invalid",
    Severity.WARNING,
    "The BIMI record cannot be used",
    why="No receiver shows the logo.",
    fix='Publish one record, as in "v=BIMI1; l=https://example.org/logo.svg".',
    reference="draft-brand-indicators-for-message-identification section 4",
)
BIMI_WITHOUT_ENFORCEMENT = FindingKind(
    "bimi_without_enforcement",
    Severity.NOTICE,
    "BIMI needs an enforced DMARC policy",
    why="No receiver shows the logo.",
    fix="Enforce DMARC with quarantine or reject.",
    reference="draft-brand-indicators-for-message-identification section 7",
)
