# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words a case is written in: zones, listeners, certificates and what Postfix makes of them.

Everything here is a frozen value. Names of things that exist only once the lab is up stand in braces:
`{mx}` in a record or a destination is the address of the case's listener `mx`, and `{mx.leaf}` in a TLSA record is
the association data of that listener's certificate `leaf`, computed from the selector and matching type before it.
`{inter}` or any other name of `authorities` stands for that authority's certificate, and `:short` cuts the last byte off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Union

OptionValue = Union[str, bool, int, tuple[str, ...]]


class Delegation(str, Enum):
    """How the parent zone hands a zone over, and so what a validating resolver makes of its records."""

    SECURE = "secure"
    """Signed, and the parent has the right DS record: answers have AD."""
    INSECURE = "insecure"
    """Unsigned, and the parent proves that there is no DS record: answers without AD."""
    BOGUS_DS = "bogus-ds"
    """Signed, but the DS record is of another key: SERVFAIL."""
    EXPIRED = "expired"
    """Signed by the right key, signatures out of date: SERVFAIL."""
    ISLAND = "island"
    """Signed below an insecure zone, and the resolver has a trust anchor of its own for it: answers have AD."""
    LAME = "lame"
    """Delegated to a server that answers everything with SERVFAIL."""


@dataclass(frozen=True)
class Zone:
    """One zone: its name without trailing dot and its records in presentation format, names relative to the zone.

    `broken` lists the record types whose signatures are damaged. SOA and NS are added when the zone is made.
    """

    name: str
    records: tuple[str, ...]
    delegation: Delegation = Delegation.SECURE
    broken: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leaf:
    """A server certificate. `tag` is its name in TLSA records (`{mx.leaf}`) and in Listener.chains.

    `names` are dNSNames, `{host}` being the listener's host name; `addresses` iPAddresses. `issuer` is a name
    of `authorities`, or `self`. `key` is one of ecdsa, ed25519, rsa, rsa-1024, rsa-768; `digest` sha256 or sha1.
    `purpose` is server or client, for the extended key usage. `same_key` is the tag of an earlier leaf whose key it has.
    """

    names: tuple[str, ...] = ("{host}",)
    tag: str = "leaf"
    common_name: str = "leaf"
    addresses: tuple[str, ...] = ()
    key: str = "ecdsa"
    issuer: str = "inter"
    expired: bool = False
    digest: str = "sha256"
    purpose: str = "server"
    same_key: str = ""


@dataclass(frozen=True)
class Listener:
    """One address and port where something answers, or is meant to.

    `label` names it inside the case. `host` is its host name, `label.first-zone-of-the-case` when empty. `leaves` are
    its certificates, also those not served yet. `chains` are the chains sent, as tags of leaves and names of authorities in
    the order on the wire, leaf first, one chain for each key type; without any the server is anonymous. `smtpd` are Postfix
    parameters (smtpd -o), `{root}` in them is the CA file. `script` names a behaviour of `scripted` that takes Postfix's place.
    `sni` maps server names to the chain sent for them. `address` is chosen when empty. `closed`: nothing listens there.

    `second`: the listener belongs to the second Postfix instance, which shares no session keys with the first. `balances` makes it a
    balancer in front of these listeners of the case, by label, each in turn. `shares` is the label of an earlier listener of the case
    whose certificates it has. `lmtp`: Dovecot's LMTP server takes Postfix's place.
    """

    label: str = "mx"
    host: str = ""
    leaves: tuple[Leaf, ...] = (Leaf(),)
    chains: tuple[tuple[str, ...], ...] = (("leaf", "inter"),)
    port: int = 25
    implicit: bool = False
    address: str = ""
    smtpd: Mapping[str, str] = field(default_factory=dict)
    script: str = ""
    sni: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closed: bool = False
    second: bool = False
    balances: tuple[str, ...] = ()
    shares: str = ""
    lmtp: bool = False

    @property
    def by_postfix(self) -> bool:
        """True when one of the two Postfix instances listens."""
        return not (self.closed or self.script or self.balances or self.lmtp)


@dataclass(frozen=True)
class Expected:
    """What Postfix makes of one endpoint at one level.

    `status` is the word of Postfix 3.12 in lower case, None without TLS. `satisfied` is the rule of smtp(8) for that endpoint.
    `matched` are the parameters of the TLSA record that authenticated, such as `3 1 1`. `error_kind` is a value of the
    collection's ErrorKind. `postfix37` is the word of Postfix 3.7.11 where it differs, `reason37` why.
    """

    status: str | None
    satisfied: bool
    matched: str | None = None
    error_kind: str | None = None
    postfix37: str | None = None
    reason37: str = ""

    @property
    def word37(self) -> str | None:
        """The status word of Postfix 3.7.11."""
        return self.postfix37 or self.status


Levels = Mapping[str, Expected]


@dataclass(frozen=True)
class Case:
    """One situation and what is expected of it.

    `expected` maps security levels to the verdict on the first endpoint that accepts a connection, which is the only one
    posttls-finger looks at; `endpoints` does the same for each exchange by host name where there are several.
    `options` are options of the module smtp_tls_probe (`ca` true is the lab's root.pem, a string another authority's
    certificate; `client` true is the lab's client certificate) and `tls_dane_digests`. `hosts` are names that only the hosts file
    knows, each with the label of its listener. `matrix_row` is the row of the matrix that it reproduces
    (docs/postfix-semantics.md section 12).
    `unsupported37` says why the posttls-finger of Postfix 3.7.11 cannot run it, `unlike_smtp` at which levels the whole delivery by
    smtp(8) ends otherwise than `satisfied` says of the endpoint, and why.
    """

    name: str
    destination: str
    title: str
    expected: Levels
    zones: tuple[Zone, ...] = ()
    listeners: tuple[Listener, ...] = ()
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    endpoints: Mapping[str, Levels] = field(default_factory=dict)
    matrix_row: int | None = None
    unsupported37: str = ""
    unlike_smtp: Mapping[str, str] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)
