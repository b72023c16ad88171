# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the keys and certificates come from that TLSA records are made of.

Each file is one kind of source, and all give the same: `KeyMaterial` of `_dane/key_material.py`, which is the server's public key, its
certificate, and the issuers above it, as raw bytes.

- `given.py`: files and text that the user names.
- `text.py`: texts that may be any key or certificate, for the filter `tlsa_rdata`.
- `postfix_keys.py`: the keys and chains that a Postfix instance has deployed.
- `live.py`: the certificates that a live server shows, one handshake for each kind of key.

Who may enter: the door of `tlsa_records` and the filter `tlsa_rdata`. This room uses `_probe/`, `_postfix/` and `_dane/`.

Where to begin: `given.py`. Another source is another file here.

Rule of the room: a live server must answer at every address with the keys that were asked for, or it is no source at all (decision 0054).
"""
