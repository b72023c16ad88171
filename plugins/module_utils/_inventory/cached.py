# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cache gave back, taken for what somebody else may have written. Pure.

A cache is a file or a database that outlives versions of this plugin and may have other writers. What does not have the shape of
gather_domains() is of no use, and is gathered anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address, is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status

_LOOKUPS = ("mx", "address")
_STATUSES = tuple(one.value for one in Status)
_HIGHEST_PREFERENCE = 65535


def cached_domains(value: Any, settings: str) -> list[dict[str, Any]] | None:
    """Return the domains in a cached value, None when it was made with other settings or is nothing that we could have written."""
    if not isinstance(value, Mapping) or value.get("settings") != settings:
        return None
    domains = value.get("domains")
    if not isinstance(domains, list) or not all(_is_domain(one) for one in domains):
        return None
    return [dict(one) for one in domains]


def _is_domain(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    endpoints = value.get("endpoints")
    return (
        _is_name(value.get("domain"))
        and value.get("lookup") in _LOOKUPS
        and (value.get("secure") is None or isinstance(value.get("secure"), bool))
        and isinstance(value.get("null_mx"), bool)
        and isinstance(value.get("ad_untrusted"), bool)
        and _is_error(value.get("error"))
        and _all(value.get("warnings"), lambda one: isinstance(one, str))
        and _all(value.get("exchanges"), _is_exchange)
        and (endpoints is None or _all(endpoints, _is_endpoint))
    )


def _is_exchange(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    preference = value.get("preference")
    return (
        _is_name(value.get("exchange"))
        and isinstance(preference, int)
        and 0 <= preference <= _HIGHEST_PREFERENCE
        and isinstance(value.get("canonical_name"), str)
        and isinstance(value.get("secure"), bool)
        and _all(value.get("addresses"), lambda one: isinstance(one, str) and is_address(one))
        and _is_error(value.get("error"))
    )


def _is_endpoint(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("host"), str)
        and value.get("status") in _STATUSES
        and isinstance(value.get("satisfied"), bool)
        and _is_error(value.get("error"))
    )


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and (is_hostname(value) or is_address(value))


def _is_error(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, Mapping) and "kind" in value and "text" in value and _all(list(value.values()), _is_word)


def _is_word(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _all(values: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(values, list) and all(fits(one) for one in values)
