# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `tlsa_records`: parameters in, RRsets in all their forms out. Reads files, asks Postfix and servers; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import KeyMaterial
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import SMTP_PORT, TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import associations, publishing_warnings
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import all_forms
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import rrsets
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult, failing_with
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_records.options import RecordsOptions, records_options
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing, Run
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_owners
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.given import given_materials
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.live import LiveServer, served_materials
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.postfix_keys import (
    PostfixSource,
    deployed_materials,
    own_host,
    postfix_source,
)


@failing_with(PostfixMissing)
def run_tlsa_records(params: Mapping[str, Any], run: Run) -> TaskResult:
    """Make the records that *params* ask for.

    Args:
        params: the parameters of `tlsa_records`, as its argument specification leaves them.
        run: runs programs, for the configuration of Postfix.

    Raises:
        OptionError: for an option that cannot be used.
        TaskFailed: when there is no Postfix to ask, or a live server does not show its certificates.
    """
    options = records_options(params)
    materials = given_materials(options.given, read_file)
    postfix = None
    if options.postfix is not None:
        postfix = postfix_source(run, options.postfix.config_directory, read_file)
    owners = _owners(options, postfix)
    warnings: tuple[str, ...] = ()
    if postfix is not None and options.postfix is not None:
        deployed, remarks = deployed_materials(postfix, [owner.host for owner in owners], options.postfix.algorithms)
        materials, warnings = materials + deployed, warnings + remarks
    if options.live is not None:
        served, remarks = _served(options.live)
        materials, warnings = materials + served, warnings + remarks
    _require_source(materials)
    made = associations(materials, options.parameters, allow_certificate_pinning=options.allow_certificate_pinning)
    warnings += publishing_warnings(materials, options.parameters, [owner.port for owner in owners])
    return TaskResult(all_forms(rrsets(owners, made, options.ttl), comments=options.comments), warnings=warnings)


def _served(server: LiveServer) -> tuple[tuple[KeyMaterial, ...], tuple[str, ...]]:
    try:
        return served_materials(server)
    except ProbeError as error:
        raise TaskFailed(str(error), {"error": error.failure.as_dict()}) from error


def _owners(options: RecordsOptions, postfix: PostfixSource | None) -> tuple[TlsaOwner, ...]:
    """The owners asked for; without any, those of the Postfix or of the live server that is asked."""
    hosts, ports, live = options.hosts, options.ports, options.live
    if hosts is None and postfix is not None:
        hosts = (own_host(postfix.instance, read_file),)
    if hosts is None and live is not None:
        hosts = (live.host,)
    if ports is None:
        ports = (SMTP_PORT if live is None else live.port,)
    return parse_owners(hosts or (), ports, options.protocol)


def _require_source(materials: tuple[KeyMaterial, ...]) -> None:
    if not materials:
        raise OptionError("privatekey_path", [], "names no file, and no other option names a source")
