# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server in memory behind sockets on loopback: SMTP or LMTP puts messages into folders, IMAP and POP3 show them, without TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.arguments import delivery_arguments
from ansible_collections.mailops.tls.tests.unit.servers.mailbox_servers import Folders, ImapServer, Pop3Server

RECEIVED = (
    b"Return-Path: <>\r\nReceived: from mx.example.net (mx.example.net [192.0.2.9])\r\n\tby mail.example.org with ESMTP id 1\r\n"
    b"\tfor <probe@example.org>; Sun, 29 Nov 2026 01:00:40 +0000\r\n"
    b"Received: from client (client [192.0.2.8]) by mx.example.net with ESMTPSA id 2; Sun, 29 Nov 2026 01:00:00 +0000\r\n"
    b"Authentication-Results: mail.example.org; spf=pass smtp.mailfrom=example.org\r\nX-Spam-Flag: NO\r\n"
)


@dataclass
class MailWorld:
    """What the servers do with messages.

    Attributes:
        folders: what is in the mailbox.
        folder: where messages are filed; None to lose them.
        copies: how often.
        change: what becomes of a message on its way.
        replies: what is said to a command that begins so, in place of doing it.
        cut: closes the connection at a command that begins so, as often as it says.
        bye: says BYE to a command that begins so, as often as it says.
        said: all commands, of all connections.
        on_command: is told the number of commands so far.
    """

    folders: Folders = field(default_factory=lambda: Folders("INBOX", "Junk"))
    folder: str | None = "INBOX"
    copies: int = 1
    change: Callable[[bytes], bytes] = lambda message: message
    replies: dict[str, str] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    bye: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    on_command: Callable[[int], None] = lambda number: None
    ports: dict[str, int] = field(default_factory=dict)

    async def __aenter__(self) -> MailWorld:
        handlers = {"smtp": self._smtp, "lmtp": self._smtp, "imap": self._imap, "pop3": self._pop3}
        self._servers = [await asyncio.start_server(handler, "127.0.0.1", 0) for handler in handlers.values()]
        self.ports = {name: server.sockets[0].getsockname()[1] for name, server in zip(handlers, self._servers)}
        return self

    async def __aexit__(self, *reason: object) -> None:
        for server in self._servers:
            server.close()

    async def _command(self, reader: asyncio.StreamReader, begins_at: int = 0) -> str | None:
        """Return the next command; None when the connection has ended, or has to."""
        try:
            line = (await reader.readline()).decode().rstrip("\r\n")
        except ConnectionError:
            return None
        if not line:
            return None
        self.said.append(line)
        self.on_command(len(self.said))
        words = " ".join(line.split(" ")[begins_at:])
        for begins in self.cut:
            if words.startswith(begins) and self.cut[begins]:
                self.cut[begins] -= 1
                return None
        return line

    async def _smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org\r\n")
        lmtp, recipients = False, list[str]()
        while (line := await self._command(reader)) is not None:
            word = line[:4].upper()
            lmtp = lmtp or word == "LHLO"
            reply = next((said for begins, said in self.replies.items() if line.startswith(begins)), None)
            if reply is not None:
                writer.write(f"{reply}\r\n".encode())
            elif word in ("EHLO", "LHLO"):
                writer.write(b"250-mail.example.org\r\n250 SIZE 1000000\r\n")
            elif word == "DATA":
                writer.write(b"354 go on\r\n")
                await self._take(reader)
                if self.cut.get("."):
                    self.cut["."] -= 1
                    break
                said = self.replies.get(".", "250 2.0.0 Ok: queued as 1CF5FC0AAE")
                writer.write(f"{said}\r\n".encode() * (len(recipients) if lmtp else 1))
            else:
                recipients += [line] if word == "RCPT" else []
                writer.write(b"221 bye\r\n" if word == "QUIT" else b"250 2.1.0 Ok\r\n")
        writer.close()

    async def _take(self, reader: asyncio.StreamReader) -> None:
        lines: list[bytes] = []
        while (line := await reader.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        for _copy in range(self.copies if self.folder is not None else 0):
            self.folders.add(RECEIVED + self.change(b"".join(lines)), self.folder or "")

    async def _imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = ImapServer(self.folders, refuse={key: said for key, said in self.replies.items() if said[:3] in ("NO ", "BAD")})
        writer.write(server.greeting)
        while (line := await self._command(reader, 1)) is not None:
            tag, _space, rest = line.partition(" ")
            leaving = next((key for key in self.bye if rest.startswith(key) and self.bye[key]), None)
            if leaving is not None:
                self.bye[leaving] -= 1
                writer.write(b"* BYE restarting\r\n")
                break
            refused = any(rest.startswith(key) for key in server.refuse)
            writer.write(f"{tag} OK in\r\n".encode() if rest.startswith("LOGIN") and not refused else server.answer(line))
        writer.close()

    async def _pop3(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = Pop3Server(self.folders, refuse={key: said for key, said in self.replies.items() if said.startswith("-ERR")})
        writer.write(server.greeting)
        while (line := await self._command(reader)) is not None:
            logs_in = line.startswith(("USER", "PASS")) and line[:4] not in server.refuse
            writer.write(b"+OK\r\n" if logs_in else server.answer(line))
            if line == "QUIT":
                break
        writer.close()

    def parameters(
        self, submit: str = "smtp", retrieve: str | None = "imap", of_retrieve: dict[str, Any] | None = None, **given: Any
    ) -> dict[str, Any]:
        """Return the parameters of a task that uses these servers; *of_retrieve* are suboptions of `retrieve`."""
        spec = delivery_arguments()
        user = {"username": "probe", "password": "secret", "insecure_expose_password_without_tls": True}
        own: dict[str, Any] = {"recipient": ["probe@example.org"], "timeout": 20.0, "poll_interval": 0.05, "system_ca": False}
        own["nameservers"] = ["127.0.0.1@1"]
        own["submit"] = self._server(spec, "submit", submit, {})
        own["retrieve"] = self._server(spec, "retrieve", retrieve, {**user, **(of_retrieve or {})}) if retrieve else None
        return {**{name: one.get("default") for name, one in spec.items()}, **own, **given}

    def _server(self, spec: dict[str, dict[str, Any]], name: str, service: str, given: dict[str, Any]) -> dict[str, Any]:
        plain = {option: one.get("default") for option, one in spec[name]["options"].items()}
        own = {"host": "127.0.0.1", "port": self.ports.get(service, 1), "service": service, "security_level": "none"}
        return {**plain, **own, **given}
