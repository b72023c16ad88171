# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of the rollover network's sender: a probe that failed, or that never was, is told."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.mailops.tls.tests.lab.rollover.probe_log import LONGEST_GAP, Probe, Window, complaints, parse, read

TARGET = "mx.example.org 192.0.2.1 rsa"
START = 1_790_000_000.0


def probe(second: float, verdict: str = "verified", took: float = 0.1) -> Probe:
    """A probe of the target so many seconds after the start."""
    return Probe(START + second, took, "mx.example.org", "192.0.2.1", "rsa", verdict, "3 1 1 ABCD")


def judged(probes: list[Probe], *excused: Window, until: float = 10) -> list[str]:
    """The complaints about the time from the start on."""
    return complaints(probes, [TARGET], START, START + until, excused)


def test_a_line_comes_back_as_it_was() -> None:
    assert parse(probe(1.5).line() + "\n") == probe(1.5)
    assert parse(probe(1).line().replace(" 3 1 1 ABCD", "")).detail == ""


def test_a_line_that_is_being_written_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"{probe(1).line()}\n{probe(2).line()[:20]}")
    assert read(tmp_path / "log") == [probe(1)]
    assert read(tmp_path / "missing") == []


def test_verified_probes_are_no_complaint() -> None:
    assert judged([probe(second) for second in range(11)]) == []


def test_every_other_verdict_is_one() -> None:
    bad = [probe(3, "failed"), probe(4, "opportunistic")]
    assert judged([*[probe(second) for second in range(11)], *bad]) == [each.line() for each in bad]


def test_what_was_before_or_after_does_not_count() -> None:
    assert judged([probe(-1, "failed"), *[probe(second) for second in range(11)], probe(11, "failed")]) == []


def test_a_window_excuses_what_was_under_way_in_it() -> None:
    probes = [*[probe(second) for second in range(11)], probe(3, "failed", took=2.0), probe(6.5, "failed")]
    assert judged(probes, Window(START + 4.5, START + 7)) == []
    assert judged(probes, Window(START + 4.5, START + 6)) == [probe(6.5, "failed").line()]
    assert judged(probes, Window(START, START + 10, ("opportunistic",))) == [each.line() for each in probes[-2:]]


def test_a_target_nobody_looks_at_is_a_complaint() -> None:
    (complaint,) = judged([], until=LONGEST_GAP + 1)
    assert complaint == f"{TARGET} was not probed for 16 seconds, 0 seconds after the start"
    (complaint,) = judged([probe(second) for second in (0, 1, 2)], until=LONGEST_GAP + 4)
    assert complaint == f"{TARGET} was not probed for 17 seconds, 2 seconds after the start"
