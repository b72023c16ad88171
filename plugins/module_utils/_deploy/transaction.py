# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One deployment, step by step, so that it can end anywhere: the edge to files and to Postfix.

Record, file of key and chain, `postconf -e`, `postfix check`, `postfix reload`, wait until the certificate is served, end of the
record. The one moment that counts is when postconf exchanges main.cf: before it the old pair is served, from then on the new one. What
fails later is taken back in the opposite order. Who is told of the steps (*observe*) may end the process at any of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import FILE, Journal, remove_journal, write_journal
from ansible_collections.mailops.tls.plugins.module_utils._deploy.loading import LoadFiles, files_refusal
from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import Pair
from ansible_collections.mailops.tls.plugins.module_utils._deploy.plan import DEFAULTS
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import (
    KEY_MODE,
    Access,
    NewFile,
    create_together,
    read_file,
    replace_together,
)
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import sweep
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Run, complaint
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import NotChanged, Setting, change
from ansible_collections.mailops.tls.plugins.module_utils._text import clean, reason_of

_FORMER = re.escape(FILE) + r"|chain-[a-z0-9]+-[0-9a-f]{16}\.pem"
"""Files that version 0.1 wrote under hidden names without a mark."""

Observe = Callable[[str], None]
WaitServed = Callable[[str, str], Optional[str]]
"""(kind of key, SHA-256 of the leaf) -> why it is not served in time, or why nobody can tell; None when that is as it should be."""


class DeployFailed(Exception):
    """The new pair could not be deployed; the text says why. `rolled_back`: everything is as it was before."""

    def __init__(self, text: str, rolled_back: bool) -> None:
        super().__init__(text)
        self.rolled_back = rolled_back


class _StepFailed(Exception):
    """One step failed."""


