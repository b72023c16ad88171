# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the postmaster wants of a rollover: values only, durations in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Scheme(str, Enum):
    """NEXT: `3 1 x` of the current and the next key. ISSUER: `3 1 x` of the current key and `2 1 x` of its issuer."""

    NEXT = "next"
    ISSUER = "issuer"


class Goal(str, Enum):
    """What the postmaster wants there to be."""

    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True)
class Policy:
    """What the postmaster wants.

    Args:
        owners: all owners whose records are about the deployed keys: exchanges times ports.
        algorithms: kinds of keys that are rolled; others that are deployed are published and left alone.
        matching_types: 1 (SHA-256), 2 (SHA-512).
        key_max_age: a key is replaced when it has been deployed this long; 0: never by age.
        min_wait: least time between visible and deployed.
        wait_for_signature: also wait for the end of the signatures of the RRset without the new records.
        unknown_ttl: the TTL to assume for what was never seen.
        renew_before: a certificate that ends within this is renewed, with the same key.
        self_signed: certificates are made by the rollover and not handed in.
        roll: replace the keys now. It counts when it becomes true: said in every run it is one request.
        emergency: the deployed keys are compromised; replaces them as `roll` does, without min_wait, signature mode and
            hold.
        accept_exposure: in an emergency, go on serving the compromised key until the next one has aged.
        abort: give up keys that are not deployed yet, and make no new ones while this is set.
        may_deploy: a key that is not deployed yet may be deployed in this run; False while another server has its turn.
        outside_grace: how long what a look from outside has found may last before it is an alarm; None: for ever.
            """

    owners: tuple[str, ...]
    algorithms: tuple[str, ...]
    scheme: Scheme = Scheme.NEXT
    matching_types: tuple[int, ...] = (1,)
    goal: Goal = Goal.PRESENT
    key_max_age: int = 90 * 86400
    min_wait: int = 0
    wait_for_signature: bool = False
    unknown_ttl: int = 86400
    renew_before: int = 30 * 86400
    self_signed: bool = True
    roll: bool = False
    emergency: bool = False
    accept_exposure: bool = False
    abort: bool = False
    may_deploy: bool = True
    outside_grace: int | None = 5400
