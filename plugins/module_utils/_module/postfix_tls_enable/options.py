# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_enable` as one value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_enable.arguments import OF_SERVER_KEY
from ansible_collections.mailops.tls.plugins.module_utils._postfix.new_key import KeyWanted
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import Side
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm


@dataclass(frozen=True)
class EnableOptions:
    """What is asked for: whether customized settings fail the task, and the key, `None` where none is made."""

    side: Side
    config_directory: str | None
    random_source: str | None
    key: KeyWanted | None
    fails_on_customized: bool


def enable_options(params: Mapping[str, Any]) -> EnableOptions:
    """Return the checked options.

    Raises:
        OptionError: for what cannot be used; options of a key are for a key that is made.
    """
    side = Side[params["side"].upper()]
    why = "side is client" if side is Side.CLIENT else None if params["make_key"] else "make_key is false"
    for option in OF_SERVER_KEY if why else ():
        if params[option] is not None:
            raise OptionError(option, params[option], f"is for the new key of a server, and {why}")
    return EnableOptions(
        side=side,
        config_directory=params["config_directory"],
        random_source=params["random_source"],
        key=None if why else _key(params),
        fails_on_customized=params["on_customized"] == "fail",
    )


def _key(params: Mapping[str, Any]) -> KeyWanted:
    return KeyWanted(
        algorithm=KeyAlgorithm(params["algorithm"]),
        bits=params["bits"],
        curve=params["curve"],
        names=tuple(params["names"] or ()),
        owner=params["owner"],
        group=params["group"],
    )
