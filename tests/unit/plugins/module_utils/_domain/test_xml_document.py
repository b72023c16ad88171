# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML from strangers: what is read, and what is refused before it does harm."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.xml_document import (
    LONGEST_TEXT,
    MOST_DEPTH,
    MOST_NODES,
    XmlHasEntities,
    XmlRefused,
    read_xml,
)
from hypothesis import given
from hypothesis import strategies as st

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
%s]><lolz>&lol9;</lolz>""" % b"".join(b'<!ENTITY lol%d "%s">' % (at, b"&lol%d;" % (at - 1) * 10) for at in range(1, 10))


def test_a_tree() -> None:
    inner = b"<!-- no --><y> one <b/> two </y><y/><a:z>3 &amp; &#52;<![CDATA[<]]></a:z>"
    root = read_xml(b'<?xml version="1.0"?><a:x xmlns:a="urn:a" v="1">' + inner + b"</a:x>")
    assert (root.name, root.attributes["v"], [one.name for one in root.children]) == ("x", "1", ["y", "y", "z"])
    assert [one.text for one in root.all("y")] == ["one  two", ""] and root.text_of("z") == "3 & 4<"
    assert root.find("none") is None and root.text_of("none") is None and root.line == 1


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b'<!DOCTYPE x PUBLIC "-//A//B" "http://a.example/x.dtd"><x/>',
        b"<!DOCTYPE x [<!ELEMENT x ANY>]><x/>",
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://a.example/"> %p;]><x/>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///dev/random">]><x>&e;</x>',
        "<!DOCTYPE x><x/>".encode("utf-16"),
    ],
)
def test_a_dtd_is_refused_before_anything_is_expanded(data: bytes) -> None:
    with pytest.raises(XmlHasEntities):
        read_xml(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no element found"),
        (b"x", "well-formed"),
        (b"<a><b></a>", "mismatched tag, line 1"),
        (b"<a/><b/>", "junk"),
        (b"<a>&nbsp;</a>", "undefined entity"),
        (b"<a>\xff</a>", "well-formed"),
        (b"<a>\x00</a>", "well-formed"),
        (b"<!DOCTYPE html><html></html>", "page of HTML"),
        (b"<!doctype HTML PUBLIC 'x' 'y'><html>", "well-formed"),
        (b'<?xml version="1.0" encoding="unicode_escape"?><a>\\x41</a>', "encoding unicode_escape"),
        (b'<?xml version="1.0" encoding="zip"?><a/>', "encoding zip"),
        (b"<a>" * (MOST_DEPTH + 1), "deep"),
        (b"<a>" + b"<b/>" * MOST_NODES + b"</a>", "elements"),
    ],
)
def test_what_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(XmlRefused, match=reason) as caught:
        read_xml(data)
    assert not isinstance(caught.value, XmlHasEntities)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16"])
def test_encodings(encoding: str) -> None:
    letter = "\u20ac" if encoding in ("iso-8859-15", "windows-1252") else "\u00e9"
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>{letter}</a>'.encode(encoding)
    assert read_xml(data).text == letter


def test_limits_are_for_what_is_kept() -> None:
    deep = b"<a>" * MOST_DEPTH + b"</a>" * MOST_DEPTH
    assert read_xml(deep).name == "a"
    wide = read_xml(b"<a>" + b"<b/>" * (MOST_NODES - 1) + b"</a>")
    assert len(wide.children) == MOST_NODES - 1
    long = read_xml(b"<a k='" + b"v" * 60000 + b"'>" + b"x<b/>" * 5000 + b"</a>")
    assert len(long.text) <= LONGEST_TEXT and len(long.attributes["k"]) == LONGEST_TEXT


def test_texts_are_cleaned() -> None:
    assert read_xml("<a>\u202e\u0085x\ny</a>".encode()).text == "??x?y"


@given(st.one_of(st.binary(), st.text(alphabet="<>/ab&;!?[]\"'= \n").map(str.encode), st.text().map("<a>{}</a>".format).map(str.encode)))
def test_any_bytes(data: bytes) -> None:
    try:
        root = read_xml(data)
    except XmlRefused as refused:
        assert str(refused)
    else:
        assert root.name
