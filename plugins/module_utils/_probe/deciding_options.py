# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a probe's options decides its results, in a form to be compared and kept in a file of results. The edge to trust files.

Files count by what is in them. Of private keys nothing is kept: their certificates tell them apart.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._files.given import read_given
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemError, pem_blocks

NOT_IN_RESULTS = frozenset((
    "destinations",  # a result is of one
    "concurrency", "per_address_limit",  # how fast
    "connect_timeout", "command_timeout", "deadline",  # what took too long is probed again
    "results_file", "resume", "keylog_file", "trace_file",  # where to
    "report_detail", "expect",  # made of results
    "client_key",  # a secret, and told apart by its certificate
))  # fmt: skip
"""Options that can differ between a run and its resumption. Every other option, also one that is new, can change a result."""
_SYSTEM_FILES = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
)  # fmt: skip
"""Where systems have their certification authorities, as pyOpenSSL looks for them."""


def deciding_options(params: Mapping[str, Any], *, ehlo_name: str, nameservers: Iterable[object]) -> dict[str, Any]:
    """Return what decides the results, by option.

    Args:
        params: the parameters of `smtp_tls_probe`.
        ehlo_name: the name really said, and `nameservers` those really asked, where the parameters leave it to the system.

    Raises:
        OptionError: a file cannot be read.
    """
    found = {name: params[name] or None for name in smtp_arguments() if name not in NOT_IN_RESULTS}
    found["ehlo_name"], found["nameservers"] = ehlo_name, [str(one) for one in nameservers]
    for option in ("ca_file", "client_certificate"):
        found[option] = _content(option, [params[option]] if params[option] else ())
    for option in ("trust_anchor_files", "client_chain_files"):
        found[option] = _content(option, params[option] or ())
    found["ca_path"] = _directory(params["ca_path"]) if params["ca_path"] else None
    found["system_ca"] = _system() if params["system_ca"] else None
    return found


def _content(option: str, paths: Sequence[str]) -> str | None:
    """Digest files; of those that can hold a private key only the certificates."""
    if not paths:
        return None
    contents = [read_given(option, path) for path in paths]
    if option.startswith("client_"):
        contents = [b"".join(_certificates_of(one)) for one in contents]
    return _digest(contents)


def _certificates_of(data: bytes) -> Iterator[bytes]:
    """The certificates of a file up to where OpenSSL stops; a file that it stops at fails the task elsewhere."""
    with suppress(PemError):
        yield from (block.der for block in pem_blocks(data) if block.label.endswith("CERTIFICATE"))


def _directory(path: str) -> str:
    """Digest the files of a directory with their names, by which OpenSSL finds them."""
    contents = []
    for name in sorted(os.listdir(path)):
        whole = os.path.join(path, name)
        if _is_file(whole):
            contents += [os.fsencode(name), read_given("ca_path", whole)]
    return _digest(contents)


def _system() -> str:
    """Digest the certification authorities of the system: those the environment names, else what is in the usual places."""
    own = os.environ.get("SSL_CERT_FILE")
    paths = [own] if own else _SYSTEM_FILES
    contents = [read_given("system_ca", path) for path in paths if _is_file(path)]
    folder = os.environ.get("SSL_CERT_DIR")
    if folder and os.path.isdir(folder):
        contents.append(_directory(folder).encode("ascii"))
    return _digest(contents)


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.R_OK)
    except OSError:
        return False


def _digest(contents: Iterable[bytes]) -> str:
    """Return one digest of several texts that tells where each ends."""
    whole = hashlib.sha256()
    for content in contents:
        whole.update(hashlib.sha256(content).digest())
    return "sha256:" + whole.hexdigest()
