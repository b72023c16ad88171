# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role mx_audit: what it says of its variables is what it does with them, and what the modules take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.intake import BYTES_EACH
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import LONGEST_LINE
from ansible_collections.mailops.tls.plugins.module_utils._audit.shards import ShardBy
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_shards.arguments import shards_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments

yaml = pytest.importorskip("yaml")

ROLE = Path(__file__).resolve().parents[3] / "roles" / "mx_audit"
VARIABLE = re.compile(r"(?<![_\w.])mx_audit_\w+")
MODULES = {"mx_audit_changes", "mx_audit_index", "mx_audit_shards", "mx_audit_wait", "mx_audit_page"}
OWN = {"mx_audit_result", "mx_audit_probers", "mx_audit_"}  # the fact, the playbook's own variable, and the beginning of all


def read(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def tasks(found: Any) -> list[dict[str, Any]]:
    """All tasks of a file, with those in blocks."""
    return [one for task in found for one in ([task, *tasks(task["block"])] if "block" in task else [task])]


@pytest.fixture(name="options")
def _options() -> dict[str, dict[str, Any]]:
    options: dict[str, dict[str, Any]] = read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return options


def test_defaults_are_as_documented(options: dict[str, dict[str, Any]]) -> None:
    assert read("defaults/main.yml") == {name: option["default"] for name, option in options.items() if "default" in option}


def test_tasks_use_the_variables_that_are_documented(options: dict[str, dict[str, Any]]) -> None:
    texts = [path.read_text(encoding="utf-8") for folder in ("tasks", "vars") for path in (ROLE / folder).glob("*.yml")]
    assert set(VARIABLE.findall("\n".join(texts))) - MODULES - OWN == set(options)


def test_choices_are_those_of_the_module(options: dict[str, dict[str, Any]]) -> None:
    choices = shards_arguments()["shard_by"]["choices"]
    assert options["mx_audit_shard_by"]["choices"] == choices == [one.value for one in ShardBy]
    assert options["mx_audit_shard_by"]["default"] == shards_arguments()["shard_by"]["default"]


def test_what_the_role_itself_says_to_the_probe_cannot_be_said_by_its_user() -> None:
    (start,) = [task for task in read("tasks/attempt.yml") if "mailops.tls.smtp_tls_probe" in task]
    said = set(start["mailops.tls.smtp_tls_probe"])
    names = {name: {name, *option.get("aliases", ())} for name, option in smtp_arguments().items()}
    refused = set(read("vars/main.yml")["__mx_audit_own_options"])
    assert refused == {alias for name in {*said, "destinations"} for alias in names[name]}


def test_what_happens_on_a_prober_stops_nobody() -> None:
    """Tasks for each prober go on when it is away or fails; those of the controller run once."""
    for path in sorted((ROLE / "tasks").glob("*.yml")):
        for task in tasks(read(f"tasks/{path.name}")):
            names = [name for name in task if "." in name and name.partition(".")[0] in ("ansible", "mailops")]
            decides = not names or names[0].rpartition(".")[2] in ("set_fact", "include_tasks", "import_tasks", "fail", "debug", "meta")
            carries_on = task.get("ignore_unreachable") is True and task.get("ignore_errors") is True
            assert decides or carries_on or task.get("run_once") is True, f"{path.name}: {task['name']}"
            if task.get("delegate_to") == "localhost":
                assert task["run_once"] is True and task["become"] is False, f"{path.name}: {task['name']}"


def test_no_more_is_fetched_than_the_store_would_take() -> None:
    text = read("vars/main.yml")["__mx_audit_most_bytes"]
    assert f"{LONGEST_LINE} + {BYTES_EACH} * __mx_audit_run.expected" in text
    for path in (ROLE / "tasks").glob("*.yml"):
        names = [name for task in tasks(read(f"tasks/{path.name}")) for name in task if name.startswith("ansible.builtin.")]
        for at, name in enumerate(names):
            if name == "ansible.builtin.fetch":
                assert "ansible.builtin.stat" in names[:at], path.name
