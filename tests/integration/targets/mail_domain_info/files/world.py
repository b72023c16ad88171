# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail domains, good and bad ones, in a signed DNS, with Postfix, Dovecot, and nginx for what they have on the web.

By hand, as root: `world.py start FOLDER`, `world.py stop FOLDER`.

Servers that must be taken for everybody's have addresses of a network that is global and that nobody routes here (RFC 7535). They are
on the loopback interface.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(Path(__file__).resolve().parents[8]))
from ansible_collections.mailops.tls.tests.lab import zones  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.authorities import Identity, Pki  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.case import Delegation, Leaf, Zone  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.keys import key_pem  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.namespace import Namespace  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.nsd import nsd, zone_clauses  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.postfix import MASTER_CF, overrides, postfix  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.server import Server  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.unbound import unbound  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.mail_server import PARAMETERS  # noqa: E402

HERE = Namespace()
RESOLVER, NAME_SERVER, LAGGING, PRIVATE = (f"127.0.56.{number}" for number in (1, 2, 3, 80))
MAIL, WEB, PLAIN = (f"192.31.196.{number}" for number in (25, 26, 27))
SERVERS = ("192.0.2.53", "198.51.100.53")
"""The name servers of the documentation's examples, which have what NAME_SERVER has."""
ADDRESSES = (*SERVERS, MAIL, WEB, PLAIN)
EXPECTED = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"
"""The record that an example of the documentation expects: a key that is cut short."""
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
STS, RPT = '_mta-sts TXT "v=STSv1; id=1"', '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.org"'
REJECT = '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"'
WEB_CASES = ("redirect", "slow", "huge", "bomb", "type", "private", "tls", "loop", "entity", "many", "several")
"""Domains that differ in what their web servers do, all below web.org."""


def good(name: str) -> tuple[str, ...]:
    """The records of a domain with which nothing is wrong."""
    return (
        f"@ MX 10 mx.{name}.", f"mx A {MAIL}", '@ TXT "v=spf1 mx ip4:192.0.2.25 -all"', REJECT, STS, RPT,
        f'mail2026._domainkey TXT "{KEY}"', f"mta-sts A {WEB}", f"autoconfig A {WEB}", '@ CAA 0 issue "example.net"',
        *(f'{other}._report._dmarc TXT "v=DMARC1"' for other in ("example.org", "example.net", "null.org")),
        f"mail A {MAIL}", f"_imaps._tcp SRV 0 1 993 mail.{name}.", f"_submissions._tcp SRV 0 1 465 mail.{name}.",
    )  # fmt: skip


BAD = (
    "@ MX 10 mx", "@ MX 20 alias", "@ MX 30 gone", f"mx A {PLAIN}", "mx A 10.0.0.1", "alias CNAME mx", '@ TXT "v=spf1 +all"',
    '@ TXT "v=spf1 mx -all"', '_dmarc TXT "v=DMARC1; p=none"', 'a._domainkey TXT "v=DKIM1; p="', '_mta-sts TXT "v=STSv1"',
    '_smtp._tls TXT "v=TLSRPTv1"', f"_25._tcp.mx TLSA 3 1 1 {'00' * 32}", '@ CAA 0 issue "no domain"', "_imap._tcp SRV 0 1 993 nowhere",
    f"autoconfig A {PLAIN}",
)  # fmt: skip
EXAMPLE_NET = ("2.0.0.127.zen A 127.0.0.2", "25.2.0.192.zen A 127.0.0.4", '25.2.0.192.zen TXT "listed for tests"')
REVERSE = ("25.196.31.192 PTR mx.example.org.", "25.2.0.192 PTR host.example.org.")


def web_records() -> tuple[str, ...]:
    """The records of all domains below web.org."""
    made: list[str] = []
    for name in WEB_CASES:
        address = PRIVATE if name == "private" else WEB
        made += [f'_mta-sts.{name} TXT "v=STSv1; id=1"', f"{name} MX 10 mx.example.org.", f"mta-sts.{name} A {address}"]
        made.append(f"autoconfig.{name} A {address}")
    return tuple(made)


def all_zones(leaf: Identity | None, example: tuple[str, ...]) -> zones.ZoneSet:
    """All zones, with TLSA records where there is a certificate."""
    tlsa = () if leaf is None else (f"_25._tcp.mx TLSA 3 1 1 {zones.association_data(1, 1, leaf).hex()}",)
    host = ("host A 192.0.2.25", f'key1._domainkey TXT "{EXPECTED}"')
    wanted = [
        Zone("org", ()),
        Zone("net", ()),
        Zone("example.org", (*example, *tlsa, *host)),
        Zone("example.net", (*good("example.net"), *tlsa, *EXAMPLE_NET)),
        Zone("bad.org", BAD),
        Zone("null.org", ("@ MX 0 .", '@ TXT "v=spf1 -all"', REJECT)),
        Zone("bogus.org", good("bogus.org"), Delegation.BOGUS_DS),
        Zone("web.org", web_records()),
        Zone("in-addr.arpa", REVERSE),
    ]
    return zones.build(wanted, NAME_SERVER)


