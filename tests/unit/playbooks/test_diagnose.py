# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook diagnose.yml hands its variables on by their own names, and knows all that it reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.arguments import delivery_arguments

yaml = pytest.importorskip("yaml")

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "diagnose.yml"
TEXT = PLAYBOOK.read_text(encoding="utf-8")
PLAYS: list[dict[str, Any]] = yaml.safe_load(TEXT)
KNOWN = set(PLAYS[0]["vars"]["known"])
TASKS = [task for play in PLAYS for task in play["tasks"]]
PROBES = [task["mailops.tls.mail_auth_probe"] for task in TASKS if "mailops.tls.mail_auth_probe" in task]
(DELIVERY,) = [task["mailops.tls.mail_delivery_probe"] for task in TASKS if "mailops.tls.mail_delivery_probe" in task]
COMMON = {
    "security_level", "match", "ca_file", "ca_path", "system_ca", "nameservers", "trust_ad", "host_lookup", "address_family", "ehlo_name",
    "connect_timeout", "command_timeout", "deadline",
}  # fmt: skip
"""Options that every probe has, handed on as they are."""


@pytest.mark.parametrize(
    ("given", "options", "common"),
    [
        (PROBES[0], {*auth_arguments(), "host"}, COMMON),
        (PROBES[1], {*auth_arguments(), "host"}, COMMON),
        (DELIVERY, set(delivery_arguments()), COMMON - {"security_level"}),
    ],
    ids=["offers", "logins", "delivery"],
)
def test_options_that_probes_share_are_handed_on_by_their_names(given: dict[str, Any], options: set[str], common: set[str]) -> None:
    assert common <= KNOWN and set(given) <= options
    handed_on = {name: value for name, value in given.items() if name in common}
    assert handed_on == {name: f"{{{{ {name} | default(omit) }}}}" for name in common}


def test_every_variable_that_is_read_is_known_and_the_other_way_round() -> None:
    read = set(re.findall(r"\b(\w+) \| default\(", TEXT)) | set(re.findall(r"\b(\w+) is (?:not )?defined", TEXT))
    assert {name for name in read if not name.startswith("results")} <= KNOWN | {"first"}
    assert KNOWN <= read


def test_the_password_is_shown_nowhere() -> None:
    asking = [task for task in TASKS if "_password" in str(task) or "ansible.builtin.pause" in task]
    shown = [task["name"] for task in asking if task.get("no_log") is not True]
    assert shown == ["Stop without a password", "Log in", "Send a message, and look for it"]  # a length, and options that no log has
    assert auth_arguments()["password"]["no_log"] is True


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
@pytest.mark.parametrize(
    ("words", "run"),
    [
        (["HOST=mail.example.org"], "bash tests/demo/diagnose.sh mail.example.org"),
        (
            ["HOST=mail.example.org", "LOGIN=anna", "RECIPIENT=anna@example.org"],
            "bash tests/demo/diagnose.sh mail.example.org 'user=anna' 'recipient=anna@example.org'",
        ),
    ],
)
def test_make_hands_its_variables_to_the_playbook(words: list[str], run: str) -> None:
    command = ["make", "--dry-run", "--directory", str(PLAYBOOK.parents[1]), "diagnose", *words]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert run in [" ".join(line.split()) for line in said.splitlines()]
    assert {"user", "recipient"} <= KNOWN
