# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of Postfix's `smtp_tls_policy_maps`: for each domain that was looked at, the strongest one that would not have lost mail. Pure.

Evidence is what `mail_domain_info` tells of kinds of senders, or what `smtp_tls_probe` found at one level or several. A level counts when
every address of every exchange satisfied it. From strongest to weakest:

    dane-only                     DANE verified everywhere
    secure match=...              an MTA-STS policy that enforces, and its patterns; of a probe, the names that it matched
    verify match=hostname         a trusted authority vouches for every exchange
    encrypt                       TLS everywhere

Weaker levels protect from nobody who is on the way, so they get no line. Texts of results come from strangers: what is no domain gets no
line either, and a comment is one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._idna import domain_of
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import flag, mapping, mappings, shown, word, words

LEVELS = ("encrypt", "verify", "secure", "dane-only")
"""From weakest to strongest."""
_KEY = re.compile(r"(?:\[[A-Za-z0-9.:-]{1,253}\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}))(?::[A-Za-z0-9-]{1,32})?")
"""What can be looked up: the next-hop as in transport tables (postconf(5), smtp_tls_policy_maps)."""
_KINDS = (
    ("dane", "verified", "dane-only", "dane-only"),
    ("mandatory", "verified", "verify", "verify match=hostname servername=hostname"),
    ("opportunistic", "encrypted", "encrypt", "encrypt"),
)
"""Kinds of senders, the protection that they have to reach, and what that is in the table."""
_PATTERN = re.compile(r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})")


@dataclass(frozen=True)
class PolicyLine:
    """What a domain gets.

    Attributes:
        domain: the key of the table.
        level: the level, None where no line can be given.
        policy: the right side of the line, empty without a level.
        evidence: why, for people.
    """

    domain: str
    level: str | None
    policy: str
    evidence: str

    def as_facts(self) -> dict[str, Any]:
        """Return the item of a list."""
        return {"domain": self.domain, "level": self.level, "policy": self.policy or None, "evidence": self.evidence}

    def lines(self) -> Iterator[str]:
        """Return the comment, and the line of the table where there is one."""
        if self.level is None:
            yield f"# {self.domain}: no line: {self.evidence}"
        else:
            yield f"# {self.evidence}"
            yield f"{self.domain} {self.policy}"


@dataclass(frozen=True)
class _Evidence:
    """One level that a domain satisfies, or why it satisfies none."""

    level: str | None
    policy: str
    text: str


def policy_lines(results: Sequence[Mapping[str, Any]], minimum: str = "encrypt", match: str | None = None) -> list[PolicyLine]:
    """Return a line for each domain, in the order of the first result of each.

    Args:
        results: of `mail_domain_info` or `smtp_tls_probe`, also of several runs.
        minimum: the weakest level that is worth a line.
        match: the match arguments that probes at level secure were made with, as in the table; None for Postfix's default.

    Raises:
        ValueError: what is given is no list of results, or names no level.
    """
    if minimum not in LEVELS:
        raise ValueError(f"minimum: {word(minimum)!r} is not one of {', '.join(LEVELS)}")
    if isinstance(results, (str, bytes, Mapping)) or not isinstance(results, Sequence):
        raise ValueError(f"a list of results is needed, not {shown(results)}")
    found: dict[str, list[_Evidence]] = {}
    for result in results:
        domain, evidence = _read(result, match)
        if _KEY.fullmatch(domain) is None:
            raise ValueError(f"{domain!r} is no domain that can be a key of the table")
        found.setdefault(domain, []).extend(evidence)
    return [_best(domain, evidence, minimum) for domain, evidence in found.items()]


def _best(domain: str, found: Sequence[_Evidence], minimum: str) -> PolicyLine:
    usable = [one for one in found if one.level is not None and LEVELS.index(one.level) >= LEVELS.index(minimum)]
    if usable:
        best = max(usable, key=lambda one: LEVELS.index(one.level or LEVELS[0]))
        return PolicyLine(domain, best.level, best.policy, f"{domain}: {best.text}")
    return PolicyLine(domain, None, "", "; ".join(dict.fromkeys(one.text for one in found)) or f"nothing reaches {minimum}")


