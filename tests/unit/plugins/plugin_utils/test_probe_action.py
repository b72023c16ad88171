# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the progress of a run is seen in its file of results, and what becomes of destinations before the module has them."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.action import mail_auth_probe, mailbox_tls_probe, smtp_tls_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.plugin_utils import probe_action
from ansible_collections.mailops.tls.plugins.plugin_utils.probe_action import Lines, ProbeAction, Progress, _count, _written


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
    assert _count({"destinations": ["a.example", "a.example", "b.example"]}, (("destinations", "domain"),)) == 2
    options = (("hosts", "host"), ("domains", "domain"))
    assert _count({"host": "a.example,b.example", "domains": ["a.example"], "services": ["imap", "pop3"]}, options) == 3
    assert _count({"services": ["imap"]}, options) == 0


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        (smtp_tls_probe.ActionModule, smtp_arguments()),
        (mailbox_tls_probe.ActionModule, mailbox_arguments()),
        (mail_auth_probe.ActionModule, auth_arguments()),
    ],
)
def test_the_options_are_those_of_the_module(action: type[ProbeAction], arguments: dict[str, dict[str, Any]]) -> None:
    for name, *aliases in action.OPTIONS:
        assert arguments[name].get("aliases", []) == aliases and arguments[name]["type"] == "list"
    assert arguments["results_file"]["type"] == "path" and action.__module__.endswith(f".{action.SHOWN}")


@pytest.mark.parametrize("own", [True, False])
def test_progress_is_shown_when_there_is_some(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: bool) -> None:
    shown: list[str] = []
    there = threading.Event()

    def display(line: str) -> None:
        shown.append(line)
        if line.startswith("x: 2"):
            there.set()

    monkeypatch.setattr(probe_action, "INTERVAL", 0.01)
    monkeypatch.setattr(probe_action.display, "display", display)
    path = tmp_path / "results"
    path.write_bytes(b"header\none\n")
    progress = Progress(str(path), 2, str(path) if own else None, "x: {} of 2 hosts probed")
    with path.open("ab") as stream:
        stream.write(b"two\nthree\n")
    assert there.wait(600)
    progress.stop()
    assert shown[-1] == "x: 2 of 2 hosts probed" and len(shown) == len(set(shown)) and path.exists() is not own
