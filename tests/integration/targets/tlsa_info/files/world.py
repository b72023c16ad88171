# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small DNS of its own: signed zones on two NSDs, their parents on another, one that is lame, and a validating Unbound.

By hand, as root: `world.py start FOLDER`, `world.py serve FOLDER ns1|ns2 SERIAL [RDATA...]` for the TLSA records of mx1.example.org,
`world.py freeze|thaw FOLDER ns2`, `world.py stop FOLDER`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdata
import dns.zone
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(Path(__file__).resolve().parents[8]))
from ansible_collections.mailops.tls.tests.lab.machinery.namespace import Namespace  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.nsd import nsd, zone_clauses  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.readiness import serves, wait  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.server import Server  # noqa: E402
from ansible_collections.mailops.tls.tests.lab.machinery.unbound import unbound  # noqa: E402

HERE = Namespace()

RESOLVER, PARENTS, NS1, NS2, DEAD, LAME = (f"127.0.53.{number}" for number in range(1, 7))
HIDDEN = "192.0.2.53"
"""Another address of ns1, which no NS record names; the examples of the documentation have it."""
ADDRESSES = {"parents": (PARENTS,), "ns1": (NS1, HIDDEN), "ns2": (NS2,), "lame": (LAME,)}
OWNER = "_25._tcp.mx1.example.org."
DIGEST = "ab" * 32
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HOUR = 3600
SIGNED_UNTIL = {"odd.org.": HOUR}
"""Seconds that signatures last, where it is not a month."""
UNSIGNED = ("unsigned.org.",)

ZONES = {
    "example.org.": f"@ NS ns1\n@ NS ns2\nns1 A {NS1}\nns2 A {NS2}\nlame A {LAME}\ndead A {DEAD}\nmx1 A 127.0.53.9\nmx2 A 127.0.53.9\n"
    "_25._tcp.mx2 CNAME _25._tcp.mx1\n",
    "broken.org.": "@ NS ns1.example.org.\n@ NS lame.example.org.\n@ NS dead.example.org.\n@ NS nowhere.example.org.\n"
    f"_25._tcp.mx TLSA 3 1 1 {DIGEST}\n",
    "unsigned.org.": f"@ NS ns1.example.org.\n_25._tcp.mx TLSA 3 1 1 {DIGEST}\n_25._tcp.alias CNAME {OWNER}\n",
    "odd.org.": "@ NS ns1.example.org.\n_25._tcp.high 200000 TLSA 3 1 1 %s\n_25._tcp.low 5 TLSA 3 1 1 %s\n_25._tcp.pkix TLSA 1 1 1 %s\n"
    "_25._tcp.empty TLSA 3 1 1 %s\n_25._tcp.pin TLSA 3 0 1 %s\n_25._tcp.unknown TLSA 3 1 9 aabbcc\n_993._tcp.pkix TLSA 1 1 1 %s\n"
    "_25._tcp.loop CNAME _25._tcp.loop2\n_25._tcp.loop2 CNAME _25._tcp.loop\n" % ((DIGEST,) * 3 + (NOTHING,) + (DIGEST,) * 2),
    "glue.org.": f"@ NS ns1\n@ NS ns3\nns1 A {NS1}\nns3 A {NS2}\n_25._tcp.mx TLSA 3 1 1 {DIGEST}\n",
}
DELEGATIONS = {
    "example.org.": f"example NS ns1.example\nexample NS ns2.example\nns1.example A {NS1}\nns2.example A {NS2}\n",
    "broken.org.": "".join(f"broken NS {name}.example.org.\n" for name in ("ns1", "lame", "dead", "nowhere")),
    "unsigned.org.": "unsigned NS ns1.example.org.\n",
    "odd.org.": "odd NS ns1.example.org.\n",
    "glue.org.": f"glue NS ns1.glue\nglue NS ns2.glue\nns1.glue A {NS2}\nns2.glue A {NS2}\n",
}
QUICK = f"""server:
    num-threads: 1
    infra-host-ttl: 2
    infra-keep-probing: yes
    val-bogus-ttl: 1
    outgoing-interface: {RESOLVER}
"""
"""What the resolver has besides what every one has: it forgets soon who did not answer."""


