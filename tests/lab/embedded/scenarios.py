# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be seen in the embedded network, as data: each scenario is one domain and what a reader should expect of it.

Every scenario's domain is `NAME.example`; all its mail servers are told apart by address. The expected verdicts are
those of Postfix 3.12's smtp(8) at the scenario's security level (postfix(5) `smtp_tls_security_level`, RFC 7672).

The domain of a mailbox scenario has one server, `mail`, with IMAP and submission for one user.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Served(Enum):
    """What a mail server shows after STARTTLS."""

    FROM_AUTHORITY = "a certificate of the demo authority, with its intermediate"
    EXPIRED = "the same, but it expired a week ago"
    SELF_SIGNED = "a certificate that it signed itself"
    NO_STARTTLS = "STARTTLS is not offered"
    NOT_LISTENING = "nothing answers at this address"


class Pin(Enum):
    """What a published TLSA record names."""

    SERVED_KEY = "3 1 1 of the key that the server uses"
    OTHER_KEY = "3 1 1 of a key that the server does not use: one before, or one to come"
    AUTHORITY_KEY = "2 1 1 of the intermediate authority"


@dataclass(frozen=True)
class Exchange:
    """One mail server: its label below the domain, MX preference, last octet of its address, TLS and TLSA records."""

    label: str
    octet: int
    served: Served
    pins: tuple[Pin, ...] = ()
    preference: int = 10

    @property
    def address(self) -> str:
        """The loopback address that it, and nobody else in the network, has."""
        return f"127.0.10.{self.octet}"


