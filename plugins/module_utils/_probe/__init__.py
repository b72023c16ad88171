# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail server shows, and what a Postfix client would make of it.

`connection.py` looks at one endpoint and returns `ProbeEvidence`, whatever the server did. `prober.py` makes the connections of a run:
each plan once, in turns, within limits. Neither knows a protocol: a plan carries the maker of its dialogue, and how TLS begins.
Everything around them decides where to look, and what the evidence is worth:

- Where: `destination.py` reads what the user wrote, `route.py` finds exchanges and addresses, `host_addresses.py` those of one host.
- How: `policy.py` goes from the requested level and DNS to the level of one session. Its docstring holds the whole table.
- What it is worth: `verdict.py` and `judgement.py` make a status of both; `lint.py` and `rfc_reading.py` add what else is odd.
- What comes out: `session_facts.py`, `session_result.py` and `result.py` make facts of values.
- `fleet.py` is SMTP's conductor through all that, by the values of `settings.py`. Other protocols share the prober, `judgement.py`,
  `session_policy.py` and `candidates.py`.
- `certificates_seen.py` asks listeners for their certificates, without a verdict: all that deployments and records want to know.

Who may enter: doors and trades. This room uses `_dns/` and the knowledge below. It takes values, never the parameters of a task.

Where to begin: the life of one probe in `docs/architecture.md`, then `fleet.py`, `prober.py` and `connection.py`.

Rules of the room:

- Sockets are in `link.py` only, and the system's look-up of names in `services.py`. Policy and verdict are pure.
- A verdict equals Postfix's on every row of the matrix in `docs/postfix-semantics.md`. Where an RFC says something else, both are told.
- Every phase has a time limit for the whole exchange, and nothing outlasts the deadline of a probe.
- A destination has at most 100 endpoints. What a server says is bounded and cleaned before it is kept.
"""
