# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TSIG keys of options and files; what is refused shows nothing of the secret."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.tsig_key import TsigKey, key_of_file, tsig_key
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from hypothesis import example, given
from hypothesis import strategies as st

SECRET = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0ISEhISE="
RAW = base64.b64decode(SECRET)

BIND = f"""
/* key "old" {{ algorithm hmac-md5; secret "b2xk"; }}; */
key "Tlsa-Update" {{  // made by tsig-keygen
\talgorithm hmac-sha512;
\tsecret "{SECRET}";  # the secret
}};
"""


def test_of_options() -> None:
    assert tsig_key("Tlsa-Update.Example.org.", SECRET, "HMAC-SHA384") == TsigKey("tlsa-update.example.org", "hmac-sha384", RAW)


NAMES = ("20260101", "mx1/tlsa", "_tlsa.0/25.example", r"a\.b.example", r"a\032b", "*.example", "7", "1.2.3.4")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_may_be_any_that_dns_has(name: str) -> None:
    expected = TsigKey(name, "hmac-sha256", RAW)
    assert tsig_key(name.upper() + ".", SECRET, "hmac-sha256") == expected
    for text in ('key "%s" { algorithm hmac-sha256; secret "%s"; };', "key %s { secret %s; };", "hmac-sha256:%s:%s\n", "%s:%s"):
        assert key_of_file(text % (name, SECRET), "/k") == expected
        assert key_of_file(text % (name, SECRET), "/k", name + ".") == expected


@pytest.mark.parametrize("name", ["", ".", "a..b", "a b", "a" * 64, "a\\"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match="key_name.*is not the name of a key"):
        tsig_key(name, SECRET, "hmac-sha256")


def test_the_secret_is_never_shown() -> None:
    assert "secret" not in repr(tsig_key("tlsa-update", SECRET, "hmac-sha256"))


@pytest.mark.parametrize(
    "text, algorithm",
    [
        (BIND, "hmac-sha512"),
        (f"key tlsa-update {{ secret {SECRET}; }};", "hmac-sha256"),
        (f"hmac-sha384:tlsa-update:{SECRET}\n", "hmac-sha384"),
        (f"tlsa-update.:{SECRET}", "hmac-sha256"),
        (f"# hmac-sha512:tlsa-update:{SECRET}\nkey:\n- id: tlsa-update\n  secret: {SECRET}\n", "hmac-sha512"),
    ],
)
def test_of_files(text: str, algorithm: str) -> None:
    assert key_of_file(text, "/k") == TsigKey("tlsa-update", algorithm, RAW)


@given(st.binary(min_size=1, max_size=64), st.sampled_from(["", "  # a comment", "  // another", "  /* and */"]))
@example(b"\xff\xff\xff", "")
def test_whatever_the_secret_it_is_read(secret: bytes, comment: str) -> None:
    """Base64 may have two slashes in a row, which are no comment between quotes."""
    text = base64.b64encode(secret).decode()
    expected = TsigKey("k", "hmac-sha256", secret)
    clause = f'key "k" {{{comment}\n\talgorithm hmac-sha256;\n\tsecret "{text}";{comment}\n}};\n'
    assert key_of_file(clause, "/k") == expected
    assert key_of_file(f"hmac-sha256:k:{text}\n", "/k") == expected


def test_one_of_several_keys() -> None:
    text = BIND + f'key other {{ algorithm "hmac-sha256"; secret "{SECRET}"; }};'
    assert key_of_file(text, "/k", "other.") == TsigKey("other", "hmac-sha256", RAW)
    with pytest.raises(OptionError, match="several keys"):
        key_of_file(text, "/k")
    with pytest.raises(OptionError, match="no key of the name third"):
        key_of_file(text, "/k", "third")


@pytest.mark.parametrize(
    "name, secret, algorithm, option",
    [
        ("tlsa-update", "not base64, but " + SECRET, "hmac-sha256", "key_secret"),
        ("tlsa-update", "  ", "hmac-sha256", "key_secret"),
        ("tlsa update", SECRET, "hmac-sha256", "key_name"),
        ("tlsa-update", SECRET, "hmac-md5", "key_algorithm"),
        ("tlsa-update", SECRET, "hmac-md5.sig-alg.reg.int.", "key_algorithm"),
        ("tlsa-update", SECRET, "hmac-sha1", "key_algorithm"),
        ("tlsa-update", SECRET, "hmac-sha256-128", "key_algorithm"),
    ],
)
def test_refused(name: str, secret: str, algorithm: str, option: str) -> None:
    with pytest.raises(OptionError) as caught:
        tsig_key(name, secret, algorithm)
    assert caught.value.option == option
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "has no key"),
        ('key "k" { algorithm hmac-sha256; };', "has no key"),
        (f'key "k" {{ algorithm hmac-md5; secret "{SECRET}"; }};', "too weak"),
        (f'key "k" {{ algorithm hmac-sha256; secret "={SECRET}"; }};', "not base64"),
        (f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n", "has no key"),
    ],
)
def test_refused_files_show_their_name_only(text: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason) as caught:
        key_of_file(text, "/k")
    assert caught.value.option == "key_file"
    assert SECRET not in str(caught.value)
