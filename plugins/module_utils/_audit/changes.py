# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is different between the rows of two runs. Pure.

Rules:

- What one side did not learn is no difference. So a server that does not answer has not lost its key.
- A transient failure counts when it is confirmed: by a second look in the same run, or because the run before saw one, too.
- A new certificate is a renewal, and no change, when issuer and key are as before. It is one with a new key, too, when the session is not
  judged worse and TLSA records match it. Without records, the same authority has to have issued it.
- An edit of the list (`new`, `gone`) is no change of a domain. What a part of the audit would have told that never came is `missing`.
- Addresses come and go at large providers. So a host that is seen at other addresses is compared with how it was at the old ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._audit.certificate_change import SEVERITY, CertificateChange, certificate_changes
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import NOT_OFFERED, Fact, FactKey
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind


class ChangeKind(str, Enum):
    """What is different."""

    NEW = "new"
    GONE = "gone"
    MISSING = "missing"
    DELIVERY = "delivery"
    VERDICT = "verdict"
    ERROR = "error"
    PROTOCOL = "protocol"
    KEY = "key"
    ISSUER = "issuer"
    EXPIRY = "expiry"
    TLSA = "tlsa"
    MX = "mx"
    DNSSEC = "dnssec"
    RENEWED = "renewed"
    ADDRESS = "address"
    UNCONFIRMED = "unconfirmed"


QUIET = frozenset((ChangeKind.MISSING, ChangeKind.RENEWED, ChangeKind.ADDRESS, ChangeKind.UNCONFIRMED))
"""Kinds that are told and do not count as a change."""
OF_THE_LIST = frozenset((ChangeKind.NEW, ChangeKind.GONE, ChangeKind.MISSING))
"""Kinds that are about the list and not about a domain."""
_OF_A_HOST = frozenset((ChangeKind.TLSA, ChangeKind.DNSSEC))
"""Kinds that are the same at each address of a host."""
_ORDER = {kind: number for number, kind in enumerate(ChangeKind)}

_DELIVERED = "delivered"
_OPTED_OUT = f"({ErrorKind.OPTED_OUT.value})"

Earlier = Callable[[str], Iterable[Sequence[Fact]]]
"""The rows of a destination in the runs before both, the newest first."""


@dataclass(frozen=True)
class Change:
    """One difference; `before` and `after` are text for people, None for what there is not."""

    kind: ChangeKind
    key: FactKey
    before: str | None
    after: str | None

    @property
    def counts(self) -> bool:
        """Whether something changed by it."""
        return self.kind not in QUIET

    @property
    def is_worse(self) -> bool:
        """Whether it is a change for the worse: mail is not delivered any more, a verdict fell, or a certificate runs out.

        Who does not want to be probed any more is not worse than before.
        """
        if self.after is not None and self.after.endswith(_OPTED_OUT):
            return False
        if self.kind is ChangeKind.DELIVERY:
            return (self.before or "").startswith(_DELIVERED)
        if self.kind is ChangeKind.VERDICT:
            return _rank(self.after) > _rank(self.before)
        return self.kind is ChangeKind.EXPIRY

    @property
    def order(self) -> tuple[Any, ...]:
        """Where it stands among others."""
        return (self.key, _ORDER[self.kind], self.before or "", self.after or "")

    def as_facts(self) -> dict[str, Any]:
        """Return it as a task returns it."""
        key = {name: value or None for name, value in self.key._asdict().items()}
        return {"kind": self.kind.value, **key, "before": self.before, "after": self.after, "counts": self.counts}


def none_earlier(unused: str) -> Iterable[Sequence[Fact]]:
    """Stand for the runs before where nothing is known of them."""
    return ()


def compare(
    before: Iterable[Fact],
    after: Iterable[Fact],
    *,
    before_whole: bool = True,
    after_whole: bool = True,
    earlier: Earlier = none_earlier,
) -> list[Change]:
    """Return what is different between two runs, in order.

    Args:
        before: rows of the former run, in any order.
        after: rows of the latter.
        before_whole: whether nothing of the former is missing, so that what it does not have was not in its list.
        after_whole: the same of the latter.
        earlier: the runs before both.
    """
    old, new = _by_destination(before), _by_destination(after)
    found: list[Change] = []
    for name in sorted({*old, *new}):
        found += compare_destination(
            name, old.get(name, ()), new.get(name, ()), before_whole=before_whole, after_whole=after_whole, earlier=earlier
        )
    return found


