# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of whatever asks DNS."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by modules that ask DNS."""

    DOCUMENTATION = r"""
options:
  nameservers:
    description:
      - The recursive resolvers to ask, in this order.
      - Each is an address, an C(address@port), a DNS over TLS server as C(tls://address), C(tls://address@port) or
        C(tls://address#name), or a DNS over HTTPS URL.
      - The default is what the C(/etc/resolv.conf) of the machine that probes says.
    type: list
    elements: str
  trust_ad:
    description:
      - Whether to believe a resolver that says an answer was validated with DNSSEC (the AD bit).
      - With V(auto), only resolvers on a loopback address are believed, because anyone on the way from another one could
        set the bit. When a resolver that is not believed sets it, results say C(ad_untrusted).
      - With V(always), every resolver in O(nameservers) is believed. Say so only when the network between is yours.
      - With V(never), nothing is taken as validated and DANE is never used. At security levels that use DANE nothing is satisfied then.
    type: str
    choices: [auto, always, never]
    default: auto
"""
