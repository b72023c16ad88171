# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rolls the DANE keys of a mail server: one safe step in each run, from no DANE to a new key every few months.

`machine/` decides and touches nothing. The files here look, act and tell. One run:

1. Results of probes from outside become sights (`outside.py`). A look counts only when it was at all kinds of keys, with TLSA records.
2. The folder is opened (`store.py`): lock, state file, and what a killed run has left half written.
3. A deployment that was interrupted is ended. Then instances (`serving.py`), keys (`keyring.py`), the best chain for each
   (`certificates.py`), DNS and the clock (`edges.py`) become the evidence (`gather.py`).
4. The step is decided, the state is saved, and what is to be done here is done (`perform.py`); `report.py` tells it.

`dane_guard` takes the same sights and clocks (`admission.py`), but keeps a file of its own. It reads the state of the rollover and never
writes it. For the controller there are `looks.py`, `answer.py`, `server_report.py`, `server_terms.py` and `metrics.py`.

Who may enter: doors and filters. This room uses `_deploy/`, `_tlsa/`, `_postfix/`, `_dns/` and the knowledge below.

Where to begin: `docs/rollover-invariants.md`, then `machine/step.py`.

Rules of the room:

- One run does one step (decision 0078). What comes after is the next run's, even if it could be done at once.
- Everything can be interrupted anywhere and done again. What a key replaces is kept first (decision 0081).
- Known limit: an owner that was taken out of the options, and whose name servers never answer again, holds rolls. Silence is no absence.
"""
