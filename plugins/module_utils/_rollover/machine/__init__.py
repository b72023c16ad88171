# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that rolls keys: `step(state, evidence, now, policy)` in, at most one action out. No clock, no file, no network.

No variable says where a rollover is. The phase is read off the evidence each time, in this order:

- `disabling`, `disabled`: the goal is no DANE; `disabled` when no server has had any record for two TTLs.
- `absent`: no usable record anywhere.
- `deployed`, `verified`, `retiring`: a key that was deployed before still has records or a file. The new ones were not yet seen from
  outside, were seen, or records are going.
- `staged`, `published`, `aging`: there is a next key, without records, with records that some server lacks, or with young ones.
- `ready`, `issued`: the next key is due, without a certificate or with one.
- `steady`: nothing to do but wait.

So a run that was killed anywhere is nothing special, and neither is a person who does a step by hand. `clocks.py` tells since when each
record is everywhere, `roles.py` which key is current, next or previous. The first of the `rules/` that has something to do chooses.
`invariants.py` then looks at evidence and clocks anew and may object; it shares no decision with the rules (decision 0058).

Who may enter: the room around it, and its tests. It uses `_dane/`, `_x509/` and the ground. Where to begin: `step.py`.

Rules of the room:

- Whatever is uncertain means hold. The key that is served stays.
- The state (`state.py`) holds only times and what cannot be seen again. A lost one only delays (decision 0057).
- Known limit: two machines behind one name that change digests and keys at once are not modelled (decision 0077).
- Scenes and histories are its tests: name servers that lag or lie, lost states, runs that end anywhere, judged by RFC 7671.
"""
