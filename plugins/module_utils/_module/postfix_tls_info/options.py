# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_info` as one value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError


@dataclass(frozen=True)
class InfoOptions:
    """Which instances are looked at, and how.

    `config_directories` are empty for Postfix's own, and have no effect with `all_instances`. `names` are `None` for `myhostname`.
    """

    config_directories: tuple[str, ...]
    all_instances: bool
    names: tuple[str, ...] | None
    min_days_left: int
    include_pem: bool


def info_options(params: Mapping[str, Any]) -> InfoOptions:
    """Return the checked options.

    Raises:
        OptionError: for what cannot be used.
    """
    if params["min_days_left"] < 0:
        raise OptionError("min_days_left", params["min_days_left"], "must not be negative")
    return InfoOptions(
        config_directories=tuple(params["config_directories"] or ()),
        all_instances=params["all_instances"],
        names=None if params["names"] is None else tuple(params["names"]),
        min_days_left=params["min_days_left"],
        include_pem=params["include_pem"],
    )
