# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of findings: one entry an id, all that code makes and nothing else, in words that a tired person reads."""

from __future__ import annotations

import ast
import re

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, FindingKind, Severity
from ansible_collections.mailops.tls.tests.unit.makers.made_findings import ROOT, entries, ids_in_roles, uses

ENTRIES = [(room, name, kind) for room, kinds in entries().items() for name, kind in kinds.items()]
EVERY = pytest.mark.parametrize("kind", [kind for _room, _name, kind in ENTRIES], ids=lambda kind: kind.id)
MOST_WORDS = 24
MAKERS = ("Finding", "DatedFinding", "Blocker")
SEEN_FROM_TWO_SIDES = {
    "address_mismatch": "a probe sees certificates that differ, the rollover one that is not deployed here",
    "no_certificate": "a file has none, or a service has no file",
    "stale_record": "a probe knows what is served, the rollover whose key it was",
    "starttls_not_offered": "a probe sees it, the rollover reads it in the configuration",
    "ta_not_in_chain": "as stale_record",
}
"""Findings that two rooms make, as each knows other things to tell. This list only gets shorter."""


def test_every_id_has_one_entry_named_like_it() -> None:
    ids = [kind.id for _room, _name, kind in ENTRIES]
    assert len(ids) == len(set(ids)) > 100
    assert [name for _room, name, kind in ENTRIES if name != kind.id.upper()] == []
    assert [one for one in ids if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", one)] == []


def test_what_code_makes_is_what_the_catalogue_says_exists() -> None:
    made = {one.kind.id for one in uses()} | ids_in_roles()
    assert made == {kind.id for _room, _name, kind in ENTRIES if not kind.to_come}


def test_no_finding_is_made_without_an_entry() -> None:
    """The first argument of what makes one is never a text."""
    bare = []
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                if not node.args or isinstance(node.args[0], (ast.Constant, ast.JoinedStr)):
                    bare.append(f"{path.name}:{node.lineno}")
    assert bare == []


def test_a_finding_is_made_in_one_file() -> None:
    """Blockers are not findings: each says what a step waits for, and many steps wait for the same."""
    makers: dict[str, set[str]] = {}
    for one in uses():
        if one.call != "Blocker":
            makers.setdefault(one.kind.id, set()).add(one.path)
    assert {name for name, paths in makers.items() if len(paths) > 1} == set(SEEN_FROM_TWO_SIDES)


def test_what_only_hurts_some_day_is_no_alarm() -> None:
    """An error of the rollover wakes somebody, so those are said to be one where they are made, in alarms.py."""
    rooms = tuple(f"plugins/module_utils/{name}" for name in (
        "_rollover/machine/lint.py", "_rollover/machine/left_out.py", "_rollover/machine/clocks.py", "_rollover/machine/rrsets.py",
        "_rollover/left_behind.py", "_dane/record_lint.py",
    ))
    told = {one.kind for one in uses() if one.path in rooms}
    assert len(told) > 15 and [kind.id for kind in told if kind.severity is Severity.ERROR] == []


@EVERY
def test_texts_are_short_sentences(kind: FindingKind) -> None:
    assert kind.title and len(kind.title.split()) <= MOST_WORDS and not kind.title.endswith(".")
    assert kind.reference and kind.reference == kind.reference.strip()
    for text in (kind.why, kind.fix):
        assert text[0].isupper() and text[-1] in ".?" and "  " not in text
        for sentence in re.split(r"(?<=[.?!:])\s+", text):
            assert len(sentence.split()) <= MOST_WORDS, sentence


def test_a_finding_in_a_result() -> None:
    kind = FindingKind("an_id", Severity.NOTICE, "A title", "A reason.", "A remedy.", "RFC 1 section 2")
    shown = {"subject": "mx.example.org", "text": "seen", "why": "A reason.", "fix": "A remedy.", "reference": "RFC 1 section 2"}
    assert Finding(kind, "mx.example.org", "seen").as_facts() == {"id": "an_id", "severity": "notice", **shown}
    worse = Finding(kind, "mx.example.org", "seen", Severity.ERROR)
    assert worse.severity is Severity.ERROR and worse.as_facts() == {"id": "an_id", "severity": "error", **shown}
