# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that look at the TLS of a mail service as `mailbox_tls_probe` does, and what each says, in the same words.

openssl s_client, gnutls-cli, curl and swaks. What a program does not tell is None, and is not compared.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VERIFIED, UNTRUSTED, NO_TLS, REFUSED = "verified", "untrusted", "no TLS", "refused"
PATIENCE = 600.0
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """One service at one address, and what its certificate has to be good for.

    Attributes:
        service: which.
        address: where.
        name: the host's name, which the certificate has to have; None when the address itself is the host.
        authority: the file with the certification authority.
        records: TLSA records in presentation form, which count in its place.
    """

    service: MailService
    address: str
    name: str | None
    authority: str
    records: tuple[str, ...] = ()

    @property
    def port(self) -> int:
        """Where the service is."""
        return self.service.terms.port


@dataclass(frozen=True)
class Seen:
    """What somebody saw of it.

    Attributes:
        outcome: one of the four words above.
        protocol: of TLS.
        public_key: SHA-256 of the server's public key, in hexadecimal.
        mechanisms: of SASL inside TLS, sorted.
    """

    outcome: str
    protocol: str | None = None
    public_key: str | None = None
    mechanisms: tuple[str, ...] | None = None


def _run(command: Sequence[str]) -> tuple[int, str]:
    done = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def _found(pattern: str, output: str) -> str | None:
    match = re.search(pattern, output)
    return match.group(1) if match else None


def _public_key(output: str) -> str | None:
    shown = _CERTIFICATE.search(output)
    if shown is None:
        return None
    key = x509.load_pem_x509_certificate(shown.group().encode()).public_key()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _starttls(question: Question) -> str | None:
    """The word for STARTTLS that s_client and gnutls-cli have; None with implicit TLS."""
    words = {"imap": "imap", "pop3": "pop3", "sieve": "sieve", "submission": "smtp"}
    return words.get(question.service.value)


def s_client(question: Question) -> Seen:
    """Ask openssl s_client."""
    command = ["openssl", "s_client", "-connect", f"{question.address}:{question.port}", "-CAfile", question.authority]
    if question.name is None:
        command += ["-noservername", "-verify_ip", question.address]
    else:
        command += ["-servername", question.name, "-verify_hostname", question.name]
    for record in question.records:
        command += ["-dane_tlsa_domain", question.name or "", "-dane_tlsa_rrdata", record]
    starttls = _starttls(question)
    _code, output = _run([*command, *(["-starttls", starttls] if starttls else [])])
    if "Connection refused" in output:
        return Seen(REFUSED)
    protocol = _found(r"New, (TLSv1[.0-9]*), Cipher is", output)
    if protocol is None:
        return Seen(NO_TLS)
    outcome = VERIFIED if "Verification: OK\n" in output else UNTRUSTED
    return Seen(outcome, protocol, _public_key(output))


def gnutls_cli(question: Question) -> Seen:
    """Ask gnutls-cli."""
    command = ["gnutls-cli", "--port", str(question.port), "--x509cafile", question.authority]
    command += ["--verify-hostname", question.name or question.address]
    command += ["--sni-hostname", question.name] if question.name else ["--disable-sni"]
    starttls = _starttls(question)
    command += ["--starttls-proto", starttls] if starttls else []
    _code, output = _run([*command, question.address])
    if "Connection refused" in output:
        return Seen(REFUSED)
    trusted = _found(r"- Status: The certificate is (NOT trusted|trusted)", output)
    if trusted is None:
        return Seen(NO_TLS)
    version = _found(r"- Description: \(TLS([.0-9]+)", output)
    outcome = VERIFIED if trusted == "trusted" else UNTRUSTED
    return Seen(outcome, f"TLSv{version}" if version else None, _found(r"sha256:([0-9a-f]{64})", output))


CURL_SCHEMES: Mapping[str, tuple[str, str]] = {
    "imap": ("imap", "CAPABILITY"),
    "imaps": ("imaps", "CAPABILITY"),
    "pop3": ("pop3", "CAPA"),
    "pop3s": ("pop3s", "CAPA"),
    "submission": ("smtp", "NOOP"),
    "submissions": ("smtps", "NOOP"),
}
"""The services that curl knows: its scheme, and a command to send."""


def curl(question: Question) -> Seen:
    """Ask curl."""
    scheme, request = CURL_SCHEMES[question.service.value]
    host = question.name or question.address
    command = ["curl", "--silent", "--show-error", "--verbose", "--ssl-reqd", "--cacert", question.authority, "--request", request]
    command += ["--resolve", f"{host}:{question.port}:{question.address}"] if question.name else []
    code, output = _run([*command, "--write-out", "%{certs}", f"{scheme}://{host}:{question.port}/"])
    protocol = _found(r"SSL connection using (TLSv1[.0-9]*) /", output)
    if code == 0:
        inside = output[output.index("SSL certificate verify ok") :]
        return Seen(VERIFIED, protocol, _public_key(output), _mechanisms(inside))
    return Seen({7: REFUSED, 60: UNTRUSTED}.get(code, NO_TLS))


def _mechanisms(dialogue: str) -> tuple[str, ...]:
    """Out of the lines of a server: AUTH=PLAIN of IMAP, SASL PLAIN of POP3, 250-AUTH PLAIN of SMTP."""
    found = set(re.findall(r"\bAUTH=([^\s\]]+)", dialogue))
    for line in re.findall(r"(?m)^\W*(?:SASL|250[ -]AUTH) (.*?)\r?$", dialogue):
        found.update(line.split())
    return tuple(sorted(found))


def swaks(question: Question) -> Seen:
    """Ask swaks."""
    implicit = question.service is MailService.SUBMISSIONS
    command = ["swaks", "--server", question.address, "--port", str(question.port), "--tls-on-connect" if implicit else "--tls"]
    command += ["--tls-verify", "--tls-ca-path", question.authority, "--quit-after", "EHLO", "--to", "nobody@example.org"]
    _code, output = _run(command)
    if "Connection refused" in output:
        return Seen(REFUSED)
    protocol = _found(r"TLS started with cipher (TLSv1[.0-9]*):", output)
    if protocol is not None:
        return Seen(VERIFIED, protocol, mechanisms=_mechanisms(output[output.index("TLS started") :]))
    return Seen(UNTRUSTED if "certificate verify failed" in output else NO_TLS)


Client = Callable[[Question], Seen]
_ALL = tuple(service for service in MailService if service.terms.announced)
CLIENTS: Mapping[str, tuple[Client, tuple[MailService, ...]]] = {
    "s_client": (s_client, _ALL),
    "gnutls-cli": (gnutls_cli, _ALL),
    "curl": (curl, tuple(service for service in _ALL if service.value in CURL_SCHEMES)),
    "swaks": (swaks, (MailService.SUBMISSION, MailService.SUBMISSIONS)),
}
"""Each program and the services that it can look at."""