def key_of(folder: Path, zone: str) -> ec.EllipticCurvePrivateKey:
    """The zone's key, made when it is first wanted."""
    path = folder / (f"{zone}key")
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        plain = serialization.NoEncryption()
        path.write_bytes(made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    found = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    return found


def dnskey_of(folder: Path, zone: str) -> dns.rdata.Rdata:
    return dns.dnssec.make_dnskey(key_of(folder, zone).public_key(), "ECDSAP256SHA256", flags=257)


def delegation_signer(folder: Path, zone: str) -> str:
    return dns.dnssec.make_ds(dns.name.from_text(zone), dnskey_of(folder, zone), "SHA256").to_text()  # type: ignore[arg-type]


def zone_text(folder: Path, name: str, records: str, serial: int, *, signed: bool = True) -> str:
    """A zone with SOA, signed with the key of its name unless it is not to be."""
    text = f"$TTL 300\n@ SOA ns1.example.org. hostmaster.example.org. {serial} 3600 600 86400 2\n{records}"
    zone = dns.zone.from_text(text, origin=name, relativize=False)
    if signed:
        keys = [(key_of(folder, name), dnskey_of(folder, name))]
        with zone.writer() as writer:
            dns.dnssec.sign_zone(zone, writer, keys=keys, lifetime=SIGNED_UNTIL.get(name, 30 * 24 * HOUR))  # type: ignore[arg-type]
    return str(zone.to_text(relativize=False))


def write_zones(folder: Path, server: str, zones: dict[str, str]) -> None:
    (folder / server).mkdir(exist_ok=True)
    for name, text in zones.items():
        new = folder / server / "new"
        new.write_text(text, encoding="ascii")
        new.replace(folder / server / (f"{name}zone"))


def example_org(folder: Path, serial: int, rdata: list[str]) -> str:
    records = "".join(f"{OWNER} 2 TLSA {one}\n" for one in rdata)
    return zone_text(folder, "example.org.", ZONES["example.org."] + records, serial)


def name_server(folder: Path, name: str) -> Server:
    """An NSD with the zones whose files are there."""
    zones = sorted(path.name[:-len("zone")] for path in (folder / name).glob("*.zone"))
    return nsd(name, folder / name, ADDRESSES[name], zone_clauses({zone: folder / name / f"{zone}zone" for zone in zones}))


def resolver(folder: Path) -> Server:
    anchor = f". IN DS {delegation_signer(folder, '.')}"
    return unbound("unbound", folder / "unbound", RESOLVER, ("a.root", PARENTS), [anchor], "example.org.", QUICK)


def servers(folder: Path) -> dict[str, Server]:
    """All of them, by name, in the order to start them."""
    return {**{name: name_server(folder, name) for name in ADDRESSES}, "unbound": resolver(folder)}


def start(folder: Path) -> None:
    subprocess.run(["ip", "address", "replace", HIDDEN + "/32", "dev", "lo"], check=True)
    org = "@ NS a.root.\n" + "".join(DELEGATIONS.values())
    for name in ZONES:
        if name not in UNSIGNED:
            org += f"{name} DS {delegation_signer(folder, name)}\n"
    root = f"@ NS a.root.\na.root. A {PARENTS}\norg. NS a.root.\norg. DS {delegation_signer(folder, 'org.')}\n"
    write_zones(folder, "parents", {".": zone_text(folder, ".", root, 1), "org.": zone_text(folder, "org.", org, 1)})
    zones = {name: zone_text(folder, name, text, 1, signed=name not in UNSIGNED) for name, text in ZONES.items()}
    zones["example.org."] = example_org(folder, 1, ["3 1 1 " + DIGEST])
    for server in ("ns1", "ns2"):
        write_zones(folder, server, zones)
    for made in servers(folder).values():
        made.start(HERE)
    for address, zone in ((PARENTS, "org."), (NS1, "example.org."), (NS2, "example.org.")):
        wait(HERE, serves(address, zone))


def serve(folder: Path, server: str, serial: int, rdata: list[str]) -> None:
    write_zones(folder, server, {"example.org.": example_org(folder, serial, rdata)})
    os.kill(int(name_server(folder, server).pid_file.read_text(encoding="ascii")), signal.SIGHUP)
    wait(HERE, serves(ADDRESSES[server][0], "example.org.", wanted=f" {serial} 3600 "))


def stop(folder: Path) -> None:
    for server in servers(folder).values():
        server.stop(HERE)
    subprocess.run(["ip", "address", "delete", HIDDEN + "/32", "dev", "lo"], check=False)


def main(command: str, folder: Path, arguments: list[str]) -> None:
    if command == "start":
        start(folder)
        print(json.dumps({"resolver": RESOLVER, "ns1": NS1, "ns2": NS2, "dead": DEAD, "lame": LAME, "hidden": HIDDEN, "digest": DIGEST}))
    elif command == "serve":
        serve(folder, arguments[0], int(arguments[1]), arguments[2:])
    elif command in ("freeze", "thaw"):
        servers(folder)[arguments[0]].send(HERE, signal.SIGSTOP if command == "freeze" else signal.SIGCONT)
    else:
        stop(folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
