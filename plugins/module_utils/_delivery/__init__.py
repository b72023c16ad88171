# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message on its way: made, submitted, found in the mailbox, read for what each hop wrote, and removed.

`message.py` makes a message that can be told from every other, `received.py` and `authentication_results.py` read what servers wrote into
its header. All three are pure. The way itself is a pair of dialogues, one with a server that takes mail and one with a mailbox.

Who may enter: the door of `mail_delivery_probe`. Begin with `message.py`.

Rules of this room:

- Nothing is left behind. What an earlier run could not remove is known by its header field, and removed by the next.
- A message that comes back is data of strangers: header fields are counted and cut before they are read.
"""
