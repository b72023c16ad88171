# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two private Postfix instances with an smtpd for every listener; a main.cf and a client certificate for posttls-finger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .authorities import Identity, Pki
from .case import Leaf
from .keys import key_pem
from .layout import Layout
from .machinery.postfix import MASTER_CF, overrides, postfix
from .machinery.server import Server
from .plan import Placed

PARAMETERS = {
    "myhostname": "lab.test",
    "mynetworks": "127.0.0.0/8 [::1]/128",
    "inet_interfaces": "loopback-only",
    "inet_protocols": "all",
    "local_recipient_maps": "",
    "default_transport": "error:the lab keeps no mail",
    "default_process_limit": "600",
    "max_idle": "20s",
    "smtpd_peername_lookup": "no",
    "smtpd_client_connection_count_limit": "0",
    "smtpd_client_connection_rate_limit": "0",
    "smtpd_relay_restrictions": "reject",
    "smtpd_recipient_restrictions": "reject",
    "smtpd_tls_security_level": "may",
    "smtpd_tls_loglevel": "1",
    "smtpd_tls_session_cache_database": "",
}

CLIENT_NAME = "client.lab.test"

CLIENT_MAIN_CF = """compatibility_level = 3.6
myhostname = client.lab.test
mail_owner = postfix
inet_protocols = all
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


def server(layout: Layout, name: str, folder: Path, placed: Sequence[Placed], pki: Pki) -> Server:
    """Return the instance with these listeners; their chain files are written now."""
    layout.chains.mkdir(exist_ok=True)
    entries = [_service(layout, each, pki) for each in placed]
    return postfix(name, folder, PARAMETERS, "".join([MASTER_CF, *entries]))
