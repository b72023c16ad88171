# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail server of example.org as its users meet it, and two that are not well: Dovecot, Postfix, and a signed DNS.

- mail.example.org has it all: IMAP, POP3, ManageSieve, submission, and a mailbox for each user, where submitted mail arrives.
- plain.example.org has IMAP and submission without TLS.
- lost.example.org takes mail by submission, and loses it.

By hand, as root: `world.py start FOLDER`, `world.py stop FOLDER`.
"""

from __future__ import annotations

import os
import pwd
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(Path(__file__).resolve().parents[8]))
from ansible_collections.mailops.tls.tests.lab import zones  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.authorities import Identity, Pki  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.case import Leaf, Zone  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.keys import key_pem  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery import packages  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.namespace import Namespace  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.nsd import nsd, zone_clauses  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.postfix import MASTER_CF, overrides, postfix  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.server import Server  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.unbound import unbound  # noqa: E402

HERE = Namespace()
RESOLVER, NAME_SERVER = "127.0.55.1", "127.0.55.2"
MAIL, PLAIN, LOST, BACKUP = (f"127.0.55.{number}" for number in (25, 26, 27, 28))
HOSTS = {"mail.example.org": MAIL, "plain.example.org": PLAIN, "lost.example.org": LOST}
PASSWORD = "correct horse battery staple"
USERS = ("anna@example.org", "otto@example.org")
OWNER = "nobody"
"""Who owns the mailboxes."""
DKIM = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + "A" * 360
"""Long enough for two strings; nobody signs with it."""
RECORDS = (
    "@ MX 10 mail",
    "@ MX 20 backup",
    f"backup A {BACKUP}",
    *(f"{name.partition('.')[0]} A {address}" for name, address in HOSTS.items()),
    "_imaps._tcp SRV 0 1 993 mail.example.org.",
    "_submissions._tcp SRV 0 1 465 mail.example.org.",
    '@ TXT "v=spf1 mx -all"',
    f'dkim._domainkey TXT "v=DKIM1; k=rsa; p={DKIM[:200]}" "{DKIM[200:]}"',
    '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:postmaster@example.org"',
)
DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = diagnosed
protocols = imap pop3 sieve lmtp
listen = {listen}
hostname = mail.example.org
postmaster_address = postmaster@example.org
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
disable_plaintext_auth = yes
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 apop
auth_failure_delay = 1 secs
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service auth {{
  unix_listener {folder}/for-postfix {{
    mode = 0666
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = {mail}
    port = 24
  }}
  unix_listener {folder}/lmtp {{
    mode = 0666
  }}
}}
local {plain} {{
  ssl = no
  disable_plaintext_auth = no
}}
"""
PARAMETERS = {
    "myhostname": "mail.example.org",
    "mynetworks": "",
    "inet_interfaces": "all",
    "inet_protocols": "ipv4",
    "virtual_mailbox_domains": "example.org",
    "default_transport": "error:only example.org is here",
    "smtpd_peername_lookup": "no",
    "smtpd_client_connection_rate_limit": "0",
    "smtpd_relay_restrictions": "permit_sasl_authenticated, reject_unauth_destination",
    "smtpd_tls_security_level": "may",
    "smtpd_sasl_type": "dovecot",
    "smtpd_tls_auth_only": "yes",
    "smtpd_tls_received_header": "yes",
    "maximal_queue_lifetime": "1h",
}
LOGIN = [("smtpd_sasl_auth_enable", "yes"), ("smtpd_client_restrictions", "permit_sasl_authenticated, reject")]


def dovecot(folder: Path) -> Server:
    """IMAP, POP3, ManageSieve and LMTP; without TLS at one address."""
    own = folder / "dovecot"
    listen = " ".join(HOSTS.values())
    text = DOVECOT.format(folder=own, listen=listen, mail=MAIL, plain=PLAIN, chain=folder / "chain.pem")
    ready = tuple(f"{address}:{port}" for address in HOSTS.values() for port in (110, 143, 993, 995, 4190))
    owner = pwd.getpwnam(OWNER)
    users = "".join(f"{user}:{{PLAIN}}{PASSWORD}:{owner.pw_uid}:{owner.pw_gid}::{own}/mail/{user}\n" for user in USERS)
    command = ("/usr/sbin/dovecot", "-c", str(own / "dovecot.conf"))
    files = {"dovecot.conf": text, "users": users}
    folders = {"mail": OWNER}
    return Server("dovecot", own, command, "dovecot-imapd", files, folders, addresses=(*ready, f"{MAIL}:24"), pid="run/master.pid")


def mail_server(folder: Path) -> Server:
    """Port 25 and both submission ports of the good server, submission without TLS, and submission that loses mail."""
    paths = {
        "smtpd_tls_chain_files": str(folder / "chain.pem"),
        "smtpd_sasl_path": str(folder / "dovecot/for-postfix"),
        "virtual_transport": f"lmtp:unix:{folder}/dovecot/lmtp",
    }
    no_tls = [("smtpd_tls_security_level", "none"), ("smtpd_tls_auth_only", "no"), ("myhostname", "plain.example.org")]
    losing = [("content_filter", "discard:"), ("myhostname", "lost.example.org")]
    services = (
        (f"{MAIL}:25", []),
        (f"{MAIL}:587", LOGIN),
        (f"{MAIL}:465", [*LOGIN, ("smtpd_tls_wrappermode", "yes")]),
        (f"{PLAIN}:587", [*LOGIN, *no_tls]),
        (f"{LOST}:587", [*LOGIN, *losing]),
    )
    entries = "".join(f"{place} inet n - n - - smtpd\n{overrides(options)}" for place, options in services)
    return postfix("postfix", folder / "postfix", {**PARAMETERS, **paths}, MASTER_CF + "lmtp unix - - n - - lmtp\n" + entries)


def name_servers(folder: Path, signed: zones.ZoneSet) -> tuple[Server, Server]:
    """All zones at one NSD, and a resolver that validates."""
    files = zones.write(signed, folder / "zones")
    server = nsd("nsd", folder / "nsd", [NAME_SERVER], zone_clauses(files))
    return server, unbound("unbound", folder / "unbound", RESOLVER, ("a.root", NAME_SERVER), signed.anchors, "example.org.")


def sign(leaf: Identity | None) -> zones.ZoneSet:
    """The zones, with TLSA records of the exchange where there is a certificate."""
    records = RECORDS
    if leaf is not None:
        records += (f"_25._tcp.mail TLSA 3 1 1 {zones.association_data(1, 1, leaf).hex()}",)
    return zones.build([Zone("org", ()), Zone("example.org", records)], NAME_SERVER)


def start(folder: Path) -> None:
    """Start everything."""
    for name in ("dovecot-pop3d", "dovecot-managesieved", "dovecot-lmtpd"):
        packages.require(name)
    folder.chmod(0o711)
    pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
    leaf = pki.issue(Leaf(names=tuple(HOSTS)), "mail.example.org")
    (folder / "ca.pem").write_bytes(pki.authorities["root"].pem)
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text(PASSWORD + "\n", encoding="ascii")
    chain = folder / "chain.pem"
    chain.touch(mode=0o600)
    chain.write_bytes(key_pem(leaf.key) + leaf.pem + pki.authorities["inter"].pem)
    for server in (*name_servers(folder, sign(leaf)), dovecot(folder), mail_server(folder)):
        server.start(HERE)


def stop(folder: Path) -> None:
    """Stop what runs."""
    for server in (mail_server(folder), dovecot(folder), *reversed(name_servers(folder, sign(None)))):
        server.stop(HERE)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]).resolve())
