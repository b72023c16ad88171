# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Postfix instance: what it has configured, what it serves, and the files of keys that are made for it.

The configuration is asked of Postfix (`postconf.py`), never read from main.cf, so that defaults and `-o` options are expanded by
Postfix itself. What one program sees is a `Scope`: main.cf is one, each service of master.cf with options of its own another.

- What is served: `deployed.py` gives the keys and chains that smtpd would load. `_x509/chain_files.py` reads PEM by the
  rules of tls_certkey.c, `sni_maps.py` the tables by server name. `lint.py` and `tls_settings.py` judge.
- What is changed: `settings_change.py` makes one `postconf -e` of all parameters, looks again, and puts them back when it must.
  `opportunistic.py` has the rules of `postfix tls enable-client` and `enable-server`.
- Keys and certificates: `key_pair.py` decides, and its result is an `Action`. With a `key_id` nothing that is there is replaced; what
  does not fit the order is an error, never a new key. Both files are written or none.

Who may enter: trades and doors. This room uses `_dns/` for host names only, and the knowledge rooms.

Where to begin: `postconf.py`, then `deployed.py`. For keys: `key_pair.py`, then `new_key.py`.

Rules of the room:

- Programs are started by an injected runner. Tests need no Postfix, and a module passes in Ansible's way to run commands.
- Of a deployed private key only its public part is kept. No key is in a return value or in a diff.
- Whatever is wrong with a configured file is a `Problem` of that item, not an exception.
- Postfix is asked only when needed (`configured.py`), so keys can be made on a machine that has none yet.
"""
