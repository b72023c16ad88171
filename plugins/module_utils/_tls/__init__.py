# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: a handshake as a machine without IO, and what passes by in it.

No Python library tells which group and signature were used, whether a session was resumed, or which bytes the certificates had. So
two things look at each handshake. OpenSSL does it, between two memory buffers (`handshake.py`). A passive reader goes over the same
bytes afterwards (`reader.py`), for TLS 1.3 with the secret that OpenSSL logs (`record_opener.py`).

- `records.py` and `messages.py` take the wire apart; `code_points.py` and `suites.py` name the numbers in it.
- `contexts.py` makes OpenSSL's contexts, once for each set of parameters; `protocols.py` reads Postfix's lists of protocols and ciphers.
- `key_request.py` asks a server for one kind of key; `client_identity.py` is the certificate that we show.
- `scan.py` asks what a server accepts, one hello a connection: `client_hello.py` writes them, `server_hello.py` reads the answers,
  `scan_plan.py` and `scan_walk.py` decide on the next, `scan_steadiness.py` on whether refusals count, `scan_conclusion.py` makes a
  `scan_result.py` of what was seen; `primes.py` has the primes with names.
- `trace.py` tells a session record by record; `session_files.py` writes traces and key logs.

Who may enter: engines and the storeys above. This room uses `_x509/`, `_files/` and the ground. It knows no mail and no DNS.

Where to begin: `handshake.py`, then `reader.py`.

Rules of the room:

- A certificate never ends a handshake. OpenSSL's findings are collected; verdicts are made by those who asked.
- Reading is pure and bounded: a handshake up to 256 kB and as much after it. What cannot be read is None, and never in the way.
- What this machine's OpenSSL refuses is told as a limit of this machine (`local_limit.py`), not as a fault of the server.
"""
