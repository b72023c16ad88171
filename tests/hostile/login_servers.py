# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are hostile to whoever logs in: how each login has to end, and whether anything of the password may have been sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol, MailService
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import NASTY
from ansible_collections.mailops.tls.tests.hostile.mailbox import Move, flood, hear, leave, read_hello, reset, says, tls
from ansible_collections.mailops.tls.tests.unit.servers.scram_server import ScramServer
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for

USER, PASSWORD, TOKEN = "tim@example.org", "tanstaaf-tanstaaf", "ya29.hostile-token"
IMAPS, POP3S, SIEVE, SUBMISSIONS = MailService.IMAPS, MailService.POP3S, MailService.SIEVE, MailService.SUBMISSIONS
SCRAM, SCRAM_PLUS = "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"
_GO = {
    MailProtocol.IMAP: b"a2 OK\r\n", MailProtocol.POP3: b"+OK\r\n", MailProtocol.MANAGESIEVE: b"OK\r\n", MailProtocol.SMTP: b"235 x\r\n",
}  # fmt: skip
_NO = {
    MailProtocol.IMAP: b"a2 NO\r\n", MailProtocol.POP3: b"-ERR\r\n", MailProtocol.MANAGESIEVE: b"NO\r\n", MailProtocol.SMTP: b"501 x\r\n",
}  # fmt: skip
BEGUN = re.compile(rb"(?:a[0-9]+ )?(?:AUTHENTICATE|AUTH|LOGIN|USER|PASS|APOP)\b", re.IGNORECASE)
"""Lines that begin a login."""
_OFFERED = "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER EXTERNAL"


@dataclass(frozen=True)
class HostileLogin:
    """One server, and one login at it.

    Attributes:
        name: what the server does.
        service: what it is asked as.
        mechanism: what is asked for.
        script: what it does at every connection.
        outcome: what has to become of the login; more than one where limits are met at about the same time.
        exposed: whether the password may have gone to it: only to a server that was verified, and asked for it as the mechanism does.
        options: how the login is tried, other than usual.
    """

    name: str
    service: MailService
    mechanism: str
    script: Script
    outcome: tuple[LoginOutcome, ...]
    exposed: bool = True
    options: dict[str, Any] = field(default_factory=dict)


def at(name: str, service: MailService, mechanism: str, script: Script, *outcome: LoginOutcome, **options: Any) -> HostileLogin:
    """Return a server that was verified, so that the login is begun."""
    return HostileLogin(name, service, mechanism, script, outcome, True, options)


def never(name: str, service: MailService, mechanism: str, script: Script, *outcome: LoginOutcome, **options: Any) -> HostileLogin:
    """Return a server that must learn nothing."""
    return HostileLogin(name, service, mechanism, script, outcome, False, options)


async def listen(peer: Peer) -> None:
    """Hear the client out, and say nothing."""
    while await peer.hear():
        pass


async def hear_login(peer: Peer) -> None:
    """Hear the command that begins a login; who only looks around takes leave here."""
    if not BEGUN.match(await peer.hear()):
        raise ConnectionResetError("no login")


async def strange_tls(peer: Peer) -> None:
    """Shake hands with a certificate of nobody's for another name."""
    await peer.shake_hands(server_for(leaf("ecdsa")))


def opening(service: MailService, offered: str = _OFFERED, shake: Move = tls) -> tuple[Move, ...]:
    """Greet and tell what is offered, all inside TLS; what the client says then is its login."""
    if service is MailService.SIEVE:
        greeting = b'"IMPLEMENTATION" "x"\r\n"SASL" ""\r\n"STARTTLS"\r\nOK\r\n'
        return (greeting, hear, b"OK\r\n", shake, f'"SASL" "{offered}"\r\nOK\r\n'.encode(), hear_login)
    protocol = service.terms.protocol
    if protocol is MailProtocol.IMAP:
        listed = "".join(f" AUTH={name}" for name in offered.split())
        return (shake, b"* OK x\r\n", hear, f"* CAPABILITY IMAP4rev1 SASL-IR{listed}\r\na1 OK\r\n".encode(), hear_login)
    if protocol is MailProtocol.POP3:
        return (shake, b"+OK <1.2@mail.example.org>\r\n", hear, f"+OK\r\nUSER\r\nSASL {offered}\r\n.\r\n".encode(), hear_login)
    return (shake, b"220 x\r\n", hear, f"250-x\r\n250 AUTH {offered}\r\n".encode(), hear_login)


