# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are hostile in plaintext, before there is any TLS: silence, floods, and text made to fool who reads it."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind
from ansible_collections.mailops.tls.tests.hostile.hostile import Hostile, ends, succeeds
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for

MEGABYTE = 1024 * 1024
NASTY = b'\x1b[2J\x1b]0;owned\x07\xe2\x80\xae evil "}],\\u0000{{ lookup(\'pipe\', \'id\') }} \xff\xfe\x00\xe2\x80\xa8\x9b31m'
"""ANSI, an override of direction, JSON and a template that break out, bytes that are no UTF-8, NUL, a line separator."""


async def silence(peer: Peer) -> None:
    await peer.hang()


async def silence_after_greeting(peer: Peer) -> None:
    await peer.greet()
    await peer.hang()


async def silence_after_ehlo(peer: Peer) -> None:
    await peer.offer_tls()
    await peer.hang()


async def drip_of_greeting(peer: Peer) -> None:
    await peer.drip(b"220-" + b"x" * 6000, 0.05)


async def drip_of_lines(peer: Peer) -> None:
    await peer.greet()
    for _line in range(1000):
        await peer.send(b"250-x\r\n")
        await peer.hang_for(0.05)


async def gone(peer: Peer) -> None:
    pass


async def gone_within_a_line(peer: Peer) -> None:
    await peer.send(b"220 half a gree")


async def reset_at_ehlo(peer: Peer) -> None:
    await peer.greet()
    peer.reset()


async def half_closed(peer: Peer) -> None:
    await peer.greet()
    peer.writer.write_eof()
    await peer.hang()


async def endless_line(peer: Peer) -> None:
    await peer.send(b"220 ")
    await peer.flood(b"x" * 65536, 50 * MEGABYTE)


async def endless_reply(peer: Peer) -> None:
    await peer.greet()
    await peer.flood(b"250-x\r\n" * 2000, 50 * MEGABYTE)


async def endless_long_lines(peer: Peer) -> None:
    await peer.greet()
    await peer.flood((b"250-" + b"X" * 2000 + b"\r\n") * 20, 50 * MEGABYTE)


async def nuls(peer: Peer) -> None:
    await peer.flood(bytes(65536), 50 * MEGABYTE)


async def bare_carriage_returns(peer: Peer) -> None:
    await peer.flood(b"220\r" * 4096, 50 * MEGABYTE)


async def nasty_text(peer: Peer) -> None:
    await peer.send(b"220-" + NASTY + b"\r\n220 mx " + NASTY + b"\r\n")
    await peer.hear()
    await peer.send(b"250-" + NASTY + b"\r\n250-" + NASTY + b" " + NASTY + b"\r\n250 STARTTLS\r\n")
    await peer.hear()
    await peer.send(b"454 " + NASTY + b"\r\n")
    await peer.hang()


async def nasty_refusal(peer: Peer) -> None:
    await peer.send(b"554-" + NASTY + b"\r\n554 " + NASTY + b"\r\n")
    await peer.hang()


async def always_too_many(peer: Peer) -> None:
    await peer.send(b"421 4.7.0 too many connections\r\n")


async def nothing_works(peer: Peer) -> None:
    await peer.send(b"220 x\r\n")
    while await peer.hear():
        await peer.send(b"500 5.5.1 no\r\n")


async def codes_that_are_none(peer: Peer) -> None:
    await peer.send(b"2200 x\r\n22 x\r\n+OK\r\n* OK IMAP4rev1\r\n")
    await peer.hang()


async def nearly_starttls(peer: Peer) -> None:
    await peer.greet()
    wide = "\uff33\uff34\uff21\uff32\uff34\uff34\uff2c\uff33".encode()
    words = (b"STARTTLSX", b"X STARTTLS", wide, "\u017ftarttls".encode(), b"X\0STARTTLS")
    await peer.send(b"".join(b"250-" + word + b"\r\n" for word in words) + b"250 end\r\n")
    await peer.hang()


async def everything_at_once(peer: Peer) -> None:
    """Replies to all that will be asked, before it is asked, and no TLS behind them."""
    await peer.send(b"220 x\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n" + b"250 x\r\n" * 100)
    await peer.hang()


