# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Internet.nl would see of an endpoint: less than a scan does, by how it looks (checks of its version 1.11.2).

It asks for suites in the highest version before TLS 1.3 alone, and looks at one certificate. Of groups it sees those that are chosen with
these suites, and not what else is accepted.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._grade.endpoint_view import BEFORE_1_3, EndpointView
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import mapping

_NO_SUITES = {"state": "observed", "value": [], "complete": True, "why": None}


def seen_by_internetnl(endpoint: EndpointView) -> EndpointView:
    """Return an endpoint without the suites of versions that it does not ask for."""
    accepted = [name for name in BEFORE_1_3 if endpoint.versions and endpoint.versions[name].value is True]
    if len(accepted) < 2:
        return endpoint
    suites = {**mapping(endpoint.scan.get("suites")), **dict.fromkeys(accepted[:-1], _NO_SUITES)}
    return EndpointView(endpoint.path, {**endpoint.facts, "scan": {**endpoint.scan, "suites": suites}})


def one_certificate_each(endpoint: EndpointView) -> list[EndpointView]:
    """Return the endpoint with each of the chains that it has shown; it would see one of them."""
    return [
        EndpointView(endpoint.path, {**endpoint.facts, "tls": session.tls, "chain": list(session.chain), "key_algorithms": None})
        for session in endpoint.sessions
        if session.chain
    ] or [endpoint]
