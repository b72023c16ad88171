# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says of mail that is turned away, of a server that cannot be seen, and of what comes next; it goes on all the same."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import uncovered
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, issue
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import CHAINS, HOST, HOUR, OWNER, World, long_ago


@pytest.fixture(name="world")
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose judge looks on: here mail is turned away."""
    world = World(tmp_path, "ecdsa")
    world.until("steady")
    monkeypatch.setattr(world, "check", lambda: None)
    return world


def unreachable(world: World, kind: str = "connect_refused", text: str = "Connection refused") -> list[dict[str, Any]]:
    """Results of a probe that got no certificate."""
    (result,) = world.probe()
    error = {"kind": kind, "phase": "connect", "text": text}
    (endpoint,) = result["endpoints"]
    sessions = [{**one, "offered": None, "chain": [], "error": error} for one in endpoint["key_algorithms"]]
    changes = {"status": "failed", "error": error, "chain": [], "key_algorithms": sessions, "satisfied": False}
    return [{**result, "endpoints": [{**endpoint, **changes}]}]


def test_a_server_that_is_down_is_told_at_once_and_an_alarm_when_it_lasts(world: World) -> None:
    runs = [world.round(verification=unreachable(world)) for _number in range(3)]
    for run in runs:
        (finding,) = run.facts["findings"]
        assert (finding["id"], finding["severity"], finding["subject"]) == ("not_reached", "error", OWNER)
        assert "[192.0.2.25]: " in finding["text"] and finding["since"] == runs[0].facts["findings"][0]["since"]
        assert run.failure is None and run.facts["phase"] == "steady"
    assert [len(run.facts["alarms"]) for run in runs] == [0, 0, 1]
    (alarm,) = runs[-1].facts["alarms"]
    assert alarm == {**finding, "since": alarm["since"]} and alarm["text"] in runs[-1].facts["message"]
    assert runs[-1].facts["message"].startswith("steady: alarm: mx.example.com [192.0.2.25]: ")
    assert world.round().facts["alarms"] == [] and world.runs[-1].facts["findings"] == []
    state = json.loads((world.folder / "state" / "default" / "state.json").read_text())["state"]
    assert state["faults"] == {}


def test_what_one_host_saw_is_told_while_another_is_lost(world: World) -> None:
    lost = {"destination": f"[{HOST}]:25", "endpoints": [], "error": {"kind": "vantage_failed", "phase": None, "text": "no look from out2"}}
    runs = [world.round(verification=[*unreachable(world), lost]) for _number in range(3)]
    assert [[one["id"] for one in run.facts["findings"]] for run in runs] == [["not_reached"]] * 3
    assert [len(run.facts["alarms"]) for run in runs] == [0, 0, 1]
    assert "[192.0.2.25]: " in runs[-1].facts["alarms"][0]["text"]
    assert world.round(verification=[*world.probe(), lost]).facts["findings"] == []


def test_in_check_mode_it_is_the_same_and_not_remembered(world: World) -> None:
    for _number in range(3):
        run = world.run(check_mode=True, verification=unreachable(world))
        world.wait(HOUR)
    assert [one["id"] for one in run.facts["findings"]] == ["not_reached"] and run.facts["alarms"] == []


def test_no_starttls_is_told_as_that(world: World) -> None:
    run = world.run(verification=unreachable(world, "starttls_not_offered", "no STARTTLS"), outside_grace=0)
    assert [one["id"] for one in run.facts["alarms"]] == ["starttls_not_offered"]
    assert world.run(verification=unreachable(world), outside_grace=-1).facts["alarms"] == []


@pytest.mark.parametrize("grace", [-2, 2**31])
def test_a_grace_that_is_none_is_refused(world: World, grace: int) -> None:
    with pytest.raises(OptionError, match="outside_grace"):
        world.run(outside_grace=grace)


def test_an_alarm_stops_neither_records_nor_renewals(world: World) -> None:
    instance = world.instances[0]
    instance.replace(issue(HOST, key=Key.generate("ecdsa"), dns_names=(HOST,), **long_ago()))
    run = world.run()
    assert [one["id"] for one in run.facts["alarms"]] == ["no_record_matches"] and run.failure is None
    (served,) = world.digests()
    assert [one["data"] for one in run.facts["dns"]["add"]] == [served]
    assert run.facts["message"].startswith("deployed: alarm: no record 3 1 1 matches the ecdsa key ")
    assert run.facts["next_step"]["kind"] == "publish" and served[:16] in run.facts["next_step"]["text"]
    world.obey(run)
    assert not any(uncovered(world.records, one) for one in world.served)


def test_files_that_were_removed_are_an_alarm(world: World) -> None:
    for name in world.instances[0].main[CHAINS].split(", "):
        os.rename(name, name + ".away")
    run = world.run()
    assert "postfix_uncertain" in [one["id"] for one in run.facts["alarms"]] and run.failure is None


@pytest.mark.parametrize("level", ["none", ""])
def test_tls_that_was_turned_off_is_an_alarm(world: World, level: str) -> None:
    world.instances[0].main["smtpd_tls_security_level"] = level
    (alarm,) = world.run(look=False).facts["alarms"]
    assert alarm["id"] == "starttls_not_offered" and world.instances[0].directory in alarm["text"]


def test_what_a_run_mends_is_no_alarm_any_more(tmp_path: Path) -> None:
    world = World(tmp_path, "ecdsa")
    run = world.run()
    assert run.facts["alarms"] == [] and run.facts["dnssec"] is True and run.facts["findings"] == []


def test_what_a_report_needs_is_there(world: World) -> None:
    run = world.run(key_max_age=90.0)
    assert run.facts["dnssec"] is True and run.facts["next_step"]["kind"] == "none"
    assert run.facts["next_step"]["at"] == run.facts["earliest"] and run.facts["next_step"]["text"] is None
    assert run.facts["days_left"] == min(9000 - 1, run.facts["days_left"]) > 8900
    assert run.facts["deployed"][0]["not_after"].startswith("20")
    world.secure = False
    assert world.run().facts["dnssec"] is False


def test_what_comes_next_is_what_the_message_says(tmp_path: Path) -> None:
    roll = World(tmp_path, "ecdsa")
    first = roll.run()
    assert first.facts["next_step"] == {"kind": "publish", "text": first.facts["message"].partition("next step: ")[2], "at": None}
    roll.obey(first)
    staged = roll.run()
    assert staged.facts["action"]["done"] and staged.facts["next_step"]["kind"] == "publish"
    assert staged.facts["message"].endswith("next step: " + staged.facts["next_step"]["text"])


def test_nothing_is_known_while_another_run_is_under_way(world: World) -> None:
    (world.folder / "state" / "default" / "state.json").write_text("{")
    facts = world.run().facts
    assert (facts["alarms"], facts["dnssec"], facts["days_left"]) == ([], None, None)
    assert facts["next_step"] == {"kind": "none", "text": None, "at": None}
