# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says of the mail server whose answer is judged, as values. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._rollover.answer import Server, certificates_of
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.acceptance import (
    MAX_TTL,
    Terms,
    owner_names,
    parameters_of,
    seen_aliases,
    seen_parameters,
)

OPTIONS = frozenset(
    ("exchanges", "ports", "names", "matching_types", "scheme", "ttl", "aliases", "seen", "served_by_others", "folder")
)


def server_of(given: Mapping[str, Any]) -> Server:
    """Return what is known of a server.

    Raises:
        ValueError: when it cannot be read.
        KeyError: when a field is missing.
        TypeError: when that cannot be used.
    """
    unknown = set(given) - OPTIONS
    if unknown:
        raise ValueError(f"{sorted(unknown)} are not options")
    exchanges = [str(one) for one in given["exchanges"]]
    own = owner_names(exchanges, [int(one) for one in given.get("ports") or [25]])
    if not own:
        raise ValueError(f"{exchanges} have no names of TLSA records")
    told = {_name(owner): _name(target) for owner, target in (given.get("aliases") or {}).items()}
    seen = given.get("seen") or []
    aliases = {**seen_aliases(seen, own), **{owner: target for owner, target in told.items() if owner in own}}
    usages = (2, 3) if given.get("scheme") == "issuer" else (3,)
    return Server(
        Terms(
            owners=own | frozenset(aliases.values()),
            parameters=parameters_of(usages, [int(one) for one in given.get("matching_types") or [1]]),
            published=seen_parameters(seen),
            kept=frozenset(record for one in given.get("served_by_others") or [] for record in _records_of(one)),
            max_ttl=max(MAX_TTL, int(given.get("ttl") or 0)),
        ),
        frozenset(_name(to_ascii(str(one))) for one in given.get("names") or exchanges),
        str(given.get("folder") or "/var/lib/mailops-tls"),
    )


def _records_of(served: Mapping[str, Any]) -> Iterator[TlsaRecord]:
    """Every record of a chain that another server serves, whatever kinds of records are in use."""
    if served.get("public_key_sha256"):
        yield TlsaRecord(3, 1, 1, bytes.fromhex(str(served["public_key_sha256"])))
    for depth, parts in enumerate(certificates_of(str(served.get("chain") or ""))):
        for selector, data in enumerate(parts):
            forms = {0: data, 1: hashlib.sha256(data).digest(), 2: hashlib.sha512(data).digest()}
            yield from (TlsaRecord(usage, selector, kind, form) for usage in ((2,) if depth else (2, 3)) for kind, form in forms.items())


def _name(text: object) -> str:
    return str(text).rstrip(".").lower()
