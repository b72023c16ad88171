# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which zone a name is in, and where its aliases lead, as a resolver tells it (RFC 1034 sections 3.6.2 and 4.2).

The zone of a name is the nearest name at or above it that has an SOA record of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import name_text
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import MAX_ALIASES

try:
    import dns.exception
    import dns.name
except ImportError:
    pass


class NotLearnt(Exception):
    """Something that is needed could not be learnt from DNS; the text says what and why. Never a statement of absence."""


@dataclass(frozen=True)
class AliasHop:
    """One CNAME record on the way: `owner` to `target`, lower case without final dot, and whether it was validated."""

    owner: str
    target: str
    secure: bool
    ad_untrusted: bool


async def follow_aliases(ask: Ask, name: str) -> tuple[AliasHop, ...]:
    """Return the aliases from *name* on, none for a name that is no alias.

    Raises:
        NotLearnt: when DNS does not tell, and for a loop.
    """
    hops: list[AliasHop] = []
    while True:
        answer = await ask(name, "CNAME", True)
        if answer.outcome is Outcome.ERROR:
            raise NotLearnt(f"alias of {name}: {answer.error}")
        target = answer.records[0] if answer.found else None
        if not isinstance(target, str):
            return tuple(hops)
        hops.append(AliasHop(name, target.lower(), answer.secure, answer.ad_untrusted))
        name = target.lower()
        if len(hops) > MAX_ALIASES or name in [hop.owner for hop in hops]:
            raise NotLearnt(f"more than {MAX_ALIASES} aliases, or a loop, at {hops[0].owner}")


async def zone_of(ask: Ask, name: str) -> str:
    """Return the zone that *name* is in, lower case without final dot, `""` for the root.

    Raises:
        NotLearnt: when DNS does not tell.
    """
    while True:
        answer = await ask(name, "SOA", True)
        if answer.outcome is Outcome.ERROR:
            raise NotLearnt(f"zone of {name}: {answer.error}")
        if _is_own(answer, name):
            return name.lower()
        if not name:
            raise NotLearnt("the root has no SOA record")
        name = parent_of(name)


def parent_of(name: str) -> str:
    """Return the name without its first label.

    Raises:
        NotLearnt: for what is not a domain name.
    """
    try:
        return name_text(dns.name.from_text(name or ".").parent())
    except dns.exception.DNSException as error:
        raise NotLearnt(f"{name!r} is not a valid domain name") from error


def _is_own(answer: Answer, name: str) -> bool:
    """An answer for the end of an alias says nothing about the name asked for."""
    return answer.found and answer.canonical_name.lower() == name.lower()
