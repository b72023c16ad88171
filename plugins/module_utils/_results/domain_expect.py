# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`expect` of `mail_domain_info`: what every domain has to look like for the task to succeed.

A mapping in the shape of a result with only the items that matter. A plain value has to be equal (text in any case), a list names the
values that will do. Of parts that are lists, such as `dkim`, every item has to be so, and there has to be one. Two items mean more than
equality: `worst` is the worst severity that will do, and a kind of sender in `senders` reaches a protection or has an outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._finding import Severity
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Unmet, accepts

SEVERITIES = ("ok", *(one.value for one in reversed(Severity)))
"""From best to worst, as in `worst` of results."""
ROLES = ("sends_and_receives", "receives_only", "sends_only", "parked", "unknown")
PARTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "zone": ("ns", ("secure", "apex", "agreed")),
    "mx": ("mx", ("found", "null_mx", "implicit", "secure", "ttl")),
    "spf": ("spf", ("status", "record", "lookups", "void_lookups", "all", "redirect", "size")),
    "dkim": ("dkim", ("status", "record", "key_type", "key_bits", "testing")),
    "dmarc": (
        "dmarc",
        ("status", "location", "organizational_domain", "record", "policy", "subdomain_policy", "nonexistent_policy",
         "applied_policy", "testing", "adkim", "aspf"),
    ),
    "mta_sts": ("mta_sts", ("status",)),
    "tlsrpt": ("tlsrpt", ("status", "record")),
    "dane": ("dane", ("exchange", "port", "lookup", "secure")),
    "caa": ("caa", ("found_at",)),
    "autoconfig": ("autoconfig", ("status",)),
    "autodiscover": ("autodiscover", ("status",)),
    "dnsbl": ("dnsbl", ("status",)),
    "propagation": ("ns", ("agreed",)),
}  # fmt: skip
"""Parts of a result that can be expected: the check that makes each, and its items."""
SENDERS = ("no_tls", "opportunistic", "mta_sts", "dane", "dane_and_mta_sts", "mandatory")
PROTECTIONS = ("none", "encrypted", "verified")
"""From weakest to strongest."""
OUTCOMES = ("delivered", "partly", "delayed", "refused", "unknown")


@dataclass(frozen=True)
class DomainExpectation:
    """A checked expectation: the mapping as given."""

    wanted: Mapping[str, Any]

    @property
    def parts(self) -> frozenset[str]:
        """The checks that make what is expected."""
        named = {PARTS[name][0] for name in self.wanted if name in PARTS}
        return frozenset(named | ({"senders"} if "senders" in self.wanted else set()))


def parse_domain_expectation(value: Mapping[str, Any]) -> DomainExpectation:
    """Check an expectation.

    Raises:
        OptionError: for an item that no result has, for a value it can never have, and where nothing is expected.
    """
    if not value:
        raise OptionError("expect", {}, "expects nothing")
    for name, wanted in value.items():
        if name == "worst":
            _one_of(name, wanted, SEVERITIES)
        elif name == "role":
            for role in wanted if isinstance(wanted, list) and wanted else [wanted]:
                _one_of(name, role, ROLES)
        elif name == "senders":
            _mapping(name, wanted, SENDERS)
            for sender, word in wanted.items():
                _one_of(f"senders.{sender}", word, (*PROTECTIONS, *OUTCOMES))
        elif name in PARTS:
            _mapping(name, wanted, PARTS[name][1])
        else:
            known = ", ".join(sorted(("worst", "role", "senders", *PARTS)))
            raise OptionError("expect", name, f"is not an item of a domain; known are: {known}")
    return DomainExpectation(dict(value))


def _one_of(name: str, wanted: Any, words: Sequence[str]) -> None:
    if wanted not in words:
        raise OptionError("expect", {name: wanted}, f"is not one of: {', '.join(words)}")


def _mapping(name: str, wanted: Any, items: Sequence[str]) -> None:
    if not isinstance(wanted, Mapping) or not wanted:
        raise OptionError("expect", {name: wanted}, "must be a mapping that expects something")
    for item, value in wanted.items():
        if item not in items:
            raise OptionError("expect", f"{name}.{item}", f"is not an item of {name}; known are: {', '.join(items)}")
        if isinstance(value, Mapping) or value == []:
            raise OptionError("expect", {f"{name}.{item}": value}, "must be a value or a list of values")


def unmet_of_domain(expectation: DomainExpectation, result: Mapping[str, Any]) -> list[Unmet]:
    """Return everything in which one result differs from an expectation."""
    domain = result["domain"]
    error = (result["error"] or {}).get("text")
    found = _all(expectation, result)
    return [Unmet(domain, "", item, wanted, actual, because or error, "domain") for item, wanted, actual, because in found]


def unmet_of_keys(result: Mapping[str, Any]) -> list[Unmet]:
    """Return the DKIM records of a result that differ from those that were expected of them."""
    domain, wanted = result["domain"], "that of dkim_expected"
    differing = [(f"dkim[{key['owner']}].record", key) for key in result["dkim"] if key["differences"]]
    return [Unmet(domain, "", item, wanted, key["record"], "; ".join(key["differences"]), "domain") for item, key in differing]


_Difference = tuple[str, Any, Any, "str | None"]


def _all(expectation: DomainExpectation, result: Mapping[str, Any]) -> Iterator[_Difference]:
    for name, wanted in expectation.wanted.items():
        if name == "worst":
            if SEVERITIES.index(result["worst"]) > SEVERITIES.index(wanted):
                ids = dict.fromkeys(one["id"] for one in result["lint"] if SEVERITIES.index(one["severity"]) > SEVERITIES.index(wanted))
                yield name, wanted, result["worst"], ", ".join(ids)
        elif name == "role":
            if not accepts(wanted, result["role"]):
                yield name, wanted, result["role"], None
        elif name == "senders":
            yield from _senders(wanted, result["senders"] or {})
        else:
            yield from _part(name, wanted, result[name])


def _senders(wanted: Mapping[str, str], found: Mapping[str, Any]) -> Iterator[_Difference]:
    for sender, word in wanted.items():
        one = found.get(sender) or {"outcome": "unknown", "protection": None, "fact": None}
        if not _reaches(word, one):
            shown = one["protection"] if one["outcome"] == "delivered" else one["outcome"]
            yield f"senders.{sender}", word, shown, one["fact"]


def _reaches(word: str, one: Mapping[str, Any]) -> bool:
    if word in OUTCOMES:
        return bool(one["outcome"] == word)
    protected = one["protection"] is not None and PROTECTIONS.index(one["protection"]) >= PROTECTIONS.index(word)
    return protected and bool(one["outcome"] == "delivered")


def _part(name: str, wanted: Mapping[str, Any], found: Any) -> Iterator[_Difference]:
    items = found if isinstance(found, list) else [found]
    if not items:
        yield name, dict(wanted), [], "there is none"
    for item in items:
        for key, value in wanted.items():
            actual = (item or {}).get(key)
            if not accepts(value, actual):
                yield f"{_named(name, item)}.{key}", value, actual, _text((item or {}).get("error"))


def _named(name: str, item: Any) -> str:
    """The part, and which of several."""
    for key in ("owner", "exchange", "nameserver", "query"):
        if isinstance(item, Mapping) and item.get(key):
            return f"{name}[{item[key]}]"
    return name


def _text(error: Any) -> str | None:
    told = error["text"] if isinstance(error, Mapping) else error
    return None if told is None else str(told)
