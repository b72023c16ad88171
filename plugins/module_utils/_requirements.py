# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries a probe needs, and whether they are there in a version that will do."""

from __future__ import annotations

import importlib
import re
import sys
import traceback
from typing import NamedTuple

MINIMUM = {"dnspython": (2, 1), "pyOpenSSL": (21, 0), "cryptography": (36, 0)}
_VERSIONS = {
    "dnspython": ("dns.version", "version"),
    "pyOpenSSL": ("OpenSSL", "__version__"),
    "cryptography": ("cryptography", "__version__"),
}
_PACKAGES = {
    "apt": {
        "dnspython": "python3-dnspython",
        "pyOpenSSL": "python3-openssl",
        "cryptography": "python3-cryptography",
        "jmespath": "python3-jmespath",
    },
    "dnf": {
        "dnspython": "python3-dns",
        "pyOpenSSL": "python3-pyOpenSSL",
        "cryptography": "python3-cryptography",
        "jmespath": "python3-jmespath",
    },
}


class MissingLibrary(NamedTuple):
    """What cannot be used, all at once.

    `name` is what to install, `trace` the first import error for debugging, `libraries` the names alone.
    """

    name: str
    trace: str | None
    libraries: tuple[str, ...] = ()

    @property
    def hint(self) -> str:
        """What to do about it, as sentences."""
        return how_to_install(*self.libraries)


def how_to_install(*names: str) -> str:
    """Return the commands that install the libraries *names*, as sentences. A virtual environment does not see packages of the system."""
    by_pip = f"{sys.executable} -m pip install {' '.join(names)}"
    if sys.prefix != sys.base_prefix:
        return f"In this virtual environment: {by_pip}."
    by_apt, by_dnf = (" ".join(packages[name] for name in names) for packages in _PACKAGES.values())
    return f"On Debian and Ubuntu: apt install {by_apt}. On Fedora and its kin: dnf install {by_dnf}. Elsewhere: {by_pip}."


def missing_library(*names: str) -> MissingLibrary | None:
    """Return all of the libraries *names* that are not there or too old, or None."""
    missing = [one for one in map(_missing, names) if one is not None]
    if not missing:
        return None
    return MissingLibrary(
        ", ".join(one.name for one in missing),
        next((one.trace for one in missing if one.trace is not None), None),
        tuple(library for one in missing for library in one.libraries),
    )


def _missing(name: str) -> MissingLibrary | None:
    needed = f"{name} >= {'.'.join(map(str, MINIMUM[name]))}"
    try:
        place, attribute = _VERSIONS[name]
        version = str(getattr(importlib.import_module(place), attribute))
    except ImportError:
        return MissingLibrary(needed, traceback.format_exc(), (name,))
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers and (*numbers, 0)[:2] < MINIMUM[name]:
        return MissingLibrary(f"{needed} (found {version})", None, (name,))
    return None
