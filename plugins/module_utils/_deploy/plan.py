# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to change so that an instance serves a new pair: parameters, and files to be written first. Pure.

Only the key of the same algorithm is replaced; all others stay. `smtpd_tls_chain_files` gets one file with key and chain under a new
name; the older pairs of parameters name the files that the user names, as after `postfix tls deploy-server-cert`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import Pair, deployed_pair
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import (
    CHAIN_FILES,
    PAIRS,
    Deployed,
    Deployment,
    certificate_file,
    is_of_main,
    resolve,
    split_files,
)
from ansible_collections.mailops.tls.plugins.module_utils._postfix.parameter_value import literal, unwritable
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import Setting, differences
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import same_public_key

_OPTION = "parameters"
_OWN = {"rsa": PAIRS[0], "ecdsa": PAIRS[2]}
DEFAULTS: Mapping[str, str] = {
    CHAIN_FILES: "",
    **{certificate: "" for certificate, _key in PAIRS},
    **{key: "$" + certificate for certificate, key in PAIRS},
}
"""Values of the parameters that mean the same as not to set them."""


@dataclass(frozen=True)
class Sources:
    """The files that the user named, absolute; and the folder for files that are made of them."""

    certificate: str
    key: str
    directory: str


@dataclass(frozen=True)
class Plan:
    """What is to be done. `files` are pairs of absolute path and pair; without `settings` nothing is deployed anew."""

    parameters: str
    settings: tuple[Setting, ...]
    files: tuple[tuple[str, Pair], ...] = ()
    replaced: Deployed | None = None
    warnings: tuple[str, ...] = ()


def make_plan(instance: Instance, found: Deployment, pair: Pair, sources: Sources, wanted: str) -> Plan:
    """Return the plan. *wanted* is `auto`, `chain_files` or `legacy`.

    Raises:
        OptionError: when the pair cannot be deployed so, or when what is deployed beside it is broken.
    """
    main = tuple(one for one in found.items if one.server_name is None and is_of_main(instance, one))
    in_chains = bool(split_files(instance.main.value(CHAIN_FILES)))
    known = CHAIN_FILES in instance.main.values
    legacy_in_effect = not in_chains and bool(main)
    chosen = wanted if wanted != "auto" else "legacy" if legacy_in_effect or not known else "chain_files"
    if chosen == "legacy" and in_chains:
        raise OptionError(_OPTION, wanted, f"would have no effect: {CHAIN_FILES} is set")
    if chosen == "chain_files" and not known:
        raise OptionError(_OPTION, wanted, f"is not possible: this Postfix has no {CHAIN_FILES}, which is new in 3.4")
    same = [one for one in main if one.algorithm == pair.algorithm or (len(main) == 1 and one.algorithm is None)]
    replaced = same[-1] if same else None
    _require_sound([one for one in main if one not in same])
    planned = _legacy if chosen == "legacy" else _chains
    plan = planned(instance, main, replaced, pair, sources)
    return Plan(plan.parameters, plan.settings, plan.files, replaced, _others(instance))


def _require_sound(others: Sequence[Deployed]) -> None:
    for item in others:
        for problem in item.problems:
            raise OptionError(_OPTION, item.source, f"is broken beside the pair, so TLS would not work: {problem.text}")


def is_deployed(item: Deployed | None, pair: Pair) -> bool:
    """Return whether an item is this very pair, and Postfix can use it."""
    if item is None or not item.usable or item.material.key is None:
        return False
    return item.material.chain == pair.chain and same_public_key(item.material.key, pair.spki)


def _chains(instance: Instance, main: Sequence[Deployed], replaced: Deployed | None, pair: Pair, sources: Sources) -> Plan:
    """One file of its own for the new pair, in the place of the old one's files."""
    current = split_files(instance.main.value(CHAIN_FILES))
    if current and is_deployed(replaced, pair):
        return Plan(CHAIN_FILES, ())
    main = [one for one in main if one.algorithm != pair.algorithm or one is replaced]
    files: list[tuple[str, Pair]] = []
    words: list[str] = []
    for item in main:
        if item is replaced:
            words.append(_file(sources, pair, files))
            continue
        mine = [word for word in current if resolve(instance.main, word) in _paths(item)]
        shared = any(set(_paths(other)) & set(_paths(item)) for other in main if other is not item)
        words += mine if mine and not shared else [_file(sources, deployed_pair(item.material, item.files), files)]
    if replaced is None:
        words.append(_file(sources, pair, files))
    legacy = {name: None for both in PAIRS for name in both} if not current else {}
    desired: dict[str, str | None] = {CHAIN_FILES: ", ".join(literal(word) for word in words), **legacy}
    return Plan(CHAIN_FILES, differences(instance.main.explicit, desired), tuple(files))


def _file(sources: Sources, pair: Pair, files: list[tuple[str, Pair]]) -> str:
    path = os.path.join(sources.directory, pair.file_name)
    reason = unwritable(path, in_list=True)
    if reason is not None:
        raise OptionError("directory", sources.directory, f"has a name that cannot stand in {CHAIN_FILES}: it {reason}")
    files.append((path, pair))
    return path


def _paths(item: Deployed) -> tuple[str, ...]:
    return (item.material.key_name, *item.material.chain_names)


def _legacy(instance: Instance, main: Sequence[Deployed], replaced: Deployed | None, pair: Pair, sources: Sources) -> Plan:
    """The parameters that hold a key of this algorithm, whatever they are called, else those that are meant for it."""
    pairs = {certificate: (certificate, key) for certificate, key in PAIRS}
    own = _OWN.get(pair.algorithm) if replaced is None else pairs[replaced.source]
    if own is None:
        raise OptionError(_OPTION, "legacy", f"has no parameters for an {pair.algorithm} key; chain_files takes any")
    holder = next((one for one in main if one.source == own[0] and one is not replaced), None)
    if holder is not None:
        reason = f"would take the place of the {holder.algorithm} key in {own[0]}; chain_files takes both"
        raise OptionError(_OPTION, "legacy", reason)
    for option, path in (("certificate_path", sources.certificate), ("privatekey_path", sources.key)):
        unfit = unwritable(path)
        if unfit is not None:
            raise OptionError(option, path, f"has a name that cannot stand in main.cf: it {unfit}")
    if replaced is not None and certificate_file(instance.main, own[0]):
        files = (resolve(instance.main, instance.main.value(own[0])), resolve(instance.main, instance.main.value(own[1])))
        if files == (sources.certificate, sources.key):
            return Plan("legacy", ())
    desired: dict[str, str | None] = {own[0]: literal(sources.certificate), own[1]: literal(sources.key)}
    return Plan("legacy", differences(instance.main.explicit, desired))


def _others(instance: Instance) -> tuple[str, ...]:
    """Services and programs with chains of their own, which stay as they are."""
    names = tuple(DEFAULTS)
    found = [f"{one.name}/{name}" for one in instance.services for name in names if name in one.overrides]
    found += [name for name in ("tlsproxy_" + one[len("smtpd_") :] for one in names) if instance.main.explicit.get(name)]
    return tuple(f"{one} is set and stays as it is" for one in found)
