# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Received fields of the servers that postmasters meet, and fields that are none."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.received import MOST_HOPS, HopTls, hops, read_hop
from hypothesis import given
from hypothesis import strategies as st

POSTFIX = """from client.example.net (client.example.net [192.0.2.9])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
\t key-exchange X25519 server-signature ECDSA (P-256) server-digest SHA256)
\t(No client certificate requested)
\tby mail.example.org (Postfix) with ESMTPSA id 1CF5FC0AAE
\tfor <user@example.org>; Sun, 29 Nov 2026 02:00:00 +0100 (CET)"""
EXIM = """from [2001:db8::9] (helo=client.example.net)
\tby mail.example.org with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384
\t(Exim 4.96)
\t(envelope-from <a@example.net>)
\tid 1tGx5P-000abc-2K
\tfor user@example.org; Sun, 29 Nov 2026 01:00:00 +0000"""
SENDMAIL = """from client.example.net (client.example.net [192.0.2.9] (may be forged)) by mail.example.org (8.17.1/8.17.1)
 with ESMTPS id 5AT10 (version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO) for <user@example.org>;
 Sun, 29 Nov 2026 01:00:00 GMT"""
GMAIL = """from mail.example.net (mail.example.net. [192.0.2.9]) by mx.google.com with ESMTPS id af79cd13be357
 for <user@example.org> (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); Sat, 28 Nov 2026 17:00:00 -0800 (PST)"""
EXCHANGE = """from A.example.com (2603:10a6:20b:4::1) by B.example.com (2603:10a6:10:4::2) with Microsoft SMTP Server
 (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.8182.19; Sun, 29 Nov 2026 01:00:00 +0000"""
DOVECOT = """from mail.example.org ([127.0.0.1]) by mail.example.org with LMTP id yH5G (envelope-from <a@b>)
 for <user@example.org>; Sun, 29 Nov 2026 01:00:00 +0000"""
UNSTATED = HopTls(None, None, False)
MODERN = HopTls("TLSv1.3", "TLS_AES_256_GCM_SHA384", True)


@pytest.mark.parametrize(
    ("field", "source", "address", "by", "protocol", "identifier", "recipient", "tls"),
    [
        (POSTFIX, "client.example.net", "192.0.2.9", "mail.example.org", "ESMTPSA", "1CF5FC0AAE", "user@example.org", MODERN),
        (EXIM, "[2001:db8::9]", "2001:db8::9", "mail.example.org", "esmtps", "1tGx5P-000abc-2K", "user@example.org", MODERN),
        (SENDMAIL, "client.example.net", "192.0.2.9", "mail.example.org", "ESMTPS", "5AT10", "user@example.org",
         HopTls("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", True)),
        (GMAIL, "mail.example.net", "192.0.2.9", "mx.google.com", "ESMTPS", "af79cd13be357", "user@example.org", MODERN),
        (EXCHANGE, "A.example.com", "2603:10a6:20b:4::1", "B.example.com", "Microsoft SMTP Server", "15.20.8182.19", None,
         HopTls("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", True)),
        (DOVECOT, "mail.example.org", "127.0.0.1", "mail.example.org", "LMTP", "yH5G", "user@example.org", None),
    ],
)  # fmt: skip
def test_programs(
    field: str, source: str, address: str, by: str, protocol: str, identifier: str, recipient: str | None, tls: HopTls | None
) -> None:
    hop = read_hop(field)
    assert (hop.source, hop.source_address, hop.by, hop.protocol) == (source, address, by, protocol)
    assert (hop.identifier, hop.recipient, hop.tls) == (identifier, recipient, tls)
    assert hop.as_facts()["at"] == "2026-11-29T01:00:00Z"


@pytest.mark.parametrize(
    ("protocol", "tls"),
    [("ESMTPS", UNSTATED), ("LMTPSA", UNSTATED), ("UTF8SMTPS", UNSTATED), ("ESMTP", None), ("LMTP", None), ("SMTP", None)],
)
def test_the_keyword_alone_states_no_version(protocol: str, tls: HopTls | None) -> None:
    assert read_hop(f"from a by b with {protocol} id x; Sun, 29 Nov 2026 01:00:00 +0000").tls == tls


def test_hops_have_seconds_between_them() -> None:
    """The article's chain: two hops, 67 seconds apart, in different zones."""
    fields = ["by b; Sun, 29 Nov 2026 02:01:07 +0100", "by a; Sun, 29 Nov 2026 01:00:00 +0000", "by z; nonsense"]
    assert [hop.seconds for hop in hops(fields)] == [67.0, None, None]
    assert len(hops(["by a; x"] * (MOST_HOPS + 5))) == MOST_HOPS


@pytest.mark.parametrize(
    "field", ["", ";", "((((", "from", "by (x", "from by with id for; ;", "with ESMTPS" * 2000, "(" * 5000 + ")" * 5000]
)
def test_fields_that_are_none(field: str) -> None:
    assert read_hop(field).at is None


@given(st.text(alphabet=st.sampled_from('from by with id for ()[];"\\<>.:0aTLS=,\n'), max_size=200) | st.text(max_size=200))
def test_no_text_breaks_it(field: str) -> None:
    for value in read_hop(field).as_facts().values():
        assert not isinstance(value, str) or value.isprintable()
