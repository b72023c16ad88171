# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS (RFC 8461) and TLS reports (RFC 8460)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

MTA_STS_RECORD_INVALID = FindingKind(
    "mta_sts_record_invalid",
    Severity.ERROR,
    "The MTA-STS record is invalid",
    why="Senders see no MTA-STS for this domain.",
    fix="Begin it with v=STSv1; and give it an id of letters and digits.",
    reference="RFC 8461 section 3.1",
)
MTA_STS_MULTIPLE_RECORDS = FindingKind(
    "mta_sts_multiple_records",
    Severity.ERROR,
    "The domain has more than one MTA-STS record",
    why="Senders have to assume that there is no policy.",
    fix="Keep one record.",
    reference="RFC 8461 section 3.1",
)
MTA_STS_POLICY_UNREACHABLE = FindingKind(
    "mta_sts_policy_unreachable",
    Severity.ERROR,
    "The MTA-STS policy cannot be fetched",
    why="For new senders the policy does not exist.",
    fix="Serve the file at the address in the text. Check DNS, the web server and its certificate.",
    reference="RFC 8461 section 3.3",
)
MTA_STS_REDIRECTED = FindingKind(
    "mta_sts_redirected",
    Severity.ERROR,
    "The MTA-STS policy is redirected",
    why="Senders do not follow redirects.",
    fix="Serve the file at the place itself.",
    reference="RFC 8461 section 3.3",
)
MTA_STS_CERTIFICATE_INVALID = FindingKind(
    "mta_sts_certificate_invalid",
    Severity.ERROR,
    "The certificate of the MTA-STS web server is not valid",
    why="Senders ignore the policy.",
    fix="Get a certificate for the name mta-sts of the domain, and renew it in time.",
    reference="RFC 8461 section 3.3",
)
MTA_STS_MEDIA_TYPE = FindingKind(
    "mta_sts_media_type",
    Severity.WARNING,
    "The MTA-STS policy has the wrong media type",
    why="Senders should refuse it.",
    fix="Have the web server send text/plain.",
    reference="RFC 8461 sections 3.2 and 3.3",
)
MTA_STS_POLICY_INVALID = FindingKind(
    "mta_sts_policy_invalid",
    Severity.ERROR,
    "The MTA-STS policy is invalid",
    why="Senders ignore the policy.",
    fix="Correct the line in the text.",
    reference="RFC 8461 section 3.2",
)
MTA_STS_POLICY_TOO_LARGE = FindingKind(
    "mta_sts_policy_too_large",
    Severity.ERROR,
    "The MTA-STS policy is too large",
    why="Senders stop reading and have no policy.",
    fix="Shorten it. A wildcard can take the place of many exchanges.",
    reference="RFC 8461 section 3.3",
)
MTA_STS_BARE_LF = FindingKind(
    "mta_sts_bare_lf",
    Severity.NOTICE,
    "Lines of the MTA-STS policy end in LF",
    why="A few checkers complain. No sender does.",
    fix="There is nothing to do.",
    reference="RFC 8461 section 3.2",
)
MTA_STS_MODE_TESTING = FindingKind(
    "mta_sts_mode_testing",
    Severity.NOTICE,
    "MTA-STS is in test mode",
    why="Senders report failures and deliver all the same.",
    fix="Change the mode to enforce when the reports are clean.",
    reference="RFC 8461 section 5",
)
MTA_STS_MODE_NONE = FindingKind(
    "mta_sts_mode_none",
    Severity.NOTICE,
    "MTA-STS is about to be removed",
    why="Senders no longer protect mail to this domain by it.",
    fix="Remove the TXT record when max_age has passed.",
    reference="RFC 8461 section 8.3",
)
MTA_STS_MAX_AGE_LOW = FindingKind(
    "mta_sts_max_age_low",
    Severity.WARNING,
    "Senders forget the MTA-STS policy too soon",
    why="An attacker has to block the fetch for a short time only.",
    fix="Set max_age to some weeks.",
    reference="RFC 8461 sections 3.2 and 10.2",
)
MTA_STS_MAX_AGE_INVALID = FindingKind(
    "mta_sts_max_age_invalid",
    Severity.ERROR,
    "The max_age of the MTA-STS policy is invalid",
    why="Senders ignore the policy.",
    fix="Set max_age to a number of at most 31557600.",
    reference="RFC 8461 section 3.2",
)
MTA_STS_EXCHANGE_NOT_LISTED = FindingKind(
    "mta_sts_exchange_not_listed",
    Severity.ERROR,
    "The MTA-STS policy does not list an exchange",
    why="Senders refuse to deliver to it.",
    fix="Add the exchange to the policy. Then change the id in the TXT record.",
    reference="RFC 8461 section 4.1",
)
MTA_STS_EXCHANGE_CERTIFICATE_INVALID = FindingKind(
    "mta_sts_exchange_certificate_invalid",
    Severity.ERROR,
    "The certificate of an exchange does not meet MTA-STS",
    why="Senders that obey the policy refuse to deliver.",
    fix="Install a certificate for the exchange's name from a public authority.",
    reference="RFC 8461 section 4.2",
)
MTA_STS_PATTERN_UNUSED = FindingKind(
    "mta_sts_pattern_unused",
    Severity.NOTICE,
    "A pattern of the MTA-STS policy matches no exchange",
    why="It is left over, or an exchange is missing in DNS.",
    fix="Remove it if it is left over.",
    reference="RFC 8461 section 3.2",
)
MTA_STS_POLICY_WITHOUT_RECORD = FindingKind(
    "mta_sts_policy_without_record",
    Severity.WARNING,
    "There is an MTA-STS policy and no record",
    why="Senders do not look for a policy without the record.",
    fix="Publish the TXT record at _mta-sts.",
    reference="RFC 8461 section 3.1",
)
MTA_STS_WITHOUT_TLSRPT = FindingKind(
    "mta_sts_without_tlsrpt",
    Severity.NOTICE,
    "Failures of TLS are not reported",
    why="Nobody tells you when senders fail.",
    fix="Publish a TLSRPT record.",
    reference="RFC 8460 section 1",
)
TLSRPT_RECORD_INVALID = FindingKind(
    "tlsrpt_record_invalid",
    Severity.ERROR,
    "The TLSRPT record is invalid",
    why="Senders ignore it and send no reports.",
    fix="Begin it with v=TLSRPTv1; and add rua.",
    reference="RFC 8460 section 3",
)
TLSRPT_MULTIPLE_RECORDS = FindingKind(
    "tlsrpt_multiple_records",
    Severity.ERROR,
    "The domain has more than one TLSRPT record",
    why="Senders have to assume that there is none.",
    fix="Keep one record.",
    reference="RFC 8460 section 3",
)
TLSRPT_RUA_INVALID = FindingKind(
    "tlsrpt_rua_invalid",
    Severity.ERROR,
    "A report address of TLSRPT is invalid",
    why="Reports to this address do not arrive.",
    fix="Write a mailto: or https: address.",
    reference="RFC 8460 section 3",
)
