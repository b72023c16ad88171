# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From mail domains to an inventory: what the plugin `mx` does.

`domains.py` asks DNS for the exchanges of each domain, on request probes them too, and makes JSON of it. This is what a cache keeps.
`exchanges.py` makes hosts, groups and variables of that JSON, so a cached inventory and a new one are the same.

All names come from DNS, and anybody can publish any name. What they may become is decided in files of their own: `host_names.py`,
`group_names.py`, `own_entries.py` (what this plugin made, and the only way in which it changes an entry), `later_sources.py` (whoever
comes later gets the name) and `constructed_entries.py` (what the options of a user may do with it).

Who may enter: `plugins/inventory/mx.py`. This room is a door: it reads options, and asks `_probe/` and `_dns/`.

Where to begin: `domains.py`, then `exchanges.py`.

Rules of the room:

- Names from DNS take no entry that is there (decision 0097), and decide no connection unless the user asks (decision 0099).
- Values are plain JSON. Whoever hands them to Ansible marks them as text from outside.
- What a cache gives back is checked like what a stranger sends (`cached.py`).
"""
