# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_csr` as one value. Pure; what only the machine can tell, such as who a user is, is found out later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._files.permissions import parse_mode
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm
from ansible_collections.mailops.tls.plugins.module_utils._x509.server_profile import subject_name


@dataclass(frozen=True)
class RequestOptions:
    """What is asked for.

    `config_directory` is `None` for Postfix's own, `privatekey_path` for the first deployed key of one of the `algorithms`, and `path` for
    no file. `names` are empty for `myhostname`.
    """

    config_directory: str | None
    privatekey_path: str | None
    algorithms: tuple[KeyAlgorithm, ...]
    names: tuple[str, ...]
    subject: Mapping[str, str]
    path: str | None
    mode: int | None
    owner: str | None
    group: str | None


def request_options(params: Mapping[str, Any]) -> RequestOptions:
    """Return the checked options.

    Raises:
        OptionError: for what cannot be used.
    """
    subject = {str(name): str(value) for name, value in (params["subject"] or {}).items()}
    subject_name(subject)
    return RequestOptions(
        config_directory=params["config_directory"],
        privatekey_path=params["privatekey_path"],
        # All, in the order in which `postfix tls` looks at them, unless one is named.
        algorithms=(KeyAlgorithm(params["algorithm"]),) if params["algorithm"] else tuple(KeyAlgorithm),
        names=tuple(params["names"] or ()),
        subject=subject,
        path=params["path"],
        mode=parse_mode(params["mode"], "mode"),
        owner=params["owner"],
        group=params["group"],
    )