async def injection(peer: Peer) -> None:
    """A reply to the second EHLO that a man in the middle puts behind the 220 (CVE-2011-0411)."""
    await peer.offer_tls()
    await peer.start_tls(server_for(leaf("ecdsa")), b"220 go\r\n250-mx.example.com\r\n250 INJECTED\r\n")
    await peer.finish()


async def flood_behind_starttls(peer: Peer) -> None:
    await peer.offer_tls()
    await peer.send(b"220 go\r\n")
    await peer.flood(b"x" * 65536, 20 * MEGABYTE)


async def tls_at_once(peer: Peer) -> None:
    """TLS where plaintext is due: the answer to a hello that nobody has sent."""
    await peer.send(b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00" + b"\x15\x03\x03\x00\x02\x02\x0a")
    await peer.hang()


def then_in_handshake(data: bytes, most: int = 0) -> Script:
    """Go on up to the ClientHello and send bytes of any kind, once or up to so many."""

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.send(b"220 go\r\n")
        await peer.reader.read(65536)
        await peer.send(data)
        if most:
            await peer.flood(data, most)
        await peer.hang()

    return script


SERVERS: tuple[Hostile, ...] = (
    ends("silence", silence, ErrorKind.TIMEOUT, SmtpPhase.GREETING),
    ends("silence after the greeting", silence_after_greeting, ErrorKind.TIMEOUT, SmtpPhase.EHLO),
    ends("silence after EHLO", silence_after_ehlo, ErrorKind.TIMEOUT, SmtpPhase.STARTTLS),
    ends("silence after STARTTLS", then_in_handshake(b""), ErrorKind.TIMEOUT, CommonPhase.HANDSHAKE),
    ends("a greeting byte by byte", drip_of_greeting, ErrorKind.TIMEOUT, SmtpPhase.GREETING),
    # Where time limits are long, for a slow machine, the limit on lines is reached first.
    Hostile("a reply line by line", drip_of_lines, tuple((kind, SmtpPhase.EHLO) for kind in (ErrorKind.TIMEOUT, ErrorKind.LIMIT_EXCEEDED))),
    ends("gone at once", gone, ErrorKind.DISCONNECTED, SmtpPhase.GREETING),
    ends("gone within a line", gone_within_a_line, ErrorKind.DISCONNECTED, SmtpPhase.GREETING),
    ends("a reset at EHLO", reset_at_ehlo, ErrorKind.DISCONNECTED, SmtpPhase.EHLO),
    ends("half closed", half_closed, ErrorKind.DISCONNECTED, SmtpPhase.EHLO),
    ends("an endless line", endless_line, ErrorKind.LIMIT_EXCEEDED, SmtpPhase.GREETING),
    ends("an endless reply", endless_reply, ErrorKind.LIMIT_EXCEEDED, SmtpPhase.EHLO),
    ends("endless long lines", endless_long_lines, ErrorKind.LIMIT_EXCEEDED, SmtpPhase.EHLO),
    ends("nothing but NUL", nuls, ErrorKind.LIMIT_EXCEEDED, SmtpPhase.GREETING),
    ends("nothing but CR", bare_carriage_returns, ErrorKind.LIMIT_EXCEEDED, SmtpPhase.GREETING),
    ends("text that breaks out", nasty_text, ErrorKind.STARTTLS_REJECTED, SmtpPhase.STARTTLS),
    ends("a refusal that breaks out", nasty_refusal, ErrorKind.REJECTED, SmtpPhase.GREETING),
    ends("too many connections, always", always_too_many, ErrorKind.RATE_LIMITED, SmtpPhase.GREETING),
    ends("no command is known", nothing_works, ErrorKind.REJECTED, SmtpPhase.EHLO),
    ends("codes that are none", codes_that_are_none, ErrorKind.PROTOCOL_ERROR, SmtpPhase.GREETING),
    ends("words like STARTTLS", nearly_starttls, ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO),
    ends("all replies at once", everything_at_once, ErrorKind.TIMEOUT, CommonPhase.HANDSHAKE),
    ends("a flood behind STARTTLS", flood_behind_starttls, ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE),
    ends("TLS at once", tls_at_once, ErrorKind.PROTOCOL_ERROR, SmtpPhase.GREETING),
    ends("plaintext for TLS", then_in_handshake(b"250 what TLS\r\n"), ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE),
    succeeds("a reply injected behind STARTTLS", injection),
)
