# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private key of one algorithm that a Postfix SMTP server serves, wherever it is configured.

`postfix tls` looks at `smtpd_tls_key_file` and `smtpd_tls_eckey_file` only, and only when main.cf sets them; it finds neither a key that
stands in the certificate's file nor `smtpd_tls_chain_files`, and `new-server-cert` then makes a new key without a word. Here a key
that is deployed is found, or an error says what is deployed instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import Configured
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import Deployed, Deployment
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm, PrivateKey, UnusableKey, load
from ansible_collections.mailops.tls.plugins.module_utils._x509.private_key_file import block_of_key
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import same_public_key


@dataclass(frozen=True)
class DeployedKey:
    """A private key and the file it is in."""

    path: str
    key: PrivateKey


def deployed_key(
    configured: Configured, wanted: Sequence[KeyAlgorithm], read: Callable[[str], bytes], option: str
) -> DeployedKey:
    """Return the deployed key of the first of the *wanted* algorithms that has one.

    Keys of main.cf come before those of services with -o options, and keys by server name (SNI) do not count.

    Raises:
        OptionError: naming *option* when there is no such key, or several that differ.
    """
    for algorithm in wanted:
        items = [one for one in configured.deployment.items if one.server_name is None and one.algorithm == algorithm.value]
        item = _only([one for one in items if configured.is_of_main(one)] or items, algorithm, option)
        if item is not None and item.material.key is not None:
            return DeployedKey(item.material.key_name, _load(item.material.key_name, item.material.key, read, option))
    asked = " or ".join(one.value for one in wanted)
    raise OptionError(option, asked, f"is not an algorithm of a deployed key: {_what_there_is(configured.deployment)}")


def _only(items: Sequence[Deployed], algorithm: KeyAlgorithm, option: str) -> Deployed | None:
    keyed = [one for one in items if one.material.key is not None]
    if any(not same_public_key(one.material.key or b"", keyed[0].material.key or b"") for one in keyed):
        paths = ", ".join(dict.fromkeys(one.material.key_name for one in keyed))
        raise OptionError(option, algorithm.value, f"is the algorithm of several deployed keys: {paths}")
    return keyed[0] if keyed else None


def _load(path: str, spki: bytes, read: Callable[[str], bytes], option: str) -> PrivateKey:
    block = block_of_key(read(path), spki)
    if block is None:
        raise OptionError(option, path, "is no longer in the file")
    try:
        return load(block.text)
    except UnusableKey as problem:
        raise OptionError(option, path, str(problem)) from None


def _what_there_is(deployment: Deployment) -> str:
    keys = [f"{one.algorithm} in {one.material.key_name}" for one in deployment.items if one.material.key is not None]
    problems = [problem.text for one in deployment.items if one.material.key is None for problem in one.problems]
    return "; ".join(dict.fromkeys(keys + problems)) or "none is configured"
