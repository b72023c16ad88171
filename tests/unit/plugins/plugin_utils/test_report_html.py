# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page as it is written: whole, with a policy that fits it, and without a character of markup that is not ours.

What a browser makes of it is tested by the session `report`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.arguments import FORMATS as NAMES
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.plugin_utils._report_formats import FORMATS
from ansible_collections.mailops.tls.plugins.plugin_utils._report_html import FOLDER, SCRIPTS, html_report
from ansible_collections.mailops.tls.tests.unit.makers.reports import HOSTILE, hostile_result, many, material
from hypothesis import given, settings
from hypothesis import strategies as st

_MARKUP = re.compile(r"(inner|outer)HTML|AdjacentHTML|document\.write|\beval\b|new Function|srcdoc|DOMParser|ContextualFragment")
_VOID = {"meta", "br", "img", "link", "input"}


class Tags(HTMLParser):
    """Gathers every tag with its attributes, and the content of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            self.inside.append((self.open[-1], data))


def shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """The tags of a page with the names of their attributes: what markup there is, whatever the text."""
    return [(tag, tuple(sorted(attributes))) for tag, attributes in Tags(page).tags]


def digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_the_policy_allows_exactly_what_is_there() -> None:
    tags = Tags(html_report(material(many(30))))
    policy = next(one["content"] for tag, one in tags.tags if tag == "meta" and one.get("http-equiv") == "Content-Security-Policy")
    code = [text for tag, text in tags.inside if tag == "script" and not re.fullmatch(r"[A-Za-z0-9+/=]+", text)]
    (style,) = [text for tag, text in tags.inside if tag == "style"]
    assert len(code) == 1 and policy is not None
    assert policy.split("; ") == [
        "default-src 'none'", f"script-src {digest(code[0])}", f"style-src {digest(style)}", "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip
    assert tags.open == []


def test_nothing_is_loaded_and_nothing_runs_by_an_attribute() -> None:
    for tag, attributes in Tags(html_report(material([*many(30), hostile_result(HOSTILE[0])]))).tags:
        assert not {"src", "style", "srcset", "action"} & set(attributes) and not any(name.startswith("on") for name in attributes), tag
        assert (attributes.get("href") or "#").startswith("#"), attributes
        assert tag not in ("img", "iframe", "object", "embed", "link", "base")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_changes_no_tag(text: str) -> None:
    changes = tuple({"kind": kind, "destination": text, "host": text, "before": text, "after": text} for kind in ("key", text))
    page = html_report(material([hostile_result(text)], title=text[:200], changes=changes))
    plain = tuple({"kind": kind, "destination": "x", "host": "x", "before": "x", "after": "x"} for kind in ("key", "x"))
    assert shape(page) == shape(html_report(material([hostile_result("x")], title="x", changes=plain)))
    assert "window.hit=1>" not in page and "49" not in re.findall(r"<bdi>(.*?)</bdi>", page)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200e\u200f]", page)


@settings(max_examples=25)
@given(st.text(max_size=200))
def test_any_text_changes_no_tag(text: str) -> None:
    plain = "x" if clean(text).strip() else ""
    assert shape(html_report(material([hostile_result(text)]))) == shape(html_report(material([hostile_result(plain)])))


def test_a_page_without_anything_is_a_page() -> None:
    page = html_report(material([], changes=()))
    assert "Nothing was seen, so nothing is compared." in page and "Nothing changed." not in page.partition("<script>")[0]
    assert "0 domains and hosts" in page and Tags(page).open == []


def test_the_script_never_makes_markup_of_text() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.js")) == sorted(SCRIPTS)
    for name in SCRIPTS:
        script = (FOLDER / name).read_text(encoding="utf-8")
        assert not _MARKUP.search(script)
        assert "</script" not in script and "<!--" not in script


def test_each_format_is_an_option_and_each_option_a_format() -> None:
    assert set(FORMATS) == set(NAMES)
