# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of `dane_rollover` says: return values, one line for people, and the diff. Pure; no private key is in what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import owner_of_name
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import Association
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import record_facts, single_records, split_records
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import TlsaRRset
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._rollover.gather import Material
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import (
    Action,
    ActionKind,
    Blocker,
    DatedFinding,
    OwnedRecord,
    RolloverPhase,
    Step,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import RecordScope
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import KINDS
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Serving

IMPLICIT_PORT = 465
_DAY = 86400
_NOTHING = Action()
_DONE = {
    ActionKind.STAGE: "the next %s was made",
    ActionKind.ISSUE: "a certificate or request for the next %s was made",
    ActionKind.DEPLOY: "the next %s was deployed",
    ActionKind.ROLL_BACK: "the previous %s was deployed again",
    ActionKind.RENEW: "the certificate of the %s was renewed",
    ActionKind.DISCARD: "the files of the %s were removed",
}
_TO_DO = {
    ActionKind.STAGE: "to make the next %s",
    ActionKind.ISSUE: "to make a certificate or request for the next %s",
    ActionKind.DEPLOY: "to deploy the next %s",
    ActionKind.ROLL_BACK: "to deploy the previous %s again",
    ActionKind.RENEW: "to renew the certificate of the %s",
    ActionKind.DISCARD: "to remove the files of the %s",
    ActionKind.VERIFY: "to look at all servers from outside",
}


@dataclass(frozen=True)
class TakenStep:
    """An action and whether it was done, or in check mode would be."""

    action: Action
    done: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the shape of `action`."""
        keys = self.action.keys
        algorithms = self.action.algorithms or tuple(dict.fromkeys(one.algorithm for one in keys))
        return {
            "kind": self.action.kind.value,
            "done": self.done,
            "algorithms": list(algorithms),
            "public_keys": [one.digest for one in keys],
        }


def utc(seconds: int | None) -> str | None:
    """Return a time as text in UTC, None for None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def blocker_facts(blockers: Sequence[Blocker]) -> list[dict[str, str]]:
    """Return the shape of `blockers`."""
    return [{"id": one.id, "text": one.text, **one.kind.advice()} for one in blockers]


def finding_facts(findings: Sequence[DatedFinding]) -> list[dict[str, Any]]:
    """Return the shape of `findings` and of `alarms`."""
    return [{**one.as_facts(), "since": utc(one.since)} for one in findings]


def dnssec(views: Sequence[OwnerView]) -> bool | None:
    """Return whether the resolver has validated what it says of every owner; None when it could not be asked."""
    answers = [one.resolver for one in views]
    if not answers or any(one.outcome is Outcome.ERROR for one in answers):
        return None
    return all(one.secure for one in answers)


def days_left(found: Sequence[Serving], now: int) -> int | None:
    """Return how many whole days the certificate has that ends first; None when none is deployed."""
    ends = [one.served_chain().not_after for one in found]
    return (min(ends) - now) // _DAY if ends else None


def next_facts(step: Step | None, taken: TakenStep) -> dict[str, Any]:
    """Return the shape of `next_step`: what comes after this run, and when; no time when it is now, or depends on more than time."""
    action = _NOTHING if step is None else step.action if taken.done else taken.action
    text = None if action.kind is ActionKind.NONE else _to_do(action)
    waits = step is not None and (taken.done or action.kind is ActionKind.NONE)
    return {"kind": action.kind.value, "text": text, "at": utc(step.earliest) if step is not None and waits else None}


def dns_facts(action: Action, ttl: int) -> dict[str, Any]:
    """Return the shape of `dns`. *ttl* is for records at names that have none so far."""
    wanted = {"add": rrsets_of(action.add, ttl), "remove": rrsets_of(action.remove, None)}
    return {
        **{name: record_facts(rrsets) for name, rrsets in wanted.items()},
        "single_records": {name: single_records(rrsets) for name, rrsets in wanted.items()},
        "split_records": {name: split_records(rrsets) for name, rrsets in wanted.items()},
    }


def rrsets_of(records: Sequence[OwnedRecord], ttl: int | None) -> tuple[TlsaRRset, ...]:
    """Return records by their owners, in the order they have; *ttl* for those without one."""
    owners = dict.fromkeys(one.owner for one in records)
    found = []
    for owner in owners:
        mine = [one for one in records if one.owner == owner]
        ttls = [one.ttl for one in mine if one.ttl is not None]
        associations = tuple(Association(one.record, ()) for one in mine)
        found.append(TlsaRRset(owner_of_name(owner), min(ttls) if ttls else ttl, associations))
    return tuple(found)


def verify_facts(scope: RecordScope, algorithms: Sequence[str], needed: bool) -> dict[str, Any]:
    """Return the shape of `verify`. Every kind of key is asked for that a server may have."""
    kinds = ["any", *asked_kinds(algorithms)]
    destinations = [(host, port) for host in scope.hosts for port in scope.ports]
    return {
        "needed": needed,
        "destinations": [f"[{host}]:{port}" for host, port in destinations if port != IMPLICIT_PORT],
        "implicit_destinations": [f"[{host}]:{port}" for host, port in destinations if port == IMPLICIT_PORT],
        "key_algorithms": kinds,
    }


def asked_kinds(algorithms: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds of keys to ask servers for: what any may have, and what is deployed here (*algorithms*)."""
    return (*KINDS, *dict.fromkeys(one for one in algorithms if one == "ed25519"))


def key_facts(step: Step, found: Material) -> dict[str, Any]:
    """Return the shape of `key_roles`."""
    return {
        role: [_key(one, step, found) for one in keys]
        for role, keys in (("current", step.keys.current), ("next", step.keys.next), ("previous", step.keys.previous))
    }


def _key(key: Key, step: Step, found: Material) -> dict[str, Any]:
    history = step.state.keys.get(key.digest)
    kept = found.key(key)
    chain = None if kept is None else found.chain(kept)
    created = history.created if history is not None else None
    return {
        "algorithm": key.algorithm,
        "public_key_sha256": key.digest,
        "created": utc(created if kept is None else kept.created),
        "deployed_since": utc(history.deployed_since if history is not None else None),
        "privatekey_path": None if kept is None else kept.path,
        "certificate_path": None if chain is None else chain.kept.path,
    }


def request_facts(step: Step, found: Material) -> list[dict[str, Any]]:
    """Return the shape of `csrs`: the requests of keys whose certificate is not in hand, or is about to be renewed."""
    facts = []
    for key in (*step.keys.next, *step.keys.current):
        kept = found.key(key)
        pem = None if kept is None else found.requests.get(kept.path)
        if kept is None or pem is None:
            continue
        shown = {"algorithm": key.algorithm, "public_key_sha256": key.digest, "path": kept.request_path}
        facts.append({**shown, "csr": pem.decode("ascii", "replace")})
    return facts


def deployed_facts(found: Sequence[Serving]) -> list[dict[str, Any]]:
    """Return the shape of `deployed`."""
    return [
        {
            "config_directory": one.directory,
            "algorithm": one.algorithm,
            "public_key_sha256": one.served_chain().key.digest,
            "not_after": utc(one.served_chain().not_after),
            "chain": "".join(each.pem for each in one.item.material.chain),
        }
        for one in found
    ]


def message(step: Step, taken: TakenStep, check_mode: bool) -> str:
    """Return what was done, what is asked for, what blocks, or what is waited for.

    *step* is how things are after what was taken.
    """
    remarks = [f"alarm: {'; '.join(one.text for one in step.alarms)}"] if step.alarms else []
    action = taken.action
    if action.kind in _DONE and taken.done:
        remarks.append(_DONE[action.kind] % _keys(action))
    elif action.kind is not ActionKind.NONE:
        remarks.append(("would be the next step: %s" if check_mode else "next step: %s") % _to_do(action))
    if step.blockers:
        remarks.append(f"blocked by {'; '.join(one.text for one in step.blockers)}")
    elif step.earliest is not None and (taken.done or action.kind is ActionKind.NONE):
        text = "ready at %s" if step.phase in (RolloverPhase.PUBLISHED, RolloverPhase.AGING) else "next step at %s"
        remarks.append(text % utc(step.earliest))
    elif taken.done and step.action.kind is not ActionKind.NONE:
        remarks.append(f"next step: {_to_do(step.action)}")
    return f"{step.phase.value}: {'; '.join(remarks) or 'nothing to do'}"


def _to_do(action: Action) -> str:
    if action.kind is ActionKind.PUBLISH:
        return f"to publish {', '.join(_records(action.add))}"
    if action.kind is ActionKind.RETIRE:
        return f"to remove {', '.join(_records(action.remove))}"
    text = _TO_DO[action.kind]
    return text % _keys(action) if "%s" in text else text


def _records(records: Sequence[OwnedRecord]) -> list[str]:
    return [f"{one.owner} {one.record.parameters} {one.record.data.hex()[:16]}..." for one in records]


def _keys(action: Action) -> str:
    if not action.keys:
        return f"{' and '.join(action.algorithms)} key"
    return " and ".join(f"{one.algorithm} key {one.digest[:16]}..." for one in action.keys)


def diff(before: Step, after: Step, published: Mapping[str, Sequence[str]], made: Sequence[str], removed: Sequence[str]) -> dict[str, Any]:
    """Return the two sides of a diff: phase, records by owner as they are and as they are wanted, files removed and made."""
    wanted = {owner: list(records) for owner, records in published.items()}
    for one in before.action.remove:
        wanted[one.owner] = [text for text in wanted.get(one.owner, []) if text != str(one.record)]
    for one in before.action.add:
        wanted.setdefault(one.owner, []).append(str(one.record))
    found = {owner: sorted(records) for owner, records in published.items()}
    wished = {owner: sorted(records) for owner, records in wanted.items()}
    return {
        "before": {"phase": before.phase.value, "records": found, "files": list(removed)},
        "after": {"phase": after.phase.value, "records": wished, "files": list(made)},
    }
