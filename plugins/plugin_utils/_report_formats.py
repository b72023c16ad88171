# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats of `mx_audit_report`: a new one is a function in `_report/`, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import ReportOptions
from ansible_collections.mailops.tls.plugins.module_utils._report.csv_table import csv_table
from ansible_collections.mailops.tls.plugins.module_utils._report.icinga import icinga
from ansible_collections.mailops.tls.plugins.module_utils._report.junit import junit
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, Rendered
from ansible_collections.mailops.tls.plugins.module_utils._report.prometheus import prometheus
from ansible_collections.mailops.tls.plugins.module_utils._report.terminal import terminal
from ansible_collections.mailops.tls.plugins.module_utils._report.tlsrpt import tlsrpt
from ansible_collections.mailops.tls.plugins.plugin_utils._report_html import html_report

Render = Callable[[Material, ReportOptions], Rendered]
"""Makes a report; options are those that only some formats have."""


def _icinga(material: Material, options: ReportOptions) -> Rendered:
    code, text = icinga(material, options.warning_days, options.critical_days)
    return Rendered(text, {"exit_code": int(code), "lines": text.splitlines()})


def _terminal(material: Material, options: ReportOptions) -> Rendered:
    text = terminal(material)
    return Rendered(text, {"lines": text.splitlines()})


FORMATS: Mapping[str, Render] = {
    "html": lambda material, options: Rendered(html_report(material)),
    "csv": lambda material, options: Rendered(csv_table(material, options.excel)),
    "icinga": _icinga,
    "junit": lambda material, options: Rendered(junit(material)),
    "prometheus": lambda material, options: Rendered(prometheus(material, options.max_series)),
    "terminal": _terminal,
    "tlsrpt": lambda material, options: Rendered(tlsrpt(material)),
}
"""By the value of the option `format`; `_module/mx_audit_report/arguments.py` has the same names."""
