# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers to log in at: Dovecot with every mechanism that it has, Postfix that asks it, and a server of our own with SCRAM-PLUS.

By hand, as root: `world.py start FOLDER`, `world.py stop FOLDER`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(Path(__file__).resolve().parents[8]))
from ansible_collections.mailops.tls.tests.lab import zones  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.authorities import Pki  # noqa: E402
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
RESOLVER, NAME_SERVER = "127.0.55.1", "127.0.55.2"
MAIL, BOUND, WRONG = "127.0.55.25", "127.0.55.26", "127.0.55.27"
EXAMPLE = "192.0.2.25"
"""The mail server's second address, so that one address of a host is not the only one."""
NAME = "mail.example.org"
USER, PASSWORD = "probe@example.org", "korrekt, Pferd=Batterie"
ADMIN = "admin@example.org"
RECORDS = (f"mail A {MAIL}", f"bound A {BOUND}", f"wrong A {WRONG}")
BINDINGS = {1993: "tls-exporter", 1994: "tls-unique", 1995: "elsewhere", 993: "tls-exporter"}
DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = logins
protocols = imap pop3 sieve
listen = {listen}
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
ssl_ca = <{authority}
ssl_verify_client_cert = yes
ssl_require_crl = no
ssl_cert_username_field = commonName
auth_ssl_username_from_cert = yes
disable_plaintext_auth = yes
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop xoauth2 oauthbearer external
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {folder}/masters
  master = yes
  result_success = continue
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
  mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop
}}
passdb {{
  driver = static
  args = nopassword=y
  mechanisms = external
}}
passdb {{
  driver = oauth2
  args = {folder}/oauth2.conf
  mechanisms = xoauth2 oauthbearer
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%u
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {folder}/for-postfix {{
    mode = 0666
  }}
}}
"""
OAUTH2 = """introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
active_attribute =
active_value =
"""
KEY = b"a key of tests, which signs tokens"


def token(user: str) -> str:
    """Return a signed JSON web token (RFC 7519) that Dovecot believes."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = part(json.dumps({"sub": user, "exp": 4102444800, "iat": 1700000000, "nbf": 1700000000}).encode())
    return f"{head}.{body}." + part(hmac.new(KEY, f"{head}.{body}".encode(), hashlib.sha256).digest())


def dovecot(folder: Path) -> Server:
    """IMAP, POP3 and ManageSieve."""
    own = folder / "dovecot"
    text = DOVECOT.format(
        folder=own, listen=f"{MAIL} {EXAMPLE}", chain=folder / "chain.pem", authority=folder / "ca.pem",
    )  # fmt: skip
    ready = tuple(f"{address}:{port}" for address in (MAIL, EXAMPLE) for port in (110, 143, 993, 995, 4190))
    files = {
        "dovecot.conf": text,
        "users": f"{USER}:{{PLAIN}}{PASSWORD}::::::\n{ADMIN}:{{PLAIN}}{PASSWORD}::::::\n",
        "masters": f"{ADMIN}:{{PLAIN}}{PASSWORD}::::::\n",
        "oauth2.conf": OAUTH2.format(folder=own),
        "keys/default/HS256/default": base64.b64encode(KEY).decode(),
    }
    folders = {name: "" for name in ("keys", "keys/default", "keys/default/HS256")}
    folders["mail"] = "mail"
    command = ("/usr/sbin/dovecot", "-c", str(own / "dovecot.conf"))
    return Server("dovecot", own, command, "dovecot-imapd", files, folders, addresses=ready, pid="run/master.pid")


def submission(folder: Path) -> Server:
    """Submission with logins by Dovecot inside TLS only; port 2587 takes mail of anybody, and has an old way to offer logins."""
    login = {
        "smtpd_tls_chain_files": str(folder / "chain.pem"),
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_path": str(folder / "dovecot/for-postfix"),
        "smtpd_tls_auth_only": "yes",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        "smtpd_recipient_restrictions": "",
        "relay_domains": "example.org",
        "smtpd_delay_reject": "yes",
    }
    implicit = overrides([("smtpd_tls_wrappermode", "yes")])
    open_relay = overrides([("smtpd_relay_restrictions", "reject_unauth_destination"), ("broken_sasl_auth_clients", "yes")])
    entries = "".join((
        f"{MAIL}:587 inet n - n - - smtpd\n",
        f"{MAIL}:465 inet n - n - - smtpd\n{implicit}",
        f"{MAIL}:2587 inet n - n - - smtpd\n{open_relay}",
    ))  # fmt: skip
    return postfix("postfix", folder / "postfix", {**PARAMETERS, **login, "myhostname": NAME}, MASTER_CF + entries)


def bound(folder: Path) -> Server:
    """The server with SCRAM-PLUS; at its second address it has a certificate that is not for its name there."""
    own = folder / "bound"
    program = Path(__file__).resolve().parent / "binding_server.py"
    places = [f"{BOUND}:{port}={name}" for port, name in BINDINGS.items()] + [f"{WRONG}:993=tls-exporter"]
    command = (
        sys.executable, str(program), str(own / "pid"), str(own / "heard"), str(folder / "bound.pem"), USER, PASSWORD, *places,
    )  # fmt: skip
    return Server("bound", own, command, addresses=tuple(one.partition("=")[0] for one in places))


def name_servers(folder: Path) -> tuple[Server, Server]:
    """All zones at one NSD, and a resolver that validates."""
    signed = zones.build([Zone("org", ()), Zone("example.org", RECORDS)], NAME_SERVER)
    files = zones.write(signed, folder / "zones")
    server = nsd("nsd", folder / "nsd", [NAME_SERVER], zone_clauses(files))
    return server, unbound("unbound", folder / "unbound", RESOLVER, ("a.root", NAME_SERVER), signed.anchors, "example.org.")


def make_certificates(folder: Path) -> None:
    """Make an authority, the servers' chains, and the certificate of a client."""
    pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
    (folder / "ca.pem").write_bytes(pki.authorities["root"].pem + pki.authorities["inter"].pem)
    for name, leaf in (
        ("chain", Leaf(names=(NAME,), common_name=NAME)),
        ("bound", Leaf(names=("bound.example.org",), common_name="bound.example.org")),
        ("client", Leaf(names=(), common_name=USER, purpose="client")),
    ):
        made = pki.issue(leaf, leaf.common_name)
        path = folder / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(key_pem(made.key) + made.pem + pki.authorities["inter"].pem)
        if name == "chain":
            (folder / "fingerprint").write_text(hashlib.sha256(made.der).hexdigest(), encoding="ascii")


def start(folder: Path) -> None:
    """Start everything."""
    for name in ("dovecot-pop3d", "dovecot-managesieved"):
        packages.require(name)
    folder.chmod(0o711)
    make_certificates(folder)
    (folder / "secrets.json").write_text(json.dumps({"password": PASSWORD, "token": token(USER)}), encoding="ascii")
    subprocess.run(["ip", "address", "replace", EXAMPLE + "/32", "dev", "lo"], check=True)
    for server in (*name_servers(folder), dovecot(folder), submission(folder), bound(folder)):
        server.start(HERE)


def stop(folder: Path) -> None:
    """Stop what runs."""
    for server in (bound(folder), submission(folder), dovecot(folder), *reversed(name_servers(folder))):
        server.stop(HERE)
    subprocess.run(["ip", "address", "delete", EXAMPLE + "/32", "dev", "lo"], check=False)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]).resolve())
