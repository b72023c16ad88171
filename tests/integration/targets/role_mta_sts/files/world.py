# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail domains with exchanges, an nginx for their policies, and a signed DNS whose records can be changed.

    example.org     two exchanges with certificates of our authority
    example.net     one exchange with a certificate of an authority that nobody trusts

By hand, as root: `world.py start FOLDER`, `world.py publish FOLDER UPDATES`, `world.py stop FOLDER`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(Path(__file__).resolve().parents[8]))
from ansible_collections.mailops.tls.tests.lab import zones  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.authorities import Pki  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.case import Leaf, Zone  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.keys import key_pem  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.namespace import Namespace  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.nsd import nsd, zone_clauses  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.postfix import MASTER_CF, overrides, postfix  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.server import Server  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.unbound import unbound  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.mail_server import PARAMETERS  # noqa: E402

HERE = Namespace()
RESOLVER, NAME_SERVER = "127.0.57.1", "127.0.57.2"
NETWORK = "192.31.196"
"""Addresses that count as global and that no mail server has (RFC 7535); here they are on the loopback interface of the test network."""
MX1, MX2, OTHER, WEB = (f"{NETWORK}.{number}" for number in (25, 26, 27, 80))
REVERSE = ".".join(reversed(NETWORK.split("."))) + ".in-addr.arpa"
CHAINS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "exchanges": (("mx1.example.org", "mx2.example.org"), "inter"),
    "other": (("mx.example.net",), "other"),
    "web-example.org": (("mta-sts.example.org",), "inter"),
    "web-example.net": (("mta-sts.example.net",), "inter"),
    "web-wrong": (("www.example.org",), "inter"),
}
"""For each file of a key and its chain: the names, and who issues it."""
ORG = (
    "@ MX 10 mx1.example.org.", "@ MX 20 mx2.example.org.", f"mx1 A {MX1}", f"mx2 A {MX2}", f"mta-sts A {WEB}",
)  # fmt: skip
NET = ("@ MX 10 mx.example.net.", f"mx A {OTHER}", f"mta-sts A {WEB}")
NGINX = """user www-data;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    include {folder}/conf.d/*.conf;
}}
"""


def exchanges(folder: Path) -> Server:
    """An smtpd for each exchange."""
    chosen = {MX1: "exchanges", MX2: "exchanges", OTHER: "other"}
    entries = "".join(
        f"{address}:25 inet n - n - - smtpd\n" + overrides([("smtpd_tls_chain_files", str(folder / f"{chain}.pem"))])
        for address, chain in chosen.items()
    )
    parameters = {**PARAMETERS, "inet_interfaces": "all", "myhostname": "mx1.example.org"}
    return postfix("postfix", folder / "postfix", parameters, MASTER_CF + entries)


def web_server(folder: Path) -> Server:
    """An nginx without a host; it reads those of `conf.d`."""
    own = folder / "nginx"
    files = {"nginx.conf": NGINX.format(folder=own)}
    return Server("nginx", own, ("/usr/sbin/nginx", "-c", str(own / "nginx.conf")), "nginx", files, {"conf.d": "", "temporary": ""})


def name_servers(folder: Path) -> tuple[Server, Server]:
    """All zones at one NSD, with what was published, and a resolver that validates and remembers nothing."""
    published: list[Mapping[str, object]] = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    org = list(ORG)
    for one in published:
        values = one["value"] if isinstance(one["value"], list) else [one["value"]]
        org = [line for line in org if not line.startswith(f"{one['record']} {one['type']} ")]
        if (one["record"], one["type"]) == ("example.org.", "MX"):
            org = [line for line in org if not line.startswith("@ MX ")]
        org += [f"{one['record']} {one['type']} {value}" for value in values]
    reverse = ("25 PTR mx1.example.org.", "26 PTR mx2.example.org.", "27 PTR mx.example.net.")
    wanted = [Zone("org", ()), Zone("net", ()), Zone("example.org", tuple(org)), Zone("example.net", NET), Zone(REVERSE, reverse)]
    signed = zones.build(wanted, NAME_SERVER)
    files = zones.write(signed, folder / "zones")
    server = nsd("nsd", folder / "nsd", [NAME_SERVER], zone_clauses(files))
    more = "server:\n    cache-max-ttl: 0\n    cache-max-negative-ttl: 0\n"
    return server, unbound("unbound", folder / "unbound", RESOLVER, ("a.root", NAME_SERVER), signed.anchors, "example.org.", more)


def make_certificates(folder: Path) -> None:
    """Make the authority, and a key with its chain for every server."""
    pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
    (folder / "ca.pem").write_bytes(pki.authorities["root"].pem)
    for name, (names, issuer) in CHAINS.items():
        made = pki.issue(Leaf(names=names, issuer=issuer), names[0])
        path = folder / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(key_pem(made.key) + made.pem + pki.authorities[issuer].pem)
        (folder / f"{name}.crt").write_bytes(made.pem + pki.authorities[issuer].pem)


def start(folder: Path) -> None:
    """Start everything."""
    folder.chmod(0o711)
    make_certificates(folder)
    (folder / "published.json").write_text("[]", encoding="ascii")
    for address in (MX1, MX2, OTHER, WEB):
        subprocess.run(["ip", "address", "replace", address + "/32", "dev", "lo"], check=True)
    for server in (*name_servers(folder), exchanges(folder), web_server(folder)):
        server.start(HERE)


def publish(folder: Path, updates: str) -> None:
    """Put RRsets, as modules for DNS providers take them, in the place of those that there are."""
    path = folder / "published.json"
    new = {(one["record"], one["type"]): one for one in json.loads(path.read_text(encoding="utf-8")) + json.loads(updates)}
    for server in reversed(name_servers(folder)):
        server.stop(HERE)
    path.write_text(json.dumps(list(new.values())), encoding="utf-8")
    for server in name_servers(folder):
        server.start(HERE)


def stop(folder: Path) -> None:
    """Stop what runs."""
    for server in (web_server(folder), exchanges(folder), *reversed(name_servers(folder))):
        server.stop(HERE)
    for address in (MX1, MX2, OTHER, WEB):
        subprocess.run(["ip", "address", "delete", address + "/32", "dev", "lo"], check=False)


if __name__ == "__main__":
    {"start": start, "stop": stop, "publish": publish}[sys.argv[1]](Path(sys.argv[2]).resolve(), *sys.argv[3:])
