# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results on their way to people, files and other tasks: text and checks made of facts.

Everything here takes the facts that a task returns, and not the values of the engine that made them. So a result that is read back
from a file looks the same as a new one. `shape.py` says what a reader may rely on.

- `table.py` is for people at a terminal, `lines.py` for those who know posttls-finger.
- `diagnosis.py` is all that was found about mail servers, `broken.py` what of it somebody has to mend today.
- `expect.py` compares results with what the user wants to see, and names what differs.
- `json_line.py` and `json_lines.py` are the file of results: a header with the options that decided, then one result a line. An
  interrupted run goes on with it, so the file belongs to one user, one run and one set of options (decisions 0032 and 0033).
- `tally.py`, `progress.py` and `digest_table.py` are for runs too long to be kept: what was found, how far it is, what is done.

Who may enter: doors, trades and engines. This room uses `_files/` and the ground.

Where to begin: `shape.py`, then the form that you need. A new form of results is one new file here, and one use of it at a door.

Rules of the room:

- Only `json_lines.py` and `progress_file.py` touch a file. All others are pure, and take the time from their caller.
- Text of servers was cleaned where it entered. `table.py` and `lines.py` clean it once more, since facts may come from a file.
- A form never asks an engine. What it needs and facts do not have is added to the facts first.
"""
