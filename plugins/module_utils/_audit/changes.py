# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is different between the rows of two runs. Pure.

Rules:

- Everything is compared with the last run that learnt it, from wherever a destination is probed. So a run that did not see it, or only
  failures that may pass, hides no change. And a server that does not answer has not lost its key.
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
from itertools import chain, count, islice
from typing import Any, Callable, TypeVar

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

_BESIDE = 30
"""How many runs are asked whether two places see the same destinations, or take turns."""

_DELIVERED = "delivered"
_OPTED_OUT = f"({ErrorKind.OPTED_OUT.value})"

_T = TypeVar("_T")
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
) -> list[Change]:
    """Return what is different at one destination, in order; without rows it was not in that run.

    What is missing in the former run counts as it was in the last one before that has it.
    """
    past = _Past(rows for rows in chain((before,), earlier(name)) if rows)
    last = before if before or before_whole else next(iter(past), ())
    if not after:
        kind = ChangeKind.GONE if after_whole else ChangeKind.MISSING
        return [Change(kind, FactKey(name), own_row(last).status, None)] if last else []
    if not last:
        return [Change(ChangeKind.NEW, FactKey(name), None, own_row(after).status)] if before_whole else []
    found: set[Change] = set()
    here = {fact.vantage for fact in after}
    for vantage in here:
        found.update(_compare_view([fact for fact in after if fact.vantage == vantage], _Past(_view(past, vantage, here))))
    return sorted(found, key=lambda one: one.order)


def changed(changes: Iterable[Change]) -> bool:
    """Tell whether something changed."""
    return any(one.counts for one in changes)


class _Past(Iterable[_T]):
    """What there was before, the newest first. No more of it is looked up than somebody asks for, and nothing twice."""

    def __init__(self, found: Iterable[_T]) -> None:
        self._found = iter(found)
        self._known: list[_T] = []

    def __iter__(self) -> Iterator[_T]:
        for at in count():
            if at == len(self._known):
                more = next(self._found, None)
                if more is None:
                    return
                self._known.append(more)
            yield self._known[at]


_Rows = Sequence[Fact]


def own_row(rows: Sequence[Fact]) -> Fact:
    """Return the row of the destination itself."""
    return min(rows, key=lambda fact: fact.host != "")


