# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM keys in DNS, and the policy records of DomainKeys and ADSP (RFC 6376 section 3.6, RFC 8301, RFC 8463)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dkim as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.dkim_key import DkimPublicKey, KeyFlaw, KeyFormat, read_key
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed, quoted
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure, texts, unreadable
from ansible_collections.mailops.tls.plugins.module_utils._domain.tag_list import TagList, read_tags, swallowed_tag, tag_differences
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

SHORTEST_RSA, GOOD_RSA, LONGEST_RSA = 1024, 2048, 4096
"""Bits of RSA keys: what verifiers must refuse below, what signers should have, what verifiers need not support above (RFC 8301)."""
_LONGEST = 65535
_TAGS = frozenset("vghknpst")
_OTHER_STANDARD = re.compile(r"\s*(v\s*=\s*spf1|spf2\.0/|v\s*=\s*DMARC1|v\s*=\s*STSv1|v\s*=\s*TLSRPTv1|v\s*=\s*BIMI1)", re.IGNORECASE)


class DkimStatus(str, Enum):
    """What a selector is good for. ERROR: nobody could be asked."""

    VALID = "valid"
    REVOKED = "revoked"
    INVALID = "invalid"
    MISSING = "missing"
    MULTIPLE = "multiple"
    ERROR = "error"


