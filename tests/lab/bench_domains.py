# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail domain publishes besides its exchange, for benchmarks: the first domains of `bench.test`, and an nginx for their policies.

`d0001.bench.test` to `d0200.bench.test` have SPF with an include, DMARC, TLSRPT, and MTA-STS whose policy each has at a host with a
certificate of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from . import bench
from .keys import PrivateKey, key_pem, new_key
from .layout import Layout
from .machinery.server import Server

DOMAINS = 200
ADDRESS = "127.0.60.1"
NGINX = """user root;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/temporary; proxy_temp_path {folder}/temporary; fastcgi_temp_path {folder}/temporary;
  uwsgi_temp_path {folder}/temporary; scgi_temp_path {folder}/temporary;
  server {{
    listen {address}:443 ssl;
    ssl_certificate {folder}/$ssl_server_name.pem;
    ssl_certificate_key {folder}/$ssl_server_name.pem;
    default_type text/plain;
    location = /.well-known/mta-sts.txt {{ return 200 "version: STSv1\\r\\nmode: enforce\\r\\nmx: *.{zone}\\r\\nmax_age: 604800\\r\\n"; }}
  }}
}}
"""


def names() -> list[str]:
    """The domains."""
    return [f"d{int(number):04}.{bench.NAME}" for number in range(1, DOMAINS + 1)]


def records(size: int) -> tuple[str, ...]:
    """What the first of `size` domains publish."""
    found = ['_spf TXT "v=spf1 ip4:192.0.2.0/24 -all"']
    for number in range(1, min(size, DOMAINS) + 1):
        name = f"d{int(number):04}"
        found.append(f'{name} TXT "v=spf1 mx include:_spf.{bench.NAME} -all"')
        found.append(f'_dmarc.{name} TXT "v=DMARC1; p=reject; rua=mailto:dmarc@{name}.{bench.NAME}"')
        found.append(f'_smtp._tls.{name} TXT "v=TLSRPTv1; rua=mailto:tls@{name}.{bench.NAME}"')
        found.append(f'_mta-sts.{name} TXT "v=STSv1; id=1"')
        found.append(f"mta-sts.{name} A {ADDRESS}")
    return tuple(found)


def server(layout: Layout) -> Server:
    """Return the nginx; the files with its certificates are among those it reads, and `ca.pem` is who signed them."""
    folder = layout.state / "nginx"
    files = {"nginx.conf": NGINX.format(folder=folder, address=ADDRESS, zone=bench.NAME), **dict(_certificates())}
    command = ("/usr/sbin/nginx", "-c", str(folder / "nginx.conf"))
    return Server("nginx", folder, command, "nginx", files, {"temporary": ""}, addresses=(f"{ADDRESS}:443",), mode=0o600)


def _certificates() -> Iterator[tuple[str, str]]:
    """The authority, and a certificate with its key for each host.

    The authorities of the test network have no key usage, without which Python's own TLS refuses them since 3.13.
    """
    authority, key, name = new_key("ecdsa"), new_key("ecdsa"), "Web Root"
    yield "ca.pem", _signed(name, authority, authority, name)
    for host in (f"mta-sts.{one}" for one in names()):
        yield f"{host}.pem", key_pem(key).decode("ascii") + _signed(name, authority, key, host)


def _signed(issuer: str, by: PrivateKey, key: PrivateKey, name: str) -> str:
    now, is_ca = datetime.now(timezone.utc).replace(tzinfo=None), issuer == name
    subject, signer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer))
    usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False)
    made = (
        x509.CertificateBuilder(signer, subject, key.public_key(), x509.random_serial_number(), now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        .add_extension(x509.KeyUsage(not is_ca, key_cert_sign=is_ca, crl_sign=is_ca, decipher_only=False, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not is_ca:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return made.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode("ascii")
