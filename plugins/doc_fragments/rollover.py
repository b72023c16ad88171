# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of what watches over the TLSA records of a mail server while its keys change."""

from __future__ import annotations


class ModuleDocFragment:
    """`mailops.tls.rollover`."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - The name of the rollover. Its state, lock and keys are in the folder of this name in O(state_directory).
      - Servers of one machine with keys of their own each need a name of their own.
    type: str
    default: default
  exchanges:
    description:
      - The host names whose TLSA records the server's keys have to match, those that MX records have.
      - A name that several hosts share is looked at for all of them. Records of keys that are not known here are left alone.
    type: list
    elements: str
    required: true
    aliases: [exchange]
  ports:
    description:
      - The ports whose TLSA records are looked at.
    type: list
    elements: int
    default: [25]
    aliases: [port]
  min_wait:
    description:
      - How many seconds a record must have been visible everywhere, at the least, before its key may be served. Two times the TTL
        that was in effect before is waited for in any case.
    type: int
    default: 0
  wait_for:
    description:
      - With V(signature), it is also waited until the signatures of the RRset without the record have expired, so that nobody can
        replay it.
    type: str
    choices: [ttl, signature]
    default: ttl
  unknown_ttl:
    description:
      - The TTL in seconds to count with when nobody knows the one that was in effect before a record appeared. That is so when the state
        file is new or was lost.
      - It also stands for half the TTL of NS records. Name servers that were taken out of the zone are still asked that long. The default
        is right for the two days that delegations in C(com) and C(net) live.
    type: int
    default: 86400
  state_directory:
    description:
      - The folder for state, locks and keys. It is made with mode C(0700) if it is not there.
      - What is in it is believed only when it belongs to root or the user who runs this, and nobody else may write it.
    type: path
    default: /var/lib/mailops-tls
  authoritative_servers:
    description:
      - Further authoritative servers to ask besides those that DNS names, as V(address) or V(address@port), for example a hidden primary.
    type: list
    elements: str
  address_family:
    description:
      - By which addresses authoritative servers are asked. On a machine without IPv6 say V(routed), or the servers' addresses that cannot
        be reached stop the rollover.
      - V(routed) leaves out addresses to which the machine has no route, if their server answers at another
        one. They are named in the results. A server that has no other address stops the rollover still. V(ipv4) would pass over it.
      - It does not say which addresses of O(exchanges) count, which is all of them.
    type: str
    choices: [any, ipv4, ipv6, routed]
    default: any
"""
