# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the results of a night as a prober would: `python -m ...audit_nights FILE NIGHT DOMAINS`, with the collection on the path.

Results come in an order of their own. An exchange has two domains, and every fourth domain has a second exchange.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import result_line
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import IDENTITY, NOON, header
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, record, tlsa


def write(path: Path, night: int, count: int) -> None:
    """Write the results of the first night (0) or the second (1)."""
    order = list(range(count))
    random.Random(night).shuffle(order)
    with path.open("wb") as stream:
        stream.write(header())
        for number in order:
            if number % 4000 == 2000 * night:
                continue
            host = f"mx{number % (count // 2)}.provider{number % 997}.example"
            first = endpoint(host, f"192.0.{number % 250}.{number % 199}", dane=number % 3 == 0)
            if night and number % 60 == 7:
                first["chain"][0] = certificate(host, serial="second")
            if night and number % 1000 == 5:
                first["tlsa"] = tlsa(host, [record(host), record(host, "next key", matched=False)])
            more = [endpoint("b" + host, f"2001:db8::{number % 65535:x}", dane=False)] if number % 4 == 0 else []
            stream.write(result_line(IDENTITY, NOON, audited(f"domain{number}.example.org", first, *more)))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
