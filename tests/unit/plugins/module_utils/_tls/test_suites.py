# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of cipher suites against those that OpenSSL itself has."""

from __future__ import annotations

import ssl

from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import SUITES, suite_name


def test_names_are_those_of_openssl_for_all_that_a_mail_server_could_choose() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:!PSK:!SRP:@SECLEVEL=0")
    known = {cipher["id"] & 0xFFFF: cipher["name"] for cipher in context.get_ciphers()}
    assert len(known) > 50
    assert known.items() <= SUITES.items()


def test_an_unknown_suite_is_told_by_its_number() -> None:
    assert (suite_name(0x1301), suite_name(0xFEFE)) == ("TLS_AES_128_GCM_SHA256", "0xfefe")
    assert len(set(SUITES.values())) == len(SUITES)