@dataclass(frozen=True)
class Scenario:
    """One domain, and what a probe at its `security_level` has to find.

    `status` and `satisfied` are the verdict on the domain, `errors` the `error.kind` of whatever kept the probe
    from a certificate, of the domain first and then of each endpoint. Without exchanges the domain has a null MX.
    `tlsa_broken`: the resolver answers SERVFAIL to its TLSA questions.
    """

    name: str
    title: str
    meaning: str
    status: str
    satisfied: bool
    exchanges: tuple[Exchange, ...] = ()
    security_level: str = "dane"
    signed: bool = True
    tlsa_broken: bool = False
    errors: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The next-hop domain, without trailing dot."""
        return self.name + ".example"


SCENARIOS = (
    Scenario(
        "dane-verified",
        "DANE, as it should be",
        "The server's key is the one that its TLSA record (3 1 1) names: nobody in between listened.",
        status="verified",
        satisfied=True,
        exchanges=(Exchange("mx", 1, Served.FROM_AUTHORITY, (Pin.SERVED_KEY,)),),
    ),
    Scenario(
        "dane-stale",
        "Key changed, TLSA record forgotten",
        "The key was changed, the TLSA record was not: every sender that checks DANE holds its mail back.",
        status="untrusted",
        satisfied=False,
        exchanges=(Exchange("mx", 2, Served.FROM_AUTHORITY, (Pin.OTHER_KEY,)),),
    ),
    Scenario(
        "dane-rollover",
        "Key rollover under way",
        "The current and the next key are both published: the server can change over at any moment.",
        status="verified",
        satisfied=True,
        exchanges=(Exchange("mx", 3, Served.FROM_AUTHORITY, (Pin.SERVED_KEY, Pin.OTHER_KEY)),),
    ),
    Scenario(
        "dane-ta-expired",
        "Expired certificate below a pinned authority",
        "The TLSA record (2 1 1) names the issuer; unlike with 3 1 1 the dates count, and they are past.",
        status="untrusted",
        satisfied=False,
        exchanges=(Exchange("mx", 4, Served.EXPIRED, (Pin.AUTHORITY_KEY,)),),
    ),
    Scenario(
        "tlsa-broken",
        "TLSA records cannot be looked up",
        "The resolver fails on the TLSA question, which is not \"no record\": mail waits for an answer.",
        status="failed",
        satisfied=False,
        errors=("tlsa_lookup_failed",),
        exchanges=(Exchange("mx", 5, Served.FROM_AUTHORITY, (Pin.SERVED_KEY,)),),
        tlsa_broken=True,
    ),
    Scenario(
        "no-starttls",
        "TLSA record published, STARTTLS not offered",
        "DNS promises TLS, the server or somebody in between hides it: mail is not sent in the clear.",
        status="plaintext",
        satisfied=False,
        errors=("starttls_not_offered",),
        exchanges=(Exchange("mx", 6, Served.NO_STARTTLS, (Pin.OTHER_KEY,)),),
    ),
    Scenario(
        "dead-primary",
        "Best exchange down, backup alive",
        "Nothing listens on the preferred exchange, the backup is verified: mail is delivered there.",
        status="failed",
        satisfied=True,
        errors=("connect_refused",),
        exchanges=(
            Exchange("mx1", 7, Served.NOT_LISTENING, (Pin.OTHER_KEY,), preference=10),
            Exchange("mx2", 8, Served.FROM_AUTHORITY, (Pin.SERVED_KEY,), preference=20),
        ),
    ),
    Scenario(
        "null-mx",
        "Null MX",
        "The domain says that it takes no mail at all (RFC 7505).",
        status="failed",
        satisfied=False,
        errors=("null_mx",),
    ),
    Scenario(
        "pkix-verified",
        "No DNSSEC, certificate of a trusted authority",
        "No DANE, and the sender wants level secure: the demo's authority vouches for the name.",
        status="verified",
        satisfied=True,
        security_level="secure",
        signed=False,
        exchanges=(Exchange("mx", 9, Served.FROM_AUTHORITY),),
    ),
    Scenario(
        "self-signed",
        "Self-signed certificate, nothing pins it",
        "Encrypted, but anybody could have made this certificate: enough for level may, not for secure.",
        status="untrusted",
        satisfied=False,
        security_level="secure",
        signed=False,
        exchanges=(Exchange("mx", 10, Served.SELF_SIGNED),),
    ),
)

USER = "anna"
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class MailboxScenario:
    """One mail server with a mailbox, and what a user finds who logs in and sends herself a message.

    `offers_tls` says whether there is STARTTLS, `password` what the server takes, and `keeps` whether submitted mail arrives.
    `status` is the verdict on IMAP, `outcome` what becomes of each login there, and `delivered` of a message, if one is sent.
    """

    name: str
    title: str
    meaning: str
    octet: int
    status: str
    outcome: str
    delivered: bool | None = None
    offers_tls: bool = True
    password: str = PASSWORD
    keeps: bool = True

    @property
    def domain(self) -> str:
        """The domain of the user's address."""
        return self.name + ".example"

    @property
    def host(self) -> str:
        """The name of the server."""
        return "mail." + self.domain

    @property
    def address(self) -> str:
        """The loopback address that it, and nobody else in the network, has."""
        return f"127.0.10.{self.octet}"


MAILBOXES = (
    MailboxScenario(
        "mailbox",
        "A mailbox, as it should be",
        "The certificate verifies, so the password is sent; the message to oneself arrives and is removed.",
        octet=21,
        status="verified",
        outcome="accepted",
        delivered=True,
    ),
    MailboxScenario(
        "wrong-password",
        "The password is wrong",
        "TLS is as it should be, and the server says that it does not know this name with this password.",
        octet=22,
        status="verified",
        outcome="bad_credentials",
        password="something else",
    ),
    MailboxScenario(
        "mailbox-in-clear",
        "A mailbox without STARTTLS",
        "The server takes passwords in the clear. Everybody on the way could read it, so none is sent.",
        octet=23,
        status="plaintext",
        outcome="withheld",
        offers_tls=False,
    ),
    MailboxScenario(
        "lost-mail",
        "Mail is taken and lost",
        "The submission server says that it queued the message, which never comes to the mailbox.",
        octet=24,
        status="verified",
        outcome="accepted",
        delivered=False,
        keeps=False,
    ),
)
