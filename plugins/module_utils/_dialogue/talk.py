# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dialogue written down as it is spoken: a script, line after line, that waits where the server has the word.

IMAP, POP3 and ManageSieve are scripts of this kind; each is a generator of the steps of `machine.py`. The machine around it keeps the
log and the transcript, and turns what a server may not send into the failure that ends the dialogue.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Callable, Protocol, TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.concealed import Concealed
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import (
    DialogueLog,
    Finished,
    Receive,
    Secured,
    Send,
    StartTls,
    Step,
    TlsMode,
    TranscriptLine,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.too_many import is_too_many
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_T = TypeVar("_T")
Script = Generator[Step, None, _T]
MOST_UNSOLICITED = 8
"""Lines kept of what a server says unasked."""
MOST_TRANSCRIPT = 10_000
"""Lines of a transcript that are kept, those of the beginning."""
MOST_WAITING = 64
"""Lines or replies that may wait before a command, where none should."""


class MailboxPhase(Phase):
    """Where a dialogue of IMAP, POP3 or ManageSieve can be; each has a time limit of its own."""

    GREETING = "greeting"
    CAPABILITY = "capability"
    STARTTLS = "starttls"
    CAPABILITY_TLS = "capability_tls"
    LOGOUT = "logout"


@dataclass
class MailboxLog(DialogueLog):
    """What a dialogue with a mailbox server learned, filled in while it runs.

    Attributes:
        greeting_status: the word of the greeting: ok, preauth, bye, no, err; None when there was none.
        at_greeting: the capabilities that the greeting told; None when it told none.
        starttls_offered: whether TLS was offered before it was asked for; None when that could not be learned.
        unsolicited: what the server said before TLS without having been asked, cleaned, at most `MOST_UNSOLICITED` lines.
        listed_mechanisms: the mechanisms that POP3's `AUTH` alone lists, before and inside TLS; None where it was not asked.
        command_injected: whether a command that was sent behind the one that begins TLS was carried out inside it; None when
            that was not tried.
        learned: what the errand learned, each thing when it did.
    """

    greeting_status: str | None = None
    at_greeting: dict[str, tuple[str, ...]] | None = None
    starttls_offered: bool | None = None
    unsolicited: list[str] = field(default_factory=list)
    listed_mechanisms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    command_injected: bool | None = None
    learned: list[object] = field(default_factory=list)


class Errand(Protocol):
    """What a client came for: a login, a message. It begins when the capabilities are known that count.

    An errand is a frozen dataclass with `eq=False`, so that no secret of it is part of a key, and `repr=False` for fields with secrets.
    """

    def run(self, talk: Talk) -> Script[None]:
        """Do it over this connection: the steps to take, from within the dialogue. What is learned goes to `talk.log.learned`.

        A connection that fails closes this generator where it stands.
        """


@dataclass(frozen=True)
class MailboxSettings:
    """How to speak with a mailbox server.

    Attributes:
        strict: ask for capabilities before TLS only when the greeting told none, as RFC 9051 section 6.1.1 recommends.
        injection_test: send one harmless command behind the one that begins TLS, and see whether it is carried out inside.
        transcript: keep the chat.
        errand: what to do when the capabilities are known; None to look only.
        limits: phases that have a time limit of their own, in seconds.
    """

    strict: bool = False
    injection_test: bool = False
    transcript: bool = True
    errand: Errand | None = field(default=None, repr=False)
    limits: tuple[tuple[Phase, float], ...] = ()

    @property
    def once(self) -> bool:
        """Whether each connection counts: who runs an errand twice has logged in twice, or sent a message twice."""
        return self.errand is not None


class Reader(Protocol):
    """What reads a server's bytes."""

    def feed(self, data: bytes) -> None:
        """Add received bytes."""

    def take_buffered(self) -> bytes:
        """Remove and return every byte that is no whole reply yet."""


class Ended(Exception):
    """The script ends here, with this failure."""

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind


_D = TypeVar("_D", bound="Talk")


def spoken(talk: Talk, kind: type[_D]) -> _D:
    """Return a dialogue as one of a protocol, for errands that know only that one.

    Raises:
        TypeError: the errand was given to a dialogue of another protocol.
    """
    if not isinstance(talk, kind):
        raise TypeError(f"this errand is for {kind.__name__}, not for {type(talk).__name__}")
    return talk


class Talk:
    """The machine around a script; a protocol's own class has the script and the reader.

    Attributes:
        at: seconds into the probe, as of the last step.
        secured: the TLS session, once there is one.
        left: whether an errand has taken its leave of the server already.
        concealed: what is shown to nobody, whoever says it.
    """

    reader: Reader
    left = False

    def __init__(self, settings: MailboxSettings, tls_mode: TlsMode) -> None:
        self.log = MailboxLog()
        self.settings = settings
        self.tls_mode = tls_mode
        self.phase: Phase = MailboxPhase.GREETING
        self.at = 0.0
        self.secured: Secured | None = None
        self.concealed = Concealed()
        self._limits = dict(settings.limits)
        self._script: Script[None] = self._whole()

    def next_step(self, at: float) -> Step:
        """Return what the driver has to do next, *at* seconds into the probe."""
        self.at = at
        try:
            return next(self._script)
        except StopIteration:
            pass
        except (LineError, Ended) as problem:
            self._end(Failure(problem.kind, self.phase, str(problem)))
        except ProbeError as error:
            self._end(error.failure)
        return Finished()

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer."""
        self.reader.feed(data)

    def tls_started(self, at: float, secured: Secured | None = None) -> None:
        """Go on inside TLS; the script does so by itself."""
        self.at, self.secured = at, secured

    def fail(self, failure: Failure) -> None:
        """End the dialogue because the connection below it failed."""
        self._end(failure)

    def script(self) -> Script[None]:
        """The dialogue from the greeting on."""
        raise NotImplementedError

    def _whole(self) -> Script[None]:
        if self.tls_mode is TlsMode.IMPLICIT:
            yield StartTls()
        yield from self.script()

    def _end(self, failure: Failure) -> None:
        self.log.failure = self.log.failure or replace(failure, text=self.concealed.out_of(failure.text))
        self._script.close()

    @property
    def plaintext(self) -> bool:
        """Whether all of this can still be read and changed by anybody on the way."""
        return self.tls_mode is not TlsMode.IMPLICIT and not self._in_tls

    _in_tls = False

    @property
    def told(self) -> Mapping[str, tuple[str, ...]] | None:
        """The capabilities that count now: those told inside TLS, or without any TLS those before it."""
        return self.log.before_tls if self.plaintext else self.log.after_tls

    def errand(self) -> Script[None]:
        """Do what the client came for, unless something has gone wrong."""
        if self.settings.errand is not None and self.log.failure is None:
            yield from self.settings.errand.run(self)

    def start_tls(self) -> Script[None]:
        """Drop what came in plaintext behind the reply (RFC 3207 section 4.2, CVE-2011-0411), count it, and begin TLS."""
        self.log.injected = len(self.reader.take_buffered())
        self._in_tls = True
        yield StartTls()

    def wait(self, read: Callable[[], _T | None]) -> Script[_T]:
        """Wait until the reader has one."""
        while (found := read()) is None:
            yield Receive(self.phase)
        return found

    def say(self, phase: Phase, line: bytes, shown: str | None = None) -> Script[None]:
        """Send a line; *shown* is what the transcript has in its place, for lines with secrets."""
        self.phase = phase
        if shown is not None:
            self.concealed.add_line(line, shown)
        self.note(">", (clean(line) if shown is None else shown,))
        yield Send(line + b"\r\n", phase, self.limit(phase))

    def limit(self, phase: Phase) -> float | None:
        """Return the seconds that a phase has for itself; None where it has as many as every command."""
        return self._limits.get(phase)

    def note(self, direction: str, lines: Iterable[str]) -> None:
        """Keep lines in the transcript."""
        room = MOST_TRANSCRIPT - len(self.log.transcript)
        if self.settings.transcript and room > 0:
            shown = map(self.concealed.out_of, lines)
            self.log.transcript += [TranscriptLine(direction, self.phase, self.at, line) for line in islice(shown, room)]

    def waiting(self, phase: Phase, read: Callable[[], _T | None]) -> Iterator[_T]:
        """What waits in the reader before a command, which is what nobody asked for.

        In plaintext anybody can have sent it, and it is passed over. Inside TLS the server is out of step, and its replies would be
        taken for those to other commands: a message would be deleted because another one is ours. Who tests for injection waits for that.
        """
        self.phase = phase
        if not self.plaintext and self.settings.injection_test:
            return
        for _number in range(MOST_WAITING):
            found = read()
            if found is None:
                return
            if not self.plaintext:
                raise Ended(ErrorKind.PROTOCOL_ERROR, "the server says something that no command asked for")
            yield found
        raise Ended(ErrorKind.LIMIT_EXCEEDED, f"{MOST_WAITING} lines that no command asked for")

    def unasked(self, line: str) -> None:
        """Keep what the server said before TLS without having been asked."""
        if self.plaintext and len(self.log.unsolicited) < MOST_UNSOLICITED:
            self.log.unsolicited.append(line)


def turned_away(text: str) -> Ended:
    """Tell "come back later, you are too many" from a real refusal."""
    kind = ErrorKind.RATE_LIMITED if is_too_many(text) else ErrorKind.REJECTED
    return Ended(kind, f"service not available: {text}")
