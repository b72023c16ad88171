# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a report as one checked value. Every mistake is found here, and nothing is written yet."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import named_policies
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._grade.rules import Rule, read_rules
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.arguments import DEFAULT_TITLE, RETURNED

_MODE = re.compile(r"0?[0-7]{3}")
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_LONGEST_TITLE = 200


@dataclass(frozen=True)
class ReportOptions:
    """Everything a task says.

    Attributes:
        format: the name of the format.
        dest: the file to write; None where the text is only returned.
        mode: its mode.
        title: what the reader calls it.
        src: files of results.
        directory: the folder of an audit, in place of files.
        run: which run of that folder.
        results: results of a task, in place of files.
        changes: a file of changes.
        excel: whether CSV begins with a byte order mark.
        max_series: the most series of single servers for Prometheus.
        warning_days: within how many days an end of a certificate is a warning for Icinga.
        critical_days: within how many it is critical.
        policies: what results are graded by.
        rules: rules of the user, which become items of each grade.
    """

    format: str
    dest: str | None
    mode: int
    title: str
    src: tuple[str, ...] = ()
    directory: str | None = None
    run: str = "latest"
    results: tuple[Mapping[str, Any], ...] | None = None
    changes: str | None = None
    excel: bool = False
    max_series: int = 5000
    warning_days: int = 14
    critical_days: int = 3
    policies: tuple[Policy, ...] = ()
    rules: tuple[Rule, ...] = ()


def report_options(params: Mapping[str, Any]) -> ReportOptions:
    """Turn the parameters of `mx_audit_report` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    if params["src"] is not None and not params["src"]:
        raise OptionError("src", [], "names no file of results")
    if params["rules"] and not params["policy"]:
        raise OptionError("rules", None, "has no grade to be items of: name a policy, which can be rules alone")
    if not _RUN.fullmatch(params["run"]):
        raise OptionError("run", params["run"], "is not the name of a run")
    return ReportOptions(
        format=params["format"],
        dest=_dest(params["dest"], params["format"]),
        mode=_mode(params["mode"]),
        title=_title(params["title"]),
        src=tuple(dict.fromkeys(params["src"] or ())),
        directory=params["directory"],
        run=params["run"],
        results=_results(params["results"]),
        changes=params["changes"],
        excel=params["excel"],
        max_series=_count(params, "max_series"),
        warning_days=_count(params, "warning_days"),
        critical_days=_count(params, "critical_days"),
        policies=named_policies(params["policy"]) if params["policy"] is not None else (),
        rules=read_rules(params["rules"]),
    )


def _dest(path: str | None, name: str) -> str | None:
    if path is None:
        if name in RETURNED:
            return None
        raise OptionError("dest", None, f"is needed: a report of the format {name} goes into a file")
    if not os.path.basename(path):
        raise OptionError("dest", path, "is not the name of a file")
    return path


def _count(params: Mapping[str, Any], name: str) -> int:
    number = params[name]
    if not isinstance(number, int) or number < 0:
        raise OptionError(name, number, "is less than 0")
    return number


def _mode(value: Any) -> int:
    """Return a mode, of a text as chmod takes it; YAML has made a number of one without quotes."""
    if isinstance(value, str) and _MODE.fullmatch(value):
        return int(value, 8)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0o777:
        return value
    raise OptionError("mode", value, 'is no mode of a file: write it with quotes, such as "0644"')


def _title(title: str | None) -> str:
    text = DEFAULT_TITLE if title is None else title.strip()
    if not text or len(text) > _LONGEST_TITLE:
        raise OptionError("title", title or "", f"has to have 1 to {_LONGEST_TITLE} characters")
    return text


def _results(results: Sequence[Mapping[str, Any]] | None) -> tuple[Mapping[str, Any], ...] | None:
    return None if results is None else tuple(results)
