# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the machine: each looks at a situation and returns a decision; None is nothing to do.

- `publishing.py`: records of served keys, of next keys, and records that are wanted no more.
- `settling.py`: from a deployment to the end of the old keys: finish it, verify it or take it back, hold, remove records, delete keys.
- `renewal.py`: certificates that end are made anew with the same key.
- `next_keys.py`: make the next keys, wait for their records, get certificates, deploy; and give them up.
- `disabling.py`: remove every record, wait until everybody has forgotten them, then free the keys.

Who may enter: `step.py` one room up. It holds the order of the rules, and its docstring says why it is this one.

Where to begin: `step.py`, then `settling.py`.

Rules of the room: a rule takes a `Situation` and asks nobody else. Wherever it cannot be sure it waits. It need not repeat what an
invariant checks, and no invariant may call a rule.
"""
