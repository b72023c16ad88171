# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of TLSA records that a zone includes: changed lines change, all others stay as they were."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PublishedRRset
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Change, Order, plan
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.snippet import NotASnippet, parse_snippet
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted
from hypothesis import given
from hypothesis import strategies as st

A, B, C = (TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in (1, 2, 3))
MX1, MX2 = "_25._tcp.mx1.example.org", "_25._tcp.mx2.example.org"

FILE = f"""; TLSA records of our servers

; the current key
{MX1}. IN TLSA {A}
; the next key
{MX1}. IN TLSA {B}

{MX2.upper()}.\t60\tTLSA\t{A}   ; by hand
{MX2}. 60 IN TYPE52 \\# 35 030101{"02" * 32}
"""


def edited(order: Order, wanted: Wanted, text: str = FILE) -> str:
    snippet = parse_snippet(text)
    return snippet.changed(plan(order, wanted, snippet.rrset(wanted.owner), None)).text()


def test_names_may_be_any_that_dns_has() -> None:
    for name in ("tlsa201._dane.example.org", r"a\.b\;c._dane.example.org", "0/25.example.org", "*._tcp.example.org"):
        text = edited(Order(present=True), Wanted(name, None, (A,)), "")
        assert text == f"{name}. 3600 IN TLSA {A}\n" or text == f"{name}. IN TLSA {A}\n"
        assert parse_snippet(text.replace("dane", "DANE")).rrset(name).records == (A,)
    for line in ("$ORIGIN. IN TLSA", "@. IN TLSA", "a..b. IN TLSA", "a b. IN TLSA"):
        with pytest.raises(NotASnippet):
            parse_snippet(f"{line} {A}\n")


def test_reads_all_forms_of_a_line() -> None:
    snippet = parse_snippet(FILE)
    assert snippet.rrset(MX1) == PublishedRRset((A, B), None)
    assert snippet.rrset(MX2) == PublishedRRset((A, B), 60)
    assert snippet.text() == FILE


def test_a_new_record_comes_behind_those_of_its_owner() -> None:
    assert edited(Order(), Wanted(MX1, None, (C,))) == FILE.replace(f"TLSA {B}\n", f"TLSA {B}\n{MX1}. IN TLSA {C}\n")
    assert edited(Order(), Wanted(MX2, None, (C,))) == FILE + f"{MX2}. 60 IN TLSA {C}\n"


def test_a_new_owner_comes_at_the_end() -> None:
    assert edited(Order(), Wanted("_465._tcp.mx1.example.org", 9, (A,))) == FILE + f"_465._tcp.mx1.example.org. 9 IN TLSA {A}\n"


def test_a_comment_goes_with_its_last_record() -> None:
    after = edited(Order(present=False), Wanted(MX1, None, (B,)))
    assert after == FILE.replace(f"; the next key\n{MX1}. IN TLSA {B}\n", "")
    gone = edited(Order(present=False, allow_empty=True), Wanted(MX1, None, (A, B)))
    assert gone.startswith("; TLSA records of our servers\n\n\n" + MX2.upper())


def test_another_ttl_is_on_all_lines_of_the_owner() -> None:
    after = edited(Order(), Wanted(MX2, 90, (A,)))
    assert parse_snippet(after).rrset(MX2) == PublishedRRset((A, B), 90)
    assert after.count(" 90 IN TLSA ") == 2


def test_the_same_record_twice_is_once_after_a_change() -> None:
    text = f"{MX1}. IN TLSA {A}\n{MX1}. IN TYPE52 \\# 35 030101{'01' * 32}\n"
    assert edited(Order(), Wanted(MX1, None, (B,)), text) == f"{MX1}. IN TLSA {A}\n{MX1}. IN TLSA {B}\n"


@pytest.mark.parametrize(
    "line",
    [
        "$ORIGIN example.org.", "$TTL 60", "$INCLUDE other", f"_25._tcp.mx1 IN TLSA {A}", f" IN TLSA {A}", f"@ IN TLSA {A}",
        f"{MX1}. IN TLSA ( {A} )", f"{MX1}. 60 IN 60 TLSA {A}", "mx1.example.org. IN A 192.0.2.1",
        f"{MX1}. IN TLSA 3 1 1 (", "-----BEGIN PRIVATE KEY-----",
    ],
)  # fmt: skip
def test_anything_else_is_left_alone(line: str) -> None:
    with pytest.raises(NotASnippet, match="line 2 "):
        parse_snippet("; comment\n" + line + "\n")


RECORDS = st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=3, unique=True)
ORDERS = st.sampled_from([Order(), Order(exclusive=True), Order(present=False, allow_empty=True)])
OWNERS = st.sampled_from([MX1, MX2, "_25._tcp.new.example.org"])


@given(st.lists(st.tuples(ORDERS, OWNERS, RECORDS, st.sampled_from([None, 5])), max_size=6))
def test_whatever_is_done_the_file_says_what_was_planned(steps: list[tuple[Order, str, list[TlsaRecord], int]]) -> None:
    text = FILE
    for order, owner, records, ttl in steps:
        snippet = parse_snippet(text)
        change: Change = plan(order, Wanted(owner, ttl, tuple(records)), snippet.rrset(owner), None)
        after = snippet.changed(change)
        text = after.text()
        assert parse_snippet(text).rrset(owner) == after.rrset(owner) == change.after
        others = {MX1, MX2, "_25._tcp.new.example.org"} - {owner}
        assert all(after.rrset(one) == snippet.rrset(one) for one in others)
        assert text.startswith("; TLSA records of our servers\n")
