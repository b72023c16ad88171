# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, alone or with their helpers, that find the disk full or another run at work: nothing is lost, little is redone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.unit.worlds.streamed_world import SECOND, StreamedWorld, children, streamed_world

COUNT = 150
AT_ONCE = 10


def wait_for_lines(world: StreamedWorld, process: subprocess.Popen[bytes], number: int) -> None:
    while process.poll() is None and (not world.results.exists() or world.results.read_bytes().count(b"\n") <= number):
        time.sleep(0.005)


def nobody_left(pids: list[int]) -> bool:
    """Wait until processes are gone that nobody ends: a helper notices by itself that its parent is dead."""
    while any(os.path.exists(f"/proc/{pid}") and "zombie" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8") for pid in pids):
        time.sleep(0.01)
    return True


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a run, and wait until its helpers have noticed."""
    helpers = children(process.pid)
    process.kill()
    process.communicate()
    assert nobody_left(helpers)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_at_any_moment_and_gone_on_with(tmp_path: Path, workers: str) -> None:
    moments = random.Random(f"moments {workers}")
    with streamed_world(tmp_path, COUNT, delay=0.05) as world:
        kills, done = 0, 0
        while True:
            process = world.start(resume=True, concurrency=AT_ONCE, workers=workers)
            if kills < 8:
                wait_for_lines(world, process, done + moments.randrange(25))
                time.sleep(moments.random() * 0.05)
                helpers = children(process.pid) if process.poll() is None else []
                process.kill()
                kills += 1
            process.communicate()
            done = len(world.lines())
            if process.returncode == 0:
                break
            assert nobody_left(helpers)
        lines = world.lines()
        assert {line["destination"] for line in lines} == set(world.names) and len(lines) == COUNT
        made = world.connections()
        assert len(made) == COUNT and sum(made.values()) <= COUNT + kills * AT_ONCE
        whole = world.run(resume=True, workers=workers, returned="all")
        assert whole["facts"]["summary"] == {"destinations": COUNT, "satisfied": COUNT, "by_status": {"plaintext": COUNT}}
        assert whole["facts"]["resumed"]["results"] == COUNT
        assert [one["destination"] for one in whole["facts"]["results"]] == world.names
        assert sum(world.connections().values()) == sum(made.values())


def test_helpers_do_not_run_ahead_of_what_is_written(tmp_path: Path) -> None:
    with streamed_world(tmp_path, 400, delay=0.01) as world:
        process = world.start(resume=True, concurrency=AT_ONCE, workers="2")
        wait_for_lines(world, process, 20)
        process.send_signal(signal.SIGSTOP)  # as by a disk that is slow
        time.sleep(0.5)
        kill(process)
        assert sum(world.connections().values()) - len(world.lines()) <= AT_ONCE
        assert world.run(resume=True, concurrency=AT_ONCE, workers="2")["facts"]["summary"]["satisfied"] == 400


@pytest.mark.parametrize("workers", ["1", "2"])
def test_results_that_hang_on_a_doubted_nameserver_do_not_pile_up(tmp_path: Path, workers: str) -> None:
    with streamed_world(tmp_path, 100, delay=0.01) as world:
        options: dict[str, Any] = {"resume": True, "concurrency": AT_ONCE, "workers": workers}
        options.update(security_level="dane", trust_ad="always")
        process = world.start(**options)
        while len(world.connections()) < 50:
            time.sleep(0.005)
        kill(process)
        assert sum(world.connections().values()) - len(world.lines()) <= AT_ONCE
        told = world.run(**options)["facts"]["summary"]
        assert told["destinations"] == 100 and told["satisfied"] == 0, "no reply of this nameserver was validated"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_waits_for_others_has_nothing_to_lose(tmp_path: Path, workers: str) -> None:
    with streamed_world(tmp_path, 100, delay=0.01, second=5.0) as world:
        process = world.start(resume=True, concurrency=AT_ONCE, workers=workers)
        while SECOND not in world.connections():
            time.sleep(0.005)
        time.sleep(2.0)
        kill(process)
        begun = set(world.connections()) - {SECOND}
        assert len(begun) - len(world.lines()) <= AT_ONCE


def test_a_helper_that_is_killed_is_replaced(tmp_path: Path) -> None:
    with streamed_world(tmp_path, COUNT, share=3, delay=0.05) as world:
        process = world.start(concurrency=AT_ONCE, workers="2")
        wait_for_lines(world, process, 20)
        os.kill(children(process.pid)[0], signal.SIGKILL)
        out, unused = process.communicate()
        assert b'"destinations": 150, "satisfied": 150' in out and b"A process that probes ended by SIGKILL" in out
        lines = world.lines()
        assert {line["destination"] for line in lines} == set(world.names) and len(lines) == COUNT
        made = world.connections()
        assert len(made) == COUNT // 3 and max(made.values()) <= 2, "what the killed one knew of an exchange is gone with it"


def test_helpers_that_die_again_and_again_fail_the_task(tmp_path: Path) -> None:
    with streamed_world(tmp_path, COUNT, delay=0.5) as world:
        process = world.start(concurrency=4, workers="2")
        killed: set[int] = set()
        while process.poll() is None:
            for pid in set(children(process.pid) if process.poll() is None else ()) - killed:
                killed.add(pid)
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        out, unused = process.communicate()
        assert b"processes that probe ended 4 times, the last one by SIGKILL" in out and b"resume: true" in out
        world.lines()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_full_disk_ends_the_run_and_what_is_there_is_whole(tmp_path: Path, workers: str) -> None:
    with streamed_world(tmp_path, 60, delay=0.0) as world:
        said = world.run(file_limit=20_000, workers=workers)
        assert said["option"] == "results_file" and "make room and go on with resume: true" in said["error"]
        content = world.results.read_bytes()
        assert content.endswith(b"\n") and len(content) <= 20_000
        before = len(world.lines())
        assert 0 < before < 60
        assert world.run(resume=True, workers=workers)["facts"]["summary"]["satisfied"] == 60
        assert len(world.lines()) == 60


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_is_removed_meanwhile_is_no_success(tmp_path: Path, replaced: bool) -> None:
    with streamed_world(tmp_path, 30, delay=0.2) as world:
        process = world.start(concurrency=4)
        wait_for_lines(world, process, 1)
        process.send_signal(signal.SIGSTOP)
        if replaced:
            (tmp_path / "other").write_bytes(b"something else\n")
            os.replace(tmp_path / "other", world.results)
        else:
            world.results.unlink()
        process.send_signal(signal.SIGCONT)
        out, unused = process.communicate()
        assert b"What was in it is lost" in out and b'"destinations": 30' in out
        assert not replaced or world.results.read_bytes() == b"something else\n"


def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    with streamed_world(tmp_path, 30, delay=0.2) as world:
        first = world.start(concurrency=4, workers="2")
        wait_for_lines(world, first, 1)
        first.send_signal(signal.SIGSTOP)
        for resume in (False, True):
            second = world.run(resume=resume)
            assert second["option"] == "results_file" and "is being written by another run" in second["error"]
        first.send_signal(signal.SIGCONT)
        out, unused = first.communicate()
        assert first.returncode == 0 and b'"satisfied": 30' in out and len(world.lines()) == 30


def test_an_exchange_is_probed_by_one_of_them(tmp_path: Path) -> None:
    with streamed_world(tmp_path, 120, share=4) as world:
        world.list.write_text(world.list.read_text(encoding="ascii") + "no..name\n[127.1.0.1]:1\n", encoding="ascii")
        said = world.run(workers="3", expect={"status": "plaintext"}, report_max=10)
        assert said["facts"]["summary"] == {"destinations": 122, "satisfied": 120, "by_status": {"plaintext": 120, "failed": 2}}
        assert {one["destination"] for one in said["facts"]["unmet"]} == {"no..name", "[127.1.0.1]:1"} and said["failure"]
        assert len(said["facts"]["report"]) == 11 and not said["warnings"]
        made = world.connections()
        assert len(made) == 30 and max(made.values()) == 1
        assert len({line["run"] for line in world.lines()}) == 1
