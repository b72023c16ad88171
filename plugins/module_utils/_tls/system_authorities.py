# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where systems keep their certification authorities, and whether this one has any. Only whether files are there is asked.

The OpenSSL of a distribution knows its own place. That inside the wheels of cryptography knows none, so pyOpenSSL looks in usual places of
Debian, Fedora, openSUSE and their kin. What they leave out is here as well, and that no verdict can be had from nothing.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
)  # fmt: skip
"""Files with all of them: Debian and Alpine, Fedora, openSUSE, OpenELEC, RHEL; and what Alpine's smallest package has, and the BSDs."""
FOLDERS = ("/etc/ssl/certs", "/etc/pki/tls/certs")
"""Folders in which OpenSSL finds them by the digest of their names."""
_LAST = BUNDLES[-1]
NONE_HERE = "system_ca: this machine has no certification authorities, so no certificate is trusted: install the package ca-certificates"


def beside_openssl(environment: Mapping[str, str]) -> str | None:
    """Return a file to load besides what OpenSSL and pyOpenSSL look at, None where there is no need: they have found something."""
    if _named(environment) or any(map(os.path.isfile, BUNDLES[:-1])) or any(map(_has_digests, FOLDERS)):
        return None
    return _LAST if os.path.isfile(_LAST) else None


def any_here(environment: Mapping[str, str]) -> bool:
    """Tell whether this machine has certification authorities, in the places that the environment names or in the usual ones."""
    file, folder = environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")
    if file or folder:
        return bool(file and os.path.isfile(file)) or any(map(_has_digests, (folder or "").split(os.pathsep)))
    built_in = ssl.get_default_verify_paths()
    files = (*BUNDLES, built_in.openssl_cafile)
    return any(map(os.path.isfile, files)) or any(map(_has_digests, (*FOLDERS, built_in.openssl_capath)))


def _named(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("SSL_CERT_FILE") or environment.get("SSL_CERT_DIR"))


def _has_digests(folder: str) -> bool:
    """Whether there is a file that OpenSSL would find, such as `5ed36f99.0`."""
    try:
        return any(name.endswith(".0") for name in os.listdir(folder)) if folder else False
    except OSError:
        return False
