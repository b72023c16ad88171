# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of `mx_audit_report`: from files of results, or a folder of an audit, to a file with a report.

- `arguments.py` has the options as a specification, `options.py` as one checked value.
- `sources.py` finds the files, and reads them line by line.
- `run.py` makes the report and writes it.

Who may enter: the action plugin of that name, and the table of formats. It runs on the controller, as HTML needs Jinja2.

Where to begin: `run.py`.
"""
