# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail of example.org from end to end: Postfix takes it, or Exim, Dovecot files it by LMTP and shows it by IMAP and POP3.

    probe@     is delivered; probe+Junk@ into the folder for junk, and probe+Strange@ into one that nobody has asked for
    other@     is delivered too
    full@      has no room
    lost@      is taken and thrown away
    unknown@   is refused

By hand, as root: `world.py start FOLDER`, `world.py stop FOLDER`, and for what modules cannot see
`world.py count FOLDER USER`, `world.py plant FOLDER USER AGE [FOLDER]`, `world.py kill FOLDER SERVICE`.
"""

from __future__ import annotations

import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from email.utils import formatdate
from pathlib import Path
from typing import Any, Callable

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
MAIL, EXIM, CLOSED = (f"127.0.55.{number}" for number in (25, 26, 27))
EXAMPLE = "192.0.2.25"
"""The address that the examples of the documentation have."""
NAME = "mail.example.org"
RECORDS = (f"mail A {MAIL}", f"mx A {MAIL}", f"exim A {EXIM}", f"closed A {CLOSED}", f"wrong A {MAIL}")
PACKAGE = "exim4-daemon-light"
MOST_KILLED = 200
USERS = ("probe", "other", "full")
DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = delivery
hostname = {name}
protocols = imap pop3 lmtp
listen = {listen}
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
disable_plaintext_auth = yes
auth_mechanisms = plain login scram-sha-256
auth_username_format = %Ln
first_valid_uid = 1
mail_location = maildir:~/mail
mail_plugins = quota
lmtp_save_to_detail_mailbox = yes
lmtp_rcpt_check_quota = no
protocol lmtp {{
  auth_username_format = %Ln
}}
plugin {{
  quota = maildir:all
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Strange {{
    auto = create
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=plain {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service lmtp {{
  inet_listener lmtp {{
    port = 24
  }}
  unix_listener {folder}/lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener {folder}/for-postfix {{
    mode = 0666
  }}
}}
"""
EXIM_CONFIG = """exim_path = {program}
primary_hostname = exim.example.org
exim_user = mail
exim_group = mail
never_users =
spool_directory = {folder}/spool
log_file_path = {folder}/log/%s
pid_file_path = {folder}/log/pid
keep_environment =
local_interfaces = {address}
daemon_smtp_ports = 25
tls_advertise_hosts = *
tls_certificate = {chain}
tls_privatekey = {chain}
acl_smtp_rcpt = accept_all
begin acl
accept_all:
  accept
begin routers
lmtp:
  driver = manualroute
  route_list = * {mail}
  self = send
  transport = lmtp
begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  port = 24
  hosts_try_fastopen = :
begin retry
* * F,1m,5s
"""


def dovecot(folder: Path) -> Server:
    """IMAP, POP3 and LMTP."""
    own = folder / "dovecot"
    text = DOVECOT.format(folder=own, listen=f"{MAIL} {EXAMPLE}", name=NAME, chain=folder / "chain.pem")
    quota = {"full": "userdb_quota_rule=*:bytes=200"}
    users = "".join(f"{user}:secret of {user}:8:8::{own}/home/{user}::{quota.get(user, '')}\n" for user in USERS)
    ready = tuple(f"{address}:{port}" for address in (MAIL, EXAMPLE) for port in (24, 110, 143, 993, 995))
    command = ("/usr/sbin/dovecot", "-c", str(own / "dovecot.conf"))
    files = {"dovecot.conf": text, "users": users}
    return Server("dovecot", own, command, "dovecot-imapd", files, {"home": "mail"}, addresses=ready, pid="run/master.pid")


