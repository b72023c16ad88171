# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line for each server, in which what was done is not what comes next; and the same as metrics."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.metrics import exposition
from ansible_collections.mailops.tls.plugins.module_utils._rollover.server_report import details, line, typed

NOTHING: dict[str, Any] = {
    "host": "mx1", "name": "default", "label": "mx1", "phase": "steady", "message": "steady: nothing to do", "failed": False,
    "action": {"kind": "none", "done": False}, "taken": [], "next_step": {"text": "", "at": None}, "blockers": [],
    "module_blockers": [], "own_blockers": [], "waits": [], "blocked_hours": 0.0, "alarms": [], "refused": [],
    "dnssec": None, "days_left": None, "dns": {"add": [], "remove": []}, "alarm": False,
}  # fmt: skip
PUBLISH = {"action": {"kind": "publish", "done": False}, "next_step": {"text": "to publish x", "at": None}, "phase": "staged",
           "message": "staged: next step: to publish x"}  # fmt: skip
BLOCKER = [{"id": "locked", "text": "another run"}]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "mx1: steady: nothing to do"),
        ({"dnssec": True, "days_left": 89}, "mx1: steady: nothing to do; DNSSEC yes; certificate 89 days"),
        ({"dnssec": False, "days_left": 1}, "mx1: steady: nothing to do; DNSSEC no; certificate 1 day"),
        ({"days_left": -3}, "mx1: steady: nothing to do; certificate ended 3 days ago"),
        (PUBLISH, "mx1: staged: next step: to publish x"),
        ({**PUBLISH, "taken": ["stage", "publish"]}, "mx1: staged: waits until every name server has the records; done: stage, publish"),
        ({**PUBLISH, "taken": ["publish"], "module_blockers": BLOCKER},
         "mx1: staged: waits until every name server has the records; blocked by another run; done: publish"),
        ({"phase": "issued", "message": "issued: blocked by another server", "waits": [{"id": "held", "text": "mx2 is not verified"}]},
         "mx1: issued: another server has its turn; mx2 is not verified"),
        ({"phase": "issued", "message": "m", "waits": [{"text": "w"}], "alarms": [{"text": "down"}]},
         "mx1: issued: alarm: down; another server has its turn; w"),
        ({"failed": True, "message": "the disk is full"}, "mx1: failed: the disk is full"),
        ({"blocked_hours": 25.0, "own_blockers": BLOCKER}, "mx1: steady: nothing to do; another run; blocked for 25.0 h"),
    ],
)  # fmt: skip
def test_a_line_says_what_was_done_and_what_comes_next(given: dict[str, Any], said: str) -> None:
    assert line({**NOTHING, **given}) == said


def test_texts_of_an_old_ansible_are_values() -> None:
    old = {**NOTHING, "failed": "False", "alarm": "True", "blocked_hours": "1.5", "days_left": "89", "dnssec": ""}
    found = typed(old)
    assert (found["failed"], found["alarm"], found["blocked_hours"]) == (False, True, 1.5)
    assert (found["days_left"], found["dnssec"]) == (89, None)
    assert typed({**NOTHING, "dnssec": "False", "days_left": ""})["dnssec"] is False
    assert typed(NOTHING) == NOTHING


def test_details_are_below() -> None:
    given = {"refused": ["add x"], "dns": {"add": [{"owner": "_25._tcp.a.", "rdata": "3 1 1 aa"}], "remove": []}}
    assert details({**NOTHING, **given}, False) == ["  mx1: refused add x"]
    assert details({**NOTHING, **given}, True) == ["  mx1: refused add x", "  mx1: add    _25._tcp.a. IN TLSA 3 1 1 aa"]


SAMPLE = re.compile(r'mailops_dane_rollover_[a-z_]+(\{([a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? -?[0-9.e+]+\Z')


def test_metrics_are_valid_whatever_names_there_are() -> None:
    evil = 'a"b\\c\nd{} ' + "x" * 10**5
    text = exposition([{**NOTHING, "host": evil, "dnssec": True, "days_left": -1}, {**NOTHING, "failed": True, "phase": "unknown"}], 1.5e9)
    lines = text.splitlines()
    families = [one.split()[2] for one in lines if one.startswith("# TYPE")]
    assert len(families) == len(set(families))
    samples = [one for one in lines if not one.startswith("#")]
    assert samples and all(SAMPLE.match(one) for one in samples)
    assert text.endswith("\n") and max(map(len, lines)) < 1000
    assert sum("last_run_timestamp_seconds{" in one for one in samples) == 1
    assert sum(one.endswith(" 1") and "phase{" in one for one in samples) == 2
