# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail server shows, and what it is worth, whatever the protocol.

`connection.py` looks at one endpoint and returns `ProbeEvidence`, whatever the server did. `prober.py` makes the connections of a run:
each plan once, in turns (`turns.py`), and not where nobody answers (`silence.py`). `crew.py` walks a list and parks what waits. None of
them knows a protocol: a plan carries the maker of its dialogue, and how TLS begins.
Everything around them decides where to look, and what the evidence is worth:

- Where: `host_addresses.py` finds the addresses of one host, `candidates.py` is the order in which they are tried.
- How: `policy.py` goes from the requested level and DNS to the level of one session. Its docstring holds the whole table.
- What it accepts: `scanner.py` asks one server with hellos that are never finished, `scans.py` each of a run once. Off unless asked for.
- What it is worth: `verdict.py` and `judgement.py` make a status of both. Every protocol is judged by them.
- What comes out: `session_facts.py` makes facts of values, as far as protocols share them.
- `certificates_seen.py` asks listeners for their certificates, without a verdict: all that deployments and records want to know.

Who may enter: doors and trades. This room uses `_dns/` and the knowledge below. It takes values, never the parameters of a task.

Where to begin: the life of one probe in `docs/architecture.md`, then `prober.py` and `connection.py`. The conductors are in the trades:
`_smtp/fleet.py` for mail exchanges, `_mailbox/conductor.py` for mailboxes.

Rules of the room:

- Sockets are in `link.py` only, and the system's look-up of names in `services.py`. Policy and verdict are pure.
- Every phase has a time limit for the whole exchange, and nothing outlasts the deadline of a probe.
- What a server says is bounded and cleaned before it is kept.
"""
