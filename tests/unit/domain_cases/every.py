# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All cases of findings on domains."""

from __future__ import annotations

from ansible_collections.mailops.tls.tests.unit.domain_cases.connected import CONNECTED_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.dkim import DKIM_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.dmarc import DMARC_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.mail_dns import MAIL_DNS_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.mta_sts import MTA_STS_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.setup import SETUP_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.spf import SPF_CASES

CASES = (*SPF_CASES, *DKIM_CASES, *DMARC_CASES, *MTA_STS_CASES, *SETUP_CASES, *MAIL_DNS_CASES, *CONNECTED_CASES)
