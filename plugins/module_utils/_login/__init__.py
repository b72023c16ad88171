# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins at mail servers: which mechanisms are offered, what becomes of each attempt, and what that tells a postmaster.

The mechanisms themselves are in `_sasl/`, the protocols that carry them in `_dialogue/`, the connection below in `_probe/`. Here is
the trade: may this secret be sent to this server, in which order are mechanisms tried, and what does a refusal mean.

- `terms.py` says what may be risked, and what is in the way of a login. `errand.py` is one login over a connection, by these terms.
- `outcome.py` says what a reply means, `result.py` tells it. `lint.py` finds what is wrong with what is offered.
- `conductor.py` looks at every server, then logs in with each mechanism; `relay.py` asks whether a server needs no login at all.
- `concealed.py` takes secrets out of what servers say back.

Who may enter: the doors of `mail_auth_probe` and `mail_delivery_probe`. Begin with `terms.py` and `errand.py`.

Rules of this room:

- No secret is sent to a server that has not been verified, unless the user has chosen the option that says so in its name.
- An outcome is decided by code, then response code, then whether a response of ours had been sent; by text alone never.
"""