@dataclass(frozen=True)
class DkimView:
    """What is at a selector, and what is wrong with it. `differences` are those to the record that is expected, None where none is."""

    selector: str
    owner: str
    canonical_owner: str
    status: DkimStatus
    record: str | None = None
    strings: int | None = None
    key_type: str | None = None
    key: DkimPublicKey | None = None
    tags: dict[str, str] = field(default_factory=dict)
    differences: tuple[str, ...] | None = None
    failure: Failure | None = None
    findings: tuple[Finding, ...] = ()

    def words(self, tag: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words of a tag that is a list with colons."""
        return _words(self.tags[tag]) if tag in self.tags else default

    def as_facts(self) -> dict[str, object]:
        """Return the item of `dkim`."""
        key = self.key
        read = bool(self.tags)
        return {
            "selector": inert(self.selector, 300),
            "owner": inert(self.owner, 300),
            "canonical_owner": inert(self.canonical_owner, 300),
            "status": self.status.value,
            "record": None if self.record is None else inert(self.record, _LONGEST),
            "strings": self.strings,
            "key_type": None if self.key_type is None else inert(self.key_type, 100),
            "key_bits": key.bits if key else None,
            "key_format": key.format.value if key and key.format else None,
            "tags": {inert(name, 100): inert(value, _LONGEST) for name, value in self.tags.items()},
            "flags": [inert(word, 100) for word in self.words("t", ())],
            "services": [inert(word, 100) for word in self.words("s", ("*",))] if read else [],
            "hashes": [inert(word, 100) for word in self.words("h", ("sha256",))] if read else [],
            "testing": "y" in self.words("t", ()) if read else None,
            "differences": None if self.differences is None else [inert(one, 500) for one in self.differences],
            "error": self.failure.as_dict() if self.failure else None,
        }


async def look_up_dkim(domain: str, selector: str, ask: Ask, expected: str | None = None) -> DkimView:
    """Return what is at a selector of a domain; `expected` is the record that should be there."""
    return read_dkim(selector, await ask(dkim_owner(domain, selector), "TXT", True), expected)


def dkim_owner(domain: str, selector: str) -> str:
    """Return the owner name of a key (section 3.6.2.1)."""
    return f"{selector}._domainkey.{domain}"


def read_dkim(selector: str, answer: Answer, expected: str | None = None) -> DkimView:
    """Read the answer to the question for the TXT records of a selector."""
    noticed, owner = Noticed(), answer.name
    canonical = answer.canonical_name or owner
    records = [one for one in answer.records if isinstance(one, TxtRecord)]
    if answer.outcome is Outcome.ERROR:
        return DkimView(selector, owner, canonical, DkimStatus.ERROR, failure=dns_failure(answer))
    if not records:
        alias = f", which is an alias of {canonical}" if canonical.lower() != owner.lower() else ""
        noticed.add(catalogue.DKIM_RECORD_MISSING, owner, f"there is no TXT record at {owner}{alias}")
        return DkimView(selector, owner, canonical, DkimStatus.MISSING, findings=noticed.findings())
    if len(records) > 1:
        text = f"there are {len(records)} TXT records: {', '.join(quoted(one, 40) for one in texts(answer))}"
        noticed.add(catalogue.DKIM_MULTIPLE_RECORDS, owner, text)
        failure = unreadable(inert(text, 500))
        return DkimView(selector, owner, canonical, DkimStatus.MULTIPLE, failure=failure, findings=noticed.findings())
    text = texts(answer)[0]
    tags, key = _judge(text, owner, noticed)
    findings = noticed.findings()
    wrong = next((one for one in findings if one.severity is Severity.ERROR), None)
    status = DkimStatus.INVALID if wrong else DkimStatus.REVOKED if tags.value("p") == "" else DkimStatus.VALID
    return DkimView(
        selector, owner, canonical, status, text, len(records[0].strings),
        (tags.value("k") or "rsa") if tags.tags else None, key, tags.as_dict(),
        None if expected is None else tag_differences(text, expected, without_blanks=("p",)),
        unreadable(wrong.text) if wrong else None, findings,
    )  # fmt: skip


def _words(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in value.split(":") if word.strip()))


def _judge(text: str, owner: str, noticed: Noticed) -> tuple[TagList, DkimPublicKey | None]:
    """Note what is wrong with a record; return its tags and its key."""
    plain = text
    for char, kind in (('"', catalogue.DKIM_STRAY_QUOTE), ("\\", catalogue.DKIM_STRAY_BACKSLASH)):
        if char in text:
            noticed.add(kind, owner, f"there are {text.count(char)} in {quoted(text)}")
            plain = plain.replace(char, "")
    if _OTHER_STANDARD.match(plain) or "=" not in plain.rstrip("= "):
        noticed.add(catalogue.DKIM_WRONG_RECORD, owner, quoted(text))
        return TagList(()), None
    tags = read_tags(plain)
    if not _grammar(tags, owner, noticed):
        return tags, None
    _version(tags, owner, noticed)
    _uses(tags, owner, noticed)
    return tags, _judge_key(tags, owner, noticed)


def _grammar(tags: TagList, owner: str, noticed: Noticed) -> bool:
    """Note what is wrong with the list of tags; return whether its tags are worth a look."""
    whole = True
    for part in tags.broken:
        noticed.add(catalogue.DKIM_TAG_SYNTAX, owner, f"{quoted(part)} is not tag=value")
    for tag in tags.tags:
        swallowed = swallowed_tag(tag, _TAGS) if tag.name != "n" else None
        if swallowed is not None:
            noticed.add(catalogue.DKIM_TAG_SYNTAX, owner, f"a semicolon is missing before {quoted(swallowed)}")
            whole = False
    for name in tags.twice:
        noticed.add(catalogue.DKIM_DUPLICATE_TAG, owner, f"{name}= stands {sum(tag.name == name for tag in tags.tags)} times")
    return whole


def _version(tags: TagList, owner: str, noticed: Noticed) -> None:
    version = tags.value("v")
    if version is not None and version != "DKIM1":
        noticed.add(catalogue.DKIM_VERSION_INVALID, owner, f"v= is {quoted(version)}")
    elif version is not None and tags.tags[0].name != "v":
        noticed.add(catalogue.DKIM_VERSION_INVALID, owner, f"v= stands behind {tags.tags[0].name}=")


def _uses(tags: TagList, owner: str, noticed: Noticed) -> None:
    """What the key may be used for."""
    hashes, services, flags = (tags.value(name) for name in ("h", "s", "t"))
    if hashes is not None and "sha256" not in _words(hashes):
        noticed.add(catalogue.DKIM_HASH_UNUSABLE, owner, f"h= is {quoted(hashes)}")
    if services is not None and not {"*", "email"} & set(_words(services)):
        noticed.add(catalogue.DKIM_SERVICE_NOT_EMAIL, owner, f"s= is {quoted(services)}")
    if flags is not None and "y" in _words(flags):
        noticed.add(catalogue.DKIM_TESTING, owner, f"t= is {quoted(flags)}")
    if tags.value("g") is not None:
        noticed.add(catalogue.DKIM_OBSOLETE_TAG, owner, f"g= is {quoted(tags.value('g') or '')}")


def _judge_key(tags: TagList, owner: str, noticed: Noticed) -> DkimPublicKey | None:
    value, kind = tags.value("p"), tags.value("k")
    named = "rsa" if kind is None else kind
    if named not in ("rsa", "ed25519"):
        noticed.add(catalogue.DKIM_KEY_TYPE_UNKNOWN, owner, f"k= is {quoted(named)}")
    if value is None:
        noticed.add(catalogue.DKIM_PUBLIC_KEY_MISSING, owner, f"the tags are {', '.join(tag.name for tag in tags.tags[:20])}")
        return None
    if value == "":
        noticed.add(catalogue.DKIM_KEY_REVOKED, owner, "p= is empty")
        return None
    blanks = re.findall(r"\s+", value)
    if blanks:
        noticed.add(catalogue.DKIM_WHITESPACE_IN_KEY, owner, f"p= has blanks in {len(blanks)} places")
    key = read_key(value, named)
    if key.flaw is not None:
        broken = catalogue.DKIM_RECORD_TRUNCATED if key.flaw is KeyFlaw.CUT else catalogue.DKIM_KEY_MALFORMED
        noticed.add(broken, owner, f"p=: {key.reason}")
    elif named == "ed25519" and key.type == "ed25519" and key.format is KeyFormat.SPKI:
        noticed.add(catalogue.DKIM_ED25519_NOT_RAW, owner, "p= is a SubjectPublicKeyInfo and not the 32 octets of the key")
    elif named in ("rsa", "ed25519") and key.type != named:
        says = f"k= says {named}" if kind else "no k= means rsa"
        noticed.add(catalogue.DKIM_KEY_TYPE_MISMATCH, owner, f"{says}, and p= is {key.type}")
    elif key.type == "rsa":
        _judge_rsa(key, owner, noticed)
    return key


def _judge_rsa(key: DkimPublicKey, owner: str, noticed: Noticed) -> None:
    bits = key.bits or 0
    if bits < SHORTEST_RSA:
        noticed.add(catalogue.DKIM_RSA_TOO_SHORT, owner, f"RSA of {bits} bits")
    elif bits < GOOD_RSA:
        noticed.add(catalogue.DKIM_RSA_WEAK, owner, f"RSA of {bits} bits")
    elif bits > LONGEST_RSA:
        noticed.add(catalogue.DKIM_RSA_TOO_LONG, owner, f"RSA of {bits} bits")
    if key.format is KeyFormat.PKCS1:
        noticed.add(catalogue.DKIM_KEY_PKCS1, owner, "p= is an RSAPublicKey and not a SubjectPublicKeyInfo")


async def lint_old_policies(domain: str, ask: Ask) -> tuple[Finding, ...]:
    """Return findings on policy records of DomainKeys (`o=` at _domainkey) and ADSP (`dkim=` at _adsp._domainkey)."""
    noticed = Noticed()
    for owner, tag in ((f"_domainkey.{domain}", "o"), (f"_adsp._domainkey.{domain}", "dkim")):
        for text in texts(await ask(owner, "TXT", True)):
            if read_tags(text).value(tag) is not None and not _OTHER_STANDARD.match(text):
                noticed.add(catalogue.DKIM_POLICY_RECORD_OBSOLETE, owner, quoted(text))
    return noticed.findings()
