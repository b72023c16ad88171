# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of audits: what was found about many domains, as a page or a file that others read. Results in, text out.

A report is made of results as `_results/json_line.py` gives them, of the changes since the audit before, and of grades where results
carry them. It never asks a server, and never judges: a verdict that it shows is one that a result has.

- `material.py` is what every format is made of.
- `sight.py` says what one result says in a few words, `subject.py` joins all that is said about one name.
- `html/` is one page with everything in it. Other formats are one file each.

Who may enter: doors. This room uses `_results/`, how `_audit/facts.py` knows names and times, and the ground.

Where to begin: `material.py`, then `subject.py`, then the format that you need. A new format is a function from `Material` to text in a
file here, and one line in the table of formats (`plugins/plugin_utils/_report_formats.py`).

Rules of the room:

- Everything is pure. The time is the one of the last probe, so that the same results make the same report.
- Results may be of a prober that somebody else has taken over. So they are read by `_results/reading.py`, and never end in a traceback.
- Text out of results is data. Each format escapes it by its own rules, and bounds it.
"""
