# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollover is about: keys, chains, what was seen this time, what the postmaster wants, and what comes out of one step.

Values only. Times are whole seconds since 1970, durations seconds. Owners are written like `_25._tcp.mx.example.org`.
The machine that reads and makes them is rollover.py; what it remembers from run to run is in rollover_state.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import OwnerSight
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord

if TYPE_CHECKING:
    from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import State


@dataclass(frozen=True)
class Key:
    """A public key: the kind (`rsa`, `ecdsa`, `ed25519`, ...) and the DER of its SubjectPublicKeyInfo."""

    algorithm: str
    spki: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal: the data of `3 1 1`."""
        return hashlib.sha256(self.spki).hexdigest()


@dataclass(frozen=True)
class CertificateInHand:
    """A certificate (chain) for a held key, made or handed in, deployed or not.

    Args:
        issuers: the SubjectPublicKeyInfo of each issuer in the chain, that of the leaf's own issuer first; empty for
            a self-signed certificate.
        not_after: the end of the leaf.
        problem: why it cannot be used ("is for another key", "lacks the name mx.example.org"); None when it can.
        certificate: DER of the leaf.
        issuer_certificates: DER of the issuers, in the order of `issuers`.
            """

    issuers: tuple[bytes, ...]
    not_after: int
    problem: str | None = None
    certificate: bytes = b""
    issuer_certificates: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class HeldKey:
    """A key in the rollover's own key directory; `created`: when it was made.

    `certificate` is the best one in hand for it; None when there is none. When only unusable ones were handed in, it is
    the one whose `problem` should be told.
    """

    key: Key
    created: int
    certificate: CertificateInHand | None = None


@dataclass(frozen=True)
class ServedChain:
    """A key with its chain, as somebody serves it or is configured to; `place` says where, for people.

    `names`: the names that the certificate is for, None when nobody read them; equal chains have equal ones.
    `replaceable`: a deployment puts others in its place; not so where Postfix has it for one service or one server name (SNI).
    Its key is served and published like any other, and is never rolled or renewed. The other fields are those of `CertificateInHand`.
    """

    key: Key
    issuers: tuple[bytes, ...]
    not_after: int
    place: str
    certificate: bytes = b""
    issuer_certificates: tuple[bytes, ...] = ()
    replaceable: bool = True
    names: tuple[str, ...] | None = field(default=None, compare=False)


class Fault(str, Enum):
    """What is wrong with an address and port seen from outside; the identifiers of the findings that tell it."""

    NOT_REACHED = "not_reached"
    STARTTLS_NOT_OFFERED = "starttls_not_offered"
    KEY_KINDS_MISSING = "key_kinds_missing"
    TLSA_NOT_SEEN = "tlsa_not_seen"
    NOT_VERIFIED = "not_verified"


@dataclass(frozen=True)
class EndpointSight:
    """One address and port of an exchange, seen from outside this time.

    Args:
        owner: whose records a sender would use for it.
        address: the address, with the port when it is not 25.
        ours: the address is this server's.
        reached: the look came to an end: it answered, offered STARTTLS, every kind of key it has was seen, and a
            judgement by the TLSA records was possible. When the vantage host could not look the records up, it is not reached.
        verified: a sender at level dane would deliver, whichever key it is shown. Only meaningful when reached.
        chains: one for each kind of key.
        problem: what was wrong, one clean line; None when nothing was.
        fault: which kind of wrong that is, where it is known.
            """

    owner: str
    address: str
    ours: bool
    reached: bool
    verified: bool
    chains: tuple[ServedChain, ...] = ()
    problem: str | None = None
    fault: Fault | None = None


@dataclass(frozen=True)
class ClockReading:
    """The clock of the machine: wall time, the id of this boot (`/proc/sys/kernel/random/boot_id`), seconds since the boot."""

    wall: int
    boot_id: str
    uptime: int


@dataclass(frozen=True)
class Evidence:
    """All that was seen in one run.

    Args:
        owners: a sight for each of the policy's owners, and for those that rollover_left_out.py wants looked at beside them.
        held: what is in the key directory.
        deployed: what the Postfix instances name now, each key of each instance.
        deployed_error: why it could not be learnt, or is not all.
        outside: one sight for each address and port of each exchange, reached or not; None: nobody looked this time.
        reading: the clock.
        outside_at: when the look from outside began, if that is known. A look from before a change of what is served
            says nothing about it.
        neighbours: chains that other servers below the same owners have deployed, learnt in a way that can be trusted
            (never from what the network showed); they are published together with ours where there is no record yet.
        without_tls: where Postfix is configured to offer no TLS to those who deliver mail.
            """

    owners: tuple[OwnerSight, ...]
    held: tuple[HeldKey, ...]
    deployed: tuple[ServedChain, ...]
    deployed_error: str | None
    outside: tuple[EndpointSight, ...] | None
    reading: ClockReading
    outside_at: int | None = None
    neighbours: tuple[ServedChain, ...] = ()
    without_tls: tuple[str, ...] = ()

    @property
    def replaceable(self) -> tuple[ServedChain, ...]:
        """What is deployed and can be replaced."""
        return tuple(one for one in self.deployed if one.replaceable)


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


class ActionKind(str, Enum):
    """What to do now.

    STAGE: make a key for each of `algorithms`. ISSUE: get a certificate for each of `keys`: make it, or write a CSR. DEPLOY: name
    `keys`, which are held, in Postfix in the place of those of their kind. ROLL_BACK: the same, with keys that were deployed
    before. RENEW: name new certificates of `keys`, which are deployed. DISCARD: delete the files of `keys`. These are done here.
    PUBLISH: add `add`. RETIRE: remove `remove`. VERIFY: look at every address from outside, in the next run. These are the caller's.
    """

    NONE = "none"
    STAGE = "stage"
    PUBLISH = "publish"
    ISSUE = "issue"
    DEPLOY = "deploy"
    VERIFY = "verify"
    ROLL_BACK = "roll_back"
    RETIRE = "retire"
    DISCARD = "discard"
    RENEW = "renew"


@dataclass(frozen=True, order=True)
class OwnedRecord:
    """A record below an owner; `ttl` is that of the RRset it is added to, None when there is no RRset yet."""

    owner: str
    record: TlsaRecord
    ttl: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Action:
    """What to do now, and with what. All records of one owner have to be added, or removed, in one change of its RRset."""

    kind: ActionKind = ActionKind.NONE
    algorithms: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    add: tuple[OwnedRecord, ...] = ()
    remove: tuple[OwnedRecord, ...] = ()


@dataclass(frozen=True)
class Blocker:
    """What keeps the rollover from going on: an identifier, and a text that names the server or host and what is wrong."""

    identifier: str
    text: str


class Severity(str, Enum):
    """ERROR: mail is turned away now, or may be, or the server cannot be seen. WARNING: it will hurt some day."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """A mistake that was noticed on the way, as an identifier of `lint`, with the owner it is about ("" for none) and a text.

    Args:
        since: the first run, of those without interruption up to now, that found it; kept for errors only.
        from_outside: a look from outside saw it, and the next one may see that it is over: no alarm before a grace time.
        address: where, if it is about one address of several.
            """

    identifier: str
    owner: str
    text: str
    severity: Severity = Severity.WARNING
    since: int | None = None
    from_outside: bool = False
    address: str = ""

    @property
    def fault_key(self) -> str:
        """What the time since when it has been so is remembered by. One address has one, whatever is wrong with it."""
        return " ".join(("outside" if self.from_outside else self.identifier, self.owner, self.address)).strip()


class Phase(str, Enum):
    """Where the rollover is. ABSENT: there is no DANE yet. DISABLING and DISABLED: the goal is ABSENT."""

    ABSENT = "absent"
    STEADY = "steady"
    STAGED = "staged"
    PUBLISHED = "published"
    AGING = "aging"
    READY = "ready"
    ISSUED = "issued"
    DEPLOYED = "deployed"
    VERIFIED = "verified"
    RETIRING = "retiring"
    DISABLING = "disabling"
    DISABLED = "disabled"


@dataclass(frozen=True)
class KeyRoles:
    """Which keys are what, in this step: served now; to be deployed next; deployed before, or given up, and not gone yet."""

    current: tuple[Key, ...] = ()
    next: tuple[Key, ...] = ()
    previous: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Step:
    """What one run comes to.

    Args:
        state: to be saved before anything is done.
        earliest: when the next step can be expected; None when that cannot be told (somebody has to do something) or it is now.
        blockers: why nothing is done, or why what is done does not go on; empty when it only takes time.
        alarms: those of the findings for which somebody has to come now.
        look_wanted: whether a look from outside is waited for, whatever the action is.
            """

    state: State
    phase: Phase
    action: Action
    earliest: int | None = None
    blockers: tuple[Blocker, ...] = ()
    findings: tuple[Finding, ...] = ()
    keys: KeyRoles = KeyRoles()
    alarms: tuple[Finding, ...] = ()
    look_wanted: bool = False
