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
import time
from pathlib import Path

import dns.dnssec
import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.zone
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

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
NSD_CONF = """server:
{addresses}    username: root
    chroot: ""
    server-count: 1
    database: ""
    pidfile: ""
    logfile: "{folder}/log"
    zonelistfile: "{folder}/zone.list"
    xfrdfile: ""
    xfrdir: "{folder}"
    zonesdir: "{folder}"
    rrl-ratelimit: 0
remote-control:
    control-enable: no
{zones}"""
UNBOUND_CONF = """server:
    interface: {address}
    access-control: 127.0.0.0/8 allow
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: ""
    logfile: "{folder}/log"
    use-syslog: no
    verbosity: 1
    num-threads: 1
    module-config: "validator iterator"
    root-hints: "{folder}/hints"
    trust-anchor-file: "{folder}/anchor"
    trust-anchor-signaling: no
    do-ip6: no
    do-not-query-localhost: no
    target-fetch-policy: "0 0 0 0 0"
    infra-host-ttl: 2
    infra-keep-probing: yes
    val-bogus-ttl: 1
    outgoing-interface: {address}
remote-control:
    control-enable: no
"""


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


def launch(folder: Path, name: str, command: list[str]) -> None:
    """Start a server in a process group of its own."""
    with (folder / name / "output").open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    (folder / name / "pid").write_text(str(process.pid), encoding="ascii")


def start_nsd(folder: Path, name: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    zones = sorted(path.name[:-len("zone")] for path in (folder / name).glob("*.zone"))
    clauses = "".join(f'zone:\n    name: "{zone}"\n    zonefile: "{zone}zone"\n' for zone in zones)
    addresses = "".join(f"    ip-address: {address}\n" for address in ADDRESSES[name])
    config = folder / name / "nsd.conf"
    config.write_text(NSD_CONF.format(addresses=addresses, folder=folder / name, zones=clauses), encoding="ascii")
    launch(folder, name, ["/usr/sbin/nsd", "-d", "-c", str(config)])


def start_unbound(folder: Path) -> None:
    own = folder / "unbound"
    own.mkdir()
    (own / "hints").write_text(f". 3600 NS a.root.\na.root. 3600 A {PARENTS}\n", encoding="ascii")
    (own / "anchor").write_text(f". IN DS {delegation_signer(folder, '.')}\n", encoding="ascii")
    (own / "unbound.conf").write_text(UNBOUND_CONF.format(address=RESOLVER, folder=own), encoding="ascii")
    launch(folder, "unbound", ["/usr/sbin/unbound", "-d", "-c", str(own / "unbound.conf")])


def wait_for(address: str, name: str, serial: int) -> None:
    """Wait until a server has this serial, or any with 0; raises RuntimeError when it does not come to it."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            reply = dns.query.udp(dns.message.make_query(name, "SOA"), address, timeout=1)
            if reply.answer and serial in (0, reply.answer[0][0].serial):  # type: ignore[attr-defined]
                return
        except (OSError, dns.exception.DNSException):
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{address} does not serve {name}")


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
    for server in ADDRESSES:
        start_nsd(folder, server)
    start_unbound(folder)
    for address in (PARENTS, NS1, NS2, RESOLVER):
        wait_for(address, "org." if address == PARENTS else "example.org.", 0)


def pid_of(folder: Path, name: str) -> int:
    return int((folder / name / "pid").read_text(encoding="ascii"))


def serve(folder: Path, server: str, serial: int, rdata: list[str]) -> None:
    write_zones(folder, server, {"example.org.": example_org(folder, serial, rdata)})
    os.kill(pid_of(folder, server), signal.SIGHUP)
    wait_for(ADDRESSES[server][0], "example.org.", serial)


def send(folder: Path, name: str, number: signal.Signals) -> None:
    os.killpg(pid_of(folder, name), number)


def stop(folder: Path) -> None:
    for path in folder.glob("*/pid"):
        try:
            send(folder, path.parent.name, signal.SIGCONT)
            send(folder, path.parent.name, signal.SIGTERM)
        except ProcessLookupError:
            pass
    subprocess.run(["ip", "address", "delete", HIDDEN + "/32", "dev", "lo"], check=False)


def main(command: str, folder: Path, arguments: list[str]) -> None:
    if command == "start":
        start(folder)
        print(json.dumps({"resolver": RESOLVER, "ns1": NS1, "ns2": NS2, "dead": DEAD, "lame": LAME, "hidden": HIDDEN, "digest": DIGEST}))
    elif command == "serve":
        serve(folder, arguments[0], int(arguments[1]), arguments[2:])
    elif command in ("freeze", "thaw"):
        send(folder, arguments[0], signal.SIGSTOP if command == "freeze" else signal.SIGCONT)
    else:
        stop(folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
