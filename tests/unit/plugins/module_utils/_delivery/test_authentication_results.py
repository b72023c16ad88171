# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication-Results: the examples of RFC 8601, what big receivers write, and what is none."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.authentication_results import MOST_RESULTS, read_results
from hypothesis import given
from hypothesis import strategies as st


def test_several_results_with_properties_and_comments() -> None:
    """RFC 8601 appendix B.5 and B.6."""
    first, second = read_results(
        'example.com 1; auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf / 1 = pass smtp.mailfrom = example.net (a; "b")'
    )
    assert (first.authserv_id, first.method, first.result) == ("example.com", "auth", "pass")
    assert first.properties == {"smtp.auth": "sender@example.net"}
    assert (second.method, second.result, second.properties) == ("spf", "pass", {"smtp.mailfrom": "example.net"})


def test_dkim_with_signature_and_reason() -> None:
    (one,) = read_results('mx.example.org; dkim=fail reason="bad \\"hash\\"; x" header.d=example.com header.s=sel header.b=ab+/c==')
    assert one.as_facts() == {
        "authserv_id": "mx.example.org", "method": "dkim", "result": "fail",
        "properties": {"reason": 'bad "hash"; x', "header.d": "example.com", "header.s": "sel", "header.b": "ab+/c=="},
    }  # fmt: skip


@pytest.mark.parametrize(
    "field",
    ["", ";", "example.org; none", "example.org", "example.org; =pass", "x; dkim", "x; dkim=", "(comment)", '""; dkim=pass'],
)
def test_no_conclusion(field: str) -> None:
    assert read_results(field) == ()


def test_the_number_of_results_is_bounded() -> None:
    assert len(read_results("a" + "; spf=pass" * 500)) == MOST_RESULTS


@given(st.text(alphabet=st.sampled_from('ab;="\\()./ \n-'), max_size=200) | st.text(max_size=100))
def test_no_text_breaks_it(field: str) -> None:
    for one in read_results(field):
        assert one.authserv_id.isprintable() and all(value.isprintable() for value in one.properties.values())
