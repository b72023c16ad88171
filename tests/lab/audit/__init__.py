# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network for audits: many mail domains in a network namespace, and two more namespaces from which machines probe them.

`world.py` says which domains there are, and what is different on the second day. `serving.py` is a resolver and all mail servers in one
process. `namespaces.py` makes the network. Nothing of it outlives its processes: no namespace has a name. `proof.py` has several nights
there, and `kills.py` kills something at random moments.

    python -m tests.lab.audit start FOLDER --domains 300
    python -m tests.lab.audit next-day FOLDER
    python -m tests.lab.audit stop FOLDER

In FOLDER are then `domains`, the list of the first day, and `prober1` and `prober2`: a Python that works in the namespace of a prober,
for `ansible_python_interpreter`. The resolver is 198.18.0.53; its AD bit is told, not computed, so probes need `trust_ad: always`.
"""
