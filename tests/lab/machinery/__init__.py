# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every lab is made of: one namespace, one state directory, servers that are declared once, and one command line.

A lab is a folder beside this one. It has three things of its own, and takes the rest from here:

- a layout, a `LabLayout` with the paths of its files (`layout`);
- servers, each a `Server`: package, files, command, addresses, readiness check, user (`server`). NSD, Unbound and
  Postfix are there already (`nsd`, `unbound`, `postfix`);
- a `LabCommands` with its description, packages and what `up` does (`commands`).

`lifecycle` starts servers and remembers them, so `status` and `down` need no list of them. `readiness` holds the checks that
wait until a server answers. Servers outside a lab, such as those of an integration target, start in `Namespace()`, where we are.
This folder needs the standard library only, and imports nothing from the labs.
"""
