# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ns1: BIND, which signs the domain by itself and takes updates of its TLSA records (RFC 2136) with a TSIG key."""

from __future__ import annotations

import dns.dnssec
import dns.name
import dns.rdata

from ..machinery.readiness import serves
from ..machinery.server import Server
from .layout import RolloverLayout
from .settings import DOMAIN, EXCHANGES, PRIMARY_ADDRESS, SECONDARY_ADDRESS, Settings
from .tsig import TsigKey

ZONE = """$TTL 60
@ SOA ns1 hostmaster 1 2 1 3600 {negative_ttl}
@ NS ns1
@ NS ns2
ns1 A {primary}
ns2 A {secondary}
"""

NAMED_CONF = """{keys}
options {{
    directory "{folder}";
    pid-file "{folder}/pid";
    session-keyfile "{folder}/session.key";
    managed-keys-directory "{folder}";
    listen-on {{ {address}; }};
    listen-on-v6 {{ none; }};
    query-source address {address};
    notify-source {address};
    notify-delay 0;
    recursion no;
    allow-query {{ any; }};
    allow-transfer {{ key "{transfer}"; }};
    dnssec-validation no;
    empty-zones-enable no;
    max-ixfr-ratio unlimited;
}};
controls {{ }};
logging {{
    channel file {{ file "{folder}/log"; print-time iso8601; print-category yes; severity info; }};
    category default {{ file; }};
    category lame-servers {{ null; }};
}};
dnssec-policy "lab" {{
    keys {{ csk lifetime unlimited algorithm ecdsap256sha256; }};
    dnskey-ttl 60;
    publish-safety PT1S;
    retire-safety PT1S;
    zone-propagation-delay PT1S;
{lifetimes}}};
zone "{domain}" {{
    type primary;
    file "{folder}/zone";
    dnssec-policy "lab";
    inline-signing no;
    notify explicit;
    also-notify {{ {secondary} key "{transfer}"; }};
    update-policy {{ grant "{update}" zonesub TLSA; }};
}};
"""


def _lifetimes(settings: Settings) -> str:
    """The policy's times for signatures: renewed when half of their time is over."""
    if settings.signature_lifetime is None:
        return ""
    names = {"signatures-validity": 1.0, "signatures-validity-dnskey": 1.0, "signatures-refresh": 0.5}
    return "    signatures-jitter PT1S;\n" + "".join(
        f"    {name} PT{int(settings.signature_lifetime * part)}S;\n" for name, part in names.items()
    )


def write(layout: RolloverLayout, settings: Settings, update: TsigKey, transfer: TsigKey) -> None:
    """Write named.conf and the unsigned zone."""
    layout.primary.mkdir()
    text = ZONE.format(negative_ttl=settings.negative_ttl, primary=PRIMARY_ADDRESS, secondary=SECONDARY_ADDRESS)
    text += "".join(f"@ MX 10 {each.label}\n" for each in EXCHANGES)
    for each in EXCHANGES:
        text += "".join(f"{each.label} {'AAAA' if ':' in address else 'A'} {address}\n" for address in each.addresses)
    (layout.primary / "zone").write_text(text, encoding="ascii")
    values = {
        "keys": update.for_bind + transfer.for_bind,
        "folder": layout.primary,
        "address": PRIMARY_ADDRESS,
        "secondary": SECONDARY_ADDRESS,
        "transfer": transfer.name,
        "update": update.name,
        "domain": DOMAIN,
        "lifetimes": _lifetimes(settings),
    }
    config = layout.primary / "named.conf"
    config.touch(mode=0o600)
    config.write_text(NAMED_CONF.format(**values), encoding="ascii")


def server(layout: RolloverLayout) -> Server:
    """Return BIND, ready when it serves signatures. It stops and starts with its zone, its journal and its key."""
    command = ("/usr/sbin/named", "-4", "-n", "1", "-c", str(layout.primary / "named.conf"))
    signs = serves(PRIMARY_ADDRESS, DOMAIN, "+dnssec", "+norecurse", wanted="RRSIG")
    return Server("ns1", layout.primary, command, "bind9", ready=signs)


def delegation_signer(layout: RolloverLayout) -> str:
    """The data of the domain's DS record (RFC 4034 section 5), from the key that BIND has made at its first start."""
    (path,) = layout.primary.glob("K*.key")
    fields = [line for line in path.read_text(encoding="ascii").splitlines() if not line.startswith(";")][0].split(None, 4)
    dnskey = dns.rdata.from_text("IN", "DNSKEY", fields[-1].partition("DNSKEY")[2] or fields[-1])
    return str(dns.dnssec.make_ds(dns.name.from_text(DOMAIN), dnskey, "SHA256").to_text())
