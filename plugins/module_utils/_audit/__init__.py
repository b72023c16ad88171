# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits of many domains: kept, indexed, and compared with each other.

An audit is one run over a list of destinations, by one or more machines that probe. Its truth are the lines that those wrote.
Whatever else is kept can be made of them again.

- `facts.py` makes narrow rows of a result: what of it can be compared, and what tells one row from another.
- `line_file.py` reads files of results, whoever wrote them. `previous.py` looks single ones up.
- `changes.py` compares the rows of two runs. It tells renewals, edits of the list and passing failures apart from changes;
  `certificate_change.py` knows what a renewal is.
- `shards.py` says who probes what, by the names that `exchange_sets.py` asks DNS for; `shard_lists.py` writes it down.
- `page.py` tells people in a terminal.

Who may enter: doors. This room uses `_results/`, `_files/`, `_dns/` for MX records, destinations as `_smtp/` reads them, and the ground.

Where to begin: `facts.py`, then `changes.py`.

Rules of the room:

- What was not learnt is no fact. It is never compared, and never read as an absence.
- Lines come from machines that may be hostile. Each text of theirs is bounded and cleaned before it is a fact.
"""
