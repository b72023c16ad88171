# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LMTP over TCP to a real Dovecot: the same TLS, no MX records (posttls-finger -S). Its unix-domain socket needs no case."""

from __future__ import annotations

from ..case import Case, Listener, Zone
from ..expectation import opportunistic, verified, with_ca

CASES = (
    Case(
        name="lmtp",
        destination="inet:lmtp.test",
        title="an LMTP server with STARTTLS and TLSA records at port 24",
        expected=opportunistic(verified("3 1 1")),
        zones=(Zone("lmtp.test", ("@ A {mx}", "_24._tcp TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(host="lmtp.test", port=24, lmtp=True),),
        options={"protocol": "lmtp"},
    ),
    Case(
        name="lmtp-ca",
        destination="lmtp.test:lmtp",
        title="the same by its service name and with a CA",
        expected=with_ca(verified("3 1 1")),
        options={"protocol": "lmtp", "ca": True},
    ),
)
