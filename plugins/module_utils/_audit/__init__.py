# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits of many domains: kept, indexed, and compared with each other.

An audit is one run over a list of destinations, by one or more machines that probe. Its truth are the lines that those wrote.
Whatever else is kept can be made of them again.

- `facts.py` makes narrow rows of a result: what of it can be compared, and what tells one row from another.
- `changes.py` compares the rows of two runs, `certificate_change.py` knows what a renewal is, `views.py` compares several probers.
- `line_file.py` reads files of results, whoever wrote them. `previous.py` looks single ones up.
- `shards.py` says who probes what, by the names that `exchange_sets.py` asks DNS for; `reported_exchanges.py` carries those from one
  machine to another, and `shard_lists.py` writes both down.
- `page.py` tells people in a terminal.
- `run_directory.py` is the folder of a store, `shard_file.py` the lines of a prober in it, `index.py` its index.
- `intake.py` puts the lines of a prober into a store, `opening.py` opens one.
- `comparison.py` compares two runs by the index, `line_comparison.py` by their files, and `ignoring.py`
  leaves out what nobody wants to hear of.

Who may enter: doors. This room uses `_results/`, `_files/`, `_dns/` for MX records, destinations as `_smtp/` reads them, and the ground.

Where to begin: `facts.py`, then `changes.py`; for the store `intake.py`.

Rules of the room:

- What was not learnt is no fact. It is never compared, and never read as an absence.
- Lines come from machines that may be hostile. Each text of theirs is bounded and cleaned before it is a fact.
- Names of files are made here, and never of what came from elsewhere.
- What is interrupted was done, or is as if it had not begun (decision 0131).
"""
