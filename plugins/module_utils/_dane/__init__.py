# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE for mail: TLSA records as values (RFC 6698, RFC 7671, RFC 7672).

A TLSA record binds the key or certificate of a server to its name, by DNSSEC. Four things are done with records here:

- `record.py`, `rrset.py`, `owner.py` say what a record, an RRset and the name of its owner are.
- `screen.py` tells which records can be used, in Postfix's order; `match.py` whether they authenticate what a server sent.
- `publish.py` makes records of keys and certificates (`key_material.py`), and refuses those that would stop matching one day.
- `record_forms.py` writes them down: zone file, RFC 3597 for old name servers, and the fields that modules take.

Who may enter: everybody above, and the neighbours; `_dns/` reads records into this room's values. It uses `_x509/` and the ground.

Where to begin: `match.py`. Its docstring holds OpenSSL's rules for DANE-EE and DANE-TA, since no Python library offers them.

Rules of the room:

- All of it is pure. No file asks DNS, reads files or looks at the clock; times come as arguments.
- Usages 0 and 1 are read and shown, and never used: RFC 7672 section 3.1.3 rules them out for SMTP.
- Refusals to publish stand in `publish.py`, where all that they depend on is known. Lint of one record is in `record_lint.py`.
- What was seen of an RRset is an `observation.py` value. Silence of a name server is an error there, never an absence.
"""
