# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mx_audit_shards` as one checked value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.shards import ShardBy
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import require_count


@dataclass(frozen=True)
class ShardsOptions:
    """Everything a task says; `dest` is where the lists go, or with `exchanges_only` what was found for another machine to share out by."""

    destinations_file: str
    dest: str
    exchanges_only: bool
    exchanges_file: str | None
    probers: tuple[str, ...]
    shard_by: ShardBy
    seed: str
    dns: DnsSettings
    concurrency: int


def shards_options(params: Mapping[str, Any]) -> ShardsOptions:
    """Turn the parameters of `mx_audit_shards` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    probers = tuple(params["probers"])
    if not probers:
        raise OptionError("probers", [], "names nobody")
    twice = sorted({one for one in probers if probers.count(one) > 1})
    if twice:
        raise OptionError("probers", twice[0], "is named twice")
    dest, exchanges_dest, exchanges_file = (params.get(name) for name in ("dest", "exchanges_dest", "exchanges_file"))
    if (dest is None) == (exchanges_dest is None):
        raise OptionError("dest", dest, "is needed, or exchanges_dest in place of it, and not both")
    for name in ("exchanges_dest", "exchanges_file"):
        if params.get(name) is not None and params["shard_by"] != ShardBy.EXCHANGE.value:
            raise OptionError(name, params[name], f"has no meaning when shard_by is {params['shard_by']}")
    if exchanges_dest is not None and exchanges_file is not None:
        raise OptionError("exchanges_file", exchanges_file, "cannot be given beside exchanges_dest")
    return ShardsOptions(
        destinations_file=params["destinations_file"],
        dest=str(dest or exchanges_dest),
        exchanges_only=exchanges_dest is not None,
        exchanges_file=exchanges_file,
        probers=probers,
        shard_by=ShardBy(params["shard_by"]),
        seed=params["seed"],
        dns=dns_settings(params["nameservers"], "never"),
        concurrency=require_count(params, "concurrency"),
    )
