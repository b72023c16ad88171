# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of findings: for every id that a result can carry, how bad it is, why it matters, and what to do.

One file a subject, pure data, each a list of constants whose name is the id in capitals. Code that makes a finding names the
constant, so that no id is made that has no entry, and a module takes to its target only the subjects that it can report.
The page `findings` of the documentation is made of these files (tests/unit/docs/findings_page.py). The tests in
tests/unit/plugins/module_utils/_catalogue hold that the catalogue and the code agree.

Begin reading in dane.py. A new finding is a constant here and one place that makes it. An entry with `to_come=True` waits for
the module that will make it, and is not on the page.

Ground floor: this imports `_finding` and nothing else, and everybody may enter.
"""
