# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to recursive resolvers, as a DNSSEC-aware stub (RFC 4035 section 4.9, RFC 6840 section 5.7).

The rules, after Postfix's `src/dns/dns_lookup.c`:

- A name's records are secure when the reply that carries them has AD, and every reply with an alias on the way had it.
  AD counts only from a nameserver on a loopback address, unless the user decides otherwise.
- Aliases (CNAME) are followed, at most ten; more, or a loop, count as "not found". After an alias that is not secure the
  rest is asked without DNSSEC. A question for CNAME itself follows nothing.
- NXDOMAIN and an empty answer are absence. Everything else that is not an answer is an error and never absence: other
  rcodes, silence, unreachable nameservers, malformed or foreign replies. The next nameserver is asked first.
- A question is sent once, however many coroutines ask it, while the answer is known (`known.py`).
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, MxRecord, Outcome, RecordData, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.known import FAILURE_LIFE, LONGEST_LIFE, KnownAnswers
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import OPTION, Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import MalformedReply
from ansible_collections.mailops.tls.plugins.module_utils._dns.transport import Exchanger, TransportError, require_library
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import (
    DNSPYTHON_IMPORT_ERROR,
    MAX_ALIASES,
    InvalidQuestion,
    Question,
    Reply,
    read_reply,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

DEFAULT_TIMEOUT = 5.0
DEFAULT_ATTEMPTS = 2
"""The C library's values: seconds for one nameserver to reply, and how often the list is gone through."""
DEFAULT_CONCURRENCY = 128
"""Most questions on the network at a time, so most sockets open for DNS."""


class TrustAd(str, Enum):
    """Whose AD bit counts: that of loopback nameservers, of all, of none."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class _Heard:
    """A reply, whether the AD bit of the nameserver it came from counts, and the name of that."""

    reply: Reply
    trusted: bool
    nameserver: str = ""

    @property
    def secure(self) -> bool:
        return self.reply.authenticated and self.trusted

    @property
    def life(self) -> float:
        """For how many seconds it is known."""
        if self.reply.outcome is Outcome.ERROR:
            return FAILURE_LIFE
        return LONGEST_LIFE if self.reply.ttl is None else self.reply.ttl

    @property
    def size(self) -> int:
        """About how many bytes it takes, its question included."""
        return 600 + sum(map(_record_size, self.reply.records))


_Key = tuple[str, str, bool]


class _Asking(NamedTuple):
    """A question on its way: done when it is over, and who asks it for all."""

    over: asyncio.Future[None]
    task: asyncio.Task[Any]


class Resolver:
    """Asks nameservers, in order; its method `ask` is an `Ask`.

    One object serves one run. It may be used in several event loops one after the other, not at the same time.
    """

    def __init__(
        self,
        nameservers: Sequence[Nameserver],
        trust_ad: TrustAd = TrustAd.AUTO,
        timeout: float = DEFAULT_TIMEOUT,
        attempts: int = DEFAULT_ATTEMPTS,
        concurrency: int = DEFAULT_CONCURRENCY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take whom to ask and how long: *timeout* seconds for each of *attempts* at each nameserver; *clock* is that of TTLs.

        Raises:
            OptionError: when there is no nameserver, or one needs a library that is missing, and ImportError without dnspython.
        """
        if DNSPYTHON_IMPORT_ERROR is not None:
            raise DNSPYTHON_IMPORT_ERROR
        if not nameservers:
            raise OptionError(OPTION, list(nameservers), "names no nameserver")
        for nameserver in nameservers:
            require_library(nameserver)
        self._nameservers = tuple(nameservers)
        self._trust_ad = trust_ad
        self._attempts = attempts
        self._concurrency = concurrency
        self._exchanger = Exchanger(timeout)
        self._clock = clock
        self._known: KnownAnswers[_Key, _Heard] = KnownAnswers(clock)
        self._asking: dict[_Key, _Asking] = {}
        self._validates: dict[str, bool] = {}
        self._root_questions: dict[str, asyncio.Task[None]] = {}
        self._root_again: dict[str, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots: asyncio.Semaphore | None = None

    async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        """Return the answer for *name* (presentation format, final dot or not, `""` for the root) and *rdtype*.

        Nothing DNS does raises, it is an ERROR answer. Without *want_dnssec* no answer is secure.

        Raises:
            ValueError: for an unknown *rdtype*.
        """
        name = name[:-1] if name.endswith(".") else name
        owner, aliases, secure, ad_untrusted = name, 0, True, False
        ttls: list[int] = []
        without_ad: set[str] = set()
        while True:
            heard = await self._hear(owner, rdtype, want_dnssec)
            reply = heard.reply
            if want_dnssec and not heard.secure:
                without_ad.add(heard.nameserver)
            aliases += reply.aliases
            ad_untrusted = ad_untrusted or (want_dnssec and reply.authenticated and not heard.trusted)
            secure = secure and want_dnssec and heard.secure
            if reply.ttl is not None:
                ttls.append(reply.ttl)
            if reply.aliases:
                owner = reply.owner
            looped = reply.looped or aliases > MAX_ALIASES
            if looped or reply.outcome is not Outcome.NODATA or not reply.aliases:
                break
            want_dnssec = want_dnssec and secure
        return Answer(
            name=name,
            rdtype=rdtype,
            outcome=Outcome.NODATA if looped else reply.outcome,
            records=() if looped else reply.records,
            canonical_name=owner,
            secure=secure,
            ad_untrusted=ad_untrusted,
            without_ad=frozenset() if reply.outcome is Outcome.ERROR else frozenset(without_ad),
            ttl=min(ttls) if ttls else None,
            error=reply.error,
            warning=f"more than {MAX_ALIASES} aliases, or a loop, at {name}" if looped else reply.warning,
        )

    def mx_to_hand_on(self, name: str) -> bytes:
        """Return what is known of a domain's MX records, for `know_mx` of another process; nothing where there is more to say."""
        owner = name.lower().rstrip(".")
        kept = self._known.until((owner, "MX", True))
        if kept is None or kept[0].reply.outcome is not Outcome.FOUND or kept[0].reply.aliases or kept[0].reply.warning is not None:
            return b""
        heard, until = kept
        records = [[one.preference, one.exchange] for one in heard.reply.records if isinstance(one, MxRecord)]
        told = [owner, records, heard.reply.authenticated, heard.reply.ttl, heard.trusted, heard.nameserver, until]
        return json.dumps(told, separators=(",", ":")).encode("ascii")

    def know_mx(self, told: bytes) -> None:
        """Take over what another process of the same run, with the same nameservers and the same clock, has handed on."""
        if not told:
            return
        name, records, authenticated, ttl, trusted, nameserver, until = json.loads(told)
        found = tuple(MxRecord(*one) for one in records)
        heard = _Heard(Reply(Outcome.FOUND, name, records=found, authenticated=authenticated, ttl=ttl), trusted, nameserver)
        self._known.put_until((name, "MX", True), heard, until, heard.size)
        if authenticated and trusted:
            self._validates[nameserver] = True

    async def dnssec_available(self) -> bool | None:
        """Tell whether the root's NS records come validated; None when there is no answer.

        Postfix's `dnssec_probe`: worth asking once an insecure answer was seen, to tell an unsigned zone from a
        resolver that does not validate, or is not believed.
        """
        answer = await self.ask("", "NS")
        return answer.secure if answer.found else None

    async def validates(self, nameserver: str) -> bool:
        """Tell whether a nameserver, as Answer.without_ad names it, validates and is believed.

        It does when any of its replies had AD so far. Else it is asked for the root once (Postfix's dnssec_probe). No answer,
        or one without AD, means that it does not, until one of its replies has AD. Where there was no answer, it is asked
        again when that is known for too long: a lost packet must not speak for a run of hours.
        """
        if not self._validates.get(nameserver):
            slots = self._enter_loop()
            asking = self._root_questions.get(nameserver)
            if asking is None or self._clock() >= self._root_again.get(nameserver, math.inf):
                self._root_again.pop(nameserver, None)
                asking = self._root_questions[nameserver] = asyncio.ensure_future(self._ask_root(nameserver, slots))
            await asyncio.shield(asking)
        return self._validates.get(nameserver, False)

    async def _ask_root(self, name: str, slots: asyncio.Semaphore) -> None:
        """Ask one nameserver for the root, as often as for anything else."""
        nameserver = next((one for one in self._nameservers if str(one) == name and self._believes(one)), None)
        if nameserver is None:
            return
        async with slots:
            heard = await self._first_usable_reply(Question("", "NS", True), [nameserver])
        if heard.reply.outcome is Outcome.ERROR:
            self._root_again[name] = self._clock() + FAILURE_LIFE

    def _note_validation(self, nameserver: Nameserver, reply: Reply) -> None:
        if reply.authenticated and self._believes(nameserver):
            self._validates[str(nameserver)] = True

    async def close(self) -> None:
        """Stop what is still being asked and whoever asks it, and drop idle connections; answers are kept."""
        tasks: list[asyncio.Task[Any]] = list(self._root_questions.values())
        for asking in self._asking.values():
            asking.over.cancel()
            if asking.task is not asyncio.current_task():
                tasks.append(asking.task)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._exchanger.close()

    async def _hear(self, name: str, rdtype: str, want_dnssec: bool) -> _Heard:
        """Return the one reply to a question: known, being asked for already, or asked for now."""
        key = (name.lower(), rdtype, want_dnssec)
        # What was asked with DNSSEC answers the question without as well.
        fuller = None if want_dnssec else (key[0], rdtype, True)
        while True:
            known = self._known.get(key)
            if known is None and fuller is not None:
                known = self._known.get(fuller)
            if known is not None:
                return known
            slots = self._enter_loop()
            asking = self._asking.get(key)
            if asking is None and fuller is not None:
                asking = self._asking.get(fuller)
            if asking is None:
                question = _question(key[0], rdtype, want_dnssec)
                return question if isinstance(question, _Heard) else await self._ask_for_all(key, question, slots)
            # Whoever asks may be stopped before there is an answer; then it is somebody else's turn.
            await asyncio.shield(asking.over)

    def _enter_loop(self) -> asyncio.Semaphore:
        """Make what belongs to an event loop when the first question is asked in it (Python 3.9 binds semaphores early)."""
        loop = asyncio.get_running_loop()
        if self._slots is None or loop is not self._loop:
            self._loop = loop
            self._slots = asyncio.Semaphore(self._concurrency)
            self._asking = {}
            self._root_questions = {}
            self._exchanger.forget()
        return self._slots

    async def _ask_for_all(self, key: _Key, question: Question, slots: asyncio.Semaphore) -> _Heard:
        """Ask nameservers while others wait for the same answer."""
        over = asyncio.get_running_loop().create_future()
        self._asking[key] = _Asking(over, _this_task())
        try:
            async with slots:
                heard = await self._first_usable_reply(question, self._nameservers)
            self._known.put(key, heard, heard.life, heard.size)
            self._known.use(key, heard)
            return heard
        finally:
            self._asking.pop(key, None)
            if not over.done():
                over.set_result(None)

    async def _first_usable_reply(self, question: Question, nameservers: Sequence[Nameserver]) -> _Heard:
        errors: dict[str, None] = {}
        waiting = list(nameservers)
        for _attempt in range(self._attempts):
            for nameserver in list(waiting):
                try:
                    reply = read_reply(await self._exchanger.exchange(nameserver, question), question)
                except TransportError as error:
                    errors[str(error)] = None
                    continue
                except MalformedReply as error:
                    errors[f"malformed reply from {nameserver} ({error})"] = None
                    continue
                if reply.outcome is not Outcome.ERROR:
                    self._note_validation(nameserver, reply)
                    return _Heard(reply, self._believes(nameserver), str(nameserver))
                detail = f" ({reply.detail})" if reply.detail else ""
                errors[f"{reply.error} from {nameserver}{detail}"] = None
                # It has spoken: asking again at once would only be told the same (RFC 9520 section 3.2).
                waiting.remove(nameserver)
        return _failed("; ".join(errors))

    def _believes(self, nameserver: Nameserver) -> bool:
        if self._trust_ad is TrustAd.AUTO:
            return nameserver.is_loopback
        return self._trust_ad is TrustAd.ALWAYS


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("questions are asked in tasks")
    return task


def _record_size(record: RecordData) -> int:
    if isinstance(record, TxtRecord):
        return 150 + sum(len(one) + 50 for one in record.strings)
    if isinstance(record, TlsaRecord):
        return 300 + len(record.data)
    return 100 + len(record) if isinstance(record, str) else 250


def _question(name: str, rdtype: str, want_dnssec: bool) -> Question | _Heard:
    try:
        return Question(name, rdtype, want_dnssec)
    except InvalidQuestion as error:
        return _failed(str(error))


def _failed(text: str) -> _Heard:
    return _Heard(Reply(Outcome.ERROR, "", error=text), False)
