# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail exchanges as a sending server meets them: from a destination in Postfix's words to a result for each of its endpoints.

A sending server finds its peers by MX or SRV records, may send in the clear, and holds mail back where DANE or its operator asks for
more. All of that is here. TLS, certificates, levels and limits are judged in `_probe/`, by the same code as those of mailboxes.

- Where: `destination.py` reads what the user wrote, `destination_advice.py` says what that hints at, `route.py` finds exchanges and
  addresses.
- How: `criteria.py` puts together what one endpoint is judged by.
- What comes out: `session_result.py` and `result.py` make facts of values; `lint.py` and `rfc_reading.py` add what else is odd;
  `unvalidated.py` tells absences that nobody validated.
- `fleet.py` is the conductor through all that, by the values of `settings.py`.

Who may enter: the doors of `smtp_tls_probe` and `smtp_tls_facts`, and the inventory. Begin with `fleet.py`.

Rules of the room:

- A verdict equals Postfix's on every row of the matrix in `docs/postfix-semantics.md`. Where an RFC says something else, both are told.
- A destination has at most 100 endpoints.
"""
