# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be seen now, gathered as the evidence of one run: DNS, the instances, the key folder, files handed in, and the clock."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import (
    CandidateChain,
    best_chain,
    ends_at,
    in_hand,
    strangers,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.keyring import KeptChain, KeptKey, Keyring, chain_trouble, read_chain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    CertificateInHand,
    ClockReading,
    EndpointSight,
    Evidence,
    HeldKey,
    Key,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import RolloverOptions
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Servings


@dataclass(frozen=True)
class Material:
    """The keys of the folder, each with its best chain and its request by the path of the key; and the chains handed in.

    A request is left out when there is a certificate that can be used and need not be renewed. `unreadable` says what is wrong
    with files handed in, `warnings` what is with files in the folder.
    """

    keys: tuple[KeptKey, ...]
    chains: Mapping[str, CandidateChain]
    requests: Mapping[str, bytes]
    given: tuple[KeptChain, ...]
    unreadable: tuple[str, ...]
    warnings: tuple[str, ...]

    def key(self, key: Key) -> KeptKey | None:
        """Return the files of a key, None when it is not in the folder."""
        return next((one for one in self.keys if one.spki == key.spki), None)

    def chain(self, key: KeptKey) -> CandidateChain | None:
        """Return the best chain for a key."""
        return self.chains.get(key.path)


def material(keyring: Keyring, options: RolloverOptions, serving: Servings, now: datetime) -> Material:
    """Read the folder and the files handed in. A file that is not there (yet) is none; *now* is aware."""
    keys, warnings = keyring.keys()
    given, unreadable = _handed_in(options.certificate_files)
    chains: dict[str, CandidateChain] = {}
    for key in keys:
        candidates = (*keyring.chains(key), *given)
        warnings += keyring.broken_chains(key)
        found = best_chain(key.spki, candidates, options.needs, now, self_signed=options.policy.self_signed)
        if found is not None:
            chains[key.path] = found
    requests: dict[str, bytes] = {}
    for key in keys:
        best = chains.get(key.path)
        soon = now.timestamp() + options.policy.renew_before
        request = read_file(key.request_path)
        if request.error is None and not (best is not None and best.problem is None and ends_at(best.leaf) > soon):
            requests[key.path] = request.data
    return Material(keys, chains, requests, given, unreadable, warnings)


def held_keys(found: Material, serving: Servings, *, self_signed: bool) -> tuple[HeldKey, ...]:
    """Return the keys as the rollover counts them.

    A chain handed in that is for no key at all is told as the problem of the keys that still wait for theirs.
    """
    known = [*(one.spki for one in found.keys), *(one.spki for one in serving.found)]
    foreign = "" if self_signed else "; ".join((*strangers(found.given, known), *found.unreadable))
    held = []
    for key in found.keys:
        best = found.chain(key)
        certificate = None if best is None else in_hand(best.kept.chain, best.problem and f"{best.kept.path}: {best.problem}")
        if certificate is None and foreign:
            certificate = CertificateInHand((), 0, foreign)
        held.append(HeldKey(Key(key.algorithm, key.spki), key.created, certificate))
    return tuple(held)


def evidence(
    views: Sequence[OwnerView],
    found: Material,
    serving: Servings,
    outside: tuple[EndpointSight, ...] | None,
    reading: ClockReading,
    options: RolloverOptions,
) -> Evidence:
    """Return all of it as one value."""
    return Evidence(
        owners=tuple(one.sight() for one in views),
        held=held_keys(found, serving, self_signed=options.policy.self_signed),
        deployed=tuple(one.served_chain() for one in serving.found),
        deployed_error=serving.error,
        outside=outside,
        reading=reading,
        outside_at=options.outside_at,
        neighbours=options.neighbours,
        without_tls=serving.without_tls,
    )


def _handed_in(paths: Sequence[str]) -> tuple[tuple[KeptChain, ...], tuple[str, ...]]:
    found, problems = [], []
    for path in paths:
        if not os.path.lexists(path):
            continue
        state = read_file(path)
        chain = read_chain(state)
        if chain is not None:
            found.append(chain)
        else:
            problems.append(chain_trouble(state))
    return tuple(found), tuple(problems)


def moment_of(seconds: int) -> datetime:
    """Return seconds of the epoch as a time, aware."""
    return datetime.fromtimestamp(seconds, timezone.utc)
