# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a probe's options decides its results, in a form to be compared and kept in a file of results."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._probe.trust_digests import (
    certificates_digest,
    directory_digest,
    files_digest,
    system_digest,
)

DECIDE_NOTHING = frozenset((
    "concurrency", "per_address_limit", "per_network_limit", "per_provider_limit",  # how fast
    "interval_per_address", "scan_interval", "workers",
    "connect_timeout", "command_timeout", "deadline",  # what took too long is probed again
    "results_file", "progress_file", "resume", "keylog_file", "trace_file",  # where to
    "report_detail", "report_max", "expect", "return", "previous_file",  # made of results
    "run_id", "vantage",  # in each line anyway
    "opt_out_file",  # who wants out is out from that moment on, and no old result becomes wrong by it
    "client_key",  # a secret, and told apart by its certificate
    "password", "oauth_token",  # secrets, of which a file must have nothing that can be tried; told apart by the user name
    "attempts_limit", "auth_timeout",  # what was not done or took too long is done again
))  # fmt: skip
"""Options that can differ between a run and its resumption. Every other option, also one that is new, can change a result."""


def deciding_values(
    params: Mapping[str, Any], names: Iterable[str], without: Collection[str], *, ehlo_name: str, nameservers: Iterable[object]
) -> dict[str, Any]:
    """Return what decides the results, by option. Files count by what is in them.

    Args:
        params: the parameters of the module, whose options have these *names*.
        names: all options.
        without: those that name what is probed.
        ehlo_name: the name really said, and `nameservers` those really asked, where the parameters leave it to the system.

    Raises:
        OptionError: a file cannot be read.
    """
    found = {name: params[name] or None for name in names if name not in DECIDE_NOTHING and name not in without}
    found["ehlo_name"], found["nameservers"] = ehlo_name, [str(one) for one in nameservers]
    digests: dict[str, Callable[[str, Sequence[str]], Any]] = {
        "ca_file": files_digest,
        "trust_anchor_files": files_digest,
        "client_certificate": certificates_digest,
        "client_chain_files": certificates_digest,
    }
    for name, digest in digests.items():
        if name in found:
            given = params[name] or ()
            found[name] = digest(name, [given] if isinstance(given, str) else given)
    found["ca_path"] = directory_digest(params["ca_path"]) if params["ca_path"] else None
    found["system_ca"] = system_digest() if params["system_ca"] else None
    return found