def challenge(service: MailService, data: bytes) -> bytes:
    """Return a challenge as the protocol has it."""
    text = base64.b64encode(data)
    protocol = service.terms.protocol
    forms = {MailProtocol.SMTP: b"334 " + text, MailProtocol.MANAGESIEVE: b'"' + text + b'"'}
    return forms.get(protocol, b"+ " + text) + b"\r\n"


def success(service: MailService) -> bytes:
    """Return the words that accept a login."""
    return _GO[service.terms.protocol]


def answers(service: MailService, *moves: Move) -> Script:
    """Open as one should, take the client's command, and go on so."""
    return says(*opening(service), *moves, listen)


def challenges(service: MailService, *data: bytes, then: Move | None = None) -> Script:
    """Send these challenges, an answer between each two, and accept (or make another move)."""
    moves: list[Move] = []
    for one in data:
        moves += [challenge(service, one), hear]
    return answers(service, *moves, then if then is not None else success(service))


def response(line: bytes) -> bytes:
    """Return what a client's line carries in base64, as far as it does."""
    return base64.b64decode(line.strip(b'"').rpartition(b" ")[2].strip(b'"') + b"==")


def scram(service: MailService, change: Callable[[str, bytes], bytes], *behind: Move, password: str = PASSWORD) -> Script:
    """Be a server of SCRAM that knows the password, but for what *change* makes of its `first` and `final` message."""

    async def exchange(peer: Peer) -> None:
        server = ScramServer(SCRAM, {USER: password})
        first = server.first(response(peer.heard[-1]))
        await peer.send(challenge(service, change("first", first)))
        answer = await peer.hear()
        if answer.strip(b'"') == b"*":
            await peer.send(_NO[service.terms.protocol])
            return
        await peer.send(challenge(service, change("final", server.final(response(answer)))))
        if (await peer.hear()).strip(b'"') == b"*":
            await peer.send(_NO[service.terms.protocol])

    return answers(service, exchange, *behind)


def first(make: Callable[[str, str, str], str]) -> Callable[[str, bytes], bytes]:
    """Change the server's first message: made of its nonce, salt and iterations."""

    def change(which: str, message: bytes) -> bytes:
        if which != "first":
            return message
        nonce, salt, iterations = (part.partition("=")[2] for part in message.decode().split(",", 2))
        return make(nonce, salt, iterations).encode()

    return change


def final(text: bytes) -> Callable[[str, bytes], bytes]:
    """Put this in place of the server's final message."""
    return lambda which, message: text if which == "final" else message


def each_time(*scripts: Script) -> Script:
    """Follow another script at each connection, the last one from then on."""
    left = list(scripts)

    async def script(peer: Peer) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(peer)

    return script


def slowly(data: bytes) -> Move:
    """Send byte by byte, inside TLS."""

    async def move(peer: Peer) -> None:
        for octet in data:
            await peer.send(bytes([octet]))
            await peer.hang_for(0.05)

    return move


def echo(form: bytes) -> Callable[[Peer], Awaitable[None]]:
    """Refuse, and repeat all that was heard."""

    async def move(peer: Peer) -> None:
        heard = b" ".join(peer.heard).replace(b'"', b"") + b" " + PASSWORD.encode()
        await peer.send(form % heard)

    return move


_NOT_AUTHENTIC, _WRONG, _ODD = LoginOutcome.SERVER_NOT_AUTHENTIC, LoginOutcome.BAD_CREDENTIALS, LoginOutcome.PROTOCOL_ERROR
_NOWHERE, _WITHHELD, _MANY = LoginOutcome.NOT_OFFERED, LoginOutcome.WITHHELD, LoginOutcome.RATE_LIMITED
_HUGE = base64.b64encode(b"s" * 9000).decode()
_LARGE = base64.b64encode(b"s" * 4000).decode()


def _as_it_is(which: str, message: bytes) -> bytes:
    return message


