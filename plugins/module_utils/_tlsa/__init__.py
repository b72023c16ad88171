# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA records as work to be done: made for a server, compared between name servers, published.

The records themselves are values of `_dane/`. Here is what a task does with them:

- `sources/` finds the keys and certificates that records are made of. `owners.py` reads whose records they are to be.
- `facts.py`, `differences.py`, `lint.py` and `expectation.py` tell what the name servers of a zone have, and where they differ.
- `wanted.py` reads records in the forms that other modules return; `publishing/` puts them at a server or in a zone file.
- `acceptance.py` says which records a controller takes from a mail server. That server may have been taken over.

Who may enter: doors, `_rollover/` and filters. This room uses `_dane/`, `_dns/`, `_postfix/` and `_probe/`.

Where to begin: `wanted.py` for publishing, `facts.py` for looking.

Rules of the room:

- Nothing uncertain agrees with anything: a name server without answer meets no expectation.
- What no certificate could match is refused here, wherever it came from.
- Lint of what DNS shows is in `lint.py`, of one record in `_dane/record_lint.py`, of records and a served chain in `_smtp/lint.py`.
"""
