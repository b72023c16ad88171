# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone `bench.test` for benchmarks: N signed domains whose exchanges all reach one Postfix smtpd.

`d0001.bench.test` has MX `mx0001.bench.test`, half as many exchanges as domains, each with an address of its own in 127.64.0.0/16 and a
TLSA record 3 1 1. The smtpd listens on all addresses, which the kernel allows only on a port of its own: probe
`d0001.bench.test:2525`. The TLSA records are there for one more port, where benchmarks put a relay in front of the smtpd.
"""

from __future__ import annotations

from dataclasses import dataclass

from .authorities import Pki
from .case import Leaf, Listener, Zone
from .plan import Placed
from .zones import association_data

PORT = 2525
RELAY_PORT = 2526
NAME = "bench.test"


@dataclass(frozen=True)
class Bench:
    """The zone and the one listener of the benchmark."""

    zone: Zone
    placed: Placed


def domains(size: int, port: int = PORT) -> list[str]:
    """The destinations of a benchmark of this size; the first half of them have no exchange in common."""
    return [f"d{int(number):04}.{NAME}:{port}" for number in range(1, size + 1)]


def address(number: int) -> str:
    """The address of an exchange; the first has number 1."""
    return f"127.64.{number // 250}.{number % 250 + 1}"


def addresses(number: int) -> list[str]:
    """The addresses of the first exchanges."""
    return [address(one) for one in range(1, number + 1)]


def make(pki: Pki, size: int, more: tuple[str, ...] = ()) -> Bench:
    """The zone with `size` domains and `size`/2 exchanges, `more` records, and the listener with its certificate."""
    leaf = pki.issue(Leaf(names=("*." + NAME,)), NAME)
    data = association_data(1, 1, leaf).hex()
    exchanges = (size + 1) // 2
    records = []
    for number in range(1, exchanges + 1):
        records.append(f"mx{int(number):04} A {address(number)}")
        for port in (PORT, RELAY_PORT):
            records.append(f"_{port}._tcp.mx{int(number):04} TLSA 3 1 1 {data}")
    for number in range(1, size + 1):
        records.append(f"d{int(number):04} MX 10 mx{int((number - 1) % exchanges + 1):04}")
    listener = Listener(label="mx", host="mx." + NAME, port=PORT)
    return Bench(Zone(NAME, (*records, *more)), Placed("bench", listener, "0.0.0.0", listener.host, {"leaf": leaf}))
