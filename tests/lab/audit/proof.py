# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit over several nights, as it has to go: killed twice, one night with exactly ten changes, and none in the others.

    python -m tests.lab.audit prove FOLDER --domains 10000
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from . import namespaces
from .nights import Audit, Night, kill_controller, killing_probe, lab_options
from .world import CHANGED, domain

KINDS = {**{subject: {subject} for subject in CHANGED}, "error": {"delivery", "verdict"}}
"""What is told of the domain of each subject."""
AWAY = "prober1"


class Proof:
    """The nights, one after the other, each by a method; all of them by `all`."""

    def __init__(self, folder: Path, size: int) -> None:
        """Take the folder of a network that is up, with *size* domains that stay as they are."""
        self._folder, self._all = folder, size + len(CHANGED) + 1  # with two that are quiet, without the one that is not there
        variables = {"mx_audit_confirm": 1, "mx_audit_probe": {**lab_options(), "concurrency": 4}}
        self._audit = Audit(folder, variables)
        self._first: str | None = None
        self._ten: str | None = None

    def all(self) -> None:
        """Do all nights, and say what each was."""
        for night in (self.killed, self.finished, self.ten_changes, self.quiet, self.looks_only, self.one_prober_away, self.back_again):
            began = time.monotonic()
            night()
            print(f"{time.monotonic() - began:6.1f} s  {night.__doc__}", flush=True)

    def killed(self) -> None:
        """The controller is killed while the probers work."""
        self._audit.hold()
        night = self._audit.run(interrupt=kill_controller)
        assert night.code == -9 and not night.result, night
        self._first = self._open_run()

    def finished(self) -> None:
        """The next run finds them at work, and finishes the same run."""
        self._audit.release()
        night = self._ends(0)
        assert night.result["run_id"] == self._first and night.result["previous"] is None, night
        assert night.result["counts"]["destinations"] == self._all and not night.told, night
        assert night.result["counts"]["by_status"]["verified"] == self._all - len(CHANGED), night

    def quiet(self) -> None:
        """Nothing is different, and nothing is told."""
        night = self._ends(0, mx_audit_show="changes")
        assert night.result["changed"] is False and not night.told and not night.kinds(), night
        assert "Nothing changed since" in night.result["page"][1] and not night.output.strip(), night

    def ten_changes(self) -> None:
        """Another day: a probe is killed, and exactly the ten changes are told."""
        namespaces.next_day(self._folder)
        self._audit.hold()

        def interrupt(unused: object) -> None:
            killing_probe(self._audit, AWAY)(unused)
            self._audit.release()

        night = self._audit.run(interrupt=interrupt)
        assert night.code == 2 and night.told, night
        assert night.kinds() == {domain(subject): kinds for subject, kinds in KINDS.items()}, night
        changes = night.result["changes"]
        assert {name: changes[name] for name in ("changed", "new", "gone", "renewed", "missing", "unconfirmed")} == {
            "changed": len(CHANGED) - 2, "new": 1, "gone": 1, "renewed": 1, "missing": 0, "unconfirmed": 0,
        }, night  # fmt: skip
        assert sorted(night.result["changed_destinations"]) == sorted(map(domain, CHANGED)), night
        assert f"Something is worse than it was in {night.result['previous']}: {domain('error')}" in night.output, night
        self._ten = night.result["run_id"]

    def looks_only(self) -> None:
        """In check mode nothing happens."""
        night = self._audit.run(check=True)
        assert night.code == 0 and "would probe" in night.output and not night.result, night
        assert not (self._audit.directory / "open").exists(), night

    def one_prober_away(self) -> None:
        """A prober cannot be reached: its share is missing, and nothing is gone."""
        night = self._audit.run(away=[AWAY])
        assert night.code == 2 and not night.told, night
        assert f"The share of {AWAY} is not whole, 0 of" in night.output, night
        assert "are not counted as gone" in night.output and "no longer in the list" not in night.output, night
        self._first = self._open_run()

    def back_again(self) -> None:
        """It is back: the run is finished, and nothing has changed."""
        night = self._ends(0)
        assert night.result["run_id"] == self._first and night.result["whole"], night
        assert night.result["counts"]["destinations"] == self._all and not night.kinds() and not night.told, night
        assert not (self._audit.directory / "open").exists() and not list(self._audit.work.iterdir()), night

    def _ends(self, code: int, **more: Any) -> Night:
        night = self._audit.run(**more)
        assert night.code == code and night.result, night
        return night

    def _open_run(self) -> str:
        found = json.loads((self._audit.directory / "open" / "run.json").read_text(encoding="utf-8"))
        return str(found["run"])
