# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS as a machine without IO: received bytes in, bytes to send and a state out.

OpenSSL works between two memory buffers; beside it the received bytes are kept (bounded) for the passive reader, which
knows what OpenSSL does not tell. A certificate never ends a handshake here: verdicts are made later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Phase, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import (
    EXPORTER_LABEL,
    EXPORTER_LENGTH,
    ChannelBinding,
    server_end_point,
)
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.local_limit import explained
from ansible_collections.mailops.tls.plugins.module_utils._tls.reader import (
    APPLICATION_SECRET,
    HandshakeFacts,
    Ticket,
    read_handshake,
    ticket_behind,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import Flight
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import VerifyError

try:
    from OpenSSL import SSL, crypto
except ImportError:
    pass  # the module names the missing library before anything runs

HANDSHAKE_LIMIT = 256 * 1024
"""Most bytes of one handshake, in either library or reader."""
AFTER_LIMIT = 256 * 1024
"""Most bytes accepted after the handshake: a second EHLO reply and some session tickets."""
_TICKETS_LIMIT = 16 * 1024
"""Bytes after the handshake that are kept to look for session tickets."""
_FLIGHTS_LIMIT = 2 * (HANDSHAKE_LIMIT + AFTER_LIMIT)
"""Most bytes of both directions that are kept for a trace."""
_CHUNK = 32 * 1024


class HandshakeState(Enum):
    """Where a handshake is."""

    RUNNING = "running"
    ESTABLISHED = "established"
    FAILED = "failed"


@dataclass(frozen=True)
class TlsSession:
    """What was negotiated, as far as it is known; also of a handshake that failed half way.

    `errors` are OpenSSL's findings on the chain with the certification authorities of the run, empty when it is
    trusted; `chain` the exact certificates as sent, leaf first, empty for an anonymous session. `alert` is the name of
    the alert with which the server ended the handshake. `ticket_lifetime` is in seconds, None without a session ticket. `resumable`: the
    server gave something to resume the session with. `max_early_data`: octets that its ticket would allow before a handshake.
    """

    established: bool
    protocol: str | None = None
    cipher: str | None = None
    cipher_bits: int | None = None
    group: str | None = None
    signature: str | None = None
    signature_digest: str | None = None
    sni: str | None = None
    alpn: str | None = None
    resumed: bool | None = None
    ticket_lifetime: int | None = None
    max_early_data: int | None = None
    resumable: bool | None = None
    chain: tuple[bytes, ...] = ()
    errors: tuple[VerifyError, ...] = ()
    alert: str | None = None


class Handshake:
    """One TLS client session over memory buffers."""

    def __init__(
        self,
        contexts: TlsContexts,
        *,
        must_match: bool,
        sni: str | None,
        session: Any | None = None,
        keep_flights: bool = False,
        algorithm: KeyRequest = KeyRequest.ANY,
    ) -> None:
        """Prepare a handshake.

        Args:
            session: what `resumable_session` of an earlier one gave, to be offered.
            keep_flights: keep the bytes of both directions, for a trace.
            algorithm: the kind of key to ask the server for.
        """
        self._connection, self._notes = contexts.connection(must_match, algorithm)
        if session is not None:
            self._connection.set_session(session)
        # A server without such a key says so by an alert, and that is an answer.
        self._asked_for_one_kind = algorithm is not KeyRequest.ANY
        self._sni = sni
        if sni:
            self._connection.set_tlsext_host_name(sni.encode("ascii"))
        self._received = bytearray()
        self._most_after = AFTER_LIMIT
        self._after = 0
        self._tickets = bytearray()
        self._flights: list[Flight] | None = [] if keep_flights else None
        self._in_flights = 0
        self.state = HandshakeState.RUNNING

    def advance(self) -> None:
        """Go on with the handshake as far as the received bytes allow.

        Raises:
            ProbeError: `handshake_failed` when it cannot end well.
        """
        if self.state is not HandshakeState.RUNNING:
            return
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return
        except SSL.Error as error:
            self.state = HandshakeState.FAILED
            reason = _reason(error)
            if not self._asked_for_one_kind:
                reason = explained(reason, answered=read_handshake(bytes(self._received), {}).version is not None)
            raise ProbeError(ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE, reason) from error
        self.state = HandshakeState.ESTABLISHED

    def receive(self, data: bytes, phase: Phase) -> None:
        """Take bytes of the peer.

        *phase* is where the dialogue is; it counts once the handshake is over, before that the phase is the handshake.

        Raises:
            ProbeError: `limit_exceeded` when it sends too many.
        """
        self._keep_flight(False, data)
        if self.state is HandshakeState.RUNNING:
            self._received += data
            if len(self._received) > HANDSHAKE_LIMIT:
                self.state = HandshakeState.FAILED
                text = f"a handshake of more than {HANDSHAKE_LIMIT} bytes"
                raise ProbeError(ErrorKind.LIMIT_EXCEEDED, CommonPhase.HANDSHAKE, text)
        else:
            self._after += len(data)
            if len(self._tickets) < _TICKETS_LIMIT:
                self._tickets += data[:_TICKETS_LIMIT]
            if self._after > self._most_after:
                text = f"more than {self._most_after} bytes after the handshake"
                raise ProbeError(ErrorKind.LIMIT_EXCEEDED, phase, text)
        if data:
            self._connection.bio_write(data)

    def expect(self, more: int) -> None:
        """Accept so many bytes more after the handshake: who reads messages needs more than who asks for capabilities."""
        self._most_after += more

    def to_send(self) -> bytes:
        """Return and remove the bytes that have to go to the peer now."""
        chunks: list[bytes] = []
        while not chunks or len(chunks[-1]) == _CHUNK:  # less than that was all there is
            try:
                chunks.append(self._connection.bio_read(_CHUNK))
            except SSL.Error:  # WantReadError: nothing left; anything else: nothing more will come
                break
        data = b"".join(chunks)
        self._keep_flight(True, data)
        return data

    def _keep_flight(self, sent: bool, data: bytes) -> None:
        room = _FLIGHTS_LIMIT - self._in_flights
        if self._flights is not None and data and room > 0:
            self._flights.append(Flight(sent, bytes(data[:room])))
            self._in_flights += len(self._flights[-1].data)

    @property
    def flights(self) -> tuple[Flight, ...]:
        """The bytes of both directions so far, in their order, if they are kept."""
        return tuple(self._flights or ())

    @property
    def secrets(self) -> Mapping[str, bytes]:
        """The session's secrets by their key-log labels."""
        return self._notes.secrets

    def close(self) -> bytes:
        """Return the bytes that end the session (close_notify; the peer's is not awaited)."""
        if self.state is HandshakeState.ESTABLISHED:
            try:
                self._connection.shutdown()
            except SSL.Error:
                pass  # the session is ending either way
        return self.to_send()

    def encrypt(self, data: bytes, phase: Phase) -> bytes:
        """Return the bytes that carry *data* to the peer.

        Raises:
            ProbeError: `disconnected` in *phase*.
        """
        try:
            self._connection.sendall(data)
        except SSL.Error as error:
            raise ProbeError(ErrorKind.DISCONNECTED, phase, f"TLS: {_reason(error)}") from error
        return self.to_send()

    def decrypt(self, phase: Phase) -> bytes:
        """Return what the peer said so far; empty when nothing is complete yet.

        Raises:
            ProbeError: `disconnected` in *phase* when the peer ended the session.
        """
        chunks = []
        while True:
            try:
                chunks.append(self._connection.recv(_CHUNK))
            except SSL.WantReadError:
                return b"".join(chunks)
            except SSL.Error as error:
                if chunks:
                    return b"".join(chunks)
                text = f"the server ended the TLS session: {_reason(error)}"
                raise ProbeError(ErrorKind.DISCONNECTED, phase, text) from error

    def resumable_session(self) -> Any | None:
        """Return OpenSSL's session to offer in a later handshake, or None when the server gave nothing to resume it with."""
        if self.state is not HandshakeState.ESTABLISHED:
            return None
        facts = read_handshake(bytes(self._received), self._notes.secrets)
        return self._connection.get_session() if _is_resumable(facts, self._ticket(facts)) else None

    def _ticket(self, facts: HandshakeFacts) -> Ticket | None:
        """The server's first ticket; None where none has come by now."""
        if facts.version != "TLSv1.3":
            return None if facts.ticket_lifetime is None else Ticket(facts.ticket_lifetime)
        secret = self._notes.secrets.get(APPLICATION_SECRET)
        return ticket_behind(bytes(self._tickets), facts.suite, secret) if secret and self._tickets else None

    def session(self) -> TlsSession:
        """Return what is known of the session, whatever state it is in."""
        facts = read_handshake(bytes(self._received), self._notes.secrets)
        established = self.state is HandshakeState.ESTABLISHED
        connection = self._connection
        signature, ticket = facts.signature, self._ticket(facts)
        return TlsSession(
            established=established,
            protocol=_version(connection.get_protocol_version_name()) if established else facts.version,
            cipher=connection.get_cipher_name() if established else None,
            cipher_bits=connection.get_cipher_bits() if established else None,
            group=facts.group,
            signature=signature.algorithm if signature else None,
            signature_digest=signature.digest if signature else None,
            sni=self._sni,
            alpn=facts.alpn,
            resumed=facts.resumed,
            ticket_lifetime=ticket.lifetime if ticket else None,
            max_early_data=ticket.early_data if ticket else None,
            resumable=_is_resumable(facts, ticket) if established else None,
            chain=self._chain(facts),
            errors=tuple(self._notes.errors),
            alert=facts.alert,
        )

    def channel_bindings(self) -> tuple[ChannelBinding, ...]:
        """Return what ties a login to this session (RFC 9266, RFC 5929), the best first; nothing before it stands."""
        if self.state is not HandshakeState.ESTABLISHED:
            return ()
        session = self.session()
        found = [_of_session(self._connection, session)]
        if session.chain:
            leaf = Certificate(session.chain[0])
            found.append(server_end_point(leaf.der, leaf.signature.digest if leaf.signature else None))
        return tuple(one for one in found if one is not None)

    def _chain(self, facts: HandshakeFacts) -> tuple[bytes, ...]:
        """The certificates off the wire; the library's copy where the reader could not follow."""
        if facts.chain is not None:
            return facts.chain
        certificates = self._connection.get_peer_cert_chain() or []
        return tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate) for certificate in certificates)