def policy(domain: str, exchange: str = "mx.example.org") -> str:
    """A policy of MTA-STS."""
    return f"version: STSv1\r\nmode: enforce\r\nmx: {exchange}\r\nmx: mx.{domain}\r\nmax_age: 604800\r\n"


def settings_document(domain: str, servers: int = 1, head: str = "") -> str:
    """A document of autoconfig."""
    one = "<incomingServer type='imap'><hostname>mail.{}</hostname><port>993</port><socketType>SSL</socketType></incomingServer>"
    host = "example.org" if domain.endswith("web.org") else domain
    inner = one.format(host) + "".join(one.format(f"m{number}.web.org") for number in range(1, servers))
    return f"{head}<clientConfig version='1.1'><emailProvider id='{domain}'><domain>{domain}</domain>{inner}</emailProvider></clientConfig>"


def write_pages(folder: Path) -> None:
    """Write what nginx serves: a folder a host."""
    pages: dict[str, bytes] = {}
    for domain in ("example.org", "example.net", *(f"{name}.web.org" for name in WEB_CASES)):
        pages[f"mta-sts.{domain}/.well-known/mta-sts.txt"] = policy(domain).encode()
        pages[f"autoconfig.{domain}/mail/config-v1.1.xml"] = settings_document(domain).encode()
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9)
    ) + "]>"
    pages["autoconfig.entity.web.org/mail/config-v1.1.xml"] = settings_document("entity.web.org", head=bomb).encode()
    for name, number in (("many", 10_000), ("several", 200)):
        pages[f"autoconfig.{name}.web.org/mail/config-v1.1.xml"] = settings_document(f"{name}.web.org", number).encode()
    for name, size in (("slow", 500), ("huge", 100_000)):
        pages[f"mta-sts.{name}.web.org/.well-known/mta-sts.txt"] = policy("x.org").encode() + b"mx: a.example.org\r\n" * size
    pages["mta-sts.bomb.web.org/.well-known/mta-sts.txt"] = gzip.compress(policy("x.org").encode() + b"\r\n" * 20_000_000)
    for name, content in pages.items():
        path = folder / "www" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


NGINX = """user root;
worker_processes 1;
pid {own}/pid;
error_log {own}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log {own}/access.log combined;
  log_format private "$host $request";
  client_body_temp_path {own}/body; proxy_temp_path {own}/proxy; fastcgi_temp_path {own}/fastcgi;
  uwsgi_temp_path {own}/uwsgi; scgi_temp_path {own}/scgi;
  types {{ application/xml xml; text/plain txt; }}
  server_tokens off;
  root {folder}/www/$host;
  ssl_certificate {folder}/web.pem;
  ssl_certificate_key {folder}/web.pem;
  server {{ listen {web}:443 ssl default_server; listen {web}:80 default_server; server_name _; }}
  server {{ listen {private}:443 ssl default_server; listen {private}:80 default_server; access_log {own}/private.log private; }}
  server {{ listen {web}:443 ssl; server_name mta-sts.redirect.web.org; return 301 https://mta-sts.example.org$request_uri; }}
  server {{ listen {web}:443 ssl; server_name autoconfig.redirect.web.org; return 302 https://autoconfig.example.org$request_uri; }}
  server {{ listen {web}:443 ssl; server_name autoconfig.private.web.org; return 302 https://autoconfig.private.web.org/x; }}
  server {{ listen {web}:443 ssl; listen {web}:80; server_name autoconfig.loop.web.org; return 302 $scheme://$host$request_uri; }}
  server {{ listen {web}:443 ssl; server_name mta-sts.slow.web.org; limit_rate 100; }}
  server {{ listen {web}:443 ssl; server_name mta-sts.bomb.web.org; add_header Content-Encoding gzip; }}
  server {{ listen {web}:443 ssl; server_name mta-sts.type.web.org; types {{ }} default_type text/html; }}
  server {{
    listen {web}:443 ssl; server_name mta-sts.tls.web.org autoconfig.tls.web.org;
    ssl_certificate {folder}/wrong.pem; ssl_certificate_key {folder}/wrong.pem;
  }}
}}
"""
DOVECOT = """base_dir = {own}/run
state_dir = {own}/state
log_path = {own}/log
instance_name = domains
protocols = imap
listen = {mail}
ssl = required
ssl_cert = <{folder}/mail.pem
ssl_key = <{folder}/mail.pem
mail_location = maildir:{own}/mail
passdb {{
  driver = passwd-file
  args = {own}/users
}}
userdb {{
  driver = passwd-file
  args = {own}/users
}}
"""


