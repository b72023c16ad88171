# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `postfix_tls_key` tells of a pair: its return values, and the two sides of its diff. No key is in either."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import Access
from ansible_collections.mailops.tls.plugins.module_utils._postfix.key_pair import FoundPair, KeyOrder, PairPaths
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import PrivateKey, describe

State = dict[str, object]
NEW = "a new one"
"""What a diff says of a key that will be made: the same in check mode, where there is no key yet, and outside of it."""


def results(
    order: KeyOrder, paths: PairPaths, key: PrivateKey | None, certificate: Certificate | None, reused_from: str | None
) -> dict[str, object]:
    """Return the return values; what does not exist yet, in check mode, is `None`."""
    public = key.public_key if key else order.kind.public_key
    record = TlsaRecord(3, 1, 1, bytes.fromhex(key.public_key_sha256)) if key else None
    return {
        "privatekey_path": paths.key,
        "certificate_path": paths.certificate,
        "algorithm": order.algorithm.value,
        "public_key": public.as_facts(),
        "public_key_sha256": key.public_key_sha256 if key else None,
        "tlsa_rdata": str(record) if record else None,
        "certificate": certificate.as_facts(include_pem=True) if certificate else None,
        "reused_from": reused_from,
    }


def state_found(order: KeyOrder, paths: PairPaths, found: FoundPair) -> State:
    """Return the side of a diff for what there is."""
    key = certificate = None
    if found.key_file is not None:
        key = _key(order, paths, found.key, found.key_file.access)
    if found.certificate_file is not None:
        names = found.certificate.dns_names if found.certificate else None
        certificate = _certificate(order, paths, names, found.certificate_file.access)
    return {"privatekey": key, "certificate": certificate}


def state_made(order: KeyOrder, paths: PairPaths, source: PrivateKey | None) -> State:
    """Return the side of a diff for a pair that is made; *source* is the key unless that is new."""
    key = _key(order, paths, source, order.new_key_access)
    if source is None:
        key.update(kind=describe(order.kind.public_key), public_key_sha256=NEW)
    return {"privatekey": key, "certificate": _certificate(order, paths, order.names, order.new_certificate_access)}


def _key(order: KeyOrder, paths: PairPaths, key: PrivateKey | None, access: Access) -> State:
    kind, digest = (describe(key.public_key), key.public_key_sha256) if key else (None, None)
    return {"path": paths.key, "kind": kind, "public_key_sha256": digest, **access_facts(access, order.key_access)}


def _certificate(order: KeyOrder, paths: PairPaths, names: tuple[str, ...] | None, access: Access) -> State:
    shown = None if names is None else list(names)
    return {"path": paths.certificate, "names": shown, **access_facts(access, order.certificate_access)}


def access_facts(access: Access, wanted: Access) -> State:
    """Return mode and, where the user asked for them, owner and group as a diff shows them."""
    facts: State = {"mode": None if access.mode is None else f"{access.mode:04o}"}
    if wanted.uid is not None:
        facts["uid"] = access.uid
    if wanted.gid is not None:
        facts["gid"] = access.gid
    return facts