def _by_destination(rows: Iterable[Fact]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in rows:
        found.setdefault(fact.destination, []).append(fact)
    return found


def _view(past: _Past[_Rows], vantage: str, here: set[str]) -> Iterator[_Rows]:
    """Yield how former runs saw a destination from one place.

    A run that did not see it from there can have seen it from another one that it had been given to. That is no other one of those that
    see it beside this place, *here* or in the last run that saw it from both.
    """
    for rows in past:
        views = {fact.vantage for fact in rows}
        if vantage not in views:
            last = next((one for one in islice(past, _BESIDE) if any(fact.vantage == vantage for fact in one)), ())
            views -= here | {fact.vantage for fact in last}
        if views:
            there = vantage if vantage in views else min(views)
            yield [fact for fact in rows if fact.vantage == there]


def _compare_view(after: _Rows, past: _Past[_Rows]) -> Iterator[Change]:
    own = own_row(after)
    before = _Past(one for one in map(own_row, past) if not one.host)
    last = next(iter(before), None)
    if not own.host and last is not None:
        yield from _compare_destinations(last, before, own)
    for host in {fact.host for fact in after} - {""}:
        yield from _compare_hosts([fact for fact in after if fact.host == host], _Past(_of_host(past, host)))


def _of_host(past: _Past[_Rows], host: str) -> Iterator[_Rows]:
    """Yield the rows of a host, until a run that knew the exchanges did not have it."""
    for rows in past:
        found = [fact for fact in rows if fact.host == host]
        if found:
            yield found
        elif any(fact.host or (fact.mx is not None and not fact.looks) for fact in rows):
            return


def _compare_destinations(last: Fact, before: _Past[Fact], after: Fact) -> Iterator[Change]:
    known, believed = _believed(before, after)
    if known is not None and believed and known.satisfied != after.satisfied:
        yield Change(ChangeKind.DELIVERY, after.key, _delivery(known), _delivery(after))
    elif known is not None and believed and _is_other_error(known, after):
        yield Change(ChangeKind.ERROR, after.key, known.error, after.error)
    elif last.is_settled and not after.is_settled and last.satisfied != after.satisfied:
        yield Change(ChangeKind.UNCONFIRMED, after.key, _delivery(last), _delivery(after))
    yield from _compare_known(before, after, ("mx", "dnssec"))


def _compare_hosts(after: _Rows, past: _Past[_Rows]) -> Iterator[Change]:
    """Compare a host's endpoints; one at a new address with the one before that is most like it."""
    for fact in after:
        for change in _compare_endpoints(_Past(_alike(fact, past)), fact):
            key = change.key._replace(address="", algorithm="") if change.kind in _OF_A_HOST else change.key
            yield Change(change.kind, key, change.before, change.after)
    new = _addresses(after)
    old = next(filter(None, map(_addresses, past)), new) if new else new
    if old != new:
        key = after[0].key._replace(address="", port=0, algorithm="")
        yield Change(ChangeKind.ADDRESS, key, ", ".join(old), ", ".join(new))


def _addresses(rows: _Rows) -> list[str]:
    return sorted({fact.address for fact in rows} - {""})


def _alike(fact: Fact, past: _Past[_Rows]) -> Iterator[Fact]:
    """Yield what former runs had of an endpoint: at its place, else at that of the one found before, else what is most like that."""
    like = fact
    for rows in past:
        table = {_place(one): one for one in rows}
        found = table.get(_place(fact)) or table.get(_place(like)) or _most_alike(like, rows)
        if found is not None:
            yield found
            like = found


def _place(fact: Fact) -> tuple[str, int, str]:
    return fact.address, fact.port, fact.algorithm


def _most_alike(fact: Fact, others: _Rows) -> Fact | None:
    """Return the row that has the most in common; an exchange without address was not asked for a kind of key."""
    found = [one for one in others if one.algorithm == fact.algorithm or not (one.address and fact.address)]
    return max(found, key=lambda one: (one.spki == fact.spki, one.status == fact.status, one.is_settled, one.key), default=None)


def _compare_endpoints(before: _Past[Fact], after: Fact) -> Iterator[Change]:
    last = next(iter(before), None)
    if last is None:
        return
    seen = next((one for one in before if not one.looks), last)
    if NOT_OFFERED in (seen.status, after.status):
        if not after.looks and not seen.looks and seen.status != after.status:
            yield Change(ChangeKind.KEY, after.key, _key_text(seen), _key_text(after))
        return
    known, believed = _believed(before, after)
    if known is not None and believed and (known.status, known.satisfied) != (after.status, after.satisfied):
        yield Change(ChangeKind.VERDICT, after.key, _verdict(known, after), _verdict(after, known))
    elif known is not None and believed and _is_other_error(known, after):
        yield Change(ChangeKind.ERROR, after.key, known.error, after.error)
    elif last.is_settled and not after.is_settled and last.status != after.status:
        yield Change(ChangeKind.UNCONFIRMED, after.key, _verdict(last, after), _verdict(after, last))
    yield from _compare_known(before, after, ("protocol", "tlsa", "dnssec"))
    served = next((one for one in before if one.certificate is not None), None) if after.certificate is not None else None
    if served is not None:
        for change, old, new in certificate_changes(served, after):
            yield Change(_OF_CERTIFICATES[change], after.key, old, new)


_OF_CERTIFICATES = {
    CertificateChange.RENEWED: ChangeKind.RENEWED,
    CertificateChange.KEY: ChangeKind.KEY,
    CertificateChange.ISSUER: ChangeKind.ISSUER,
    CertificateChange.EXPIRY: ChangeKind.EXPIRY,
}


def _believed(before: _Past[Fact], after: Fact) -> tuple[Fact | None, bool]:
    """Return what was known before, and whether to believe what is told now."""
    last, earlier = next(iter(before)), next(islice(before, 1, None), None)
    if last.is_settled:
        return last, after.is_settled or last.looks > 0
    if earlier is not None and earlier.looks:
        return last, True  # the former run has confirmed it already
    return earlier, True


def _is_other_error(known: Fact, after: Fact) -> bool:
    """Tell whether the kind of an error differs, by more than one failure that may pass in place of another."""
    return known.error != after.error and (after.is_settled or not known.looks)


def _compare_known(before: _Past[Fact], after: Fact, names: Sequence[str]) -> Iterator[Change]:
    """Compare what was learnt with what was known last."""
    for name in names:
        new = getattr(after, name)
        old = next((one for one in (getattr(fact, name) for fact in before) if one is not None), None) if new is not None else None
        if old is not None and old != new:
            yield Change(ChangeKind(name), after.key, _text(old), _text(new))


def _rank(verdict: str | None) -> tuple[int, bool]:
    """Return how bad a verdict is, as `_verdict` tells it."""
    words = (verdict or "failed").replace(",", " ").split()
    return SEVERITY.get(next(iter(words), ""), len(SEVERITY)), "not" in words


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
