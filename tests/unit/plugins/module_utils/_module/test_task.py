# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a task ends: with facts, with an option that cannot be used, or with what could not be done."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NoReturn

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.task import (
    Rights,
    TaskFailed,
    TaskResult,
    failing_with,
    run_task,
)

DENIED = "/k: Permission denied"
TOLD = f"become is needed, since this runs as user 4000000: {DENIED}"


class Ended(Exception):
    """Stands for the end of the process."""


class Module:
    """Stands for an `AnsibleModule` and keeps what it is told."""

    params: dict[str, Any] = {}
    check_mode = False

    def __init__(self) -> None:
        self.said: list[tuple[str, object]] = []

    def warn(self, warning: str) -> None:
        self.said.append(("warn", warning))

    def exit_json(self, **kwargs: Any) -> NoReturn:
        self.said.append(("exit", kwargs))
        raise Ended

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        self.said.append(("fail", {"msg": msg, **kwargs}))
        raise Ended


def ended(
    outcome: TaskResult | Exception, rights: Rights = Rights.ANYONE, *, uid: int = 4000000, libraries: tuple[str, ...] = ()
) -> object:
    """Return what the module was told while a run came to this outcome."""
    module = Module()

    def run() -> TaskResult:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with pytest.raises(Ended):
        run_task(module, run, libraries=libraries, missing=lambda name: f"No {name}.", rights=rights, user=lambda: uid)
    return module.said


def test_facts_are_returned_after_the_warnings() -> None:
    result = TaskResult({"a": 1}, changed=True, diff={"before": "", "after": "x"}, warnings=("w", "v"))
    expected = {"changed": True, "diff": {"before": "", "after": "x"}, "a": 1}
    assert ended(result) == [("warn", "w"), ("warn", "v"), ("exit", expected)]


def test_a_module_without_a_diff_returns_none_and_one_without_changes_an_empty_one() -> None:
    assert ended(TaskResult({})) == [("exit", {"changed": False})]
    assert ended(TaskResult({}, diff=[])) == [("exit", {"changed": False, "diff": []})]


def test_what_is_not_as_expected_fails_with_all_facts_and_without_a_diff() -> None:
    result = TaskResult({"unmet": ["x"]}, changed=True, diff={}, warnings=("w",), failure="not as expected")
    assert ended(result) == [("warn", "w"), ("fail", {"msg": "not as expected", "changed": True, "unmet": ["x"]})]


def test_a_wrong_option_is_named() -> None:
    assert ended(OptionError("ttl", -1, "is no TTL")) == [("fail", {"msg": "ttl: -1 is no TTL", "option": "ttl"})]


def test_what_was_done_before_a_failure_is_told() -> None:
    failed = TaskFailed("REFUSED", {"changed": True, "error": {"kind": "refused"}})
    assert ended(failed) == [("fail", {"msg": "REFUSED", "changed": True, "error": {"kind": "refused"}})]


@pytest.mark.parametrize("outcome", [TaskFailed(DENIED), TaskResult({}, failure=DENIED), OptionError("k", "", DENIED)])
@pytest.mark.parametrize(
    ("rights", "uid", "told"),
    [(Rights.ANYONE, 4000000, False), (Rights.FILES, 4000000, True), (Rights.FILES, 0, False), (Rights.ROOT, 0, False)],
)
def test_become_is_named_where_rights_of_root_would_help(
    outcome: TaskResult | Exception, rights: Rights, uid: int, told: bool
) -> None:
    assert ("become is needed" in str(ended(outcome, rights, uid=uid))) is told
    assert DENIED in str(ended(outcome, rights, uid=uid))


def test_the_text_of_a_denial_begins_with_what_to_do() -> None:
    assert ended(TaskFailed(DENIED), Rights.FILES) == [("fail", {"msg": TOLD})]


def test_what_only_root_may_do_is_not_begun() -> None:
    told = "become is needed, since this runs as user 4000000: postfix(1) works for root only"
    assert ended(AssertionError("begun"), Rights.ROOT) == [("fail", {"msg": told})]


def test_missing_libraries_come_before_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> NoReturn:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", load)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    said: Any = ended(AssertionError("begun"), Rights.ROOT, libraries=("dnspython", "pyOpenSSL"))
    ((how, what),) = said
    assert how == "fail"
    assert what["msg"].startswith("No dnspython >= 2.1, pyOpenSSL >= 21.0. On Debian and Ubuntu: apt install ")
    assert "No module named 'dns.version'" in what["exception"]


def test_errors_that_a_door_expects_fail_the_task_and_others_are_bugs() -> None:
    @failing_with(KeyError, OSError)
    def door(error: Exception) -> None:
        raise error

    with pytest.raises(TaskFailed, match="Permission denied") as caught:
        door(PermissionError(13, "Permission denied", "/k"))
    assert caught.value.facts == {}
    with pytest.raises(ZeroDivisionError):
        door(ZeroDivisionError())
    with pytest.raises(OptionError):
        door(OptionError("ttl", -1, "is no TTL"))
