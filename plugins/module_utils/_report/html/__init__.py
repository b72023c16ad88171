# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page of HTML that needs nothing else: no network, no other file.

What everybody can read is in the page as markup: the summary, the charts, the worst domains. What is many is data: a table of all
domains, and packs with what was found about each. They are compressed JSON, which a script of the page opens when they are asked for.

- `facts.py` goes through the material once, and gives all that the frame of the page shows.
- `bounded.py` and `part.py` make results small and safe for the page, `packs.py` compresses them.
- `answer.py` says whether anything is wrong now.
- `charts.py` counts, and says how long each bar is.

The frame itself, its style and its script are files beside `plugins/plugin_utils/_report_html.py`, which puts all together by Jinja2.

Where to begin: `facts.py`.

Rule of the room: nothing here makes markup. Jinja2 escapes what the frame shows, and the script sets text, never markup.
"""
