# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of example.org as its users meet them: Dovecot, Postfix for submission, and a signed DNS that tells where they are.

By hand, as root: `world.py start FOLDER`, `world.py stop FOLDER`.
"""

from __future__ import annotations

import os
import subprocess
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
from ansible_collections.mailops.tls.tests.lab.mail_server import PARAMETERS  # noqa: E402

HERE = Namespace()
RESOLVER, NAME_SERVER = "127.0.54.1", "127.0.54.2"
MAIL, WRONG, PLAIN, CLOSED = (f"127.0.54.{number}" for number in (25, 26, 27, 28))
EXAMPLE = "192.0.2.25"
"""Another address of the mail server, which the examples of the documentation have."""
NAME = "mail.example.org"
RECORDS: tuple[str, ...] = (
    f"mail A {MAIL}",
    f"wrong A {WRONG}",
    f"plain A {PLAIN}",
    f"closed A {CLOSED}",
    f"_imaps._tcp SRV 0 1 993 {NAME}.",
    f"_imap._tcp SRV 10 1 143 {NAME}.",
    f"_submission._tcp SRV 0 1 587 {NAME}.",
    f"_sieve._tcp SRV 0 1 4190 {NAME}.",
    "_pop3s._tcp SRV 0 0 0 .",
)
DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = mailboxes
protocols = imap pop3 sieve
listen = {listen}
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service imap-login {{
  inet_listener elsewhere {{
    port = 1993
    ssl = yes
  }}
}}
service auth {{
  unix_listener {folder}/for-postfix {{
    mode = 0666
  }}
}}
local {plain} {{
  ssl = no
  disable_plaintext_auth = no
}}
"""


def dovecot(folder: Path) -> Server:
    """IMAP, POP3 and ManageSieve, at every address; without TLS at one of them."""
    own = folder / "dovecot"
    listen = " ".join((MAIL, EXAMPLE, WRONG, PLAIN))
    text = DOVECOT.format(folder=own, listen=listen, plain=PLAIN, chain=folder / "chain.pem")
    ready = tuple(f"{address}:{port}" for address in (MAIL, EXAMPLE, WRONG, PLAIN) for port in (110, 143, 993, 995, 1993, 4190))
    command = ("/usr/sbin/dovecot", "-c", str(own / "dovecot.conf"))
    files = {"dovecot.conf": text, "users": ""}
    return Server("dovecot", own, command, "dovecot-imapd", files, addresses=ready, pid="run/master.pid")


def submission(folder: Path) -> Server:
    """Submission by STARTTLS and by implicit TLS, with logins by Dovecot inside TLS only."""
    login = {
        "smtpd_tls_chain_files": str(folder / "chain.pem"),
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_path": str(folder / "dovecot/for-postfix"),
        "smtpd_tls_auth_only": "yes",
    }
    implicit = overrides([("smtpd_tls_wrappermode", "yes")])
    entries = f"{MAIL}:587 inet n - n - - smtpd\n{MAIL}:465 inet n - n - - smtpd\n{implicit}"
    return postfix("postfix", folder / "postfix", {**PARAMETERS, **login, "myhostname": NAME}, MASTER_CF + entries)


def name_servers(folder: Path, signed: zones.ZoneSet) -> tuple[Server, Server]:
    """All zones at one NSD, and a resolver that validates."""
    files = zones.write(signed, folder / "zones")
    server = nsd("nsd", folder / "nsd", [NAME_SERVER], zone_clauses(files))
    return server, unbound("unbound", folder / "unbound", RESOLVER, ("a.root", NAME_SERVER), signed.anchors, "example.org.")


def sign(leaf: Identity | None, issuer: Identity | None = None) -> zones.ZoneSet:
    """The zones, with TLSA records of IMAP and submission where there is a certificate; right and wrong ones where there is its issuer."""
    records = RECORDS
    if leaf is not None:
        data = zones.association_data(1, 1, leaf).hex()
        records += tuple(f"_{port}._tcp.mail TLSA 3 1 1 {data}" for port in (587, 993))
        records += (f"_993._tcp.wrong TLSA 3 1 1 {data}", f"_995._tcp.wrong TLSA 3 1 1 {'00' * 32}")
    if issuer is not None:
        records += (f"_143._tcp.wrong TLSA 2 1 1 {zones.association_data(1, 1, issuer).hex()}",)
    return zones.build([Zone("org", ()), Zone("example.org", records)], NAME_SERVER)


def start(folder: Path) -> None:
    """Start everything."""
    for name in ("dovecot-pop3d", "dovecot-managesieved"):
        packages.require(name)
    folder.chmod(0o711)
    pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
    leaf = pki.issue(Leaf(names=(NAME,)), NAME)
    (folder / "ca.pem").write_bytes(pki.authorities["root"].pem)
    chain = folder / "chain.pem"
    chain.touch(mode=0o600)
    chain.write_bytes(key_pem(leaf.key) + leaf.pem + pki.authorities["inter"].pem)
    subprocess.run(["ip", "address", "replace", EXAMPLE + "/32", "dev", "lo"], check=True)
    for server in (*name_servers(folder, sign(leaf, pki.authorities["inter"])), dovecot(folder), submission(folder)):
        server.start(HERE)


def stop(folder: Path) -> None:
    """Stop what runs."""
    for server in (submission(folder), dovecot(folder), *reversed(name_servers(folder, sign(None)))):
        server.stop(HERE)
    subprocess.run(["ip", "address", "delete", EXAMPLE + "/32", "dev", "lo"], check=False)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]).resolve())
