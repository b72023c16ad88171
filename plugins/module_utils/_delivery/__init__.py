# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message on its way: made, submitted, found in the mailbox, read for what each hop wrote, and removed.

- `message.py` makes a message that can be told from every other. `received.py`, `authentication_results.py` and `signatures.py` read
  what servers wrote into its header. All of them are pure.
- `side.py` is one of the two servers: found, judged, logged in to. `errands.py` is what is done there, by the machines of `_dialogue/`.
- `conductor.py` goes the whole way; `journey.py`, `result.py` and `lint.py` make facts and findings of it.

Who may enter: the door of `mail_delivery_probe`. Begin with `conductor.py`.

Rules of this room:

- Nothing is left behind. What an earlier run could not remove is known by its header field, and removed by the next.
- A message that comes back is data of strangers: header fields are counted and cut before they are read.
"""
