# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters change all together, are looked at again, and are put back when something goes wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import NotChanged, Setting, change, differences

DIRECTORY = "/etc/postfix-out"


class Postconf:
    """A main.cf with a postconf that edits it. `refuse` are options that fail; `lost` are parameters that it forgets to set."""

    def __init__(self, main: dict[str, str], refuse: tuple[str, ...] = (), lost: tuple[str, ...] = ()) -> None:
        self.main, self.refuse, self.lost = main, refuse, lost
        self.edits: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> CommandResult:
        assert command[:3] == ["postconf", "-c", DIRECTORY]
        option, words = command[3], list(command[4:])
        if option != "-n":
            self.edits.append([option, *words])
        if option in self.refuse:
            return CommandResult(1, "", "postconf: fatal: open /etc/postfix-out/main.cf.tmp: Read-only file system\n")
        for word in words:
            name, sign, value = (part.strip() for part in word.partition("="))
            if option == "-X":
                self.main.pop(name, None)
            elif name not in self.lost:
                self.main[name] = value
        return CommandResult(0, "".join("{} = {}\n".format(*pair) for pair in self.main.items()), "")


@pytest.mark.parametrize(
    ("explicit", "desired", "expected"),
    [
        ({}, {"a": "1"}, [("a", None, "1")]),
        ({"a": "1"}, {"a": "1"}, []),
        ({"a": "1  2"}, {"a": "1 2"}, []),
        ({"a": ""}, {"a": "1"}, [("a", "", "1")]),
        ({}, {"a": ""}, [("a", None, "")]),
        ({"a": "1"}, {"a": None}, [("a", "1", None)]),
        ({}, {"a": None}, []),
    ],
)
def test_differences(
    explicit: dict[str, str], desired: dict[str, str | None], expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert [(one.name, one.before, one.after) for one in differences(explicit, desired)] == expected


def test_all_parameters_in_one_call() -> None:
    postconf = Postconf({"a": "old", "other": "x"})
    change(postconf, DIRECTORY, differences(postconf.main, {"a": "new", "b": "$a = c"}))
    assert postconf.edits == [["-e", "a = new", "b = $a = c"]]
    assert postconf.main == {"a": "new", "other": "x", "b": "$a = c"}


def test_removal() -> None:
    postconf = Postconf({"a": "old", "b": "x"})
    change(postconf, DIRECTORY, differences(postconf.main, {"a": None, "b": "y"}))
    assert postconf.main == {"b": "y"}


def test_nothing_to_change_runs_nothing() -> None:
    def never(command: Sequence[str]) -> CommandResult:
        raise AssertionError(command)

    change(never, DIRECTORY, ())


def test_refused_edit_leaves_everything() -> None:
    postconf = Postconf({"a": "old"}, refuse=("-e",))
    with pytest.raises(NotChanged, match="Read-only file system") as raised:
        change(postconf, DIRECTORY, differences(postconf.main, {"a": "new"}))
    assert raised.value.restored
    assert postconf.main == {"a": "old"}
    assert len(postconf.edits) == 1, "there was nothing to put back"


def test_lost_parameter_puts_the_others_back() -> None:
    """As an old Postfix that does not know a parameter."""
    postconf = Postconf({"a": "old"}, lost=("c",))
    with pytest.raises(NotChanged, match="values that it was given for c$") as raised:
        change(postconf, DIRECTORY, differences(postconf.main, {"a": "new", "b": "new", "c": "new"}))
    assert raised.value.restored
    assert postconf.main == {"a": "old"}


def test_what_cannot_be_put_back_is_told() -> None:
    postconf = Postconf({}, refuse=("-X",), lost=("b",))
    with pytest.raises(NotChanged, match="could not be put back: .* for a$") as raised:
        change(postconf, DIRECTORY, differences(postconf.main, {"a": "new", "b": "new"}))
    assert not raised.value.restored


def test_results() -> None:
    assert Setting("a", None, "1").as_dict() == {"name": "a", "before": None, "after": "1"}
