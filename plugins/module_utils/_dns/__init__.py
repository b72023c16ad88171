# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS as mail needs it: questions, answers, and what an answer proves.

DANE stands on DNSSEC, so the difference between "there is none", "nobody validated it" and "nobody could say" decides whether mail
may go. An `Answer` keeps these apart, and `proof.py` says what each is worth.

Three ways to ask:

- A resolver (`resolver.py`): each question once in a run. AD counts only from whom we may believe. A failure is never an absence.
- Every name server of a zone (`authoritative.py`): `zone_cut.py` finds the zone. `zone_servers.py` collects the servers that the
  resolver, the parent or any of them names, with all addresses. `authoritative_reply.py` reads what they say; only a complete
  reply with AA, of the right zone, says something. `owner_view.py` is all of it for one name.
- The primary server (`update.py`): signed questions and dynamic updates. An update carries what was read as its prerequisites.

Who may enter: doors, trades and the other engines. This room uses records and owners of `_dane/`, and the ground.

Where to begin: `answer.py`, `resolver.py`, then `proof.py`. For TLSA records of a mail server: `tlsa.py` (RFC 7672 section 2.2).

Rules of the room:

- Sockets are in `transport.py` (for many questions at once) and `exchange.py` (one message that is signed). Wire formats are pure.
- What a server says is a value for the caller, never an exception. Its names and texts are bounded and cleaned.
- Limits: ten aliases; for a zone 32 names and 64 addresses; 100 records; four questions at a time to one address; a deadline for
  each owner. A server that was silent by UDP and TCP is not asked again in the same run.
"""
