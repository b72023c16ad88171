# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server prefers suites that may stay to those that have to go, as Internet.nl asks for it.

Whatever else there is, only suites to phase out beside better ones of the same protocol version make a choice that can be wrong.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._grade.endpoint_view import BEFORE_1_3, EndpointView, Observed, names_of
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import PolicyItem
from ansible_collections.mailops.tls.plugins.module_utils._grade.subjects import cipher_suite, preference, scanned_levels
from ansible_collections.mailops.tls.plugins.module_utils._grade.suite_names import iana_name


def cipher_order(endpoint: EndpointView, suites: PolicyItem) -> Observed:
    """Return `nothing_to_phase_out`, `client_order`, or that it is not known.

    Args:
        endpoint: where.
        suites: gives suites their levels.
    """
    if not endpoint.scan:
        return endpoint.gap(endpoint.nothing)
    if endpoint.only_1_3:
        return Observed()
    items = [endpoint.item("suites", name) for name in BEFORE_1_3] + [*scanned_levels(endpoint).values()]
    levels = {suites.level_of(iana_name(name)) for item in items for name in names_of(item)}
    field = f"{endpoint.path}.scan.suites"
    if Level.PHASE_OUT not in levels:
        gaps = endpoint.look(cipher_suite).gaps
        return endpoint.gap(gaps[0].why) if gaps else Observed((endpoint.saw("nothing_to_phase_out", field),))
    if not levels & {Level.GOOD, Level.SUFFICIENT}:
        gaps = endpoint.look(cipher_suite).gaps
        return endpoint.gap(gaps[0].why) if gaps else Observed((endpoint.saw("nothing_to_phase_out", field),))
    found = preference(endpoint)
    if any(one.value == "client" for one in found.seen):
        return Observed((endpoint.saw("client_order", found.seen[0].field),))
    if found.seen:
        return endpoint.gap("the server decides, and no scan asks which level it prefers")
    return found
