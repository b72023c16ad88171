# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small SMTP peers that do what Postfix cannot be made to do: refuse, hang, cut off, talk out of turn; and a DNS server that fails.

Run as a program with one argument, a JSON file: {"pid": PATH, "servfail": ADDRESS, "peers": [{"address", "port", "script", "pem"}]}. It
goes into the background once every address listens. Standard library only; a thread a connection, which says nothing for at most
LIFETIME seconds.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

LIFETIME = 60.0
BACKLOG = 128
TEMPLATE = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"
"""What Ansible would run if it took text from a server for a template."""


@dataclass
class Conversation:
    """One connection: lines in, replies out."""

    sock: socket.socket
    pem: str

    def send(self, *lines: str) -> None:
        """Send these lines in one piece."""
        self.sock.sendall("".join(line + "\r\n" for line in lines).encode("ascii"))

    def line(self) -> str:
        """The next command in upper case, empty at the end of the connection. One byte a time: nothing is read ahead."""
        got = bytearray()
        while not got.endswith(b"\n") and len(got) < 2048:
            byte = self.sock.recv(1)
            if not byte:
                return ""
            got += byte
        return got.decode("ascii", "replace").strip().upper()

    def hang(self) -> None:
        """Say nothing until the other side leaves or the lifetime is over."""
        while self.sock.recv(4096):
            pass

    def start_tls(self) -> None:
        """Become a TLS server with our chain."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        self.sock = context.wrap_socket(self.sock, server_side=True)

    def greet(self, *extensions: str) -> bool:
        """Greeting and EHLO; true when an EHLO came and was answered with these extensions."""
        self.send("220 scripted.lab.test ESMTP")
        while True:
            command = self.line()
            if command.startswith("EHLO"):
                lines = ["scripted.lab.test", *extensions]
                self.send(*("250-" + text for text in lines[:-1]), "250 " + lines[-1])
                return True
            if not command:
                return False
            self.send("500 5.5.1 EHLO first")

    def serve(self, starttls: str = "502 5.5.2 Not here", command: str = "") -> None:
        """Answer everything until QUIT, `command` first: EHLO with 250, STARTTLS as told, the rest with 502."""
        command = command or self.line()
        while command and command != "QUIT":
            if command == "STARTTLS":
                self.send(starttls)
            else:
                self.send("250 scripted.lab.test" if command.startswith(("EHLO", "HELO", "NOOP")) else "502 5.5.2 Not here")
            command = self.line()
        if command:
            self.send("221 2.0.0 Bye")

    def until_ready(self, *behind: str) -> bool:
        """Up to our 220 to STARTTLS, with these lines in the same piece; false when the other side does not want TLS."""
        if not self.greet("STARTTLS"):
            return False
        command = self.line()
        if command != "STARTTLS":
            self.serve(command=command)
            return False
        self.send("220 2.0.0 Ready to start TLS", *behind)
        return True


def silent(peer: Conversation) -> None:
    """Accept, then nothing."""
    peer.hang()


def closes(peer: Conversation) -> None:
    """Accept and close at once."""


def greeting_554(peer: Conversation) -> None:
    """RFC 5321 section 3.1: no mail service here."""
    peer.send("554 scripted.lab.test No SMTP service here")
    peer.serve()


def greeting_421(peer: Conversation) -> None:
    """The service shuts down."""
    peer.send("421 scripted.lab.test Service not available, closing transmission channel")


def greeting_busy(peer: Conversation) -> None:
    """What Postfix says to a client that comes too often."""
    peer.send("421 4.7.0 scripted.lab.test Error: too many connections from 127.0.0.1")


def greeting_template(peer: Conversation) -> None:
    """Everything it says of itself is a template."""
    peer.send("220 " + TEMPLATE)
    command = peer.line()
    if command.startswith("EHLO"):
        peer.send("250-" + TEMPLATE, "250 " + TEMPLATE)
        command = peer.line()
    peer.serve(command=command)


def not_smtp(peer: Conversation) -> None:
    """Another protocol altogether."""
    peer.send("* OK IMAP4rev1 Service Ready")
    peer.hang()


def ehlo_502(peer: Conversation) -> None:
    """Knows only HELO (RFC 5321 section 3.2)."""
    peer.send("220 scripted.lab.test SMTP")
    while True:
        command = peer.line()
        if not command or command == "QUIT":
            return
        peer.send("250 scripted.lab.test" if command.startswith("HELO") else "502 5.5.2 Error: command not recognized")


def ehlo_drop(peer: Conversation) -> None:
    """Hangs up on EHLO."""
    peer.send("220 scripted.lab.test ESMTP")
    peer.line()


def starttls_454(peer: Conversation) -> None:
    """Offers STARTTLS and then cannot (RFC 3207 section 4)."""
    if peer.greet("STARTTLS", "8BITMIME"):
        peer.serve("454 4.7.0 TLS not available due to local problem")


def starttls_drop(peer: Conversation) -> None:
    """Says 220 and closes instead of a handshake."""
    peer.until_ready()


def starttls_hang(peer: Conversation) -> None:
    """Says 220 and never answers the ClientHello."""
    if peer.until_ready():
        peer.hang()


def starttls_not_tls(peer: Conversation) -> None:
    """Says 220 and goes on in plaintext."""
    if peer.until_ready():
        peer.sock.recv(5)
        peer.send("500 5.5.1 What?")
        peer.hang()


def ehlo_long(peer: Conversation) -> None:
    """Names STARTTLS at the end of a reply of 4 kB."""
    if peer.greet(*(f"X-EXTENSION-{number} {'x' * 900}" for number in range(4)), "STARTTLS"):
        if peer.line() != "STARTTLS":
            peer.serve(command="NOOP")
            return
        peer.send("220 2.0.0 Ready to start TLS")
        peer.start_tls()
        peer.serve()


def ehlo_nul(peer: Conversation) -> None:
    """Names STARTTLS with a NUL and more behind it, as a program in C does that sends its whole buffer."""
    if peer.greet("PIPELINING\0", "STARTTLS\0\0X", "8BITMIME"):
        if peer.line() != "STARTTLS":
            peer.serve(command="NOOP")
            return
        peer.send("220 2.0.0 Ready to start TLS\0")
        peer.start_tls()
        peer.serve()


def starttls_inject(peer: Conversation) -> None:
    """Plaintext right behind the 220, as an attacker would put it there (CVE-2011-0411), then a good handshake."""
    if peer.until_ready("250 injected.lab.test"):
        peer.start_tls()
        peer.serve()


SCRIPTS: Mapping[str, Callable[[Conversation], None]] = {
    "silent": silent,
    "closes": closes,
    "greeting-554": greeting_554,
    "greeting-421": greeting_421,
    "greeting-busy": greeting_busy,
    "greeting-template": greeting_template,
    "not-smtp": not_smtp,
    "ehlo-502": ehlo_502,
    "ehlo-drop": ehlo_drop,
    "starttls-454": starttls_454,
    "starttls-drop": starttls_drop,
    "starttls-hang": starttls_hang,
    "starttls-not-tls": starttls_not_tls,
    "starttls-inject": starttls_inject,
    "ehlo-long": ehlo_long,
    "ehlo-nul": ehlo_nul,
}

BLACKHOLE = "blackhole"
"""Not a script: the kernel queue of the address is kept full, so connection attempts are never answered."""


def _talk(sock: socket.socket, script: Callable[[Conversation], None], pem: str) -> None:
    peer = Conversation(sock, pem)
    sock.settimeout(LIFETIME)
    try:
        script(peer)
    except OSError:
        pass
    finally:
        peer.sock.close()


def _serve(listener: socket.socket, script: Callable[[Conversation], None], pem: str) -> None:
    while True:
        sock, _address = listener.accept()
        threading.Thread(target=_talk, args=(sock, script, pem), daemon=True).start()


def _listen(address: str, port: int, backlog: int = BACKLOG) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(backlog)
    return listener


def _servfail(server: socket.socket) -> None:
    """Answer every DNS query with its own question and SERVFAIL (RFC 1035 section 4.1.1)."""
    while True:
        query, client = server.recvfrom(4096)
        if len(query) >= 12:
            end = query.find(b"\0", 12) + 5
            server.sendto(query[:2] + bytes([query[2] | 0x80, 2]) + query[4:6] + bytes(6) + query[12:end], client)


def _fill(address: str, port: int) -> list[socket.socket]:
    """A listener whose queue of one is full; the sockets must be kept."""
    kept = [_listen(address, port, 0)]
    for _attempt in range(3):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect_ex((address, port))
        kept.append(sock)
    return kept


def main(config_file: str) -> None:
    """Listen everywhere, go into the background, serve until told to end."""
    config = json.loads(Path(config_file).read_text())
    failing = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    failing.bind((config["servfail"], 53))
    listeners = []
    kept = []
    for peer in config["peers"]:
        if peer["script"] == BLACKHOLE:
            kept += _fill(peer["address"], peer["port"])
        else:
            listeners.append((_listen(peer["address"], peer["port"]), SCRIPTS[peer["script"]], peer["pem"]))
    if os.fork():
        os._exit(0)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    Path(config["pid"]).write_text(f"{os.getpid()}\n")
    threading.Thread(target=_servfail, args=(failing,), daemon=True).start()
    for arguments in listeners:
        threading.Thread(target=_serve, args=arguments, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
