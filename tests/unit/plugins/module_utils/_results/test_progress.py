# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run is, as numbers, as a file and as a line."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._results.progress import Progress, progress_text, read_progress
from ansible_collections.mailops.tls.plugins.module_utils._results.progress_file import ProgressFile
from hypothesis import given
from hypothesis import strategies as st


def counted(**statuses: int) -> Progress:
    progress = Progress("night", 100, 50.0)
    for status, number in statuses.items():
        for _time in range(number):
            progress.count(status)
    return progress


def test_the_rate_is_that_of_this_run_and_the_rest_is_told_by_it() -> None:
    progress = counted(verified=40)
    progress.begin(1000.0)
    for _time in range(10):
        progress.count("failed")
    found = progress.look(1005.0, active=7, parked=3)
    assert found == {
        "run": "night", "done": 50, "total": 100, "rate": 2.0, "seconds_left": 25, "by_status": {"verified": 40, "failed": 10},
        "active": 7, "parked": 3, "ended": False,
    }  # fmt: skip
    assert progress.look(1005.0 + 1e6)["rate"] == 0
    ended = progress.look(1010.0, active=1, parked=1, ended=True)
    assert (ended["active"], ended["parked"], ended["ended"], ended["seconds_left"]) == (0, 0, True, 0)


def test_the_rate_follows_the_last_minute() -> None:
    progress = counted()
    for second in range(200):
        for _time in range(1 if second < 100 else 3):
            progress.count("verified")
        found = progress.look(50.0 + second)
    assert found["rate"] == pytest.approx(3.0, abs=0.1) and found["seconds_left"] == 0


def test_before_there_is_a_rate_nothing_is_foretold() -> None:
    found = counted().look(50.0)
    assert (found["rate"], found["seconds_left"]) == (0, None)
    assert progress_text(found) == "0 of 100 (0 %)"


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ({}, "12,400 of 100,000 (12 %), 310/s, 5 min left, 82 verified 3 failed, 41 hosts waiting"),
        (
            {"seconds_left": 59, "parked": 1, "rate": 0.25},
            "12,400 of 100,000 (12 %), 0.2/s, 59 s left, 82 verified 3 failed, 1 host waiting",
        ),
        ({"seconds_left": 7300, "parked": 0}, "12,400 of 100,000 (12 %), 310/s, 2 h 2 min left, 82 verified 3 failed"),
        ({"done": 0, "total": 0, "rate": 0, "by_status": {}, "parked": 0, "seconds_left": None}, "0 of 0"),
    ],
)
def test_a_line_for_people(found: dict[str, Any], line: str) -> None:
    given_ = {"done": 12400, "total": 100000, "rate": 310.4, "seconds_left": 283, "by_status": {"failed": 3, "verified": 82}, "parked": 41}
    assert progress_text({**given_, **found}) == line


@given(st.binary(max_size=200) | st.recursive(st.none() | st.floats() | st.text(), lambda one: st.lists(one) | st.dictionaries(
    st.sampled_from(("done", "total", "rate", "parked", "by_status", "seconds_left", "ended", "\x1b[1m")), one,
)).map(lambda found: json.dumps(found).encode()))  # fmt: skip
def test_a_file_of_somebody_else_harms_nobody(content: bytes) -> None:
    found = read_progress(content)
    assert found is None or progress_text(found).isprintable()


def test_the_file_is_whole_at_any_moment_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "results.progress"
    file = ProgressFile(str(path))
    for number in range(3):
        file.write({"done": number})
        assert json.loads(path.read_bytes()) == {"done": number}
    assert path.stat().st_mode & 0o777 == 0o600 and os.listdir(tmp_path) == [path.name]
    (tmp_path / "precious").write_text("precious", encoding="ascii")
    path.unlink()
    path.symlink_to(tmp_path / "precious")
    file.write({"done": 5})
    assert not path.is_symlink() and (tmp_path / "precious").read_text(encoding="ascii") == "precious"
    tmp_path.chmod(0o500)
    file.write({"done": 6})  # root can, others cannot; neither is an error
    tmp_path.chmod(0o700)
    file.close()
    file.close()


def test_a_killed_run_of_the_same_number_does_not_stop_it(tmp_path: Path) -> None:
    left = tmp_path / f".p.{os.getpid()}"
    left.write_text("half", encoding="ascii")
    file = ProgressFile(str(tmp_path / "p"))
    file.write({})
    file.close()
    assert os.listdir(tmp_path) == ["p"]


@pytest.mark.parametrize("fails", [OSError(errno.ENOSPC, "full"), 3], ids=["nothing", "some"])
def test_a_full_disk_leaves_what_there_was_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: OSError | int
) -> None:
    def write(unused: int, content: bytes) -> int:
        if isinstance(fails, OSError):
            raise fails
        return fails

    file = ProgressFile(str(tmp_path / "p"))
    file.write({"done": 1})
    monkeypatch.setattr(os, "write", write)
    file.write({"done": 2})
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["p"] and json.loads((tmp_path / "p").read_bytes()) == {"done": 1}
    file.close()


@pytest.mark.parametrize("path", ["missing/p", ".", "open/p", "a\0b", "folder"])
def test_a_place_that_will_not_do_is_an_option_error(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(OptionError) as caught:
        ProgressFile(str(tmp_path) + "/" + path)
    assert caught.value.option == "progress_file"
