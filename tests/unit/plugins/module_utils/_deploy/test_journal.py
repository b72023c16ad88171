# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a deployment under way, and what main.cf says about how far it came."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import (
    FILE,
    Journal,
    JournalUnreadable,
    read_journal,
    remove_journal,
    write_journal,
)
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import Setting

CHAINS = "smtpd_tls_chain_files"
JOURNAL = Journal(
    (Setting(CHAINS, None, "/new.pem"), Setting("smtpd_tls_cert_file", "/c.pem", None), Setting("smtpd_tls_key_file", "/k.pem", None)),
    ("/new.pem",),
    "ecdsa",
    "0123",
)


def test_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert read_journal(str(tmp_path)) is None
    write_journal(str(tmp_path), JOURNAL)
    assert read_journal(str(tmp_path)) == JOURNAL
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    remove_journal(str(tmp_path))
    remove_journal(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("explicit", "progress"),
    [
        ({"smtpd_tls_cert_file": "/c.pem", "smtpd_tls_key_file": "/k.pem"}, "before"),
        ({"smtpd_tls_cert_file": "/c.pem", "smtpd_tls_key_file": "/k.pem", CHAINS: ""}, "before"),
        ({"smtpd_tls_cert_file": "/c.pem", "smtpd_tls_key_file": "/k.pem", CHAINS: "/new.pem"}, "after"),
        ({CHAINS: "/new.pem"}, "after"),
        ({CHAINS: "/newer.pem"}, "other"),
        ({"smtpd_tls_cert_file": "/c.pem", "smtpd_tls_key_file": "/other.pem"}, "other"),
    ],
    ids=["before", "restored", "committed", "complete", "changed-since", "changed-before"],
)
def test_progress(explicit: dict[str, str], progress: str) -> None:
    assert JOURNAL.progress(explicit) == progress


def test_a_default_that_is_written_out_is_no_change() -> None:
    journal = Journal((Setting("smtpd_tls_key_file", None, "/k.pem"),), (), "rsa", "")
    assert journal.progress({"smtpd_tls_key_file": "$smtpd_tls_cert_file"}) == "before"


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"format": 2}', '{"format": 1, "settings": [{"name": "queue_directory", "before": null, "after": "/"}], "made": []}'],
    ids=["empty", "list", "format", "parameter"],
)
def test_nonsense(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(JournalUnreadable, match=FILE):
        read_journal(str(tmp_path))


def test_a_record_that_others_could_have_written_is_not_believed(tmp_path: Path) -> None:
    write_journal(str(tmp_path), JOURNAL)
    (tmp_path / FILE).chmod(0o666)
    with pytest.raises(JournalUnreadable, match="can be written by others, with its mode 0666"):
        read_journal(str(tmp_path))
    if os.geteuid() == 0:
        (tmp_path / FILE).chmod(0o600)
        os.chown(tmp_path / FILE, 12345, 12345)
        with pytest.raises(JournalUnreadable, match="belongs to the user 12345"):
            read_journal(str(tmp_path))


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_file_is_named_and_holds_nobody_up(tmp_path: Path, kind: str) -> None:
    path = tmp_path / FILE
    if kind == "link":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(JournalUnreadable, match=FILE):
        read_journal(str(tmp_path))
