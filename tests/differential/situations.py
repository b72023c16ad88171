# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared: every case of the test network at every security level, each a situation of its own.

Level `fingerprint` comes four times: with the fingerprints that a case names, and for all cases with the digests of all
certificates of the network, of all their keys, and with a digest that none of them has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LEVELS = ("none", "may", "encrypt", "verify", "secure", "dane", "dane-only")
NAMING_LEVELS = ("verify", "secure")
SLOW = ("timeout", "connect_timeout", "rate_limited")
FINGERPRINTS = ("certificate", "key", "other")


@dataclass(frozen=True)
class Situation:
    """One case at one level. `variant` tells situations of level `fingerprint` apart, and `match` are the arguments to match."""

    case: Mapping[str, Any]
    level: str
    variant: str = ""
    match: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Case, level and variant in one word, unique; also the key under which both sides keep what they found."""
        return "-".join(filter(None, (self.case["name"], self.level, self.variant)))

    @property
    def where(self) -> str:
        """Level and variant, as `differences` names them."""
        return "-".join(filter(None, (self.level, self.variant)))

    @property
    def comparable(self) -> bool:
        """False for what posttls-finger here cannot do at all: SRV lookup came with Postfix 3.8."""
        return "lookup" not in self.case["options"]

    @property
    def patience(self) -> float:
        """Seconds for each step: few where the case is about waiting in vain, many where only a busy machine could need them."""
        kinds = {expected["error_kind"] for expected in self.case["expected"].values()}
        return 2.0 if kinds.intersection(SLOW) else 20.0

    @property
    def expected(self) -> Mapping[str, Any] | None:
        """What the case expects here, or None where it says nothing."""
        found: Mapping[str, Any] | None = None if self.variant else self.case["expected"].get(self.level)
        return found


def fingerprints(lab: Mapping[str, Any], what: str) -> tuple[str, ...]:
    """All fingerprints of a kind: `certificate`, `key` or `other`, which no server has."""
    if what == "other":
        return (lab["authorities"]["other"]["certificate_sha256"],)
    item = {"certificate": "certificate_sha256", "key": "public_key_sha256"}[what]
    listeners = [listener for case in lab["cases"] for listener in case["listeners"]]
    return tuple(sorted({made[item] for listener in listeners for made in listener["certificates"].values()}))


def anchored_cases(lab: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Cases of our own: a server of the network whose certificate is good, judged by files of trust anchors (rows 38 and 39)."""
    server = next(case for case in lab["cases"] if case["name"] == "no-tlsa")
    authority = {name: made["file"] for name, made in lab["authorities"].items()}
    wanted = {
        "anchor-inter": (38, "verified", True, {"trust_anchor_files": [authority["inter"]]}),
        "anchor-leaf": (38, "verified", True, {"trust_anchor_files": [server["listeners"][0]["certificates"]["leaf"]["file"]]}),
        "anchor-other-ca": (39, "untrusted", False, {"trust_anchor_files": [authority["other"]], "ca": True}),
    }
    found = []
    for name, (row, status, satisfied, options) in wanted.items():
        expected = {"status": status, "satisfied": satisfied, "matched": None, "error_kind": None, "postfix37": None}
        levels = {level: expected for level in NAMING_LEVELS}
        found.append({**server, "name": name, "matrix_row": row, "options": options, "expected": levels, "endpoints": {}})
    return found


def situations(lab: Mapping[str, Any]) -> Iterator[Situation]:
    """Everything there is to judge; `lab` is the summary of the running network."""
    known = {what: fingerprints(lab, what) for what in FINGERPRINTS}
    for case in (*lab["cases"], *anchored_cases(lab)):
        options = case["options"]
        for level in LEVELS:
            if level != "none" or options.get("tls_mode") != "implicit":
                yield Situation(case, level, match=tuple(options.get("match", ())) if level in NAMING_LEVELS else ())
        if "fingerprint" in case["expected"] and options.get("match"):
            yield Situation(case, "fingerprint", match=tuple(options["match"]))
        for what, match in known.items():
            yield Situation(case, "fingerprint", what, match)
