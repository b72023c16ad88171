# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `tlsa_records`: parameters in, RRsets in all their forms out. Reads files, asks Postfix and servers; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import KeyMaterial
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import SMTP_PORT, TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._dane.parameters import parse_parameters
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import associations, publishing_warnings
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import all_forms
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import rrsets
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Run
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_owners, parse_ttl
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.given import given_materials
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.live import LiveServer, live_server, served_materials
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.postfix_keys import (
    PostfixSource,
    deployed_materials,
    own_host,
    postfix_source,
)


@dataclass(frozen=True)
class RecordsRun:
    """What a run gives back: the task's facts, and warnings for the user."""

    facts: dict[str, Any]
    warnings: tuple[str, ...]


def run_tlsa_records(params: Mapping[str, Any], run: Run) -> RecordsRun:
    """Make the records that *params* ask for.

    Args:
        params: the parameters of `tlsa_records`, as its argument specification leaves them.
        run: runs programs, for the configuration of Postfix.
            Raises `OptionError` for an option that cannot be used, `ProbeError` when a live server does not show its certificates,
            `PostfixMissing` when there is no Postfix to ask.
            """
    wanted = parse_parameters(params["parameters"])
    ttl = parse_ttl(params["ttl"])
    server = None if params["probe"] is None else live_server(params["probe"])
    materials = given_materials(params, read_file)
    postfix = None
    if params["postfix"] is not None:
        postfix = postfix_source(run, params["postfix"]["config_directory"], read_file)
    owners = _owners(params, postfix, server)
    warnings: tuple[str, ...] = ()
    if postfix is not None:
        hosts = [owner.host for owner in owners]
        deployed, said = deployed_materials(postfix, hosts, params["postfix"]["algorithms"])
        materials, warnings = materials + deployed, warnings + said
    if server is not None:
        served, said = served_materials(server)
        materials, warnings = materials + served, warnings + said
    _require_source(materials)
    made = associations(materials, wanted, allow_certificate_pinning=params["allow_certificate_pinning"])
    warnings += publishing_warnings(materials, wanted, [owner.port for owner in owners])
    return RecordsRun(all_forms(rrsets(owners, made, ttl), comments=params["comments"]), warnings)


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the libraries a run needs: keys are read with one, checked with the other."""
    reads_keys = any(params[name] for name in ("privatekey_path", "privatekey_content"))
    reads_keys = reads_keys or any(params[name] is not None for name in ("postfix", "probe"))
    return ("pyOpenSSL", "cryptography") if reads_keys else ("cryptography",)


def _owners(
    params: Mapping[str, Any], postfix: PostfixSource | None, server: LiveServer | None
) -> tuple[TlsaOwner, ...]:
    """The owners asked for; without any, those of the Postfix or of the live server that is asked."""
    hosts, ports = params["hosts"], params["ports"]
    if hosts is None and postfix is not None:
        hosts = [own_host(postfix.instance, read_file)]
    if hosts is None and server is not None:
        hosts = [server.host]
    if ports is None:
        ports = [SMTP_PORT if server is None else server.port]
    return parse_owners(hosts or (), ports, params["protocol"])


def _require_source(materials: tuple[KeyMaterial, ...]) -> None:
    if not materials:
        raise OptionError("privatekey_path", [], "names no file, and no other option names a source")