SCRAMS: tuple[HostileLogin, ...] = (
    at("SCRAM: an honest server", IMAPS, SCRAM, scram(IMAPS, _as_it_is, success(IMAPS), hear, b"* CAPABILITY X\r\na3 OK\r\n"),
       LoginOutcome.ACCEPTED),
    at("SCRAM: a nonce of another login", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"r=abc{r},s={s},i={i}")), _NOT_AUTHENTIC),
    at("SCRAM: our nonce and nothing more", SUBMISSIONS, SCRAM, scram(SUBMISSIONS, first(lambda r, s, i: f"r={r[:32]},s={s},i={i}")),
       _NOT_AUTHENTIC),
    at("SCRAM: a wrong signature", IMAPS, SCRAM, scram(IMAPS, final(b"v=AAAA"), success(IMAPS)), _NOT_AUTHENTIC),
    at("SCRAM: the signature of another password", POP3S, SCRAM, scram(POP3S, lambda which, text: text if which == "first" else
       b"v=" + base64.b64encode(b"x" * 32), success(POP3S), password="another"), _NOT_AUTHENTIC),
    at("SCRAM: success at once", IMAPS, SCRAM, answers(IMAPS, success(IMAPS)), _NOT_AUTHENTIC),
    at("SCRAM: success without a signature", SUBMISSIONS, SCRAM,
       answers(SUBMISSIONS, challenge(SUBMISSIONS, b""), hear, success(SUBMISSIONS)), _NOT_AUTHENTIC, _ODD),
    at("SCRAM: an empty signature", SIEVE, SCRAM, scram(SIEVE, final(b"v="), success(SIEVE)), _NOT_AUTHENTIC),
    at("SCRAM: the signature twice", IMAPS, SCRAM, scram(IMAPS, lambda which, text: text if which == "first" else text + b",v=AAAA"), _ODD),
    at("SCRAM: no iterations", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"r={r},s={s},i=0")), _ODD),
    at("SCRAM: a billion iterations", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"r={r},s={s},i=1000000000")), _ODD),
    at("SCRAM: iterations of twenty digits", POP3S, SCRAM, scram(POP3S, first(lambda r, s, i: f"r={r},s={s},i={'9' * 20}")), _ODD),
    at("SCRAM: negative iterations", SIEVE, SCRAM, scram(SIEVE, first(lambda r, s, i: f"r={r},s={s},i=-1")), _ODD),
    at("SCRAM: as many iterations as may be", SUBMISSIONS, SCRAM,
       scram(SUBMISSIONS, first(lambda r, s, i: f"r={r},s={s},i=600000"), b"535 5.7.8 no\r\n"), _WRONG, _NOT_AUTHENTIC),
    at("SCRAM: an attribute twice", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"r={r},s={s},i={i},i=1")), _ODD),
    at("SCRAM: attributes in another order", POP3S, SCRAM, scram(POP3S, first(lambda r, s, i: f"s={s},r={r},i={i}")), _ODD),
    at("SCRAM: an extension that is a must", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"m=x,r={r},s={s},i={i}")), _ODD),
    at("SCRAM: an extension at the end that is a must", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"r={r},s={s},i={i},m=x")), _ODD),
    at("SCRAM: a salt of 9 kB", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"r={r},s={_HUGE},i={i}")), _ODD),
    at("SCRAM: a salt that does not fit a line", SUBMISSIONS, SCRAM, scram(SUBMISSIONS, first(lambda r, s, i: f"r={r},s={_LARGE},i={i}")),
       _ODD),
    at("SCRAM: no salt", SIEVE, SCRAM, scram(SIEVE, first(lambda r, s, i: f"r={r},s=,i={i}")), _ODD),
    at("SCRAM: letters outside ASCII", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"r={r}\u017f,s={s},i={i}")), _ODD),
    at("SCRAM: the last message first", IMAPS, SCRAM, scram(IMAPS, lambda which, text: b"v=AAAA"), _ODD),
    at("SCRAM: the first message twice", IMAPS, SCRAM, scram(IMAPS, first(lambda r, s, i: f"r={r},s={s},i={i}\0r={r}")), _ODD),
    at("SCRAM: a challenge after the proof", IMAPS, SCRAM, scram(IMAPS, _as_it_is, challenge(IMAPS, b"more"), hear, success(IMAPS)), _ODD),
    at("SCRAM: silence when the login is cancelled", IMAPS, SCRAM, challenges(IMAPS, b"r=x,s=eA==,i=4096", then=listen), _NOT_AUTHENTIC),
    at("SCRAM: gone when the login is cancelled", POP3S, SCRAM, challenges(POP3S, b"r=x,s=eA==,i=4096", then=leave), _NOT_AUTHENTIC),
    at("SCRAM: BYE when the login is cancelled", SIEVE, SCRAM, challenges(SIEVE, b"r=x,s=eA==,i=4096", then=b"BYE\r\n"), _NOT_AUTHENTIC),
    at("SCRAM: nonsense when the login is cancelled", IMAPS, SCRAM, challenges(IMAPS, b"r=x,s=eA==,i=4096", then=b"x\r\n"), _NOT_AUTHENTIC),
    at("SCRAM: an error and success", IMAPS, SCRAM, scram(IMAPS, final(b"e=other-error"), success(IMAPS)), _WRONG),
    at("SCRAM: an error that breaks out", IMAPS, SCRAM, scram(IMAPS, lambda which, text: b"e=" + NASTY.replace(b",", b"")), _WRONG, _ODD),
)  # fmt: skip