def _of_session(connection: Any, session: TlsSession) -> ChannelBinding | None:
    """TLS 1.3 exports one (RFC 9266); before it is the first Finished message, the server's when a session was resumed (RFC 5929)."""
    if session.protocol == "TLSv1.3":
        return ChannelBinding("tls-exporter", connection.export_keying_material(EXPORTER_LABEL, EXPORTER_LENGTH, b""))
    finished = connection.get_peer_finished() if session.resumed else connection.get_finished()
    return ChannelBinding("tls-unique", finished) if finished else None


def _is_resumable(facts: HandshakeFacts, ticket: Ticket | None) -> bool:
    """Whether the server gave something to resume the session with; in TLS 1.3 that is a ticket and nothing else."""
    return ticket is not None if facts.version == "TLSv1.3" else facts.resumable


def _version(name: str) -> str:
    return {"TLSv1.0": "TLSv1"}.get(name, name)


def _reason(error: Exception) -> str:
    """One line out of an OpenSSL error: the reasons in its queue, or what the exception says."""
    queue = error.args[0] if error.args and isinstance(error.args[0], (list, tuple)) else None
    if queue:
        return clean("; ".join(str(entry[2]) for entry in queue if len(entry) > 2 and entry[2]), 300)
    return clean(" ".join(str(arg) for arg in error.args) or "closed", 300)
