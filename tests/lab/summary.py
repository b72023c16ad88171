# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running lab knows, as JSON: for `list --json` and for tests, which read it with `load`.

Shape: {namespace, state, resolver, name_server, ca_file, client_config, bench, sources, authorities: {name: CERTIFICATE}, cases: [CASE]};
CASE: {name, destination, title, options, matrix_row, unsupported37, unlike_smtp: {level: TEXT}, expected: {level: EXPECTED},
endpoints: {host: {level: EXPECTED}}, zones: [{name, delegation, records}], listeners: [LISTENER]};
LISTENER: {label, host, address, port, implicit, script, closed, certificates: {tag: CERTIFICATE}};
CERTIFICATE: {file, certificate_sha256, public_key_sha256}; EXPECTED: the fields of `case`.Expected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .authorities import Identity
from .case import Case, Levels
from .layout import Layout
from .plan import Placed, Plan, fingerprint
from .zones import SERVER_ADDRESS

RESOLVER_ADDRESS = "127.0.0.1"


def sources() -> str:
    """A digest of the lab's own files, to notice that a running lab is older than its cases."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.glob("themes/*.py"), *here.glob("machinery/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _certificate(path: Path, identity: Identity) -> dict[str, str]:
    path.write_bytes(identity.pem)
    return {
        "file": str(path),
        "certificate_sha256": fingerprint(identity, "certificate"),
        "public_key_sha256": fingerprint(identity, "key"),
    }


def _listener(layout: Layout, placed: Placed) -> dict[str, Any]:
    listener = placed.listener
    certificates = {
        tag: _certificate(layout.pki / (f"{placed.name}.{tag}.pem"), made) for tag, made in placed.identities.items()
    }
    return {
        "label": listener.label,
        "host": placed.host,
        "address": placed.address,
        "port": listener.port,
        "implicit": listener.implicit,
        "script": listener.script,
        "balances": list(listener.balances),
        "closed": listener.closed,
        "certificates": certificates,
    }


def _levels(levels: Levels) -> dict[str, Any]:
    return {level: asdict(expected) for level, expected in levels.items()}


def _case(layout: Layout, case: Case, plan: Plan) -> dict[str, Any]:
    return {
        "name": case.name,
        "destination": case.destination,
        "title": case.title,
        "options": {key: list(value) if isinstance(value, tuple) else value for key, value in case.options.items()},
        "matrix_row": case.matrix_row,
        "unsupported37": case.unsupported37,
        "unlike_smtp": dict(case.unlike_smtp),
        "expected": _levels(case.expected),
        "endpoints": {host: _levels(levels) for host, levels in case.endpoints.items()},
        "zones": [{"name": zone.name, "delegation": zone.delegation.value, "records": list(zone.records)} for zone in case.zones],
        "listeners": [_listener(layout, placed) for placed in plan.placed if placed.case == case.name],
    }


def write(layout: Layout, plan: Plan, bench: int) -> None:
    """Write certificates (PEM, no keys) and the summary; the summary appears in one piece."""
    layout.pki.mkdir(exist_ok=True)
    found = {
        "namespace": layout.namespace,
        "state": str(layout.state),
        "resolver": RESOLVER_ADDRESS,
        "name_server": SERVER_ADDRESS,
        "ca_file": str(layout.root_pem),
        "client_config": str(layout.client),
        "client_certificate": str(layout.client_certificate),
        "client_key": str(layout.client_key),
        "client_chain": str(layout.client_chain),
        "lmtp_socket": str(layout.lmtp_socket),
        "logs": {"postfix": str(layout.postfix / "log"), "postfix2": str(layout.second_postfix / "log")},
        "bench": bench,
        "sources": sources(),
        "authorities": {name: _certificate(layout.pki / (name + ".pem"), made) for name, made in plan.pki.authorities.items()},
        "cases": [_case(layout, case, plan) for case in plan.cases],
    }
    draft = layout.summary.with_suffix(".new")
    draft.write_text(json.dumps(found, indent=1))
    draft.rename(layout.summary)


def load(state: Path) -> Mapping[str, Any]:
    """The summary of the lab with this state directory; raises FileNotFoundError when it is not up."""
    found: Mapping[str, Any] = json.loads(Layout(state).summary.read_text())
    return found
