# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of `mailbox_tls_probe` and `mail_auth_probe` as lines for people: the table, ports, logins, then what is wrong. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._results.broken import refused_logins
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import endpoint_name
from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH, table
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_LONGEST = 500


def mailbox_report(results: Sequence[Mapping[str, Any]], width: int = DEFAULT_WIDTH) -> list[str]:
    """Return the lines about all targets, none longer than *width*."""
    return _report(results, width, _ports)


def login_report(results: Sequence[Mapping[str, Any]], width: int = DEFAULT_WIDTH) -> list[str]:
    """Return the lines about all targets and their logins, none longer than *width*. Logins that ended badly come first."""
    refused = [line for sentence in refused_logins(results) for line in _wrapped(sentence, width, "")]
    return [*refused, *([""] if refused else []), *_report(results, width, _logins)]


def _report(results: Sequence[Mapping[str, Any]], width: int, more: Callable[[Mapping[str, Any], int], Iterator[str]]) -> list[str]:
    lines = table(results, width)
    for result in results:
        lines += more(result, width)
    for result in results:
        for finding in result["lint"]:
            lines += _finding(finding, width)
    return lines


def _ports(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The state of every port, a line an address."""
    by_address: dict[str, list[str]] = {}
    for one in result["ports"] or ():
        by_address.setdefault(one["address"], []).append(f"{one['port']} {one['state']}")
    for address, states in by_address.items():
        yield from _wrapped(f"ports of {address}: {', '.join(states)}", width, "")


def _logins(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The ports; of each endpoint what it offers when, and its logins by what became of them, with the server's word or the reason."""
    yield from _ports(result, width)
    for endpoint in result["endpoints"]:
        if endpoint["port_state"] != "open":
            continue
        yield from _wrapped(f"{endpoint['service']} {endpoint_name(endpoint)}:", width, "")
        for key, label in _MOMENTS.items():
            if endpoint["mechanisms"][key] is not None:
                yield from _wrapped(f"offers {label}: {', '.join(endpoint['mechanisms'][key]) or 'nothing'}", width, "  ")
        groups: dict[tuple[str, str], list[str]] = {}
        for login in endpoint["logins"]:
            groups.setdefault((login["outcome"], _because(login)), []).append(login["mechanism"])
        for (outcome, because), names in groups.items():
            yield from _wrapped(f"{outcome}: {', '.join(names)}{because}", width, "  ")


_MOMENTS = {"before_tls": "before TLS", "after_tls": "inside TLS", "after_login": "after login"}


def _because(login: Mapping[str, Any]) -> str:
    if login["error"]:
        return f" ({login['error']['text']})"
    reply = login["reply"]
    if not reply:
        return ""
    codes = [str(reply[name]) for name in ("code", "enhanced_code", "response_code") if reply[name] is not None]
    return f" ({' '.join([*codes, reply['text']]).strip()})"


def _finding(finding: Mapping[str, Any], width: int) -> Iterator[str]:
    yield from _wrapped(f"{finding['severity']}: {finding['id']}: {finding['subject']}: {finding['text']}", width, "")
    yield from _fix(finding["fix"], width)


@lru_cache(maxsize=256)
def _fix(text: str, width: int) -> tuple[str, ...]:
    """What to do, which is the same wherever something is found."""
    return tuple(_wrapped(text, width, "    "))


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(clean(text, _LONGEST), width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
