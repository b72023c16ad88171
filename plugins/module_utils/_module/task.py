# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task gives back, how it fails, and the one way from the first to what Ansible prints.

A door (`_module/NAME/run.py`) ends in a `TaskResult`, in an `OptionError` (the user's mistake) or in a `TaskFailed` (all else that
is told in one line). Any other error is a bug, and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable, Protocol

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.rights import User, explained, not_root
from ansible_collections.mailops.tls.plugins.module_utils._requirements import missing_library


@dataclass(frozen=True)
class TaskResult:
    """What a run gives back.

    Attributes:
        facts: the return values.
        changed: whether something changed, or would have in check mode.
        diff: what `--diff` shows, in one of the forms that Ansible knows; `None` for a module without one.
        warnings: what the user is told in any case.
        failure: the text to fail with, where the run came to its end and did not find what was wanted. The facts are returned then too.
    """

    facts: Mapping[str, Any]
    changed: bool = False
    diff: Any = None
    warnings: tuple[str, ...] = ()
    failure: str | None = None


class TaskFailed(Exception):
    """The run came to no result. `facts` are returned beside the text, such as `error`, or what was done before it."""

    def __init__(self, message: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.facts: dict[str, Any] = dict(facts or {})


class Rights(Enum):
    """Whose rights a module needs."""

    ANYONE = "anyone"
    """It runs as who may be, and its errors say all."""
    FILES = "files"
    """It reads or writes files of Postfix: where that is denied, the user is told of `become`."""
    ROOT = "root"
    """It works for root only."""


class TaskModule(Protocol):
    """What is used of an `AnsibleModule`, which this file must not import. Its `exit_json` and `fail_json` do not return."""

    params: Any
    check_mode: Any

    def warn(self, warning: str) -> Any:
        """Tell the user something."""

    def exit_json(self, **kwargs: Any) -> Any:
        """End well, with these return values."""

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        """End with an error, and these return values beside it."""


@contextmanager
def failing_with(*kinds: type[Exception]) -> Iterator[None]:
    """Let errors of these kinds fail the task with their text alone. To stand above a door's function, or around a part of it."""
    try:
        yield
    except kinds as error:
        raise TaskFailed(str(error)) from error


def run_task(
    module: TaskModule,
    run: Callable[[], TaskResult],
    *,
    libraries: Sequence[str],
    missing: Callable[[str], str],
    rights: Rights = Rights.ANYONE,
    user: User | None = None,
) -> None:
    """Run what a module is for, and end it as Ansible expects.

    Args:
        module: the `AnsibleModule`.
        run: what to do. It raises `OptionError` or `TaskFailed` when there is no result.
        libraries: what has to be there before.
        missing: Ansible's `missing_required_lib`, which puts the name of a library into a sentence.
        rights: whose rights are needed.
        user: who runs this, for tests.
    """
    told = _explanation(rights, user)
    lacking = missing_library(*libraries)
    if lacking is not None:
        module.fail_json(msg=f"{missing(lacking.name).rstrip('.')}. {lacking.hint}", exception=lacking.trace)
    refusal = (not_root(user) if user else not_root()) if rights is Rights.ROOT else None
    if refusal is not None:
        module.fail_json(msg=refusal)
    try:
        result = run()
    except OptionError as error:
        module.fail_json(msg=told(str(error)), option=error.option)
    except TaskFailed as error:
        module.fail_json(msg=told(str(error)), **error.facts)
    else:
        _end(module, result, told)


def _explanation(rights: Rights, user: User | None) -> Callable[[str], str]:
    """Return what makes of an error's text that which the user reads."""
    if rights is Rights.ANYONE:
        return str
    return (lambda text: explained(text, user)) if user else explained


def _end(module: TaskModule, result: TaskResult, told: Callable[[str], str]) -> None:
    for warning in result.warnings:
        module.warn(warning)
    if result.failure is not None:
        module.fail_json(msg=told(result.failure), changed=result.changed, **result.facts)
    diff = {} if result.diff is None else {"diff": result.diff}
    module.exit_json(changed=result.changed, **diff, **result.facts)
