# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets at which this machine listens, and the processes that hold them, as Linux tells it in `/proc` (proc(5)).

What `ss -lntp` and `netstat -lnpt` show, without running them: a process cannot be sure that either is there, and their output is
made for people.

Who may enter: whoever has to know what runs on the machine itself. Begin reading with `tables.py`, the texts of the kernel as values.

Rules of this room:

- Only `reading.py` touches `/proc`. It is a folder that is handed in, so tests make their own.
- Whatever may not be read, or is gone by now, is missing in the answer, and the answer says so. Nothing is an error but that there are
  no tables at all.
- Only the network namespace of the reader is seen. A process of another one holds sockets of other numbers, and is no holder here.
- Any user of the machine chooses names, paths and arguments of processes. They are cleaned, and arguments stay out of the answer.
"""
