# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where documents are asked for, and where redirects may lead."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import (
    MOST_REDIRECTS,
    DocumentRequest,
    RefusedPlace,
    WebPlace,
    autoconfig_requests,
    autodiscover_requests,
    mta_sts_request,
    redirected,
    web_place,
)
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from hypothesis import given
from hypothesis import strategies as st

FOLLOWED = DocumentRequest("https://a.example/x", most_redirects=MOST_REDIRECTS)
HERE = WebPlace("https", "a.example", 443, "/x")


def urls(requests: tuple[DocumentRequest, ...]) -> list[str]:
    return [one.url for one in requests]


def test_a_policy_has_one_place_and_no_redirect() -> None:
    request = mta_sts_request("example.org")
    assert (request.url, request.most_redirects) == ("https://mta-sts.example.org/.well-known/mta-sts.txt", 0)


def test_the_places_of_autoconfig_are_those_of_the_draft_and_two_older_ones() -> None:
    requests = autoconfig_requests("example.org", "o'brien+x@example.org", "mx.in.host.example", "host.example")
    assert urls(requests) == [
        "https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=o%27brien%2Bx@example.org",
        "https://example.org/.well-known/autoconfig/mail/config-v1.1.xml",
        "http://autoconfig.example.org/mail/config-v1.1.xml",
        "http://example.org/.well-known/autoconfig/mail/config-v1.1.xml",
        "http://autoconfig.example.org/.well-known/autoconfig/mail/config-v1.1.xml",
        "https://autoconfig.in.host.example/mail/config-v1.1.xml?emailaddress=o%27brien%2Bx@example.org",
        "https://in.host.example/.well-known/autoconfig/mail/config-v1.1.xml",
        "https://autoconfig.host.example/mail/config-v1.1.xml?emailaddress=o%27brien%2Bx@example.org",
        "https://host.example/.well-known/autoconfig/mail/config-v1.1.xml",
    ]
    assert {one.most_redirects for one in requests} == {5}


@pytest.mark.parametrize(
    ("exchange", "base", "more"),
    [
        (None, None, 0),
        ("mx.example.org", "example.org", 0),
        ("mail.example.net", None, 2),
        ("example.net", None, 0),  # "net" is nobody's host
        ("example.co.uk", "example.co.uk", 2),  # and not co.uk
        ("a.b.example.net", "example.net", 4),
    ],
)
def test_the_host_of_the_mail_is_asked_last_and_no_registry(exchange: str | None, base: str | None, more: int) -> None:
    added = urls(autoconfig_requests("example.org", "a@example.org", exchange, base))[5:]
    assert len(added) == more and not [url for url in added if "://co.uk" in url or "autoconfig.co.uk" in url]


def test_the_places_of_autodiscover() -> None:
    requests = autodiscover_requests("example.org", b"<a/>", ["auto.host.example", "auto.host.example"])
    path = "/autodiscover/autodiscover.xml"
    assert urls(requests) == [
        "https://example.org" + path, "https://autodiscover.example.org" + path, "http://autodiscover.example.org" + path,
        "https://auto.host.example" + path,
    ]  # fmt: skip
    assert [one.posted_when_redirected for one in requests] == [False, False, True, False]


def test_a_url_is_taken_apart() -> None:
    assert web_place("HTTPS://Mx.Example.ORG.:8443/a/b?c=d#e") == WebPlace("https", "mx.example.org", 8443, "/a/b?c=d")
    assert str(web_place("http://[2001:DB8::1]:80")) == "http://[2001:db8::1]/"


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "ftp://example.org/", "file:///etc/passwd", "gopher://a.example/", "https://", "https:///x",
        "https://u:p@a.example/",
        "https://a.example:0/", "https://a.example:99999/", "https://a.example:x/", "https://a b/", "https://a.example/\r\nX: y", "https://[::1/",
        "https://\u0430.example/", "https://a.example\\@b.example/", "https://127.1/", "https://2130706433/",
        "https://a.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_place_of_the_web(url: str) -> None:
    with pytest.raises(RefusedPlace):
        web_place(url)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/y", "https://a.example/y"),
        ("y?z", "https://a.example/y?z"),
        ("//b.example/", "https://b.example/"),
        ("https://b.example:8443", "https://b.example:8443/"),
    ],
)
def test_a_redirect_is_followed(location: str, target: str) -> None:
    assert str(redirected(FOLLOWED, [HERE], location)) == target


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://a.example/x", "without TLS"),
        ("/x", "back to"),
        ("file:///etc/passwd", "not of http"),
        ("https://u@b.example/", "names a user"),
        ("https://b.example:25/", "another service"),
        ("https://[b/", "no URL"),
        ("", "back to"),
    ],
)
def test_a_redirect_is_not_followed(location: str, reason: str) -> None:
    with pytest.raises(RefusedPlace, match=reason):
        redirected(FOLLOWED, [HERE], location)


def test_http_may_become_https() -> None:
    assert redirected(FOLLOWED, [web_place("http://a.example/x")], "https://a.example/x").https


def test_the_policy_is_not_redirected_at_all() -> None:
    with pytest.raises(RefusedPlace, match="none is allowed"):
        redirected(mta_sts_request("a.example"), [HERE], "/y")


def test_there_are_five_redirects_at_most() -> None:
    visited = [HERE]
    for number in range(5):
        visited.append(redirected(FOLLOWED, visited, f"/{number}"))
    with pytest.raises(RefusedPlace, match="more than 5"):
        redirected(FOLLOWED, visited, "/more")


@given(st.one_of(st.text(), st.from_regex(r"[a-z]{0,6}:?/{0,3}[\[\]@:.a-z0-9%?#\\ ]*")))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    for read in (web_place, lambda one: redirected(FOLLOWED, [HERE], one)):
        try:
            place = read(text)
        except RefusedPlace as error:
            assert str(error) == clean(str(error))
        else:
            assert web_place(str(place)) == place and str(place).isascii() and " " not in str(place)
