# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How TLSA records are published: one thing at a time, and only what was just seen.

1. What is there: at a primary server by `_dns/update.py`, in a file by `snippet.py`.
2. The plan (`plan.py`, pure): what is there and what is wanted in, what shall be there out. TTLs and last records are decided here.
3. At a server (`at_server.py`): one message for each zone, with what was read as its prerequisites. When they are not met, somebody
   else was faster: read, plan, again. When no reply can be believed, reading again tells whether it was done.
4. In a file (`zone_file.py`): read, changed and written whole, by one task at a time.

Who may enter: the door of `tlsa_publish`. This room uses `_dns/`, `_dane/` and `_files/`.

Where to begin: `plan.py`, then `at_server.py`.

Rules of the room:

- An update is never sent twice with the same effect: its own prerequisites are not met the second time (decision 0028).
- All other lines of a snippet stay as they were.
- Who may read the folder of a `zone_file` can keep a task out for two minutes, by locking it. Then the task fails and says so.
"""