def nginx(folder: Path) -> Server:
    """The web server of all domains."""
    own = folder / "nginx"
    text = NGINX.format(own=own, folder=folder, web=WEB, private=PRIVATE)
    ready = tuple(f"{address}:{port}" for address in (WEB, PRIVATE) for port in (80, 443))
    return Server("nginx", own, ("/usr/sbin/nginx", "-c", str(own / "nginx.conf")), "nginx", {"nginx.conf": text}, addresses=ready)


def dovecot(folder: Path) -> Server:
    """IMAP."""
    own = folder / "dovecot"
    text = DOVECOT.format(own=own, folder=folder, mail=MAIL)
    command = ("/usr/sbin/dovecot", "-c", str(own / "dovecot.conf"))
    files = {"dovecot.conf": text, "users": ""}
    return Server("dovecot", own, command, "dovecot-imapd", files, addresses=(f"{MAIL}:993",), pid="run/master.pid")


def exchanges(folder: Path) -> Server:
    """The exchange of the good domains, with submission; and one without TLS."""
    implicit, none = overrides([("smtpd_tls_wrappermode", "yes")]), overrides([("smtpd_tls_security_level", "none")])
    entries = f"{MAIL}:25 inet n - n - - smtpd\n{MAIL}:465 inet n - n - - smtpd\n{implicit}{PLAIN}:25 inet n - n - - smtpd\n{none}"
    own = {"smtpd_tls_chain_files": str(folder / "mail.pem"), "myhostname": "mx.example.org"}
    return postfix("postfix", folder / "postfix", {**PARAMETERS, **own}, MASTER_CF + entries)


QUICK = 'server:\n    local-zone: "2.0.192.in-addr.arpa." nodefault\n    val-bogus-ttl: 5\n'


def servers(folder: Path, signed: zones.ZoneSet, before: zones.ZoneSet) -> tuple[Server, ...]:
    """All servers, in the order to start them."""
    now = zone_clauses(zones.write(signed, folder / "zones"))
    old = zone_clauses(zones.write(before, folder / "old_zones"))
    return (
        nsd("nsd", folder / "nsd", [NAME_SERVER, *SERVERS], now),
        nsd("lagging", folder / "lagging", [LAGGING], old),
        unbound("unbound", folder / "unbound", RESOLVER, ("a.root", NAME_SERVER), signed.anchors, "example.org.", QUICK),
        exchanges(folder),
        dovecot(folder),
        nginx(folder),
    )


def write_certificate(path: Path, leaf: Identity, pki: Pki) -> None:
    path.touch(mode=0o600)
    path.write_bytes(key_pem(leaf.key) + leaf.pem + pki.authorities["inter"].pem)


def start(folder: Path) -> None:
    """Start everything."""
    folder.chmod(0o711)
    pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
    mail = pki.issue(Leaf(names=tuple(f"{host}.{domain}" for host in ("mx", "mail") for domain in ("example.org", "example.net"))), "mx")
    hosts = tuple(f"{host}.{name}.web.org" for host in ("mta-sts", "autoconfig") for name in WEB_CASES)
    named = tuple(f"{host}.{domain}" for host in ("mta-sts", "autoconfig") for domain in ("example.org", "example.net"))
    (folder / "ca.pem").write_bytes(pki.authorities["root"].pem)
    write_certificate(folder / "mail.pem", mail, pki)
    write_certificate(folder / "web.pem", pki.issue(Leaf(names=(*named, *hosts)), "web"), pki)
    write_certificate(folder / "wrong.pem", pki.issue(Leaf(names=("elsewhere.org",)), "wrong"), pki)
    write_pages(folder)
    for address in ADDRESSES:
        subprocess.run(["ip", "address", "replace", f"{address}/32", "dev", "lo"], check=True)
    example = good("example.org")
    before = tuple(one.replace("ip4:192.0.2.25", "ip4:192.0.2.24") for one in example if not one.startswith("_dmarc"))
    for server in servers(folder, all_zones(mail, example), all_zones(mail, before)):
        server.start(HERE)


def stop(folder: Path) -> None:
    """Stop what runs."""
    nothing = zones.ZoneSet({}, ())
    for server in reversed(servers(folder, nothing, nothing)):
        server.stop(HERE)
    for address in ADDRESSES:
        subprocess.run(["ip", "address", "delete", f"{address}/32", "dev", "lo"], check=False)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]).resolve())
