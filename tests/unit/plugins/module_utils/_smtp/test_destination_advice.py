# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people write in place of a destination, and what they are told to write."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import read_destination
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination_advice import advice
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://example.org", "is a URL: write example.org in place of it"),
        ("HTTP://example.org:8080/path?x#y", "is a URL: write example.org in place of it"),
        ("https://user:word@example.org/", "is a URL: write example.org in place of it"),
        ("https://[2001:db8::1]/", "is a URL: write [2001:db8::1] in place of it"),
        ("smtp://mx.example.org:25", "is a URL: write [mx.example.org]:25 in place of it"),
        ("smtp://mx.example.org", "is a URL: write [mx.example.org] in place of it"),
        ("smtps://mx.example.org", "is a URL: write [mx.example.org]:465 in place of it with tls_mode: implicit"),
        ("submissions://mx.example.org:4465", "is a URL: write [mx.example.org]:4465 in place of it with tls_mode: implicit"),
        ("smtp://[192.0.2.1]:25", "is a URL: write [192.0.2.1]:25 in place of it"),
        ("smtp://", "is a URL: write a domain, as example.org, or a host in brackets, as [mx.example.org]:25 in place of it"),
        ("smtp://a b/", "is a URL: write a domain, as example.org, or a host in brackets, as [mx.example.org]:25 in place of it"),
        ("mailto:user@example.org", "is a mailto: URL: write example.org in place of it"),
        ("MailTo:user@example.org?subject=a@b", "is a mailto: URL: write example.org in place of it"),
        ("mailto:", "is a mailto: URL: write the domain behind the @ in place of it"),
        ("user@example.org", "is a mail address: write example.org in place of it"),
        ("A User <user@example.org>", "is a mail address: write example.org in place of it"),
        ("user@[192.0.2.1]", "is a mail address: write 192.0.2.1 in place of it"),
        ("user@", "is a mail address: write the domain behind the @ in place of it"),
        ("example.org.", "ends with a dot: write example.org in place of it"),
        ("example.org.:587", "ends with a dot: write example.org:587 in place of it"),
        ("[mx.example.org.]:25", "ends with a dot: write [mx.example.org]:25 in place of it"),
        (" example.org\t", "has white space in it: write example.org in place of it"),
        ("\ufeffexample.org\r\n", "has white space in it: write example.org in place of it"),
        ("example.org example.net", "has white space in it: write one destination without any in place of it"),
        ("example.org,example.net", "is more than one: make each of them an item of the list"),
        ("example.org/mail", "has a path: write example.org in place of it"),
        ("::1", "is an IPv6 address: write [::1] in place of it"),
        ("", "is empty: write a domain, as example.org, or a host in brackets, as [mx.example.org]:25"),
        (" \n", "is empty: write a domain, as example.org, or a host in brackets, as [mx.example.org]:25"),
        ("mail..example", None),
        ("-a.example", None),
        ("5", None),
        (".", None),
    ],
)
def test_advice(text: str, told: str | None) -> None:
    assert advice(text) == told


def parameters(*destinations: str, **given: Any) -> dict[str, Any]:
    params = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    return {**params, "destinations": list(destinations), **given}


@pytest.mark.parametrize("text", ["https://example.org", "mailto:user@example.org", "mailto:", "example.org.", "", "::1", "5"])
def test_a_single_one_is_one_sentence_with_option_and_value(text: str) -> None:
    with pytest.raises(OptionError) as caught:
        smtp_options(parameters(text))
    assert (caught.value.option, caught.value.value) == ("destinations", text)
    assert caught.value.reason == (advice(text) or "is neither a host name nor a network address")


def test_a_long_one_is_not_shown_whole() -> None:
    with pytest.raises(OptionError) as caught:
        smtp_options(parameters("https://" + "x" * 10_000))
    assert len(str(caught.value)) < 300


def test_what_is_advised_is_a_destination() -> None:
    for text in ("smtp://mx.example.org:25", "https://[2001:db8::1]/", "user@example.org", "[mx.example.org.]:25", "::1", "a.test/x"):
        told = advice(text)
        assert told is not None
        found = read_destination(told.split("write ")[1].split(" in place")[0], Protocol.SMTP)
        assert isinstance(found, Destination)
        assert found.nexthop


@given(st.text(alphabet=st.sampled_from("ab.:/@[]<>?#\\, \n\u00e4\u0301\ud800-%"), max_size=40))
def test_anything_is_told_in_one_clean_sentence(text: str) -> None:
    told = advice(text)
    assert told is None or (told.isprintable() and len(told) < 250)
