# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two private Postfix instances with an smtpd for every listener; a main.cf and a client certificate for posttls-finger."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import namespace
from .authorities import Identity, Pki
from .case import Leaf
from .keys import key_pem
from .layout import Layout
from .plan import Placed

MAIN_CF = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = lab.test
mydestination =
mynetworks = 127.0.0.0/8 [::1]/128
inet_interfaces = loopback-only
inet_protocols = all
alias_maps =
alias_database =
local_recipient_maps =
default_transport = error:the lab keeps no mail
default_process_limit = 600
max_idle = 20s
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_relay_restrictions = reject
smtpd_recipient_restrictions = reject
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
smtpd_tls_session_cache_database =
tls_random_source = dev:/dev/urandom
"""

CLIENT_NAME = "client.lab.test"

CLIENT_MAIN_CF = """compatibility_level = 3.6
myhostname = client.lab.test
mail_owner = postfix
inet_protocols = all
"""

MASTER_CF = """postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


def chain_file(layout: Layout, placed: Placed, pki: Pki, number: int, chain: Sequence[str]) -> Path:
    """Write a key and its chain in wire order; the first name is the leaf's tag."""
    leaf = placed.identities[chain[0]]
    names: dict[str, Identity] = {**pki.authorities, **placed.identities}
    path = layout.chains / (f"{placed.name}.{number}.pem")
    path.write_bytes(key_pem(leaf.key) + b"".join(names[name].pem for name in chain))
    path.chmod(0o600)
    return path


def _options(layout: Layout, placed: Placed, pki: Pki) -> dict[str, str]:
    """The parameters of one smtpd."""
    listener = placed.listener
    files = [chain_file(layout, placed, pki, number, chain) for number, chain in enumerate(listener.chains)]
    options = {"myhostname": placed.host}
    if files:
        options["smtpd_tls_chain_files"] = ",".join(map(str, files))
    else:
        options["smtpd_tls_cert_file"] = "none"
    if listener.implicit:
        options["smtpd_tls_wrappermode"] = "yes"
    if listener.sni:
        table = layout.chains / (placed.name + ".sni")
        numbered = enumerate(listener.sni.items(), start=len(files))
        lines = [f"{name} {chain_file(layout, placed, pki, number, chain)}\n" for number, (name, chain) in numbered]
        table.write_text("".join(lines))
        options["tls_server_sni_maps"] = f"texthash:{table}"
    return {**options, **{name: value.replace("{root}", str(layout.root_pem)) for name, value in listener.smtpd.items()}}


def overrides(parameters: Iterable[tuple[str, str]]) -> str:
    """Parameters as the continuation lines of a master.cf entry."""
    return "".join("    -o {{ {} = {} }}\n".format(*pair) for pair in parameters)


def make_folders(folder: Path) -> None:
    """The directories of an instance with this configuration directory."""
    for each in (folder, folder / "queue", folder / "data"):
        each.mkdir(exist_ok=True)
    shutil.chown(folder / "data", "postfix")


def _service(layout: Layout, placed: Placed, pki: Pki) -> str:
    """The master.cf entry of one listener."""
    address = f"[{placed.address}]" if ":" in placed.address else placed.address
    options = _options(layout, placed, pki)
    return f"{address}:{placed.listener.port} inet n - n - - smtpd\n{overrides(options.items())}"


def write_client(layout: Layout) -> None:
    """The two-line configuration that posttls-finger needs."""
    layout.client.mkdir(exist_ok=True)
    (layout.client / "main.cf").write_text(CLIENT_MAIN_CF)
    (layout.client / "master.cf").write_text("")


def write_client_certificate(layout: Layout, pki: Pki) -> None:
    """A certificate for clients, in the three forms that posttls-finger takes; readable for the user it becomes."""
    made = pki.issue(Leaf(names=(CLIENT_NAME,), common_name="client", purpose="client"), CLIENT_NAME)
    chain = made.pem + pki.authorities["inter"].pem
    layout.client_certificate.write_bytes(chain)
    for path, content in ((layout.client_key, key_pem(made.key)), (layout.client_chain, key_pem(made.key) + chain)):
        path.write_bytes(content)
        path.chmod(0o600)


def write(layout: Layout, folder: Path, placed: Sequence[Placed], pki: Pki) -> None:
    """Write an instance's main.cf, master.cf and all chain files."""
    layout.chains.mkdir(exist_ok=True)
    make_folders(folder)
    (folder / "main.cf").write_text(MAIN_CF.format(folder=folder))
    entries = [_service(layout, each, pki) for each in placed]
    (folder / "master.cf").write_text("".join([MASTER_CF, *entries]))


def start(layout: Layout, folder: Path) -> None:
    """Start the instance with this configuration directory; raises CalledProcessError when Postfix refuses (see its start.log)."""
    command = namespace.inside(layout, ["/usr/sbin/postfix", "-c", str(folder), "start"])
    clean = {key: value for key, value in os.environ.items() if key != "MAIL_CONFIG"}
    with (folder / "start.log").open("ab") as log:
        subprocess.run(command, check=True, env=clean, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
