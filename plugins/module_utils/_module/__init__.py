# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doors: what each module asks of its user, and what it gives back.

There is a folder for each module of `plugins/modules/`, with at most three files that matter: `arguments.py` is the specification
that Ansible checks, `options.py` makes one frozen value of the parameters, and `run.py` asks engines and trades and makes facts of
what they say. The module itself holds documentation and one call.

Beside the folders stand what doors share. `task.py` is how a task ends: a `TaskResult`, an `OptionError` (the user's mistake), or a
`TaskFailed` (all else that is told in one line). Options that several modules have are specified and read once, in files of this folder.

Who may enter: the plugins that Ansible loads. Nothing below may import a door, and no door uses another's folder.

Where to begin: `task.py`, then a small door such as `tlsa_records/run.py`.

Rules of the room:

- Only here and in `_inventory/` are parameters (`params`) read. What leaves is a value that mypy knows.
- Every mistake of the user's is found before anything is asked or changed. The text names the option, the value and what to write.
- A run knows no Ansible: its tests call it with a mapping.
"""
