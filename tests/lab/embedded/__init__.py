# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small mail world on loopback: a resolver, a certificate authority and mail servers with good and bad TLS.

It needs Linux (every address of 127.0.0.0/8 can be bound there), no root and no network. Start it with
`PYTHONPATH=tests/lab python -m embedded`; `embedded.network` says how it tells what it serves and how it stops.
"""
