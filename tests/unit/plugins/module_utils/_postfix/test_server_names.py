# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that certificates are made for."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.server_names import server_names
from hypothesis import given
from hypothesis import strategies as st

FILES = {"/etc/mailname": b"mx.example.org\n", "/utf8": "bücher.example".encode(), "/binary": b"\xff\xfe", "/empty": b"\n"}


def read(path: str) -> bytes:
    if path not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return FILES[path]


def named(*names: str, myhostname: str = "host.example.org") -> tuple[str, ...]:
    return server_names(names, lambda: myhostname, read)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("mx.example.org",), ("mx.example.org",)),
        (("MX.Example.org", "b.example.org", "mx.example.ORG"), ("MX.Example.org", "b.example.org")),
        (("mx.example.org.", "mx.example.org"), ("mx.example.org",)),
        (("*.example.org", "example.org"), ("*.example.org", "example.org")),
        (("localhost",), ("localhost",)),
        (("_25.example.org",), ("_25.example.org",)),
        (("/etc/mailname", "b.example.org"), ("mx.example.org", "b.example.org")),
        ((), ("host.example.org",)),
    ],
)
def test_names(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert named(*names) == expected


def test_names_that_are_not_ascii() -> None:
    pytest.importorskip("idna")
    assert named("bücher.example", "*.bücher.example") == ("xn--bcher-kva.example", "*.xn--bcher-kva.example")
    assert named("/utf8") == ("xn--bcher-kva.example",)


def test_myhostname_may_be_a_file_and_is_asked_only_when_needed() -> None:
    assert named(myhostname="/etc/mailname") == ("mx.example.org",)

    def never() -> str:
        raise AssertionError("asked")

    assert server_names(["a.example"], never, read) == ("a.example",)


@pytest.mark.parametrize(
    "name",
    ["", ".", "a b", "192.0.2.1", "2001:db8::1", "*", "*.", "a.*.example", "*a.example", "-a.example", "a..b", "a" * 64 + ".example",
     ".example.org", "mx.example.org..", "a/b", "a\nb.example", "a\0b.example", "12345", "/missing", "/binary", "/empty",
     "*.192.0.2.1", "DNS:mx.example.org", "mx.example.org, DNS:evil.example", ".".join(["a" * 60] * 5)],
)  # fmt: skip
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(OptionError) as raised:
        named("mx.example.org", name)
    assert raised.value.option == "names"


@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_whatever_is_given_comes_out_as_host_names_or_not_at_all(names: list[str]) -> None:
    try:
        found = named(*names)
    except OptionError as error:
        assert error.option == "names"
        return
    assert found
    assert len({name.lower() for name in found}) == len(found)
    for name in found:
        assert name.isascii() and is_hostname(name[2:] if name.startswith("*.") else name)
    assert named(*found) == found
