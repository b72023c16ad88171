# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a deployment with each of them failing, and the process ending at each."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import FILE, read_journal
from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import Pair
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed, Observe, Transaction
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import Setting
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import EditablePostfix, issued, pair_of

CHAINS, CERTIFICATE, KEY = "smtpd_tls_chain_files", "smtpd_tls_cert_file", "smtpd_tls_key_file"
OLD = {CERTIFICATE: "/old.pem", "myhostname": "mx.example.com"}
NEW: Pair = pair_of(issued())
STEPS = ["record", "files", "parameters", "changed", "check", "reload", "wait", "end"]


class Killed(BaseException):
    """The process ends here."""


def served(algorithm: str, leaf: str) -> str | None:
    return None


def not_served(algorithm: str, leaf: str) -> str | None:
    return "nobody serves it"


def nothing(step: str) -> None:
    pass


class Case:
    """A migration from one parameter to another, in a folder of its own."""

    def __init__(self, folder: Path, running: bool = True) -> None:
        self.folder, self.postfix = folder, EditablePostfix(OLD, running)
        self.path = folder / NEW.file_name
        self.settings = [Setting(CHAINS, None, str(self.path)), Setting(CERTIFICATE, "/old.pem", None)]

    def deploy(self, wait: Callable[[str, str], str | None] = served, observe: Observe = nothing) -> bool:
        transaction = Transaction(self.postfix, str(self.folder), wait, observe)
        return transaction.deploy(self.settings, [(str(self.path), NEW)], NEW)

    def fails(self, wait: Callable[[str, str], str | None] = served) -> DeployFailed:
        with pytest.raises(DeployFailed) as caught:
            self.deploy(wait)
        return caught.value

    def is_as_before(self) -> bool:
        return self.postfix.main == OLD and list(self.folder.iterdir()) == []


def test_all_steps(tmp_path: Path) -> None:
    case, steps = Case(tmp_path), list[str]()
    assert case.deploy(observe=steps.append) is True
    assert steps == STEPS
    assert case.postfix.main == {CHAINS: str(case.path), "myhostname": "mx.example.com"}
    assert [one.name for one in tmp_path.iterdir()] == [NEW.file_name]
    assert case.path.read_bytes() == NEW.combined and case.path.stat().st_mode & 0o777 == 0o600
    assert case.postfix.commands.count("postconf -e") == 1
    assert [one for one in case.postfix.commands if one.startswith("postfix")] == ["postfix check", "postfix status", "postfix reload"]


def test_a_postfix_that_does_not_run_is_not_started(tmp_path: Path) -> None:
    case = Case(tmp_path, running=False)
    assert case.deploy(not_served) is False
    assert "postfix reload" not in case.postfix.commands
    assert case.postfix.main[CHAINS] == str(case.path)


@pytest.mark.parametrize("command", ["postconf -e", "postfix check"])
def test_a_refusal_is_taken_back(tmp_path: Path, command: str) -> None:
    case = Case(tmp_path)
    if command == "postconf -e":
        case.postfix.fails.append(command)
        failed = case.fails()
        assert failed.rolled_back and "postconf -e failed" in str(failed)
    else:
        case.postfix.fails.append(command)
        failed = case.fails()
        assert failed.rolled_back and "postfix check failed: postfix: fatal: no way; everything is as it was before" in str(failed)
    assert case.is_as_before()


def test_not_served_is_taken_back(tmp_path: Path) -> None:
    case = Case(tmp_path)
    failed = case.fails(not_served)
    assert failed.rolled_back and "nobody serves it" in str(failed)
    assert case.is_as_before()
    assert case.postfix.commands.count("postfix reload") == 2


def test_a_reload_that_fails_for_the_old_parameters_too_is_told(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.postfix.fails.append("postfix reload")
    failed = case.fails()
    assert not failed.rolled_back and "could not be restored completely" in str(failed)
    assert case.postfix.main == OLD and read_journal(str(tmp_path)) is not None


def test_a_folder_that_takes_no_files(tmp_path: Path) -> None:
    case = Case(tmp_path / "nothing")
    assert case.fails().rolled_back
    assert case.postfix.main == OLD and case.postfix.commands == []


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.path = tmp_path / "nothing" / NEW.file_name
    assert case.fails().rolled_back
    assert case.is_as_before()


def test_a_damaged_file_of_this_name_is_replaced_and_kept(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.path.write_bytes(b"half of it")
    case.deploy()
    assert case.path.read_bytes() == NEW.combined
    case.postfix.main = dict(OLD)
    assert case.fails(not_served).rolled_back
    assert case.path.exists()  # it was there before


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_every_step(tmp_path: Path, step: str) -> None:
    """main.cf has the old parameters or the new ones, whose file is complete; the record tells which; what follows ends clean."""
    case = Case(tmp_path)

    def observe(name: str) -> None:
        if name == step:
            raise Killed

    with pytest.raises(Killed):
        case.deploy(observe=observe)
    journal = read_journal(str(tmp_path))
    transaction = Transaction(case.postfix, str(tmp_path), served)
    if step == "record":
        assert journal is None and case.is_as_before()
        return
    assert journal is not None
    progress = journal.progress(case.postfix.main)
    assert progress == ("before" if step in ("files", "parameters") else "after")
    if progress == "before":
        transaction.discard(journal)
        assert case.is_as_before()
    else:
        assert case.path.read_bytes() == NEW.combined
        transaction.activate(journal)
        assert case.postfix.main[CHAINS] == str(case.path) and not (tmp_path / FILE).exists()


@pytest.mark.parametrize("step", ["roll back", "restored", "forget"])
def test_killed_while_it_is_taken_back(tmp_path: Path, step: str) -> None:
    case = Case(tmp_path)

    def observe(name: str) -> None:
        if name == step:
            raise Killed

    with pytest.raises(Killed):
        case.deploy(not_served, observe)
    journal = read_journal(str(tmp_path))
    assert journal is not None and case.path.read_bytes() == NEW.combined
    assert journal.progress(case.postfix.main) == ("after" if step == "roll back" else "before")


def test_no_step_of_the_way_back_mixes_key_and_certificate(tmp_path: Path) -> None:
    """Before, the key was in the file of the certificate: the parameter of the key goes back together with the other."""
    case = Case(tmp_path)
    case.settings = [Setting(CERTIFICATE, "/old.pem", "/new.pem"), Setting(KEY, None, "/new.key")]
    assert case.fails(not_served).rolled_back
    pairs = {(one[CERTIFICATE], one.get(KEY, "$smtpd_tls_cert_file")) for one in case.postfix.seen}
    assert pairs == {("/new.pem", "/new.key"), ("/old.pem", "$smtpd_tls_cert_file")}
    assert case.postfix.main == OLD


def test_what_was_being_written_is_removed(tmp_path: Path) -> None:
    case = Case(tmp_path)

    def observe(name: str) -> None:
        if name == "parameters":
            raise Killed

    with pytest.raises(Killed):
        case.deploy(observe=observe)
    (tmp_path / (f".{NEW.file_name}.0123456789abcdef")).write_bytes(b"half of it")
    (tmp_path / ".something.else").write_bytes(b"")
    journal = read_journal(str(tmp_path))
    assert journal is not None
    Transaction(case.postfix, str(tmp_path), served).discard(journal)
    assert [one.name for one in tmp_path.iterdir()] == [".something.else"]
