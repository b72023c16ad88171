# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole deployments whose calls of the system fail, or end the process, one after the other: a full disk, a read-only one, SIGKILL."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import DeployOutcome, Edges, deploy_pair
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import FILE, JournalUnreadable
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import Sight
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.arguments import deploy_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.options import deploy_order
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import EditablePostfix, combined, issued, pair_of
from ansible_collections.mailops.tls.tests.unit.worlds.faulty_system import NEVER_FAIL, Counter, calls_watched, killed_at

CHAINS = "smtpd_tls_chain_files"
ERRORS = (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO)
OLD, NEW = issued(), issued()
NEW_FILE = pair_of(NEW).file_name
MOST = 300


class KeptPostfix(EditablePostfix):
    """A Postfix whose main.cf outlives the process: a file beside the configuration directory."""

    def __init__(self, kept: Path, chain_file: Path) -> None:
        super().__init__({CHAINS: str(chain_file), "smtpd_tls_security_level": "may"})
        self.kept = kept
        self.kept.write_text(json.dumps(self.main))

    def __call__(self, command: Sequence[str]) -> CommandResult:
        self.main = json.loads(self.kept.read_text())
        result = super().__call__(command)
        self.kept.write_text(json.dumps(self.main))
        return result

    @property
    def chains(self) -> str:
        """What main.cf names."""
        return str(json.loads(self.kept.read_text())[CHAINS])


class Server:
    """A configuration directory with an old pair deployed and a new one to deploy."""

    def __init__(self, folder: Path) -> None:
        self.etc = folder / "etc"
        self.etc.mkdir(parents=True)
        self.old_file, self.source = folder / "old.pem", folder / "new.pem"
        self.old_file.write_bytes(combined(OLD))
        self.source.write_bytes(combined(NEW))
        self.postfix = KeptPostfix(folder / "main.json", self.old_file)

    def look(self, listener: Listener, algorithm: str) -> Sight:
        """What is served is what main.cf names."""
        return Sight(pair_of(OLD if self.postfix.chains == str(self.old_file) else NEW).leaf.digest("sha256"))

    def run(self) -> DeployOutcome:
        """Deploy the new pair."""
        params = {name: spec.get("default") for name, spec in deploy_arguments().items()}
        params.update(config_directory=str(self.etc), certificate_path=str(self.source), tlsa_guard=False, timeout=0.1)
        return deploy_pair(deploy_order(params), Edges(self.postfix, self.look, addresses_of=lambda name: ()))

    def files(self) -> list[str]:
        """What is in the configuration directory, hidden files too."""
        return sorted(os.listdir(self.etc))

    def check_served(self) -> None:
        """What main.cf names is whole."""
        named = Path(self.postfix.chains)
        assert named.read_bytes() == (combined(OLD) if named == self.old_file else pair_of(NEW).combined)


def calls_of_a_deployment(folder: Path) -> list[int]:
    """The numbers of the calls that can fail."""
    server, counter = Server(folder), Counter()
    with calls_watched(counter):
        server.run()
    return [number for number, name in enumerate(counter.made, 1) if name not in NEVER_FAIL]


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from-then-on"])
def test_every_call_fails(tmp_path: Path, lasting: bool) -> None:
    """One clear error, nothing half done, and the next run does all that is left."""
    failed: set[str] = set()
    texts: set[str] = set()
    for at in calls_of_a_deployment(tmp_path / "good"):
        server, error = Server(tmp_path / str(at)), ERRORS[at % len(ERRORS)]
        counter = Counter(at, error, lasting)
        try:
            with calls_watched(counter):
                server.run()
        except (OptionError, DeployFailed, JournalUnreadable) as problem:
            text = str(problem)
            texts.add(text)
            failed.add(counter.failed[0])
            assert os.strerror(error) in text and "Errno" not in text, text
            if getattr(problem, "rolled_back", False):
                assert server.postfix.chains == str(server.old_file) and NEW_FILE not in server.files() and FILE not in server.files()
        server.check_served()
        run = server.run()
        assert run.facts["served"] and server.files() == [NEW_FILE], (at, counter.failed, server.files())
    assert {"open", "flock", "link", "write", "fsync", "unlink"} <= failed, failed
    assert any("cannot be locked" in one for one in texts) and any("cannot be removed" in one for one in texts)


def test_killed_at_every_call(tmp_path: Path) -> None:
    for at in range(1, MOST):
        server = Server(tmp_path / str(at))
        killed = killed_at(server.run, at)
        server.check_served()
        run = server.run()
        assert run.facts["served"] and server.files() == [NEW_FILE], (at, server.files())
        if not killed:
            break
    assert not killed and at > 30
