# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists get their names together, when all are whole, and what stood there before stays until then."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.shard_lists import ExchangeReport, ShardLists, file_names
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError


def test_names_of_probers_become_names_of_files() -> None:
    assert file_names(["ams1", "../fra 1", "x" * 300]) == {
        "ams1": "1-ams1.txt", "../fra 1": "2-.._fra_1.txt", "x" * 300: "3-" + "x" * 100 + ".txt",
    }  # fmt: skip
    assert next(iter(file_names([str(number) for number in range(12)]).values())) == "01-0.txt"


def test_lists_are_written_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "lists"
    with ShardLists(str(folder), ["a", "b"]) as lists:
        lists.add("a", "one.example")
        lists.add("b", "two.example")
        lists.add("a", "bücher.example")
        assert not any(path.suffix == ".txt" for path in folder.iterdir())
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        "1-a.txt": "one.example\nbücher.example\n", "2-b.txt": "two.example\n",
    }  # fmt: skip
    assert lists.counts == {"a": 2, "b": 1}
    assert {os.stat(path).st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_what_was_there_stays_when_a_list_is_not_finished(tmp_path: Path) -> None:
    with ShardLists(str(tmp_path), ["a"]) as lists:
        lists.add("a", "one.example")
    with pytest.raises(KeyError), ShardLists(str(tmp_path), ["a"]) as lists:
        lists.add("a", "other.example")
        raise KeyError
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"1-a.txt": "one.example\n"}


def test_a_list_that_a_killed_run_left_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "1-a.txt.part").write_text("half.exa", encoding="utf-8")
    (tmp_path / "1-a.txt.part").chmod(0o600)
    with ShardLists(str(tmp_path), ["a"]):
        pass
    assert (tmp_path / "1-a.txt").read_text(encoding="utf-8") == ""


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OptionError, match="dest"), ShardLists(str(tmp_path / "file" / "lists"), ["a"]):
        pass
    (tmp_path / "1-a.txt.part").symlink_to(tmp_path / "file")
    with pytest.raises(OptionError, match="symbolic link"), ShardLists(str(tmp_path), ["a"]):
        pass


def test_a_full_disk_is_told_by_the_option(tmp_path: Path) -> None:
    full = [tmp_path / name for name in ("1-a.txt.part", "exchanges.part")]
    long = "x" * 100_000
    told = f"^dest: .*{tmp_path}.* cannot be written: No space left"
    with pytest.raises(OptionError, match=told), ShardLists(str(tmp_path), ["a", "b"]) as lists:
        _replace(lists._files["a"])
        lists.add("b", "one.example")
        lists.add("a", long)
    with pytest.raises(OptionError, match="cannot be written: No space left"), ShardLists(str(tmp_path), ["a"]) as lists:
        _replace(lists._files["a"])
        lists.add("a", "short, so that it is written in the end")
    with pytest.raises(OptionError, match="^exchanges_dest: .* No space left"), ExchangeReport(str(tmp_path / "exchanges")) as report:
        _replace(report._file)
        report.add("example.org", [long])
    assert not any(path.exists() for path in full[1:]) and not (tmp_path / "1-a.txt").exists()


def _replace(stream: TextIO) -> None:
    """Have a file be one for which there is no room."""
    descriptor = os.open("/dev/full", os.O_WRONLY)
    os.dup2(descriptor, stream.fileno())
    os.close(descriptor)
