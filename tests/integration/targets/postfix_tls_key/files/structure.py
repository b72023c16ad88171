# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the structure of a certificate or request as JSON: every element of its DER with depth, type and value.

What differs from one to the next by its nature, and only that, is replaced by a word: of a certificate the serial number and
the two times (of which the distance is printed), of both the key with its identifier, and the signature.
"""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys

LINE = re.compile(r"^ *\d+:d=(\d+) +hl=\d+ l= *\d+ (cons|prim): +([^:]+?) *(?:\[HEX DUMP\])?(?::(.*))?$")
FORMS = {"UTCTIME": "%y%m%d%H%M%SZ", "GENERALIZEDTIME": "%Y%m%d%H%M%SZ"}


def elements(path: str) -> list[list[str]]:
    shown = subprocess.run(["openssl", "asn1parse", "-in", path], capture_output=True, text=True, check=True).stdout
    found = []
    for line in shown.splitlines():
        parts = LINE.match(line)
        if parts is None:
            raise ValueError(f"cannot read this line of openssl: {line}")
        found.append([parts.group(1), parts.group(2), parts.group(3), parts.group(4) or ""])
    return found


def masked(path: str) -> dict[str, object]:
    found = elements(path)
    times = [datetime.datetime.strptime(value, FORMS[kind]) for depth, form, kind, value in found if kind in FORMS]
    after = ""
    for element in found:
        kind, value = element[2], element[3]
        if kind in FORMS:
            element[3] = "a time"
        elif kind == "INTEGER" and len(value) > 8:
            element[3] = "a serial number"
        elif kind == "OCTET STRING" and after == "X509v3 Subject Key Identifier":
            element[3] = "an identifier"
        elif kind == "BIT STRING":
            element[3] = "key or signature"
        after = value if kind == "OBJECT" else after
    return {"elements": found, "days": (times[1] - times[0]).days if times else None}


print(json.dumps([masked(path) for path in sys.argv[1:]]))
