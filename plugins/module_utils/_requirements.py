# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries a probe needs, and whether they are there in a version that will do."""

from __future__ import annotations

import importlib
import re
import traceback
from typing import NamedTuple, Optional

MINIMUM = {"dnspython": (2, 1), "pyOpenSSL": (21, 0), "cryptography": (36, 0)}
_VERSIONS = {
    "dnspython": ("dns.version", "version"),
    "pyOpenSSL": ("OpenSSL", "__version__"),
    "cryptography": ("cryptography", "__version__"),
}


class MissingLibrary(NamedTuple):
    """A library that is not there or too old; B(name) is what to install, B(trace) the import error for debugging."""

    name: str
    trace: Optional[str]


def missing_library(*names: str) -> Optional[MissingLibrary]:
    """Return the first of the libraries O(names) that cannot be used, or None."""
    for name in names:
        needed = "%s >= %s" % (name, ".".join(map(str, MINIMUM[name])))
        try:
            place, attribute = _VERSIONS[name]
            version = str(getattr(importlib.import_module(place), attribute))
        except ImportError:
            return MissingLibrary(needed, traceback.format_exc())
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if numbers and (*numbers, 0)[:2] < MINIMUM[name]:
            return MissingLibrary("%s (found %s)" % (needed, version), None)
    return None
