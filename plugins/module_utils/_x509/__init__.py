# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, certificates, chains and names: what a TLS certificate says, and what OpenSSL makes of it.

Real mail servers show certificates that libraries refuse: odd dates, odd extensions, keys of forgotten kinds. A verdict must not
depend on that. So `der.py` reads DER by itself, bounded and without recursion, and `certificate.py` reads each attribute only when it
is asked for. Fingerprints and TLSA matches are made of the bytes as they came, never of anything encoded again.

A chain is judged in two ways. `path.py` grows one path as OpenSSL does for DANE-TA and collects every error. `acceptance.py` says what
senders that verify certificates would refuse. Both take their numbers and texts from `errors.py`, which are OpenSSL's own.

`chain_files.py` takes keys and chains out of PEM files by the rules of Postfix, for servers and for the certificate that a client shows.

Who may enter: everybody above, and the neighbours. This room uses the ground only. It knows no DNS, no Ansible and no sockets, and it
reads no files: callers hand in bytes, the time and serial numbers.

Where to begin: `certificate.py`, then `path.py`. For what goes into new files: `keys.py`, `server_profile.py`, `certificates.py`.

Rules of the room:

- A `Certificate` can be made of anything that a stranger sent. An attribute that cannot be read is None or empty.
- A private key is shown by its kind and nothing else. `public_part.py` takes its public part and leaves the rest in the library.
- Only `store.py`, `loadable.py` and `public_part.py` use pyOpenSSL. Elsewhere OpenSSL's rules are written out, with their source.
- SHA-1 counts as the local library has it. OpenSSL before 3.0 accepts a chain that is signed with it, as Postfix does there.
"""
