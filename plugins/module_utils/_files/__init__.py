# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are complete or not there, and who can have put them where they are.

Private keys, state and results are written by a program that may be killed at any time, in folders that others may write. So two
questions are asked of every file: is it whole, and can it be believed?

- Written: `atomic.py` writes under a hidden name, with mode and owner before the first byte, synced, then links or renames.
  Neither a crash nor the umask leaves half a key, or one that others can read.
- Left over: `leftovers.py` gives such files a mark and a lock. The next run removes those that nobody has locked, so a kill leaves
  no private key behind for longer than that.
- Believed: `access.py` walks a path one directory after the other and refuses links and places of other users.
- Of our own: `own_file.py` makes new ones with mode 0600, and opens old ones only where they are certain to be ours.
- Of the user's: `given.py` follows links as Postfix and OpenSSL do, and is not held up by a pipe. `state.py` tells what is there,
  `rights.py` whether it is only become that is missing.

Who may enter: everybody above, and the neighbours. This room uses the ground only.

Where to begin: `access.py` for the rules, `atomic.py` for the way a file is written.

Rules of the room:

- What is asked of a file is asked of its open descriptor, never of its name twice (decision 0029).
- Whatever is written, or read back and believed, goes through these rules. A file elsewhere that opens files by itself needs a reason.
"""