TALK: tuple[HostileLogin, ...] = (
    at("login: prompts without end", SUBMISSIONS, "LOGIN", answers(SUBMISSIONS, flood(b"334 VXNlcm5hbWU6\r\n" * 99, 200_000)), _ODD),
    at("login: it does not let go", IMAPS, "CRAM-MD5", answers(IMAPS, b"+ !\r\n", hear, flood(b"+ go on\r\n" * 99, 200_000)), _ODD),
    at("login: news without end", IMAPS, "PLAIN", answers(IMAPS, flood(b"* 1 EXISTS\r\n" * 999)), _ODD),
    at("login: large news without end", IMAPS, "PLAIN", answers(IMAPS, flood(b"* X " + b"y" * 60000 + b"\r\n")), _ODD),
    at("login: a challenge without end", IMAPS, "CRAM-MD5", answers(IMAPS, b"+ ", flood(b"eA==" * 9999)), _ODD),
    at("login: a challenge of 9 kB", IMAPS, "CRAM-MD5", challenges(IMAPS, b"x" * 9000), _ODD),
    at("login: literals for a challenge without end", SIEVE, "CRAM-MD5", answers(SIEVE, flood(b"{60000}\r\n" + b"y" * 60000)), _ODD),
    at("login: an empty challenge", POP3S, "CRAM-MD5", challenges(POP3S, b""), _ODD),
    at("login: a challenge that is none", SUBMISSIONS, "CRAM-MD5", answers(SUBMISSIONS, b"334 \xff\xfe!\r\n", hear, b"501 x\r\n"), _ODD),
    at("login: one challenge too many", POP3S, "CRAM-MD5", challenges(POP3S, b"<1@x>", b"<2@x>"), _ODD),
    at("login: a challenge for PLAIN", IMAPS, "PLAIN", challenges(IMAPS, b"and now?"), _ODD),
    at("login: a continuation for LOGIN of IMAP", IMAPS, "IMAP-LOGIN", answers(IMAPS, b"+ go on\r\n"), _ODD),
    at("login: a tarpit", SUBMISSIONS, "PLAIN", answers(SUBMISSIONS), LoginOutcome.TIMEOUT),
    at("login: a tarpit byte by byte", IMAPS, "PLAIN", answers(IMAPS, slowly(b"* X " + b"x" * 2000)), LoginOutcome.TIMEOUT),
    at("login: a tarpit behind the user's name", POP3S, "USER-PASS", answers(POP3S), LoginOutcome.TIMEOUT),
    at("login: gone", POP3S, "PLAIN", answers(POP3S, leave), LoginOutcome.DISCONNECTED),
    at("login: a reset", SUBMISSIONS, "LOGIN", answers(SUBMISSIONS, b"334 VXNlcm5hbWU6\r\n", hear, reset), LoginOutcome.DISCONNECTED),
    at("login: BYE", IMAPS, "PLAIN", answers(IMAPS, b"* BYE no more\r\n", leave), _MANY),
    at("login: BYE in the middle", IMAPS, "CRAM-MD5", answers(IMAPS, challenge(IMAPS, b"<1@x>"), hear, b"* BYE [ALERT] x\r\n"), _MANY),
    at("login: BYE of ManageSieve", SIEVE, "PLAIN", answers(SIEVE, b'BYE (REFERRAL "sieve://evil.example/") "x"\r\n'), _MANY),
    at("login: 421", SUBMISSIONS, "PLAIN", answers(SUBMISSIONS, b"421 4.7.0 bye\r\n", leave), _MANY),
)  # fmt: skip

