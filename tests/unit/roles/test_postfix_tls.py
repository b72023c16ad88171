# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role postfix_tls: what it says of its variables is what it does with them, and what the modules take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_enable.arguments import enable_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_key.arguments import key_arguments

yaml = pytest.importorskip("yaml")

ROLE = Path(__file__).resolve().parents[3] / "roles" / "postfix_tls"
VARIABLE = re.compile(r"(?<!_)\bpostfix_tls_\w+")
MODULES = {"postfix_tls_info", "postfix_tls_key", "postfix_tls_deploy", "postfix_tls_enable"}
OWN = {"postfix_tls_instance", "postfix_tls_results"}  # the variable of the loop, and the fact


def read(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


@pytest.fixture(name="options")
def _options() -> dict[str, dict[str, Any]]:
    options: dict[str, dict[str, Any]] = read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return options


def test_defaults_are_as_documented(options: dict[str, dict[str, Any]]) -> None:
    assert read("defaults/main.yml") == {name: option["default"] for name, option in options.items() if "default" in option}


def test_tasks_use_the_variables_that_are_documented(options: dict[str, dict[str, Any]]) -> None:
    texts = [path.read_text(encoding="utf-8") for folder in ("tasks", "vars") for path in (ROLE / folder).glob("*.yml")]
    assert set(VARIABLE.findall("\n".join(texts))) - MODULES - OWN == set(options)


def test_readme_has_every_variable(options: dict[str, dict[str, Any]]) -> None:
    assert set(options) <= set(VARIABLE.findall((ROLE / "README.md").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("variable", "option"),
    [("algorithms", "algorithm"), ("rsa_bits", "bits"), ("ecdsa_curve", "curve")],
)
def test_choices_are_those_of_the_module(options: dict[str, dict[str, Any]], variable: str, option: str) -> None:
    assert options["postfix_tls_" + variable]["choices"] == list(key_arguments()[option]["choices"])


def test_choices_are_those_of_enable(options: dict[str, dict[str, Any]]) -> None:
    arguments = enable_arguments()
    assert options["postfix_tls_on_customized"]["choices"] == list(arguments["on_customized"]["choices"])
    assert options["postfix_tls_on_customized"]["default"] == arguments["on_customized"]["default"]
    assert set(options["postfix_tls_sides"]["choices"]) == set(arguments["side"]["choices"])


def test_an_instance_has_the_options_of_all(options: dict[str, dict[str, Any]]) -> None:
    for name, option in options["postfix_tls_instances"]["options"].items():
        of_all = options.get("postfix_tls_" + name, {"type": "path"})
        assert {key: option.get(key) for key in ("type", "elements", "choices")} == {
            key: of_all.get(key) for key in ("type", "elements", "choices")
        }, name


def test_records_are_judged_by_what_was_kept_before_the_server_was_asked() -> None:
    """Facts that a server returns would stand for variables of the inventory."""
    names_of_tasks = [task["name"] for task in read("tasks/main.yml") if task["name"] != "Look at the variables"]
    assert names_of_tasks[:2] == ["Begin without results", "Install what is needed"]
    (judged,) = [task for task in read("tasks/records.yml") if "accepted_tlsa" in str(task)]
    names = set(VARIABLE.findall(str(judged) + read("vars/main.yml")["__postfix_tls_known_as"]))
    assert names == {"postfix_tls_instance"}
    last = read("tasks/main.yml")[-3:]
    assert last[1]["ansible.builtin.meta"] == "clear_facts" and "ansible.builtin.fail" in last[2]
