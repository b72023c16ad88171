# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the progress of a run is seen in its file of results, and what becomes of destinations before the module has them."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.mailops.tls.plugins.action.smtp_tls_probe import Lines, _count, _written


def test_results_are_counted_without_the_header(tmp_path: Path) -> None:
    path = tmp_path / "results"
    lines = Lines(str(path))
    assert lines.results() == 0
    path.write_bytes(b"")
    assert lines.results() == 0
    path.write_bytes(b"header\n")
    assert lines.results() == 0
    path.write_bytes(b"header\none\ntw")
    assert lines.results() == 1
    with path.open("ab") as stream:
        stream.write(b"o\n")
    assert lines.results() == 2
    assert lines.results() == 2


def test_a_file_that_was_emptied_or_exchanged_is_counted_anew(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_bytes(b"header\none\ntwo\n")
    lines = Lines(str(path))
    assert lines.results() == 2
    path.write_bytes(b"header\n")
    assert lines.results() == 0
    other = tmp_path / "other"
    other.write_bytes(b"header\none\ntwo\nthree\n")
    other.rename(path)
    assert lines.results() == 3


def test_nothing_else_than_a_file_holds_the_watcher_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    before = os.listdir("/proc/self/fd")
    for path in (tmp_path / "pipe", tmp_path / "link", tmp_path, tmp_path / "none"):
        assert Lines(str(path)).results() == 0
    assert Lines("a\0b").results() == 0
    assert os.listdir("/proc/self/fd") == before


def test_null_is_no_host_called_none() -> None:
    assert _written(["a.example", None, 5]) == ["a.example", "", 5]
    assert _written("a.example,b.example") == "a.example,b.example"
    assert _count({"destinations": ["a.example", "a.example", "b.example"]}) == 2