def _ignore(step: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Transaction:
    """What steps need: how to run programs, the instance, how to see what is served, who watches, and how files are tried."""

    run: Run
    directory: str
    wait_served: WaitServed
    observe: Observe = _ignore
    load: LoadFiles = files_refusal

    def deploy(self, settings: Sequence[Setting], files: Sequence[tuple[str, Pair]], new: Pair, *, runs: bool = False) -> bool:
        """Do all steps; returns whether Postfix runs and was reloaded.

        Args:
            settings: What is to be changed in main.cf.
            files: What is to be written before, each as a path and the pair in it.
            new: The pair that is to be served in the end.
            runs: Postfix was seen running, so that one that has stopped in the meantime has served nothing.

        Raises:
            DeployFailed: when it had to be taken back.
            PostfixMissing: when there is no Postfix.
        """
        made = tuple(path for path, _pair in files if not os.path.lexists(path))
        journal = Journal(tuple(settings), made, new.algorithm, new.leaf.digest("sha256"))
        try:
            self.observe("record")
            _at_disk(f"the record in {self.directory} cannot be written", partial(write_journal, self.directory, journal))
            self.observe("files")
            for path, pair in files:
                _at_disk(f"{path} cannot be written", partial(_write, path, pair))
                self._try(path)
            self.observe("parameters")
            change(self.run, self.directory, settings)
            self.observe("changed")
        except (OSError, NotChanged, _StepFailed) as problem:
            restored = not isinstance(problem, NotChanged) or problem.restored
            raise self._failed(str(problem), journal, restored and self._forget(journal)) from problem
        return self.activate(journal, runs=runs)

    def _try(self, path: str) -> None:
        """Load what was written as smtpd(8) will, before main.cf names it."""
        refusal = self.load(path, path)
        if refusal is not None:
            raise _StepFailed(f"{path} cannot be used: {refusal}")

    def activate(self, journal: Journal, *, runs: bool = False) -> bool:
        """Have Postfix serve what the parameters say; take all back when it does not. Returns and raises as `deploy`."""
        try:
            reloaded = self._serve(journal, runs)
        except _StepFailed as problem:
            raise self._failed(str(problem), journal, self.roll_back(journal)) from problem
        self.observe("end")
        _sweep(self.directory, journal)
        self.end()
        return reloaded

    def end(self) -> None:
        """End the record of what is in place.

        Raises:
            DeployFailed: when it had to be taken back.
        """
        try:
            _at_disk(f"the record in {self.directory} cannot be removed", partial(remove_journal, self.directory))
        except _StepFailed as problem:
            text = f"{clean(str(problem))}; what was deployed is in place, and the next run removes the record"
            raise DeployFailed(text, False) from problem

    def _serve(self, journal: Journal, runs: bool) -> bool:
        self.observe("check")
        self._postfix("check")
        if not self.is_running():
            if runs:
                raise _StepFailed("Postfix has stopped in the meantime, so nobody serves the certificate")
            return False
        self.observe("reload")
        self._postfix("reload")
        self.observe("wait")
        problem = self.wait_served(journal.algorithm, journal.leaf_sha256)
        if problem is not None:
            raise _StepFailed(problem)
        return True

    def is_running(self) -> bool:
        """Return whether the instance runs."""
        return self.run(["postfix", "-c", self.directory, "status"]).status == 0

    def roll_back(self, journal: Journal) -> bool:
        """Put parameters and files back and reload; returns whether that could be done."""
        self.observe("roll back")
        backwards = [one.reversed() for one in journal.settings]
        # First what means the same as before in one go, then what main.cf did not set is removed from it.
        whole = [Setting(one.name, one.before, DEFAULTS[one.name] if one.after is None else one.after) for one in backwards]
        try:
            change(self.run, self.directory, whole)
            self.observe("restored")
            absent = [Setting(one.name, DEFAULTS[one.name], None) for one in backwards if one.after is None]
            change(self.run, self.directory, absent)
            if self.is_running():
                self._postfix("reload")
        except (NotChanged, _StepFailed, OSError):
            return False
        return self._forget(journal)

    def _forget(self, journal: Journal) -> bool:
        """Remove what was made for a deployment that is not to be; returns whether that could be done."""
        try:
            self.discard(journal)
        except DeployFailed:
            return False
        return True

    def discard(self, journal: Journal) -> None:
        """End a deployment that never came to its moment.

        Raises:
            DeployFailed: when it had to be taken back.
        """
        self.observe("forget")
        try:
            for path in journal.made:
                _at_disk(f"{path}, which an interrupted deployment has left, cannot be removed", partial(_unlink, path))
            _sweep(self.directory, journal)
            _at_disk(f"the record in {self.directory} cannot be removed", partial(remove_journal, self.directory))
        except _StepFailed as problem:
            raise DeployFailed(clean(str(problem)), False) from problem

    def _failed(self, text: str, journal: Journal, rolled_back: bool) -> DeployFailed:
        state = "everything is as it was before" if rolled_back else "what was before could not be restored completely"
        return DeployFailed(f"{clean(text)}; {state}", rolled_back)

    def _postfix(self, command: str) -> None:
        result = self.run(["postfix", "-c", self.directory, command])
        if result.status != 0:
            output = result.stderr if result.stderr.strip() else result.stdout
            reason = complaint(output) if output.strip() else f"exit status {result.status}"
            raise _StepFailed(f"postfix {command} failed: {reason}")


def _at_disk(text: str, step: Callable[[], None]) -> None:
    """Take a step at the disk.

    Raises:
        _StepFailed: when the disk refuses, with this text and the reason.
    """
    try:
        step()
    except OSError as problem:
        raise _StepFailed(f"{text}: {reason_of(problem)}") from problem


def _unlink(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)


def _sweep(directory: str, journal: Journal) -> None:
    sweep_leftovers(directory, *(os.path.dirname(path) for path in journal.made))


def sweep_leftovers(*directories: str) -> None:
    """Remove what deployments that were killed have left half written, keys in it; what cannot be removed stays for the next run."""
    for one in dict.fromkeys(directories):
        sweep(one, _FORMER)


def _write(path: str, pair: Pair) -> None:
    """A file of this name has this pair in it, or something went wrong with it."""
    folder, name = os.path.split(path)
    file = NewFile(name, pair.combined, Access(KEY_MODE, os.geteuid(), os.getegid()))
    found = read_file(path)
    if found is None:
        create_together(folder, [file])
    elif found.content != pair.combined or found.access.mode != KEY_MODE:
        replace_together(folder, [file])