def compare_destination(
    name: str,
    before: Sequence[Fact],
    after: Sequence[Fact],
    *,
    before_whole: bool = True,
    after_whole: bool = True,
    earlier: Earlier = none_earlier,
    earlier_whole: bool = False,
) -> list[Change]:
    """Return what is different at one destination, in order; without rows it was not in that run.

    What is missing in the former run counts as it was before that. With *earlier_whole* one of the runs before has all of its list.
    """
    history = _History(name, earlier)
    if not before and not before_whole:
        before = history.take()
    if not after:
        kind = ChangeKind.GONE if after_whole else ChangeKind.MISSING
        return [Change(kind, FactKey(name), _own(before).status, None)] if before else []
    if not before:
        return [Change(ChangeKind.NEW, FactKey(name), None, _own(after).status)] if before_whole or earlier_whole else []
    found: list[Change] = []
    for old, new in _views(before, after):
        found += _compare_views(old, new, history)
    return sorted(set(found), key=lambda one: one.order)


def changed(changes: Iterable[Change]) -> bool:
    """Tell whether something changed."""
    return any(one.counts for one in changes)


class _History:
    """What earlier runs had of a destination, newest first; asked for only when something is looked up."""

    def __init__(self, name: str, earlier: Earlier) -> None:
        self._name, self._earlier = name, earlier
        self._runs: list[Sequence[Fact]] | None = None

    def __iter__(self) -> Iterator[Sequence[Fact]]:
        if self._runs is None:
            self._runs = [rows for rows in self._earlier(self._name) if rows]
        return iter(self._runs)

    def take(self) -> Sequence[Fact]:
        """Return the newest, which is none of them from now on."""
        newest = next(iter(self), ())
        self._runs = (self._runs or [])[1:]
        return newest

    def of(self, fact: Fact) -> Iterator[Fact]:
        """Yield the rows about the same, from wherever they were seen."""
        key = fact.key._replace(vantage="")
        return (one for rows in self for one in rows if one.key._replace(vantage="") == key)

    def latest(self, fact: Fact, name: str) -> Fact | None:
        """Return the last one of those that has learnt something."""
        return next((one for one in self.of(fact) if getattr(one, name) is not None), None)


def _own(rows: Sequence[Fact]) -> Fact:
    """Return the row of the destination itself."""
    return min(rows, key=lambda fact: fact.host != "")


