# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP server with implicit TLS that has SCRAM-PLUS, which Dovecot 2.3 lacks, and writes down every line that it hears.

`binding_server.py PID LOG CHAIN USER PASSWORD ADDRESS:PORT=BINDING...`; the bindings are tls-exporter (TLS 1.3), tls-unique (TLS 1.2),
tls-server-end-point, and `elsewhere`: what a server has that sits behind somebody in the middle. It goes into the background once it
listens.
"""

from __future__ import annotations

import base64
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Callable

sys.path.insert(0, os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(Path(__file__).resolve().parents[8]))
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding, server_end_point  # noqa: E402
from ansible_collections.mailops.tls.tests.unit.servers.scram_server import ScramServer  # noqa: E402
from OpenSSL import SSL, crypto  # noqa: E402

OFFERED = "SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN EXTERNAL"
LIFETIME = 60.0
_WRITING = threading.Lock()


class Connection:
    """One client."""

    def __init__(self, tls: SSL.Connection, log: Path, binding: ChannelBinding, passwords: dict[str, str]) -> None:
        self._tls, self._log, self._binding, self._passwords = tls, log, binding, passwords
        self._text = b""

    def serve(self) -> None:
        """Greet, list, and log in."""
        self._say("* OK ready")
        while words := self._hear().split():
            tag, command = words[0], words[1].upper() if len(words) > 1 else ""
            if command == "CAPABILITY":
                listed = " ".join(f"AUTH={name}" for name in OFFERED.split())
                self._say(f"* CAPABILITY IMAP4rev1 SASL-IR {listed}", f"{tag} OK")
            elif command == "AUTHENTICATE":
                self._say(f"{tag} {self._login(words[2].upper(), words[3] if len(words) > 3 else None)}")
            elif command == "LOGOUT":
                self._say("* BYE", f"{tag} OK")
                return
            else:
                self._say(f"{tag} BAD what?")

    def _login(self, name: str, initial: str | None) -> str:
        if initial is None:
            self._say("+ ")
            initial = self._hear()
        if name == "EXTERNAL":
            self._hear()  # says nothing at all, as some do without a certificate
        if name == "PLAIN":
            _acting, user, password = base64.b64decode(initial).decode().split("\0")
            return "OK in" if self._passwords.get(user) == password else "NO [AUTHENTICATIONFAILED] out"
        bound = self._binding if name.endswith("-PLUS") else None
        scram = ScramServer(name, self._passwords, binding=bound, offers_plus="-PLUS" in OFFERED)
        first = scram.first(base64.b64decode(initial))
        self._challenge(first)
        answer = self._hear()
        if first.startswith(b"e=") or answer == "*":
            return "NO [AUTHENTICATIONFAILED] out"
        self._challenge(scram.final(base64.b64decode(answer)))
        self._hear()
        return "OK in" if scram.accepted else "NO [AUTHENTICATIONFAILED] out"

    def _challenge(self, data: bytes) -> None:
        self._say("+ " + base64.b64encode(data).decode())

    def _say(self, *lines: str) -> None:
        self._tls.sendall("".join(line + "\r\n" for line in lines).encode())

    def _hear(self) -> str:
        while b"\n" not in self._text:
            self._text += self._tls.recv(4096)
        line, _newline, self._text = self._text.partition(b"\n")
        with _WRITING, self._log.open("ab") as log:
            log.write(line + b"\n")
        return line.decode().strip()


def binding_of(tls: SSL.Connection, name: str, certificate: bytes) -> ChannelBinding:
    """Return the server's side of a binding, by the library and not by the code that is tested."""
    if name == "tls-unique":
        return ChannelBinding(name, tls.get_peer_finished())
    if name == "tls-server-end-point":
        found = server_end_point(certificate, "sha256")
        assert found is not None
        return found
    data = tls.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"") if name == "tls-exporter" else bytes(32)
    return ChannelBinding("tls-exporter", data)


def listen(context: SSL.Context, place: str, log: Path, passwords: dict[str, str], certificate: bytes) -> Callable[[], None]:
    """Listen at ADDRESS:PORT=BINDING; what this returns takes connections for ever."""
    where, _equals, name = place.partition("=")
    address, _colon, port = where.rpartition(":")
    sock = socket.create_server((address, int(port)))

    def converse(client: socket.socket) -> None:
        client.settimeout(LIFETIME)
        client.setblocking(True)
        tls = SSL.Connection(context, client)
        tls.set_accept_state()
        try:
            tls.do_handshake()
            Connection(tls, log, binding_of(tls, name, certificate), passwords).serve()
        except (SSL.Error, OSError, ValueError):
            pass  # the client is gone, or says what nobody understands
        finally:
            client.close()

    def accept() -> None:
        while True:
            client, _peer = sock.accept()
            threading.Thread(target=converse, args=(client,), daemon=True).start()

    return accept


def context_for(chain: Path, highest: int | None) -> SSL.Context:
    """Return the server's context, up to a version of TLS."""
    context = SSL.Context(getattr(SSL, "TLS_METHOD", SSL.SSLv23_METHOD))
    context.use_certificate_chain_file(str(chain))
    context.use_privatekey_file(str(chain))
    if highest is not None:
        context.set_max_proto_version(highest)
    return context


def main() -> None:
    """Listen, then go into the background."""
    pid, log, chain, user, password, *places = sys.argv[1:]
    certificate = crypto.dump_certificate(crypto.FILETYPE_ASN1, crypto.load_certificate(crypto.FILETYPE_PEM, Path(chain).read_bytes()))
    contexts = {name: context_for(Path(chain), SSL.TLS1_2_VERSION if name == "tls-unique" else None) for name in (
        "tls-exporter", "tls-unique", "tls-server-end-point", "elsewhere")}  # fmt: skip
    accepting = [listen(contexts[one.partition("=")[2]], one, Path(log), {user: password}, certificate) for one in places]
    if os.fork():
        os._exit(0)
    os.setsid()
    Path(pid).write_text(f"{os.getpid()}\n", encoding="ascii")
    for accept in accepting:  # threads do not outlive a fork
        threading.Thread(target=accept).start()


if __name__ == "__main__":
    main()