def mta(folder: Path) -> Server:
    """Submission by STARTTLS and by implicit TLS with logins by Dovecot, and port 25."""
    socket = folder / "dovecot"
    parameters = {
        "smtpd_tls_chain_files": str(folder / "chain.pem"),
        "smtpd_tls_security_level": "may",
        "smtpd_tls_received_header": "yes",
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_path": str(socket / "for-postfix"),
        "smtpd_tls_auth_only": "yes",
        "myhostname": NAME,
        "message_size_limit": "100000000",
        "virtual_mailbox_limit": "0",
        "mailbox_size_limit": "0",
        "recipient_delimiter": "+",
        "virtual_mailbox_domains": "example.org",
        "virtual_mailbox_maps": f"inline:{{{', '.join(f'{{{user}@example.org = x}}' for user in (*USERS, 'lost'))}}}",
        "virtual_transport": f"lmtp:unix:{socket}/lmtp",
        "transport_maps": "inline:{ lost@example.org=discard: }",
        "smtpd_relay_restrictions": "reject_unauth_destination",
        "smtpd_recipient_restrictions": "",
        "bounce_queue_lifetime": "0",
    }
    users = overrides([("smtpd_sasl_auth_enable", "yes"), ("smtpd_relay_restrictions", "permit_sasl_authenticated, reject")])
    implicit = overrides([("smtpd_tls_wrappermode", "yes")])
    entries = f"{MAIL}:25 inet n - n - - smtpd\n{EXAMPLE}:25 inet n - n - - smtpd\n{MAIL}:587 inet n - n - - smtpd\n{users}"
    entries += f"{MAIL}:465 inet n - n - - smtpd\n{users}{implicit}lmtp unix - - n - - lmtp\nvirtual unix - n n - - virtual\n"
    return postfix("postfix", folder / "postfix", {**PARAMETERS, **parameters}, MASTER_CF + entries)


def exim(folder: Path) -> Server:
    """Exim out of its package, which cannot be installed beside Postfix's; it wants a user of its own, so it sees one."""
    own = folder / "exim"
    text = EXIM_CONFIG.format(folder=own, address=EXIM, mail=MAIL, chain=own / "chain.pem", program=packages.CATALOGUE[PACKAGE])
    passwd = Path("/etc/passwd").read_text(encoding="utf-8") + "Debian-exim:x:8:8::/nonexistent:/usr/sbin/nologin\n"
    group = Path("/etc/group").read_text(encoding="utf-8") + "Debian-exim:x:8:\n"
    script = (
        f"#!/bin/sh -e\nmount --bind {own}/passwd /etc/passwd\nmount --bind {own}/group /etc/group\n"
        f"exec {packages.CATALOGUE[PACKAGE]} -C {own}/exim.conf -bd -q10s\n"
    )
    chain = folder / "chain.pem"  # which Exim's own user has to be able to read
    files = {"exim.conf": text, "passwd": passwd, "group": group, "start.sh": script}
    files["chain.pem"] = chain.read_text(encoding="utf-8") if chain.exists() else ""
    command = ("unshare", "--mount", "/bin/sh", str(own / "start.sh"))
    return Server("exim", own, command, PACKAGE, files, {"spool": "mail", "log": "mail"}, addresses=(f"{EXIM}:25",), pid="log/pid")


def name_servers(folder: Path) -> tuple[Server, Server]:
    """All zones at one NSD, and a resolver that validates."""
    signed = zones.build([Zone("org", ()), Zone("example.org", RECORDS)], NAME_SERVER)
    files = zones.write(signed, folder / "zones")
    server = nsd("nsd", folder / "nsd", [NAME_SERVER], zone_clauses(files))
    return server, unbound("unbound", folder / "unbound", RESOLVER, ("a.root", NAME_SERVER), signed.anchors, "example.org.")


def servers(folder: Path) -> tuple[Server, ...]:
    """All of them, in the order in which they start."""
    return (*name_servers(folder), dovecot(folder), mta(folder), exim(folder))


def start(folder: Path) -> None:
    """Start everything."""
    for name in ("dovecot-pop3d", "dovecot-lmtpd"):
        packages.require(name)
    folder.chmod(0o711)
    pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
    leaf = pki.issue(Leaf(names=(NAME, "mx.example.org", "exim.example.org")), NAME)
    (folder / "ca.pem").write_bytes(pki.authorities["root"].pem)
    chain = folder / "chain.pem"
    chain.touch(mode=0o600)
    chain.write_bytes(key_pem(leaf.key) + leaf.pem + pki.authorities["inter"].pem)
    subprocess.run(["ip", "address", "replace", EXAMPLE + "/32", "dev", "lo"], check=True)
    for server in servers(folder):
        server.start(HERE)


