# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How DNS is asked by the options that every module has for it: nameservers, whose AD bit counts, and a time limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import (
    Nameserver,
    parse_nameserver,
    system_nameservers,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import DEFAULT_TIMEOUT, Resolver, TrustAd


@dataclass(frozen=True)
class DnsSettings:
    """Whom to ask, whom to believe, and for how long; those of the system where no *nameservers* are named.

    Args:
        nameservers: those that the user names, in order.
        trust_ad: whose AD bit counts.
        timeout: seconds for one nameserver to reply.
    """

    nameservers: tuple[Nameserver, ...] = ()
    trust_ad: TrustAd = TrustAd.AUTO
    timeout: float = DEFAULT_TIMEOUT

    def asked(self) -> tuple[Nameserver, ...]:
        """Return the nameservers that are asked. Those of the system are read each time."""
        return self.nameservers or system_nameservers()

    def resolver(self) -> Resolver:
        """Return a resolver for one run.

        Raises:
            OptionError: when a library is missing that a nameserver needs.
        """
        return Resolver(self.asked(), self.trust_ad, timeout=self.timeout)


def dns_settings(nameservers: Sequence[str] | None, trust_ad: str, timeout: float = DEFAULT_TIMEOUT) -> DnsSettings:
    """Return the settings that options name.

    Raises:
        OptionError: for `nameservers`.
    """
    return DnsSettings(tuple(parse_nameserver(one) for one in nameservers or ()), TrustAd(trust_ad), timeout)
