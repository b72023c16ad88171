# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SASL (RFC 4422): the client's half of every mechanism that mail servers offer, as pure machines.

A mechanism is an exchange of challenges and responses. A mail protocol only carries it: base64 in lines of SMTP,
IMAP and POP3 (`AUTH`, `AUTHENTICATE`), strings in ManageSieve. So nothing here knows a protocol, a socket or a clock:
bytes of a challenge go in, bytes of a response come out.

Who may enter: `_login/`, which asks servers for logins, and the dialogues' tests. This room imports `_errors`, `_x509`
(for the certificate of a channel binding) and nothing else of the house.

Begin with `machine.py`, the contract of all mechanisms and what can go wrong. `mechanisms.py` is the list: names, what each
gives away, and the maker of each machine. `scram.py` (RFC 5802, 7677) is the one in which a mistake costs a password.

Rules of this room:

- Values with secrets do not show them: no `repr`, no error text, no docstring example has one.
- What a server sends is bounded before it is worked on: length, iterations, rounds.
- A machine that ends well says whether the server has proved that it knows the password too.
"""
