# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `postfix_tls_info`: parameters in, facts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import postfix
from ansible_collections.mailops.tls.plugins.module_utils._files.rights import explained
from ansible_collections.mailops.tls.plugins.module_utils._files.state import (
    FileState,
    ReadFile,
    group_name,
    owner_name,
    read_file,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_info.options import InfoOptions, info_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult, failing_with
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import (
    Deployed,
    Deployment,
    deployment,
    smtpd_services,
)
from ansible_collections.mailops.tls.plugins.module_utils._postfix.lint import lint, reference_names
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import (
    Instance,
    PostfixMissing,
    Run,
    instance_directories,
    map_entries,
    read_instance,
)
from ansible_collections.mailops.tls.plugins.module_utils._postfix.sni_maps import Listing
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import Side, changes, client_level, server_level

_CLIENTS = ("smtp", "lmtp")
_SERVERS = ("smtpd", "tlsproxy")


@failing_with(PostfixMissing)
def run_postfix_info(
    params: Mapping[str, Any], run: Run, *, files: ReadFile = read_file, now: datetime | None = None
) -> TaskResult:
    """Return the facts about the instances that the module's parameters name. Broken files and settings are facts.

    Raises:
        OptionError: for an option that cannot be used.
        TaskFailed: when there is no Postfix to ask.
    """
    options = info_options(params)
    directories: Sequence[str | None] = options.config_directories or [None]
    if options.all_instances:
        directories = instance_directories(run)
    moment = now or datetime.now(timezone.utc)
    found: list[dict[str, object]] = []
    warnings: list[str] = []
    for directory in directories:
        instance = read_instance(run, directory, option="config_directories")
        facts = _instance(instance, options, run, files, moment)
        found.append(facts)
        warnings += _out_of_reach(facts)
        warnings += [f"{instance.config_directory}: {text}" for text in instance.warnings]
    return TaskResult({"instances": found}, warnings=tuple(warnings))


def _instance(instance: Instance, options: InfoOptions, run: Run, files: ReadFile, now: datetime) -> dict[str, object]:
    tables: dict[str, Listing] = {}

    def read_table(table: str) -> Listing:
        if table not in tables:
            tables[table] = map_entries(run, instance.config_directory, table)
        return tables[table]

    served = deployment(instance, files, read_table)
    names = reference_names(options.names, instance.main.value("myhostname"))
    findings = lint(instance, served, files, names=names, now=now, min_days_left=options.min_days_left)
    client, server = changes(instance, Side.CLIENT, _CLIENTS), changes(instance, Side.SERVER, _SERVERS)
    return {
        "config_directory": instance.config_directory,
        "mail_version": instance.main.value("mail_version"),
        "myhostname": instance.main.value("myhostname"),
        "all_default_client": client.all_default,
        "all_default_server": server.all_default,
        "changed_parameters": {"client": client.as_dict(), "server": server.as_dict()},
        "security_level": {
            "client": client_level(instance.main).as_dict(),
            "server": server_level(instance.main).as_dict(),
        },
        "services": _services(instance, served),
        "deployed": [_deployed(item, options.include_pem, now) for item in served.items],
        "lint": [one.as_facts() for one in findings],
    }


def _out_of_reach(facts: Mapping[str, Any]) -> list[str]:
    """One warning for all files that whoever runs this may not read."""
    denied = [one for item in facts["deployed"] for one in item["problems"] if one["id"] == postfix.PERMISSION_DENIED.id]
    paths = dict.fromkeys(one["subject"] for one in denied)
    if not paths:
        return []
    return [explained(f"Permission denied, so it is not known whether TLS works with {', '.join(paths)}")]


def _services(instance: Instance, served: Deployment) -> list[dict[str, object]]:
    """The services that run smtpd(8), each with its level and the kinds of keys it serves by default."""
    return [
        {
            "name": service.name,
            "security_level": server_level(instance.scope(service)).as_dict(),
            "wrappermode": instance.scope(service).is_yes("smtpd_tls_wrappermode"),
            "algorithms": [
                item.algorithm for item in served.items if item.usable and item.server_name is None and service.name in item.services
            ],
        }
        for service in smtpd_services(instance)
    ]


def _deployed(item: Deployed, include_pem: bool, now: datetime) -> dict[str, object]:
    leaf = item.material.chain[0] if item.material.chain else None
    days = None if leaf is None or leaf.not_after is None else (leaf.not_after - now).days
    return {
        "source": item.source,
        "key_parameter": item.key_parameter,
        "services": list(item.services),
        "server_name": item.server_name,
        "usable": None if item.is_out_of_reach else item.usable,
        "algorithm": item.algorithm,
        "public_key": item.public_key.as_facts() if item.public_key else None,
        "public_key_sha256": item.public_key_sha256,
        "key_file": item.material.key_name or None,
        "certificate_files": list(dict.fromkeys(item.material.chain_names)),
        "key_matches_certificate": item.material.agrees,
        "self_signed": None if leaf is None else leaf.is_self_issued,
        "days_left": days,
        "chain": [one.as_facts(include_pem=include_pem) for one in item.material.chain],
        "files": [_file(one) for one in item.files],
        "problems": [one.as_facts() for one in item.problems],
    }


def _file(file: FileState) -> dict[str, object]:
    return {
        "path": file.path,
        "mode": None if file.mode is None else f"{file.mode:04o}",
        "owner": owner_name(file.uid),
        "group": group_name(file.gid),
        "error": file.error,
    }
