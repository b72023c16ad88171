# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the options decides the results of a probe, in a form to be compared and kept in a file of results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.deciding_options import DECIDE_NOTHING, deciding_values
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments

NAMED_BY = ("destinations", "destinations_file")
NOT_IN_RESULTS = DECIDE_NOTHING | set(NAMED_BY)
"""Options that can differ between a run and its resumption; of the destinations each result is of one."""


def deciding_options(params: Mapping[str, Any], *, ehlo_name: str, nameservers: Iterable[object]) -> dict[str, Any]:
    """Return what decides the results of `smtp_tls_probe`, by option; see `deciding_values`."""
    return deciding_values(params, smtp_arguments(), NAMED_BY, ehlo_name=ehlo_name, nameservers=nameservers)
