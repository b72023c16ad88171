# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats of `mx_audit_report`: a new one is a function in `_report/`, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import ReportOptions
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material
from ansible_collections.mailops.tls.plugins.plugin_utils.report_html import html_report

Render = Callable[[Material, ReportOptions], str]
"""Makes the text of a report; options are those that only some formats have."""

FORMATS: Mapping[str, Render] = {
    "html": lambda material, options: html_report(material),
}
"""By the value of the option `format`; `_module/mx_audit_report/arguments.py` has the same names."""
