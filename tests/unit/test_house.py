# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the house, which `docs/architecture.md` draws: each is read off the files, and each complains of a tree that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.tests.unit.house import documents, imports, shape, texts, touch
from ansible_collections.mailops.tls.tests.unit.house.broken import BREAKS, Broken, build
from ansible_collections.mailops.tls.tests.unit.house.tree import Complaint, House

RULES: tuple[Callable[[House], Iterable[Complaint]], ...] = (
    imports.storeys,
    imports.rooms,
    imports.circles,
    imports.doors,
    imports.ansible,
    touch.world,
    touch.parameters,
    shape.sizes,
    shape.words,
    shape.findings,
    shape.docstrings,
    shape.packages,
    documents.paths,
    documents.decisions,
    texts.sentences,
)


def complaints(house: House) -> list[tuple[str, str]]:
    """Every complaint with the name of its rule."""
    return [(rule.__name__, str(one)) for rule in RULES for one in dict.fromkeys(rule(house))]


@pytest.fixture(scope="module")
def house() -> House:
    return House(Path(__file__).parents[2])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(house: House, rule: Callable[[House], Iterable[Complaint]]) -> None:
    found = [str(one) for one in dict.fromkeys(rule(house))]
    assert not found, "\n".join([rule.__doc__ or "", *found])


def test_a_sound_house_has_no_complaint(tmp_path: Path) -> None:
    build(tmp_path)
    assert complaints(House(tmp_path)) == []


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: f"{broken.rule}-{broken.path.rsplit('/', 1)[-1]}")
def test_a_broken_rule_is_named_with_file_and_line(tmp_path: Path, broken: Broken) -> None:
    build(tmp_path, broken.also, {broken.path: broken.text})
    (rule, text), *more = complaints(House(tmp_path))
    assert rule == broken.rule and text.startswith(broken.where) and not more, [rule, text, *more]


def test_every_rule_is_seen_to_complain() -> None:
    assert {broken.rule for broken in BREAKS} == {rule.__name__ for rule in RULES}
