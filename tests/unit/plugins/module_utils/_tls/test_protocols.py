# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protocol lists and cipher grades in Postfix's syntax."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import (
    CIPHER_GRADES,
    ProtocolRange,
    cipher_list,
    parse_protocols,
)
from hypothesis import given
from hypothesis import strategies as st

TLS10, TLS11, TLS12, TLS13 = 0x0301, 0x0302, 0x0303, 0x0304


@pytest.mark.parametrize(
    ("text", "minimum", "maximum", "excluded"),
    [
        (">=TLSv1", TLS10, None, set()),
        (">=TLSv1.2", TLS12, None, set()),
        (">=tlsV1.2 <=TLSV1.3", TLS12, TLS13, set()),
        (">=TLSv1.2,>=TLSv1.1", TLS11, None, set()),
        ("<=TLSv1.3:<=TLSv1.2", None, TLS12, set()),
        (">=", None, None, set()),
        (">=TLSv1.2 >=", None, None, set()),
        (">=none <=NONE", None, None, set()),
        (">=0303", TLS12, None, set()),
        ("<=0x0303", None, TLS12, set()),
        (">=SSLv3", 0x0300, None, set()),
        ("!SSLv2, !SSLv3", None, None, set()),
        ("!TLSv1 !TLSv1.1", None, None, {TLS10, TLS11}),
        ("TLSv1.2", None, None, {TLS10, TLS11, TLS13}),
        ("TLSv1.2\tTLSv1.3", None, None, {TLS10, TLS11}),
        ("TLSv1.2\r\n!TLSv1.3", None, None, {TLS10, TLS11, TLS13}),
        ("", None, None, set()),
        (" , : ", None, None, set()),
        ("!tlsv1.0", None, None, {TLS10}),
    ],
)
def test_lists(text: str, minimum: int | None, maximum: int | None, excluded: set[int]) -> None:
    assert parse_protocols(text) == ProtocolRange(minimum, maximum, frozenset(excluded))


@pytest.mark.parametrize(
    "text",
    [
        ">=1.2",
        ">=SSLv2",
        "<=SSLv2",
        ">=TLSv1.4",
        ">=0305",
        ">=99999",
        "TLSv1.4",
        "!",
        "!!TLSv1",
        "TLS",
        "=TLSv1.2",
        ">TLSv1.2",
        ">= TLSv1.2.1",
        "!TLSv1;!TLSv1.1",
        "!\u017fSLv3",
    ],
)
def test_words_that_are_no_protocol_name_the_option_and_the_list(text: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_protocols(text)
    assert (caught.value.option, caught.value.value) == ("tls_protocols", text)
    assert f"tls_protocols: {text!r}" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["!TLSv1 !TLSv1.1 !TLSv1.2 !TLSv1.3", ">=TLSv1.3 <=TLSv1.2", "<=SSLv3", "SSLv3", "TLSv1 >=TLSv1.1"]
)
def test_a_list_that_leaves_nothing_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="leaves no TLS protocol version"):
        parse_protocols(text, "other")


@given(st.text(max_size=30))
def test_any_text_is_a_range_or_an_option_error(text: str) -> None:
    try:
        protocols = parse_protocols(text)
    except OptionError as error:
        assert error.option == "tls_protocols"
    else:
        assert protocols.excluded < {TLS10, TLS11, TLS12, TLS13}


@pytest.mark.parametrize("grade", CIPHER_GRADES)
@pytest.mark.parametrize(("anonymous", "tail"), [(True, ":!eNULL:@SECLEVEL=0"), (False, ":!aNULL:@SECLEVEL=1")])
def test_grades_end_in_what_the_level_excludes(grade: str, anonymous: bool, tail: str) -> None:
    text = cipher_list(grade, None, allow_anonymous=anonymous, openssl_level=0 if anonymous else 1)
    assert text == CIPHER_GRADES[grade] + tail


def test_low_and_export_are_medium() -> None:
    assert CIPHER_GRADES["low"] == CIPHER_GRADES["export"] == CIPHER_GRADES["medium"] != CIPHER_GRADES["high"]


def test_a_list_of_the_user_takes_the_place_of_the_grade() -> None:
    text = cipher_list("high", "ECDHE+AESGCM:@SECLEVEL=2", allow_anonymous=False, openssl_level=1)
    assert text == "ECDHE+AESGCM:@SECLEVEL=2:!aNULL:@SECLEVEL=1"
