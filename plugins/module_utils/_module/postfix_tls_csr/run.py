# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate signing request for a server's key: what `postfix_tls_csr` does.

The counterpart of `postfix tls output-server-csr`, for any key, in a file of its own if that is wanted. A file that asks for the
same already stays as it is; one that is no request is never written over.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files import atomic as key_files
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import PUBLIC_MODE, Access, FoundFile, NewFile
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import sweep
from ansible_collections.mailops.tls.plugins.module_utils._files.permissions import parse_access, parse_mode
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.server_key_arguments import server_key_arguments
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import Configured, given_file_reader
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed_keys import DeployedKey, deployed_key
from ansible_collections.mailops.tls.plugins.module_utils._postfix.key_report import access_facts
from ansible_collections.mailops.tls.plugins.module_utils._postfix.rights import is_folder, require_writable
from ansible_collections.mailops.tls.plugins.module_utils._postfix.server_names import server_names
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm, UnusableKey, load
from ansible_collections.mailops.tls.plugins.module_utils._x509.requests import (
    UnreadableRequest,
    asks_the_same,
    request,
    request_facts,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.server_profile import subject_name


@dataclass(frozen=True)
class RequestRun:
    """What came of it: whether a file changed (or would), the return values, and the diff, `None` without a file."""

    changed: bool
    results: dict[str, object]
    diff: dict[str, object] | None


def request_arguments() -> ArgumentSpec:
    """Return the argument specification of `postfix_tls_csr`."""
    return {
        "privatekey_path": {"type": "path", "no_log": False},
        "algorithm": {"type": "str", "choices": [one.value for one in KeyAlgorithm]},
        "subject": {"type": "dict"},
        "path": {"type": "path"},
        **server_key_arguments(),
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what these parameters need; pyOpenSSL is for what is deployed."""
    return ("cryptography", "pyOpenSSL") if params["privatekey_path"] is None else ("cryptography",)


def run_new_request(params: Mapping[str, Any], configured: Configured, *, check_mode: bool) -> RequestRun:
    """Do what the parameters of `postfix_tls_csr` ask for, or with *check_mode* only say so.

    Raises `OptionError`, `PostfixMissing` when something has to be asked of Postfix, and `OSError` with the file as it was.
    """
    names = server_names(params["names"] or [], lambda: configured.myhostname, given_file_reader("names"))
    subject = {str(name): str(value) for name, value in (params["subject"] or {}).items()}
    subject_name(subject)
    access = parse_access(parse_mode(params["mode"], "mode"), params["owner"], params["group"])
    source = _key(params, configured)
    pem = request(source.key, names, subject)
    if params["path"] is None:
        return RequestRun(False, _results(source, pem, None), None)
    path = configured.resolve(params["path"])
    if not is_folder(os.path.dirname(path)):
        raise OptionError("path", path, "is in no folder that there is")
    if not check_mode:
        sweep(os.path.dirname(path))
    found = key_files.read_file(path)
    return _create(source, path, pem, access, check_mode) if found is None else _update(source, path, pem, access, found, check_mode)


def _key(params: Mapping[str, Any], configured: Configured) -> DeployedKey:
    """Return the key that was named, or the deployed one; of all algorithms in the order in which `postfix tls` looks at them."""
    if params["privatekey_path"] is None:
        wanted = [KeyAlgorithm(params["algorithm"])] if params["algorithm"] else list(KeyAlgorithm)
        return deployed_key(configured, wanted, given_file_reader("algorithm"), "algorithm")
    path = configured.resolve(params["privatekey_path"])
    try:
        return DeployedKey(path, load(given_file_reader("privatekey_path")(path)))
    except UnusableKey as problem:
        raise OptionError("privatekey_path", path, str(problem)) from None


def _create(source: DeployedKey, path: str, pem: bytes, access: Access, check_mode: bool) -> RequestRun:
    made = access.over(Access(mode=PUBLIC_MODE))
    require_writable(os.path.dirname(path))
    if not check_mode:
        key_files.create_together(os.path.dirname(path), [NewFile(os.path.basename(path), pem, made)])
    return RequestRun(True, _results(source, pem, path), {"before": None, "after": _state(path, pem, made, access)})


def _update(source: DeployedKey, path: str, pem: bytes, access: Access, found: FoundFile, check_mode: bool) -> RequestRun:
    try:
        same = asks_the_same(found.content, pem)
        before = _state(path, found.content, found.access, access)
    except UnreadableRequest as problem:
        raise OptionError("path", path, f"{problem}, and is not written over") from None
    if same:
        pem = found.content
    wanted = access.over(found.access)
    if not same:
        require_writable(os.path.dirname(path))
    if not check_mode and not same:
        key_files.replace_together(os.path.dirname(path), [NewFile(os.path.basename(path), pem, wanted)])
    elif not check_mode and wanted != found.access:
        key_files.adjust(path, access)
    diff: dict[str, object] = {"before": before, "after": _state(path, pem, wanted, access)}
    return RequestRun(not same or wanted != found.access, _results(source, pem, path), diff)


def _state(path: str, pem: bytes, shown: Access, asked: Access) -> dict[str, object]:
    return {"path": path, **request_facts(pem), **access_facts(shown, asked)}


def _results(source: DeployedKey, pem: bytes, path: str | None) -> dict[str, object]:
    return {
        "csr": pem.decode("utf-8", "replace"),
        "csr_path": path,
        "privatekey_path": source.path,
        "public_key": source.key.public_key.as_facts(),
        **request_facts(pem),
    }
