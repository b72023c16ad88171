# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS as text: the TXT record and the policy file (RFC 8461 section 3), and what a pattern matches (section 4.1). Pure.

    record  "v=STSv1" 1*( *WSP ";" *WSP field ) [ *WSP ";" ]      id = 1*32( ALPHA / DIGIT )
    policy  lines "key: value", each ended by LF or CRLF          version, mode, max_age, mx

Unknown keys are ignored. Of a key that comes twice the first counts, but for mx. Keys and values are compared with their case. Empty lines
are no error here: the grammar has none, every sender takes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import quoted
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus, dns_failure, unreadable
from ansible_collections.mailops.tls.plugins.module_utils._domain.version_tag import VersionTag
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

VERSION = "v=STSv1"
POLICY_LIMIT = 64 * 1024
"""Most octets of a policy, as section 3.3 suggests to senders."""
MOST_MAX_AGE = 31557600
MOST_PATTERNS = 200
_TAG = VersionTag(VERSION, "STS")
_RECORD_FIELD = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})=([!-:<>-~]+)")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_POLICY_FIELD = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):(.*)")
_MAX_AGE = re.compile(r"[0-9]{1,10}")
_PATTERN = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")


class PolicyMode(str, Enum):
    """What senders do when an exchange does not meet the policy (RFC 8461 section 5)."""

    ENFORCE = "enforce"
    TESTING = "testing"
    NONE = "none"


@dataclass(frozen=True)
class StsRecord:
    """The TXT record at `_mta-sts`; all records there that say they are MTA-STS, the id, and why it is not valid."""

    owner: str
    status: RecordStatus
    records: tuple[str, ...] = ()
    id: str | None = None
    failure: Failure | None = None

    def as_facts(self) -> dict[str, object]:
        """Return `txt` of `mta_sts`."""
        found = None if self.status is RecordStatus.ERROR else bool(self.records)
        return {"found": found, "records": list(self.records), "id": self.id}


@dataclass(frozen=True)
class StsPolicy:
    """What a policy file says.

    Attributes:
        version, mode, max_age, mx: its values, None or empty where they are missing or wrong.
        line_ending: crlf, lf, or mixed; None without an ended line.
        problem: why senders ignore it; None for a valid policy.
        age_problem: what is wrong with max_age, which is as bad.
    """

    version: str | None = None
    mode: PolicyMode | None = None
    max_age: int | None = None
    mx: tuple[str, ...] = ()
    line_ending: str | None = None
    problem: str | None = None
    age_problem: str | None = None
    text: str = ""

    @property
    def valid(self) -> bool:
        """Whether a sender can use it."""
        return self.problem is None and self.age_problem is None


def read_sts_record(answer: Answer) -> StsRecord:
    """Read the answer to the question for the TXT records at `_mta-sts`."""
    owner = answer.name
    if answer.outcome is Outcome.ERROR:
        return StsRecord(owner, RecordStatus.ERROR, failure=dns_failure(answer))
    found, usable = _TAG.records(answer)
    shown = tuple(clean(text) for text in found)
    if not found:
        return StsRecord(owner, RecordStatus.NONE)
    if len(usable) > 1:
        return StsRecord(owner, RecordStatus.MULTIPLE, shown, failure=unreadable(f"{len(usable)} records begin with {VERSION};"))
    if not usable:
        return StsRecord(owner, RecordStatus.INVALID, shown, failure=unreadable(_TAG.mistake(found[0])))
    name, problem = _read_fields(usable[0])
    if problem is not None:
        return StsRecord(owner, RecordStatus.INVALID, shown, name, unreadable(problem))
    return StsRecord(owner, RecordStatus.VALID, shown, name)


def _read_fields(record: str) -> tuple[str | None, str | None]:
    """Return the id of a record, and what is wrong with the record."""
    fields = [one.strip(" \t") for one in record.split(";")[1:]]
    ids: list[str] = []
    for number, field in enumerate(fields):
        found = _RECORD_FIELD.fullmatch(field)
        if found is None and (field or number != len(fields) - 1):  # one delimiter may end the record
            return None, f"{quoted(clean(field))} is no field"
        if found is not None and found[1] == "id":
            ids.append(found[2])
    if not ids:
        return None, "there is no id"
    if not _ID.fullmatch(ids[0]):
        return None, f"the id {quoted(ids[0])} is not of 1 to 32 letters and digits"
    return ids[0], None


def read_sts_policy(body: bytes) -> StsPolicy:
    """Read a policy file."""
    text = body[:POLICY_LIMIT].decode("utf-8", "replace")
    ending = _line_ending(text)
    values: dict[str, str] = {}
    mx: dict[str, None] = {}
    problem: str | None = None
    for line in re.split(r"\r?\n", text):
        found = _POLICY_FIELD.fullmatch(line)
        if found is None:
            problem = problem or (f"{quoted(clean(line))} is no line of a policy" if line.strip(" \t") else None)
        elif found[1] == "mx":
            mx[found[2].strip(" \t")] = None
        else:
            values.setdefault(found[1], found[2].strip(" \t"))
    mode = next((one for one in PolicyMode if one.value == values.get("mode")), None)
    problem = problem or _problem(values, mode, mx)
    age, age_problem = _age(values.get("max_age"))
    patterns = tuple(clean(one, 300).lower() for one in mx)[:MOST_PATTERNS]
    version = clean(values["version"], 100) if "version" in values else None
    return StsPolicy(version, mode, age, patterns, ending, problem, age_problem, _shown(text))


def _problem(values: dict[str, str], mode: PolicyMode | None, mx: Iterable[str]) -> str | None:
    """What is wrong with the values of a policy, but for its age."""
    version_fits = values.get("version") == "STSv1"
    for key, wanted, fits in (("version", "STSv1", version_fits), ("mode", "enforce, testing or none", mode is not None)):
        if key not in values:
            return f"there is no {key}"
        if not fits:
            return f"{key} is {quoted(clean(values[key]))} and not {wanted}"
    for one in mx:
        if not _PATTERN.fullmatch(one) or len(one) > 255:
            return f"mx {quoted(clean(one))} is no host name, with or without *. before it"
    if mode is not PolicyMode.NONE and not tuple(mx):
        return "there is no mx"
    return None


def _age(value: str | None) -> tuple[int | None, str | None]:
    if value is None:
        return None, "there is no max_age"
    if not _MAX_AGE.fullmatch(value):
        return None, f"max_age is {quoted(clean(value))} and no number of seconds"
    age = int(value)
    return age, f"max_age is {age}, more than {MOST_MAX_AGE}" if age > MOST_MAX_AGE else None


def _line_ending(text: str) -> str | None:
    ended, with_return = text.count("\n"), text.count("\r\n")
    if not ended:
        return None
    return "lf" if not with_return else "crlf" if with_return == ended else "mixed"


def _shown(text: str) -> str:
    """The text for people, cleaned line by line."""
    lines = [clean(line, 500) for line in re.split(r"\r?\n", text[:8192])]
    return "\n".join(lines).rstrip("\n")


def matching_pattern(patterns: Sequence[str], exchange: str) -> str | None:
    """Return the pattern of a policy that an exchange matches: a name, or `*.` and a name for exactly one label more."""
    host = exchange.lower().rstrip(".")
    parent = host.partition(".")[2]
    return next((one for one in patterns if one.lower() == host or (one[:2] == "*." and parent and one[2:].lower() == parent)), None)
