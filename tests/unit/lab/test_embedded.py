# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded network serves what its scenarios say, seen with dnspython, smtplib and ssl instead of our own probe."""

from __future__ import annotations

import hashlib
import imaplib
import json
import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

pytest.importorskip("aiosmtpd")
pytest.importorskip("dns", minversion="2.3")

import dns.flags  # noqa: E402
import dns.message  # noqa: E402
import dns.query  # noqa: E402
import dns.rcode  # noqa: E402
import dns.rdatatype  # noqa: E402
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402

LAB = Path(__file__).resolve().parents[2] / "lab"
START_SECONDS = 600


class Network:
    """One running network, and questions to it."""

    def __init__(self, state: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-m", "embedded", "--state", str(state)],
            env=dict(os.environ, PYTHONPATH=str(LAB)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"
        self.lab: dict[str, Any] = json.loads((state / "lab.json").read_text(encoding="utf-8"))
        self.port: int = self.lab["port"]

    def ask(self, name: str, rdtype: str, tcp: bool = False, **options: Any) -> dns.message.Message:
        """Return the resolver's reply; asks for DNSSEC unless told otherwise."""
        address, port = self.lab["nameserver"].split("@")
        query = dns.message.make_query(name, rdtype, want_dnssec=options.pop("want_dnssec", True), **options)
        exchange = dns.query.tcp if tcp else dns.query.udp
        return exchange(query, address, port=int(port), timeout=START_SECONDS)

    def texts(self, name: str, rdtype: str) -> list[str]:
        """Return the records of a name as sorted texts."""
        return sorted(str(rdata) for rrset in self.ask(name, rdtype).answer for rdata in rrset)

    def tlsa(self, host: str) -> list[str]:
        """Return the TLSA records of a mail server."""
        return self.texts(f"_{self.port}._tcp.{host}", "TLSA")

    def session(self, host: str) -> smtplib.SMTP:
        """Return an SMTP session with a mail server, found through DNS, after EHLO."""
        session = smtplib.SMTP(self.texts(host, "A")[0], self.port, "probe.example", timeout=START_SECONDS)
        session.ehlo()
        return session

    def certificate(self, host: str) -> x509.Certificate:
        """Return the certificate that a mail server shows after STARTTLS, unverified."""
        context = ssl.create_default_context(cafile=self.lab["ca_file"])
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with self.session(host) as session:
            session.starttls(context=context)
            assert isinstance(session.sock, ssl.SSLSocket)
            der = session.sock.getpeercert(binary_form=True)
        assert der is not None
        return x509.load_der_x509_certificate(der)


def key_digest(certificate: x509.Certificate) -> str:
    """Return the association data that names a certificate's key."""
    info = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(info).hexdigest()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """One network for all tests; ends with its standard input."""
    running = Network(tmp_path_factory.mktemp("lab"))
    yield running
    running.process.communicate(timeout=START_SECONDS)
    assert running.process.returncode == 0


def test_secure_zone_is_told_with_ad(network: Network) -> None:
    reply = network.ask("dane-verified.example", "MX")
    assert reply.flags & dns.flags.AD and reply.flags & dns.flags.RA
    assert network.texts("dane-verified.example", "MX") == ["10 mx.dane-verified.example."]
    assert network.texts("mx.dane-verified.example", "A") == ["127.0.10.1"]


def test_ad_is_told_only_to_those_who_ask_for_it(network: Network) -> None:
    assert not network.ask("dane-verified.example", "MX", want_dnssec=False).flags & dns.flags.AD
    asked = network.ask("dane-verified.example", "MX", want_dnssec=False, flags=dns.flags.RD | dns.flags.AD)
    assert asked.flags & dns.flags.AD
    unchecked = network.ask("dane-verified.example", "MX", flags=dns.flags.RD | dns.flags.CD)
    assert not unchecked.flags & dns.flags.AD


def test_insecure_zone_has_no_ad(network: Network) -> None:
    reply = network.ask("pkix-verified.example", "MX")
    assert reply.rcode() == dns.rcode.NOERROR and reply.answer
    assert not reply.flags & dns.flags.AD


def test_absence_has_two_forms_and_an_soa(network: Network) -> None:
    nodata = network.ask("mx.dane-verified.example", "AAAA")
    assert (nodata.rcode(), nodata.answer) == (dns.rcode.NOERROR, [])
    empty = network.ask("_tcp.mx.dane-verified.example", "TLSA")
    assert (empty.rcode(), empty.answer) == (dns.rcode.NOERROR, [])
    missing = network.ask("nowhere.dane-verified.example", "A")
    assert missing.rcode() == dns.rcode.NXDOMAIN
    for reply in (nodata, empty, missing):
        assert [rrset.rdtype for rrset in reply.authority] == [dns.rdatatype.SOA]
    assert network.ask("else.test", "A").rcode() == dns.rcode.NXDOMAIN


def test_scripted_failure_is_servfail_for_that_type_only(network: Network) -> None:
    owner = f"_{network.port}._tcp.mx.tlsa-broken.example"
    assert network.ask(owner, "TLSA").rcode() == dns.rcode.SERVFAIL
    assert network.ask("mx.tlsa-broken.example", "A").flags & dns.flags.AD


def test_tcp_says_the_same_as_udp(network: Network) -> None:
    owner = f"_{network.port}._tcp.mx.dane-rollover.example"
    assert network.ask(owner, "TLSA", tcp=True).answer == network.ask(owner, "TLSA").answer


def test_published_keys_are_those_the_scenarios_say(network: Network) -> None:
    served = {
        name: "3 1 1 " + key_digest(network.certificate(f"mx.{name}.example"))
        for name in ("dane-verified", "dane-stale", "dane-rollover")
    }
    assert network.tlsa("mx.dane-verified.example") == [served["dane-verified"]]
    stale = network.tlsa("mx.dane-stale.example")
    assert len(stale) == 1 and stale != [served["dane-stale"]]
    rollover = network.tlsa("mx.dane-rollover.example")
    assert len(rollover) == 2 and served["dane-rollover"] in rollover
    assert [record[:6] for record in network.tlsa("mx.dane-ta-expired.example")] == ["2 1 1 "]


def test_trusted_chain_verifies_with_the_name(network: Network) -> None:
    context = ssl.create_default_context(cafile=network.lab["ca_file"])
    with smtplib.SMTP(timeout=START_SECONDS) as session:
        # The name to verify, and the address to connect to, as a caller of smtplib must set them apart.
        session.connect("127.0.10.9", network.port)
        session._host = "mx.pkix-verified.example"  # type: ignore[attr-defined]
        assert session.starttls(context=context)[0] == 220
        session.ehlo()
        assert session.mail("")[0] == 250
        assert session.rcpt("someone@pkix-verified.example")[0] == 550


@pytest.mark.parametrize(
    ("host", "reason"),
    [("mx.dane-ta-expired.example", "expired"), ("mx.self-signed.example", "self.signed certificate")],
)
def test_bad_certificates_do_not_verify(network: Network, host: str, reason: str) -> None:
    context = ssl.create_default_context(cafile=network.lab["ca_file"])
    session = network.session(host)
    session._host = host  # type: ignore[attr-defined]
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        session.starttls(context=context)
    session.close()


def test_starttls_is_offered_except_where_it_is_not(network: Network) -> None:
    with network.session("mx.dane-verified.example") as session:
        assert session.has_extn("starttls") and session.has_extn("size")
    with network.session("mx.no-starttls.example") as session:
        assert not session.has_extn("starttls") and session.has_extn("size")


def test_dead_exchange_refuses_and_its_backup_answers(network: Network) -> None:
    assert network.texts("dead-primary.example", "MX") == [
        "10 mx1.dead-primary.example.",
        "20 mx2.dead-primary.example.",
    ]
    with pytest.raises(ConnectionRefusedError):
        network.session("mx1.dead-primary.example")
    with network.session("mx2.dead-primary.example") as session:
        assert session.has_extn("starttls")


def test_null_mx(network: Network) -> None:
    assert network.texts("null-mx.example", "MX") == ["0 ."]


def mailbox_of(network: Network, name: str) -> dict[str, Any]:
    """Return what lab.json says of a mailbox scenario."""
    return next(one for one in network.lab["mailboxes"] if one["name"] == name)


def trusting(network: Network) -> ssl.SSLContext:
    """Return a client's context that trusts the demo's authority; the name is not looked up, so it is not checked."""
    context = ssl.create_default_context(cafile=network.lab["ca_file"])
    context.check_hostname = False
    return context


def imap(network: Network, name: str) -> imaplib.IMAP4:
    """Return an IMAP session of imaplib's, before TLS."""
    mailbox = mailbox_of(network, name)
    return imaplib.IMAP4(network.texts(mailbox["host"], "A")[0], mailbox["imap_port"], timeout=START_SECONDS)


def submission(network: Network, name: str) -> smtplib.SMTP:
    """Return a submission session of smtplib's, inside TLS."""
    session = network.session(mailbox_of(network, name)["host"])
    session.starttls(context=trusting(network))
    session.ehlo()
    return session


def send(network: Network, name: str, session: smtplib.SMTP) -> None:
    """Send a message to oneself, with a line that begins with a dot."""
    session.login(network.lab["username"], network.lab["password"])
    message = "Subject: a test\r\nX-Probe: 1\r\n\r\none\r\n.two\r\n"
    session.sendmail("", [mailbox_of(network, name)["recipient"]], message)


def test_what_is_submitted_is_in_the_mailbox_until_it_is_removed(network: Network) -> None:
    with submission(network, "mailbox") as sending:
        assert sending.esmtp_features["auth"].split() == ["LOGIN", "PLAIN", "SCRAM-SHA-256"]
        assert sending.mail("")[0] == 530
        sending.rset()
        send(network, "mailbox", sending)
        assert sending.mail("")[0] == 250 and sending.rcpt("nobody@mailbox.example")[0] == 550
    with imap(network, "mailbox") as reading:
        assert "LOGINDISABLED" in reading.capabilities and not any(word.startswith("AUTH=") for word in reading.capabilities)
        reading.starttls(ssl_context=trusting(network))
        assert "AUTH=SCRAM-SHA-256" in reading.capabilities
        reading.login(network.lab["username"], network.lab["password"])
        assert reading.select("Junk")[0] == "NO"
        assert reading.select("INBOX") == ("OK", [b"1"])
        assert reading.uid("SEARCH", "HEADER", "X-Probe", '"1"') == ("OK", [b"1"])
        assert reading.uid("SEARCH", "HEADER", "X-Probe", '"2"') == ("OK", [b""])
        message = cast(list[tuple[bytes, bytes]], reading.fetch("1", "(FLAGS BODY.PEEK[])")[1])[0][1]
        assert b"with ESMTPSA id" in message and message.endswith(b"\r\n\r\none\r\n.two\r\n")
        assert reading.uid("STORE", "1", "+FLAGS", "(\\Deleted)")[0] == "OK"
        assert reading.uid("EXPUNGE", "1")[0] == "OK"
        assert reading.select("INBOX") == ("OK", [b"0"])


def test_mail_can_be_lost(network: Network) -> None:
    with submission(network, "lost-mail") as sending:
        send(network, "lost-mail", sending)
    with imap(network, "lost-mail") as reading:
        reading.starttls(ssl_context=trusting(network))
        words = f"\0{network.lab['username']}\0{network.lab['password']}".encode()
        assert reading.authenticate("PLAIN", lambda challenge: words)[0] == "OK"
        assert reading.select("INBOX") == ("OK", [b"0"])


def test_a_wrong_password_is_told_as_such(network: Network) -> None:
    with imap(network, "wrong-password") as reading:
        reading.starttls(ssl_context=trusting(network))
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            reading.login(network.lab["username"], network.lab["password"])
    with submission(network, "wrong-password") as sending, pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
        sending.login(network.lab["username"], network.lab["password"])


def test_passwords_are_taken_in_the_clear_where_there_is_no_tls(network: Network) -> None:
    with imap(network, "mailbox-in-clear") as reading:
        assert "STARTTLS" not in reading.capabilities and "AUTH=PLAIN" in reading.capabilities
        assert reading.login(network.lab["username"], network.lab["password"])[0] == "OK"
    with network.session(mailbox_of(network, "mailbox-in-clear")["host"]) as sending:
        assert not sending.has_extn("starttls") and sending.has_extn("auth")
        assert sending.mail("")[0] == 250 and sending.rcpt("anna@mailbox-in-clear.example")[0] == 530


def test_plaintext_behind_starttls_is_dropped(network: Network) -> None:
    mailbox = mailbox_of(network, "mailbox")
    address = network.texts(mailbox["host"], "A")[0]
    with socket.create_connection((address, mailbox["imap_port"]), timeout=START_SECONDS) as stream:
        reader = stream.makefile("rb")
        assert reader.readline().startswith(b"* OK [CAPABILITY ")
        stream.sendall(b"a STARTTLS\r\nb NOOP\r\n")
        assert reader.readline() == b"a OK begin TLS\r\n"
        context = trusting(network)
        with context.wrap_socket(stream) as inside:
            inside.sendall(b"c NOOP\r\n")
            assert inside.recv(100) == b"c OK done\r\n"


def test_nonsense_does_not_stop_the_resolver(network: Network) -> None:
    address, port = network.lab["nameserver"].split("@")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in (b"", b"\x00", b"\xff" * 40, network.ask("null-mx.example", "MX").to_wire()):
            sender.sendto(datagram, (address, int(port)))
    with socket.create_connection((address, int(port)), timeout=START_SECONDS) as stream:
        stream.sendall(b"\x00\x04abcd")
        assert stream.recv(1) == b""
    assert network.texts("null-mx.example", "MX") == ["0 ."]


def test_two_networks_live_side_by_side_and_a_signal_leaves_nothing(network: Network, tmp_path: Path) -> None:
    state = tmp_path / "second"
    second = Network(state)
    try:
        assert second.port != network.port
        assert second.texts("null-mx.example", "MX") == ["0 ."]
    finally:
        second.process.send_signal(signal.SIGTERM)
        second.process.communicate(timeout=START_SECONDS)
    assert second.process.returncode == 0
    assert not state.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.10.1", second.port), timeout=START_SECONDS)


def test_network_ends_with_its_parent(tmp_path: Path) -> None:
    state = tmp_path / "orphan"
    start = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-B', '-m', 'embedded', '--state', sys.argv[1]],\n"
        "                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", start, str(state)],
        env=dict(os.environ, PYTHONPATH=str(LAB)),
        capture_output=True,
        timeout=START_SECONDS,
        check=True,
    )
    assert int(parent.stdout) > 0
    deadline = time.monotonic() + START_SECONDS
    while state.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not state.exists()