def stop(folder: Path) -> None:
    """Stop what runs."""
    for server in reversed(servers(folder)):
        server.stop(HERE)
    subprocess.run(["ip", "address", "delete", EXAMPLE + "/32", "dev", "lo"], check=False)


def count(folder: Path, user: str) -> int:
    """Return how many messages a user has, in all folders."""
    home = folder / "dovecot" / "home" / user
    return sum(1 for place in ("cur", "new") for one in home.glob(f"**/{place}/*") if one.is_file())


def plant(folder: Path, user: str, age: str, name: str = "INBOX") -> None:
    """Put the message of another probe into a mailbox, so many seconds old."""
    token = f"mailops-probe-{secrets.token_hex(16)}"
    text = f"From: x@example.org\nSubject: {token}\nX-Mailops-Probe: {token}\nDate: {formatdate(time.time() - float(age))}\n\nold\n"
    command = ["/usr/bin/doveadm", "-c", str(folder / "dovecot/dovecot.conf"), "save", "-u", user, "-m", name]
    subprocess.run(command, input=text.encode(), check=True)


def parameters(folder: Path, service: str) -> dict[str, Any]:
    """Return the parameters of the module for a message to probe@."""
    from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.arguments import delivery_arguments

    spec = delivery_arguments()
    params = {name: one.get("default") for name, one in spec.items()}
    user = {"host": NAME, "username": "probe@example.org", "password": "secret of probe"}
    for name, of_server in (("submit", {}), ("retrieve", {"service": service})):
        params[name] = {**{option: one.get("default") for option, one in spec[name]["options"].items()}, **user, **of_server}
    params.update(recipient=["probe@example.org"], nameservers=[RESOLVER], ca_file=str(folder / "ca.pem"), poll_interval=0.5)
    return params


def grow(folder: Path, service: str, size: str) -> None:
    """Deliver a small message, then one of this size, and print by how many bytes the second one has made the process grow."""
    from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.run import run_delivery_probe

    params = {**parameters(folder, service), "timeout": 600.0, "command_timeout": 120.0, "deadline": 600.0}
    most = []
    for each in (0, int(size)):
        facts = run_delivery_probe({**params, "size": each}).facts
        assert facts["unchanged_body"] and facts["cleanup"]["left"] == 0, facts["report"]
        most.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    print(most[1] - most[0])


def kill(folder: Path, service: str) -> None:
    """Kill a probe before each thing that it sends, one after the other. Each cleans up behind the one before it.

    Prints how many were killed, and how many of them left a message.
    """
    from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Send, Step
    from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Talk
    from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.run import run_delivery_probe

    params = {**parameters(folder, service), "stale_after": 0.0}
    next_step = Talk.next_step

    def deliver(most: int) -> None:
        sent = 0

        def counting(talk: Talk, at: float) -> Step:
            nonlocal sent
            step = next_step(talk, at)
            sent += isinstance(step, Send)
            if sent > most:
                os.kill(os.getpid(), signal.SIGKILL)
            return step

        Talk.next_step = counting  # type: ignore[assignment,method-assign]
        run_delivery_probe(params)
        os._exit(0)

    killed = left = 0
    while killed < MOST_KILLED:
        child = os.fork()
        if not child:
            deliver(killed)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
            break
        killed += 1
        left += count(folder, "probe") > 0
    print(killed, left)


if __name__ == "__main__":
    word, *rest = sys.argv[1:]
    actions: dict[str, Callable[..., object]] = {"start": start, "stop": stop, "plant": plant, "kill": kill, "grow": grow}
    actions["count"] = lambda *words: print(count(*words))
    actions[word](Path(rest[0]).resolve(), *rest[1:])
