# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a report on the controller, where Jinja2 and the files of the page are; the module of this name is its documentation."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The action `mailops.tls.mx_audit_report`."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make the report. A mistake is a result that has failed, so that `failed_when` sees it as that of any module."""
        # Ansible loads this file for each task that names the action, also where `when` says no.
        from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
        from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.arguments import (
            EXCLUSIVE,
            NEEDED,
            report_arguments,
        )
        from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import report_options
        from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.run import make_report
        from ansible_collections.mailops.tls.plugins.plugin_utils._report_formats import FORMATS

        result: dict[str, Any] = super().run(tmp, task_vars)
        validator = ArgumentSpecValidator(report_arguments(), mutually_exclusive=EXCLUSIVE, required_one_of=NEEDED)
        validated = validator.validate(self._task.args)
        if validated.unsupported_parameters:
            return {**result, "failed": True, "msg": f"Unsupported parameters: {validated.error_messages[0]}"}
        if validated.error_messages:
            return {**result, "failed": True, "msg": "; ".join(validated.error_messages)}
        try:
            options = report_options(validated.validated_parameters)
            made = make_report(options, FORMATS[options.format], datetime.now(timezone.utc), check_mode=self._task.check_mode)
        except OptionError as error:
            return {**result, "failed": True, "msg": str(error), "option": error.option}
        told = {"warnings": list(made.warnings)} if made.warnings else {}
        return {**result, "changed": made.changed, "dest": options.dest, "size": made.size, **made.facts, **told}