LIES: tuple[HostileLogin, ...] = (
    at("login: the reply to another command", SUBMISSIONS, "PLAIN", answers(SUBMISSIONS, b"250 x\r\n"), _ODD),
    at("login: go ahead with the data", SUBMISSIONS, "PLAIN", answers(SUBMISSIONS, b"354 go\r\n"), _ODD),
    at("login: another tag", IMAPS, "PLAIN", answers(IMAPS, b"a9 OK in\r\n"), _ODD),
    at("login: PREAUTH", IMAPS, "PLAIN", answers(IMAPS, b"* PREAUTH in\r\n" * 99), _ODD),
    at("login: accepted after the name", SUBMISSIONS, "LOGIN", answers(SUBMISSIONS, b"334 VXNlcm5hbWU6\r\n", hear, b"235 in\r\n"),
       _NOT_AUTHENTIC),
    at("login: accepted before the challenge", POP3S, "CRAM-MD5", answers(POP3S, b"+OK in\r\n"), _NOT_AUTHENTIC),
    at("login: an error and success", SUBMISSIONS, "XOAUTH2", challenges(SUBMISSIONS, b'{"status":"401"}'), _ODD),
    at("login: the password repeated by IMAP", IMAPS, "PLAIN", answers(IMAPS, echo(b"* NO %s\r\na2 NO [ALERT] ?\r\n")), _WRONG),
    at("login: the password repeated by POP3", POP3S, "USER-PASS", answers(POP3S, b"+OK\r\n", hear, echo(b"-ERR [AUTH] %s\r\n")), _WRONG),
    at("login: the password repeated by SMTP", SUBMISSIONS, "LOGIN",
       answers(SUBMISSIONS, b"334 VXNlcm5hbWU6\r\n", hear, b"334 UGFzc3dvcmQ6\r\n", hear, echo(b"535 5.7.8 %s\r\n")), _WRONG),
    at("login: the token repeated", SIEVE, "OAUTHBEARER", answers(SIEVE, echo(b'NO "%s"\r\n')), _WRONG),
    at("login: text that breaks out", IMAPS, "PLAIN", answers(IMAPS, b"* X " + NASTY + b"\r\na2 NO [" + NASTY + b"] " + NASTY + b"\r\n"),
       _WRONG),
)  # fmt: skip


def _stranger(service: MailService, mechanism: str) -> HostileLogin:
    eager = says(*opening(service, shake=strange_tls), success(service), listen)
    return never(f"login: a stranger asked for {mechanism} as {service.value}", service, mechanism, eager, _WITHHELD)


def _imap(before: bytes, *moves: Move) -> Script:
    return says(b"* OK x\r\n", hear, b"* CAPABILITY IMAP4rev1 " + before + b"\r\na1 OK\r\n", *moves, listen)