def _by_destination(rows: Iterable[Fact]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in rows:
        found.setdefault(fact.destination, []).append(fact)
    return found


def _views(before: Sequence[Fact], after: Sequence[Fact]) -> Iterator[tuple[list[Fact], list[Fact]]]:
    """Pair what was seen from the same places. When there is no such place, the destination was given to another one."""
    old, new = ({fact.vantage for fact in rows} for rows in (before, after))
    pairs = [(one, one) for one in sorted(old & new)] or [(min(old), min(new))]
    for here, there in pairs:
        yield [fact for fact in before if fact.vantage == here], [fact for fact in after if fact.vantage == there]


def _compare_views(before: Sequence[Fact], after: Sequence[Fact], history: _History) -> Iterator[Change]:
    old, new = ([fact for fact in rows if not fact.host] for rows in (before, after))
    if old and new:
        yield from _compare_destinations(old[0], new[0], history)
    for host in sorted({fact.host for fact in before} & {fact.host for fact in after} - {""}):
        yield from _compare_hosts([fact for fact in before if fact.host == host], [fact for fact in after if fact.host == host], history)


def _compare_destinations(before: Fact, after: Fact, history: _History) -> Iterator[Change]:
    known, believed = _believed(before, after, history)
    if known is not None and believed and known.satisfied != after.satisfied:
        yield Change(ChangeKind.DELIVERY, after.key, _delivery(known), _delivery(after))
    elif known is not None and believed and known.error != after.error:
        yield Change(ChangeKind.ERROR, after.key, known.error, after.error)
    elif before.is_settled and not after.is_settled and before.satisfied != after.satisfied:
        yield Change(ChangeKind.UNCONFIRMED, after.key, _delivery(before), _delivery(after))
    yield from _compare_known(before, after, history, ("mx", "dnssec"))


def _compare_hosts(before: Sequence[Fact], after: Sequence[Fact], history: _History) -> Iterator[Change]:
    """Compare a host's endpoints; one at a new address with the one before that is most like it."""
    table = {_place(fact): fact for fact in before}
    for fact in after:
        alike = table.get(_place(fact)) or _most_alike(fact, before)
        if alike is not None:
            for change in _compare_endpoints(alike, fact, history):
                key = change.key._replace(address="", algorithm="") if change.kind in _OF_A_HOST else change.key
                yield Change(change.kind, key, change.before, change.after)
    old, new = (sorted({fact.address for fact in rows} - {""}) for rows in (before, after))
    if old and new and old != new:
        key = after[0].key._replace(address="", port=0, algorithm="")
        yield Change(ChangeKind.ADDRESS, key, ", ".join(old), ", ".join(new))


def _place(fact: Fact) -> tuple[str, int, str]:
    return fact.address, fact.port, fact.algorithm


def _most_alike(fact: Fact, others: Sequence[Fact]) -> Fact | None:
    """Return the row that has the most in common; an exchange without address was not asked for a kind of key."""
    found = [one for one in others if one.algorithm == fact.algorithm or not (one.address and fact.address)]
    return max(found, key=lambda one: (one.spki == fact.spki, one.status == fact.status, one.is_settled, one.key), default=None)


def _compare_endpoints(before: Fact, after: Fact, history: _History) -> Iterator[Change]:
    if NOT_OFFERED in (before.status, after.status):
        if before.status != after.status and before.is_settled and after.is_settled:
            yield Change(ChangeKind.KEY, after.key, _key_text(before), _key_text(after))
        return
    known, believed = _believed(before, after, history)
    if known is not None and believed and (known.status, known.satisfied) != (after.status, after.satisfied):
        yield Change(ChangeKind.VERDICT, after.key, _verdict(known, after), _verdict(after, known))
    elif known is not None and after.is_settled and known.error != after.error:
        yield Change(ChangeKind.ERROR, after.key, known.error, after.error)
    elif before.is_settled and not after.is_settled and before.status != after.status:
        yield Change(ChangeKind.UNCONFIRMED, after.key, _verdict(before, after), _verdict(after, before))
    yield from _compare_known(before, after, history, ("protocol", "tlsa", "dnssec"))
    served = before if before.certificate is not None else history.latest(before, "certificate")
    if served is not None and after.certificate is not None:
        for change, old, new in certificate_changes(served, after):
            yield Change(_OF_CERTIFICATES[change], after.key, old, new)


_OF_CERTIFICATES = {
    CertificateChange.RENEWED: ChangeKind.RENEWED,
    CertificateChange.KEY: ChangeKind.KEY,
    CertificateChange.ISSUER: ChangeKind.ISSUER,
    CertificateChange.EXPIRY: ChangeKind.EXPIRY,
}


def _believed(before: Fact, after: Fact, history: _History) -> tuple[Fact | None, bool]:
    """Return what was known before, and whether to believe what is told now."""
    if before.is_settled:
        return before, after.is_settled or before.looks > 0
    last = next(history.of(before), None)
    if last is not None and last.looks:
        return before, True  # the former run has confirmed it already
    return last, True


def _compare_known(before: Fact, after: Fact, history: _History, names: Sequence[str]) -> Iterator[Change]:
    """Compare what both have learnt; what the former did not, one before it can have."""
    for name in names:
        new = getattr(after, name)
        old = getattr(before, name)
        if new is None:
            continue
        if old is None:
            past = history.latest(before, name)
            old = getattr(past, name) if past is not None else None
        if old is not None and old != new:
            yield Change(ChangeKind(name), after.key, _text(old), _text(new))


def _rank(verdict: str | None) -> tuple[int, bool]:
    """Return how bad a verdict is, as `_verdict` tells it."""
    words = (verdict or "failed").replace(",", " ").split()
    return SEVERITY.get(words[0], len(SEVERITY)), "not" in words


def _delivery(fact: Fact) -> str:
    error = f" ({fact.error})" if fact.error is not None else ""
    return (_DELIVERED if fact.satisfied else "not delivered") + error


def _verdict(fact: Fact, other: Fact) -> str:
    error = f" ({fact.error})" if fact.error is not None else ""
    if fact.status != other.status:
        return fact.status + error
    return f"{fact.status}, {'satisfied' if fact.satisfied else 'not satisfied'}{error}"


def _key_text(fact: Fact) -> str:
    return "none" if fact.status == NOT_OFFERED else fact.spki.hex() if fact.spki is not None else fact.status


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "secure" if value else "insecure"
    return str(value)
