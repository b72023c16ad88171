# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a report: each mistake names option and value."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.arguments import DEFAULT_TITLE, report_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import ReportOptions, report_options


def given(**changes: Any) -> dict[str, Any]:
    named = {name: argument.get("default") for name, argument in report_arguments().items()}
    return {**named, "dest": "/tmp/report.html", "src": ["a", "b", "a"], **changes}


def test_what_a_task_says() -> None:
    expected = ReportOptions("html", "/tmp/report.html", 0o600, DEFAULT_TITLE, src=("a", "b"))
    assert report_options(given()) == expected


@pytest.mark.parametrize(("mode", "number"), [("0644", 0o644), ("640", 0o640), (0o600, 0o600), (420, 0o644)])
def test_modes(mode: Any, number: int) -> None:
    assert report_options(given(mode=mode)).mode == number


@pytest.mark.parametrize("name", ["terminal", "icinga"])
def test_formats_whose_text_comes_back_need_no_file(name: str) -> None:
    assert report_options(given(format=name, dest=None)).dest is None


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("mode", "rw"), ("mode", 644), ("mode", True), ("mode", "01777"), ("mode", None),
        ("rules", [{"id": "x", "level": "good", "when": "status"}]),
        ("src", []), ("run", "../../etc"), ("run", ""), ("title", " "), ("title", "x" * 201), ("dest", "/tmp/"),
        ("dest", None), ("max_series", -1),
    ],
)  # fmt: skip
def test_mistakes_name_the_option(option: str, value: Any) -> None:
    with pytest.raises(OptionError) as caught:
        report_options(given(**{option: value}))
    assert caught.value.option == option
