# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Postfix instance as source: the keys and chains its smtpd(8) has deployed, and the name it calls itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import KeyMaterial, of_served
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import ReadFile
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import Deployed, Deployment, deployment, is_for
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Run, map_entries, read_instance
from ansible_collections.mailops.tls.plugins.module_utils._postfix.sni_maps import Listing
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

OPTION = "postfix"


@dataclass(frozen=True)
class PostfixSource:
    """An instance and what it has deployed."""

    instance: Instance
    deployment: Deployment


def postfix_source(run: Run, config_directory: str | None, read_file: ReadFile) -> PostfixSource:
    """Ask an instance for its configuration.

    Raises:
        OptionError: for what cannot be used.
        PostfixMissing: when there is no Postfix.
    """
    instance = read_instance(run, config_directory, option=OPTION)

    def read_table(table: str) -> Listing:
        return map_entries(run, instance.config_directory, table)

    return PostfixSource(instance, deployment(instance, read_file, read_table))


def own_host(instance: Instance, read_file: ReadFile) -> str:
    """Return `myhostname`; a value that begins with a slash is a file that holds it.

    Raises:
        OptionError: for what cannot be used.
    """
    name = instance.main.value("myhostname")
    if not name.startswith("/"):
        return name
    state = read_file(name)
    if state.error is not None:
        raise OptionError(OPTION, name, f"of myhostname cannot be read: {state.error}")
    return state.data.decode("utf-8", "replace").strip()


def deployed_materials(
    source: PostfixSource, hosts: Sequence[str], algorithms: Sequence[str] | None = None
) -> tuple[tuple[KeyMaterial, ...], tuple[str, ...]]:
    """Return what is deployed, for clients that send no server name and for those that send one of *hosts*; and warnings.

    Args:
        hosts: host names in ASCII.
        algorithms: take keys of these kinds only; all when None.

    Raises:
        OptionError: when a key cannot be read, and when there is none.
    """
    directory = source.instance.config_directory
    materials, warnings = [], list(source.instance.warnings)
    warnings += [clean(problem.text) for problem in source.deployment.problems]
    for item in source.deployment.items:
        if item.server_name is not None and not any(is_for(item.server_name, host) for host in hosts):
            continue
        if item.material.spki is None or item.material.agrees is False:
            reason = "; ".join(problem.text for problem in item.problems) or f"{item.source} has no key"
            raise OptionError(OPTION, directory, f"has a key that records cannot be made of: {clean(reason)}")
        if algorithms is not None and item.algorithm not in algorithms:
            continue
        warnings += [f"Postfix cannot use what a record is made of: {clean(problem.text)}" for problem in item.problems]
        materials.append(_material(item, directory))
    if not materials:
        kinds = "" if algorithms is None else f" of the kinds {', '.join(algorithms)}"
        raise OptionError(OPTION, directory, f"has no key{kinds} deployed in its SMTP server")
    return tuple(materials), tuple(dict.fromkeys(warnings))


def _material(item: Deployed, directory: str) -> KeyMaterial:
    """Key and chain, or the one that there is."""
    material = item.material
    label = material.key_name or (material.chain_names[0] if material.chain_names else item.source)
    if material.chain:
        return of_served(material.chain, OPTION, label, directory)
    return KeyMaterial(clean(label), OPTION, directory, material.spki)