_INSIDE = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\na3 OK\r\n"
_IMAP, _SUBMISSION, _POP3 = MailService.IMAP, MailService.SUBMISSION, MailService.POP3
OFFERS: tuple[HostileLogin, ...] = (
    *(_stranger(service, name) for service in (IMAPS, POP3S, SIEVE, SUBMISSIONS) for name in ("PLAIN", SCRAM)),
    _stranger(IMAPS, "IMAP-LOGIN"), _stranger(POP3S, "USER-PASS"), _stranger(POP3S, "APOP"), _stranger(POP3S, "CRAM-MD5"),
    _stranger(SUBMISSIONS, "LOGIN"), _stranger(SUBMISSIONS, "XOAUTH2"), _stranger(SIEVE, "OAUTHBEARER"),
    never("login: another certificate the second time", IMAPS, "PLAIN",
          each_time(answers(IMAPS), says(*opening(IMAPS, shake=strange_tls), success(IMAPS), listen)), _WITHHELD),
    never("login: no TLS the second time", _IMAP, "PLAIN",
          each_time(_imap(b"STARTTLS", hear, b"a2 OK\r\n", tls, hear, _INSIDE.replace(b"LOGINDISABLED", b"AUTH=PLAIN")),
                    _imap(b"AUTH=PLAIN")), _WITHHELD),
    never("login: AUTH before TLS only", _IMAP, "PLAIN", _imap(b"STARTTLS AUTH=PLAIN", hear, b"a2 OK\r\n", tls, hear, _INSIDE), _NOWHERE),
    never("login: mechanisms behind STARTTLS", _IMAP, "PLAIN",
          _imap(b"STARTTLS", hear, b"a2 OK\r\n* CAPABILITY AUTH=PLAIN\r\na3 OK\r\n", tls, hear, _INSIDE), _NOWHERE),
    never("login: STARTTLS cut out", _IMAP, "PLAIN", _imap(b"AUTH=PLAIN"), _WITHHELD, _NOWHERE),
    never("login: STARTTLS refused", _IMAP, "IMAP-LOGIN", _imap(b"STARTTLS AUTH=PLAIN", hear, b"a2 NO later\r\n"), _WITHHELD),
    never("login: PREAUTH before TLS", _IMAP, "IMAP-LOGIN", says(b"* PREAUTH [CAPABILITY IMAP4rev1 AUTH=PLAIN] x\r\n", listen), _WITHHELD,
          _NOWHERE),
    never("login: the password in the clear", _SUBMISSION, "PLAIN",
          says(b"220 x\r\n", hear, b"250-x\r\n250 AUTH PLAIN LOGIN\r\n", b"235 in\r\n", listen), _WITHHELD, _NOWHERE),
    never("login: PASS in the clear", _POP3, "USER-PASS",
          says(b"+OK <1@x>\r\n", hear, b"+OK\r\nUSER\r\n.\r\n", b"+OK\r\n+OK\r\n", listen), _WITHHELD, _NOWHERE),
    never("login: APOP in the clear", _POP3, "APOP", says(b"+OK <1@x>\r\n", hear, b"+OK\r\nUSER\r\n.\r\n", listen), _WITHHELD),
    never("login: plaintext for TLS", _POP3, "USER-PASS",
          says(b"+OK x\r\n", hear, b"+OK\r\nSTLS\r\nUSER\r\n.\r\n", hear, b"+OK\r\n", read_hello, b"+OK\r\n+OK\r\n", listen), _WITHHELD),
    never("login: accepted in advance by POP3", POP3S, "PLAIN",
          says(tls, b"+OK x\r\n", hear, b"+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n+OK in\r\n", listen), _ODD),
    never("login: accepted in advance by ManageSieve", SIEVE, "PLAIN",
          says(b'"SASL" ""\r\n"STARTTLS"\r\nOK\r\n', hear, b"OK\r\n", tls, b'"SASL" "PLAIN"\r\nOK\r\nOK\r\n', listen), _ODD),
    never("login: words like PLAIN", IMAPS, "PLAIN", says(*opening(IMAPS, "PLA\u0131N PLAINX XPLAIN"), listen), _NOWHERE),
    never("login: no LOGIN inside TLS", IMAPS, "IMAP-LOGIN", says(tls, b"* OK x\r\n", hear, _INSIDE.replace(b"a3", b"a1"), listen),
          _NOWHERE),
    never("login: timestamps that make collisions", POP3S, "APOP",
          says(tls, b"+OK <\xff\x00@x> <\x01@\x02>\r\n", hear, b"+OK\r\nUSER\r\n.\r\n", listen), _NOWHERE),
    never("login: a list that somebody shortened", IMAPS, SCRAM, says(*opening(IMAPS, "PLAIN"), listen), _NOWHERE),
    never("login: no channel binding to be had", IMAPS, SCRAM, answers(IMAPS), _WITHHELD, channel_binding="require"),
)  # fmt: skip

SERVERS: tuple[HostileLogin, ...] = (*SCRAMS, *TALK, *LIES, *OFFERS)
