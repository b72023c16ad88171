# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of tag=value."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._domain.tag_list import (
    Tag,
    TagList,
    read_tags,
    swallowed_tag,
    tag_differences,
)
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,5}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, blacklist_characters=";"), max_size=9)


def test_tags() -> None:
    assert read_tags(" v = A1 ;;p= b=c ; x\ty; ") == TagList((Tag("v", "A1"), Tag("p", "b=c")), ("x\ty",))
    assert read_tags("P=1;p=2", fold=True).twice == ("p",) and read_tags("P=1;p=2").twice == ()
    assert read_tags("p=1;p=2").value("p") == "1" and read_tags("p=1").value("q") is None


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_what_is_written_is_read(tags: list[tuple[str, str]]) -> None:
    found = read_tags("; ".join(f"{name}={value}" for name, value in tags))
    assert [(tag.name, tag.value) for tag in found.tags] == tags and not found.broken


@given(st.text(), st.text())
def test_no_text_raises(first: str, second: str) -> None:
    assert tag_differences(first, first) == ()
    read_tags(first + ";" + second)
    swallowed_tag(Tag("p", second), frozenset("p"))


def test_swallowed_tags() -> None:
    names = frozenset(("p", "rua"))
    assert swallowed_tag(Tag("v", "DMARC1 p=none"), names) == "p=none"
    assert swallowed_tag(Tag("p", "none, RUA = mailto:x"), names) == "RUA = mailto:x"
    assert swallowed_tag(Tag("p", "abc p=="), names) is None and swallowed_tag(Tag("v", "a q=1"), names) is None
