# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that are known: as long as their TTL says, and as many as there is room for. Within one judgement they stay what they were.

A run over many destinations goes on for hours, and its last verdict must not hang on records of its beginning. But what one verdict
is made of has to fit together: MX and TLSA records of before and after a change would make a mistake that nobody made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Callable, Generic, TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._bounded import Bounded

LONGEST_LIFE = 300.0
"""Seconds for which an answer is known at most, whatever its TTL; also those of absence (RFC 2308) and failures (RFC 9520)."""
FAILURE_LIFE = 30.0
"""Seconds for which a failure is known: it may pass, and each one costs the time limit of a question."""
SHORTEST_LIFE = 1.0
"""Seconds for which an answer is known at least. A TTL of 0 is for one transaction (RFC 1035 section 3.2.1); a run asks much at once."""
ANSWER_BYTES = 8_000_000
"""What answers may take together: about 10,000 of them."""
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_judgement: ContextVar[dict[Any, Any] | None] = ContextVar("mailops_tls_judgement", default=None)


@contextmanager
def one_judgement() -> Iterator[None]:
    """Have every question in this block, and in the tasks that begin in it, answered the same way each time.

    A block within another is part of that.
    """
    if _judgement.get() is not None:
        yield
        return
    token = _judgement.set({})
    try:
        yield
    finally:
        _judgement.reset(token)


class KnownAnswers(Generic[_Key, _Value]):
    """What is known of DNS, by question."""

    def __init__(self, clock: Callable[[], float], most: int = ANSWER_BYTES) -> None:
        """Take a clock that never jumps, in seconds, and how many bytes there is room for."""
        self._clock = clock
        self._kept: Bounded[_Key, tuple[_Value, float]] = Bounded(most)

    def get(self, key: _Key) -> _Value | None:
        """Return the answer to a question, if it is known: in this judgement, or at all."""
        used = _judgement.get()
        if used is not None:
            pinned: _Value | None = used.get((self, key))
            if pinned is not None:
                return pinned
        kept = self._kept.get(key)
        if kept is None:
            return None
        value, until = kept
        if self._clock() >= until:
            self._kept.drop(key)
            return None
        self.use(key, value)
        return value

    def put(self, key: _Key, value: _Value, seconds: float, size: int) -> None:
        """Know an answer for so many seconds, within limits; it takes so many bytes."""
        life = min(max(seconds, SHORTEST_LIFE), LONGEST_LIFE)
        self._kept.put(key, (value, self._clock() + life), size)

    def until(self, key: _Key) -> tuple[_Value, float] | None:
        """Return an answer with the time of the clock until which it is known, None when there is none."""
        return self._kept.get(key)

    def put_until(self, key: _Key, value: _Value, until: float, size: int) -> None:
        """Know an answer until then at most, unless that is over."""
        seconds = min(until - self._clock(), LONGEST_LIFE)
        if seconds > 0:
            self._kept.put(key, (value, self._clock() + seconds), size)

    def use(self, key: _Key, value: _Value) -> None:
        """Note that the judgement that goes on now uses this answer."""
        used = _judgement.get()
        if used is not None:
            used[self, key] = value

    def __len__(self) -> int:
        """How many answers there are."""
        return len(self._kept)
