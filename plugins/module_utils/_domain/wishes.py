# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an owner wants a mail domain to be, as values; `wished_records.py` makes the records of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import PolicyMode
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService


@dataclass(frozen=True)
class SpfWish:
    """Who may send for the domain.

    Attributes:
        exchanges: whether the domain's own exchanges may.
        networks: addresses and networks, in the form of `ip4:` and `ip6:`.
        includes: domains whose records are taken over, such as a hoster's.
        rest: what becomes of everybody else, `fail` or `softfail`.
    """

    exchanges: bool = True
    networks: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    rest: str = "fail"


@dataclass(frozen=True)
class DkimWish:
    """One key that signs: its selector, its type (`rsa` or `ed25519`), and the text of its tag `p`, base64."""

    selector: str
    key_type: str
    key: str


@dataclass(frozen=True)
class DmarcWish:
    """What receivers are asked to do with mail that is not the domain's, in the end (RFC 9989 section 4.7).

    Attributes:
        policy: none, quarantine or reject.
        subdomain_policy: of existing subdomains, where it is another one.
        nonexistent_policy: of subdomains that do not exist, where it is another one.
        rua: where aggregate reports go, mail addresses.
        strict_dkim, strict_spf: whether names have to be equal, and not only of one organization.
    """

    policy: str = "reject"
    subdomain_policy: str | None = None
    nonexistent_policy: str | None = None
    rua: tuple[str, ...] = ()
    strict_dkim: bool = False
    strict_spf: bool = False


@dataclass(frozen=True)
class StsWish:
    """The MTA-STS policy. `patterns` are the exchanges as the policy names them; empty for the exchanges themselves."""

    mode: PolicyMode = PolicyMode.ENFORCE
    patterns: tuple[str, ...] = ()
    max_age: int = 604800

    def in_mode(self, mode: PolicyMode) -> StsWish:
        """Return the same policy in another mode."""
        return replace(self, mode=mode)


@dataclass(frozen=True)
class CaaWish:
    """Which certification authorities may issue (RFC 8659, RFC 9495). None leaves a property out, `()` forbids everybody."""

    issue: tuple[str, ...] | None = None
    issuewild: tuple[str, ...] | None = None
    issuemail: tuple[str, ...] | None = None
    iodef: tuple[str, ...] = ()


@dataclass(frozen=True)
class SrvWish:
    """One server of a service; without a *target* the domain says that it does not have the service (RFC 2782)."""

    service: MailService
    target: str = ""
    port: int = 0
    priority: int = 0
    weight: int = 1


@dataclass(frozen=True)
class GivenRecord:
    """A record that is already made, such as a TLSA record of `tlsa_records`. `owner` is absolute, without a dot at the end."""

    owner: str
    rdtype: str
    rdata: str
    ttl: int | None = None


@dataclass(frozen=True)
class MailWishes:
    """Everything that is wanted of one domain. None or empty leaves a part alone.

    Attributes:
        domain: ASCII, in lower case, without a dot at the end.
        exchanges: preference and host, best first; `()` for a domain that receives no mail, None to leave MX records alone.
    """

    domain: str
    exchanges: tuple[tuple[int, str], ...] | None = None
    sends: bool = True
    spf: SpfWish | None = None
    dkim: tuple[DkimWish, ...] = ()
    dmarc: DmarcWish | None = None
    mta_sts: StsWish | None = None
    tlsrpt: tuple[str, ...] = ()
    caa: CaaWish | None = None
    services: tuple[SrvWish, ...] = ()
    tlsa: tuple[GivenRecord, ...] = ()
    ttl: int = 3600


def sts_patterns(wishes: MailWishes, sts: StsWish) -> tuple[str, ...]:
    """Return what the policy names: its own patterns, or every exchange."""
    return sts.patterns or tuple(dict.fromkeys(host for _preference, host in wishes.exchanges or ()))


def policy_text(wishes: MailWishes, sts: StsWish) -> str:
    """Return the policy file, with the line ends that RFC 8461 section 3.2 gives first."""
    lines = ["version: STSv1", f"mode: {sts.mode.value}", *(f"mx: {one}" for one in sts_patterns(wishes, sts)), f"max_age: {sts.max_age}"]
    return "".join(line + "\r\n" for line in lines)


def policy_id(text: str) -> str:
    """Return an id that differs exactly when the policy does, so that nothing has to be remembered: senders only compare it."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]
