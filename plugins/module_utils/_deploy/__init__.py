# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a key and its chain into a running Postfix, in one moment, and takes them back when something is wrong.

A deployment changes what a server shows to the world. So everything that can be decided is decided before the first change:

1. The pair (`pair.py`): key and certificate agree, the chain is in order, names and dates fit. What verifying senders would refuse is a
   warning, since DANE-EE looks at none of it; `strict` refuses it.
2. The plan (`plan.py`): which parameter holds the key of this algorithm, and what it shall hold. Keys of other algorithms stay.
3. The guard (`tlsa_guard.py`): every published combination needs a record that matches the new chain. A failed look-up holds.
4. The second opinion (`loading.py`): OpenSSL loads key and chain as smtpd will, before anything is touched and once more afterwards.
5. The transaction (`transaction.py`): record (`journal.py`), file, one `postconf -e`, `postfix check`, reload, then a look at the
   local listeners (`listeners.py` where, `served.py` one look, `watch.py` the wait).

Who may enter: doors and `_rollover/`. This room uses the engines and the knowledge below.

Where to begin: `deployment.py`, then `transaction.py`.

Rules of the room:

- A deployment happens when postconf renames main.cf (decision 0047). Failures later are taken back by another single `postconf -e`.
- A file that is served is never written to (decision 0044), so its name has a digest of what is public in it.
- A run that finds the record of an earlier one compares it with main.cf: old values, its files go; new values, the rest is done.
- Silence is no success: a running Postfix that nobody can ask is not deployed to. Listeners with the PROXY protocol are not asked,
  since the header would have to name a client; they are told as `unasked`.
- It can be killed at any step. Tests do so, by an observer of the steps and by SIGKILL.
"""
