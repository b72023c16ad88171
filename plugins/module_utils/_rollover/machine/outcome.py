# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes out of one step: where the rollover is, what to do now, what stands in the way, and what was noticed.

Values only. Times are whole seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, FindingKind
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import State


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
    """What keeps the rollover from going on: its entry of the catalogue, and a text that names the server or host and what is wrong."""

    kind: FindingKind
    text: str

    @property
    def id(self) -> str:
        """The id of its kind."""
        return self.kind.id


@dataclass(frozen=True)
class DatedFinding(Finding):
    """A mistake that was noticed on the way; its subject is an owner, or a file, or empty.

    An error is an alarm: mail is turned away now, or may be, or the server cannot be seen.

    Args:
        since: the first run, of those without interruption up to now, that found it; kept for errors only.
        from_outside: a look from outside saw it, and the next one may see that it is over: no alarm before a grace time.
        address: where, if it is about one address of several.
    """

    since: int | None = None
    from_outside: bool = False
    address: str = ""

    @classmethod
    def of(cls, finding: Finding) -> DatedFinding:
        """Return a finding of another room as one of the rollover's."""
        return cls(finding.kind, finding.subject, finding.text, finding.severity_here)

    @property
    def fault_key(self) -> str:
        """What the time since when it has been so is remembered by. One address has one, whatever is wrong with it."""
        return " ".join(("outside" if self.from_outside else self.id, self.subject, self.address)).strip()


class RolloverPhase(str, Enum):
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
    phase: RolloverPhase
    action: Action
    earliest: int | None = None
    blockers: tuple[Blocker, ...] = ()
    findings: tuple[DatedFinding, ...] = ()
    keys: KeyRoles = KeyRoles()
    alarms: tuple[DatedFinding, ...] = ()
    look_wanted: bool = False
