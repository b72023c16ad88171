# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server in a network namespace of its own: Dovecot and Postfix with a certificate, and a program on port 143 that is neither.

By hand, as root: `world.py start FOLDER`, `world.py stop FOLDER`. `FOLDER/python` is a Python that runs in there.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(Path(__file__).resolve().parents[8]))
from ansible_collections.mailops.tls.tests.lab.authorities import Pki  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.case import Leaf  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.keys import key_pem  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery import packages  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.namespace import Namespace  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.postfix import MASTER_CF, overrides, postfix  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.server import Server  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.mail_server import PARAMETERS  # noqa: E402

NAME = "mail.example.org"
PUBLIC = "192.0.2.25"
DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = facts
protocols = imap pop3 sieve lmtp
listen = *, ::
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
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
  inet_listener imap {{
    address = {public}
    port = 143
  }}
  inet_listener hidden {{
    address = 127.0.0.1
    port = 1993
    ssl = yes
  }}
}}
service managesieve-login {{
  inet_listener sieve {{
    port = 4190
  }}
  inet_listener old {{
    port = 2000
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = 24
  }}
}}
"""
OTHER = """import socket
with socket.create_server(("127.0.0.1", 143)) as server:
    while True:
        with server.accept()[0] as one:
            one.sendall(b"SSH-2.0-OpenSSH_9.2p1\\r\\n")
"""


def namespace(folder: Path) -> Namespace:
    """One for each folder, so that runs do not meet."""
    return Namespace(f"facts-{folder.name[-12:]}")


def dovecot(folder: Path) -> Server:
    """IMAP, POP3, ManageSieve and LMTP; IMAP at one address only, and at a port that nobody would expect."""
    own = folder / "dovecot"
    text = DOVECOT.format(folder=own, chain=folder / "chain.pem", public=PUBLIC)
    ready = (f"{PUBLIC}:143", "127.0.0.1:993", "[::1]:993", "127.0.0.1:1993", "127.0.0.1:24", "127.0.0.1:4190", "127.0.0.1:2000")
    command = ("/usr/sbin/dovecot", "-c", str(own / "dovecot.conf"))
    return Server("dovecot", own, command, "dovecot-imapd", {"dovecot.conf": text, "users": ""}, addresses=ready, pid="run/master.pid")


def mail(folder: Path) -> Server:
    """SMTP and submission with the certificate before that of Dovecot, and a filter's port without TLS on the loopback."""
    plain = overrides([("smtpd_tls_security_level", "none")])
    implicit = overrides([("smtpd_tls_wrappermode", "yes")])
    entries = (
        f"0.0.0.0:25 inet n - n - - smtpd\n0.0.0.0:587 inet n - n - - smtpd\n{plain}"
        f"0.0.0.0:465 inet n - n - - smtpd\n{implicit}127.0.0.1:10025 inet n - n - - smtpd\n{plain}"
    )
    changes = {"smtpd_tls_chain_files": str(folder / "old.pem"), "myhostname": NAME, "inet_interfaces": "all"}
    return postfix("postfix", folder / "postfix", {**PARAMETERS, **changes}, MASTER_CF + entries)


def start(folder: Path) -> None:
    """Start everything."""
    for name in ("dovecot-pop3d", "dovecot-managesieved", "dovecot-lmtpd"):
        packages.require(name)
    folder.chmod(0o711)
    net = namespace(folder)
    net.create((f"{PUBLIC}/32",))
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    for file, age in (("old.pem", 5), ("chain.pem", 0)):
        pki = Pki(now - timedelta(days=age))
        identity, chain = pki.issue(Leaf(names=(NAME,)), NAME), folder / file
        chain.touch(mode=0o600)
        chain.write_bytes(key_pem(identity.key) + identity.pem + pki.authorities["inter"].pem)
    for server in (dovecot(folder), mail(folder)):
        server.start(net)
    (folder / "other.py").write_text(OTHER)
    other = subprocess.Popen(
        net.inside(["/usr/bin/python3", str(folder / "other.py"), "--password=secret"]),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    (folder / "other.pid").write_text(str(other.pid))
    python(folder / "python", net, [])
    python(folder / "python-of-nobody", net, ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"])


def python(path: Path, net: Namespace, before: list[str]) -> None:
    """Write a program that runs the Python of this task inside, as somebody else if wanted."""
    command = net.inside([*before, os.environ.get("FACTS_PYTHON") or sys.executable])
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    path.chmod(0o755)


def stop(folder: Path) -> None:
    """Stop what runs."""
    net = namespace(folder)
    if (folder / "other.pid").exists():
        subprocess.run(["kill", (folder / "other.pid").read_text()], check=False)
    for server in (mail(folder), dovecot(folder)):
        server.stop(net)
    net.remove()


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]).resolve())