def _read(result: Any, match: str | None) -> tuple[str, list[_Evidence]]:
    facts = mapping(result)
    if "senders" in facts:
        return domain_of(word(facts.get("domain"))), list(_of_senders(facts))
    if "destination" in facts:
        return word(facts["destination"]).lower(), list(_of_probe(facts, match))
    raise ValueError(f"this is no result of mail_domain_info or smtp_tls_probe: {shown(result)}")


def _of_senders(result: Mapping[str, Any]) -> Iterator[_Evidence]:
    senders = mapping(result.get("senders"))
    if not senders:
        yield _Evidence(None, "", word(mapping(result.get("error")).get("text")) or "senders were not looked at")
    for kind, wanted, level, policy in _KINDS:
        one = mapping(senders.get(kind))
        if _reaches(one, wanted):
            yield _Evidence(level, policy, f"{kind} senders deliver {_where(one)} ({word(one.get('fact'))})")
    sts = mapping(senders.get("mta_sts"))
    policy_file = mapping(mapping(result.get("mta_sts")).get("policy"))
    patterns = [one for one in words(policy_file.get("mx")) if _PATTERN.fullmatch(one)]
    if _reaches(sts, "verified") and policy_file.get("mode") == "enforce" and patterns:
        names = ":".join(one[1:] if one.startswith("*.") else one for one in patterns)
        yield _Evidence("secure", f"secure match={names} servername=hostname", f"its MTA-STS policy enforces ({word(sts.get('fact'))})")
    weak = mapping(senders.get("opportunistic"))
    if weak and not _reaches(weak, "encrypted"):
        yield _Evidence(None, "", f"TLS does not reach every exchange ({word(weak.get('fact'))})")


def _where(sender: Mapping[str, Any]) -> str:
    """Say where mail is delivered: an exchange that may be down was not judged where it was down."""
    down = [word(one.get("exchange")) for one in mappings(sender.get("exchanges")) if one.get("outcome") != "delivered"]
    return f"everywhere but at {', '.join(dict.fromkeys(down))}, which may be down" if down else "everywhere"


def _reaches(sender: Mapping[str, Any], wanted: str) -> bool:
    order = ("none", "encrypted", "verified")
    protection = sender.get("protection")
    return sender.get("outcome") == "delivered" and protection in order and order.index(protection) >= order.index(wanted)


def _of_probe(result: Mapping[str, Any], match: str | None) -> Iterator[_Evidence]:
    endpoints = mappings(result.get("endpoints"))
    if not endpoints or not all(flag(one.get("satisfied")) for one in endpoints):
        yield _Evidence(None, "", _why_not(result, endpoints))
        return
    count = f"{len(endpoints)} of {len(endpoints)} addresses"
    if all(flag(mapping(one.get("tls")).get("established")) for one in endpoints):
        yield _Evidence("encrypt", "encrypt", f"TLS at {count}")
    judged = [mapping(one.get("verification")) for one in endpoints]
    levels = {word(one.get("delivery_level")) for one in judged}
    verified = all(one.get("status") == "verified" for one in endpoints)
    if verified and levels <= {"dane", "dane-only"}:
        yield _Evidence("dane-only", "dane-only", f"DANE verified at {count}")
    elif verified and levels == {"verify"}:
        yield _Evidence("verify", "verify", f"the name of the exchange verified at {count}")
    elif verified and levels == {"secure"}:
        yield _Evidence("secure", f"secure match={match}" if match else "secure", f"the name of the domain verified at {count}")


def _why_not(result: Mapping[str, Any], endpoints: Iterable[Mapping[str, Any]]) -> str:
    error = mapping(result.get("error"))
    bad = [one for one in endpoints if not flag(one.get("satisfied"))]
    told = [word(mapping(one.get("error") or mapping(one.get("verification")).get("error")).get("text")) for one in bad]
    level = word(mapping(bad[0].get("verification")).get("requested_level")) if bad else ""
    why = word(error.get("text")) or next(filter(None, told), "it has no exchange")
    return f"not satisfied at {level}: {why}" if level else why
