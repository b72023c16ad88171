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
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files import atomic as key_files
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import PUBLIC_MODE, Access, FoundFile, NewFile
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import sweep
from ansible_collections.mailops.tls.plugins.module_utils._files.permissions import parse_access
from ansible_collections.mailops.tls.plugins.module_utils._files.rights import is_folder, require_writable
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_csr.options import RequestOptions, request_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult, failing_with
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import Configured, given_file_reader
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed_keys import DeployedKey, deployed_key
from ansible_collections.mailops.tls.plugins.module_utils._postfix.key_report import access_facts
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing, Run
from ansible_collections.mailops.tls.plugins.module_utils._postfix.server_names import server_names
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import UnusableKey, load
from ansible_collections.mailops.tls.plugins.module_utils._x509.requests import (
    UnreadableRequest,
    asks_the_same,
    request,
    request_facts,
)


@failing_with(PostfixMissing, OSError)
def run_new_request(params: Mapping[str, Any], run: Run, *, check_mode: bool) -> TaskResult:
    """Do what the parameters of `postfix_tls_csr` ask for, or with *check_mode* only say so.

    Raises:
        OptionError: for an option that cannot be used.
        TaskFailed: when something has to be asked of a Postfix that is not there, or with the file as it was.
    """
    options = request_options(params)
    configured = Configured(run, options.config_directory)
    names = server_names(options.names, lambda: configured.myhostname, given_file_reader("names"))
    access = parse_access(options.mode, options.owner, options.group)
    source = _key(options, configured)
    pem = request(source.key, names, options.subject)
    if options.path is None:
        return TaskResult(_facts(source, pem, None))
    path = configured.resolve(options.path)
    if not is_folder(os.path.dirname(path)):
        raise OptionError("path", path, "is in no folder that there is")
    if not check_mode:
        sweep(os.path.dirname(path))
    found = key_files.read_file(path)
    return _create(source, path, pem, access, check_mode) if found is None else _update(source, path, pem, access, found, check_mode)


def _key(options: RequestOptions, configured: Configured) -> DeployedKey:
    """Return the key that was named, or the deployed one."""
    if options.privatekey_path is None:
        return deployed_key(configured, options.algorithms, given_file_reader("algorithm"), "algorithm")
    path = configured.resolve(options.privatekey_path)
    try:
        return DeployedKey(path, load(given_file_reader("privatekey_path")(path)))
    except UnusableKey as problem:
        raise OptionError("privatekey_path", path, str(problem)) from None


def _create(source: DeployedKey, path: str, pem: bytes, access: Access, check_mode: bool) -> TaskResult:
    made = access.over(Access(mode=PUBLIC_MODE))
    require_writable(os.path.dirname(path))
    if not check_mode:
        key_files.create_together(os.path.dirname(path), [NewFile(os.path.basename(path), pem, made)])
    return TaskResult(_facts(source, pem, path), True, {"before": None, "after": _state(path, pem, made, access)})


def _update(source: DeployedKey, path: str, pem: bytes, access: Access, found: FoundFile, check_mode: bool) -> TaskResult:
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
    return TaskResult(_facts(source, pem, path), not same or wanted != found.access, diff)


def _state(path: str, pem: bytes, shown: Access, asked: Access) -> dict[str, object]:
    return {"path": path, **request_facts(pem), **access_facts(shown, asked)}


def _facts(source: DeployedKey, pem: bytes, path: str | None) -> dict[str, object]:
    return {
        "csr": pem.decode("utf-8", "replace"),
        "csr_path": path,
        "privatekey_path": source.path,
        "public_key": source.key.public_key.as_facts(),
        **request_facts(pem),
    }
