# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Header fields, digests of bodies, and what counts as left over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import (
    LARGEST_KEPT,
    BodyDigest,
    body_digest,
    has_token,
    header_fields,
    is_stale,
    written,
)
from ansible_collections.mailops.tls.tests.unit.makers.retrieving import MINE, NOW, OLD, message, sought
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.lists(st.sampled_from([b"a", b"\r\n", b"\n", b" ", b"."]), max_size=12).map(b"".join)


@given(TEXT, st.lists(st.integers(0, 30), max_size=6))
def test_a_digest_does_not_depend_on_pieces(text: bytes, cuts: list[int]) -> None:
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    assert body_digest(text[start:end] for start, end in zip(places, places[1:])) == body_digest([text])


@given(TEXT, st.integers(0, 3))
def test_line_ends_and_blank_lines_at_the_end_are_no_change(text: bytes, blank: int) -> None:
    unix = text.replace(b"\r\n", b"\n")
    assert body_digest([unix.replace(b"\n", b"\r\n") + b"\r\n" * blank]) == body_digest([unix])


@pytest.mark.parametrize("changed", [b"one\r\ntwo\r\nfooter\r\n", b"one\r\n\r\ntwo\r\n", b"one \r\ntwo\r\n", b"One\r\ntwo\r\n", b""])
def test_all_else_is_a_change(changed: bytes) -> None:
    assert body_digest([changed]) != body_digest([b"one\r\ntwo\r\n"])


def test_a_flood_of_blank_lines_is_not_kept() -> None:
    digest = BodyDigest()
    for _number in range(40):
        digest.feed(b"\r\n" * (LARGEST_KEPT // 10))
    assert digest.hexdigest() != body_digest([]) and digest.size == 40 * 2 * (LARGEST_KEPT // 10)


def test_fields_are_unfolded_and_bounded() -> None:
    header = b"Received: one\r\n\ttwo\r\nX: y\r\nreceived : three\r\n four\r\n\r\nReceived: of the body\r\n"
    assert header_fields(header, "Received") == ["one two", "three four"]
    assert header_fields(header * 3, "Received", 1) == ["one two"] and header_fields(b"no header", "Received") == []
    assert header_fields(b"A: x\nA: y\n z\n", "a") == ["x", "y z"]


@given(st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8), min_size=1, max_size=10))
def test_a_folded_field_is_what_it_was(words: list[str]) -> None:
    folded = "X-Test: " + "\r\n ".join(words) + "\r\n\r\n"
    assert header_fields(folded.encode(), "x-test") == [" ".join(words)]


def test_dates() -> None:
    assert written(message(age=0)) == NOW
    assert written(b"Date: yesterday\r\n") is None and written(b"") is None


def test_what_is_left_over() -> None:
    wanted = sought()
    assert is_stale(message(OLD, age=3600), wanted) and not is_stale(message(OLD, age=3599), wanted)
    assert not is_stale(message(MINE, age=7200), wanted) and has_token(message(MINE), wanted)
    assert is_stale(b"X-Mailops-Probe: " + OLD.encode() + b"\r\nDate: never\r\n", wanted)
    assert not is_stale(b"X-Mailops-Probe: x\r\n", wanted)
    assert not is_stale(message(OLD, age=7200, header=f"X-Mailops-Probe: {OLD}\r\n".encode()), wanted)
    assert wanted.stale_before == NOW - timedelta(hours=1)
