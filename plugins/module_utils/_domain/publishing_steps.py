# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order to publish: first what makes failures visible, then what names the domain's own, then what turns mail away. Pure.

Each step leaves the domain working, and says what has to be seen before the next. Reports come first (RFC 8460), MTA-STS is `testing`
before it enforces (RFC 8461 section 5), and DMARC is `none`, then `quarantine`, before `reject` (RFC 9989 section 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import PolicyMode
from ansible_collections.mailops.tls.plugins.module_utils._domain.wished_records import (
    WishedRRset,
    caa_rrset,
    dkim_rrsets,
    dmarc_rrset,
    mx_rrset,
    spf_rrset,
    srv_rrsets,
    sts_rrset,
    tlsa_rrsets,
    tlsrpt_rrset,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.wishes import DmarcWish, MailWishes, StsWish, policy_id, policy_text

_STRICTNESS = ("none", "quarantine", "reject")
Published = Mapping[tuple[str, str], frozenset[str]]
"""What is in DNS now, TXT records as read: by owner, without a dot at the end, and type. An owner that is missing is not known."""


@dataclass(frozen=True)
class StsPolicyFile:
    """The policy file of one step: where it is, its text, and the id that announces it."""

    url: str
    text: str

    def as_facts(self) -> dict[str, str]:
        """Return `policy`."""
        return {"url": self.url, "text": self.text, "id": policy_id(self.text)}


@dataclass(frozen=True)
class PublishingStep:
    """One step: what to publish together, why, and what has to be so before the next one.

    Attributes:
        name: the word that results know it by.
        rrsets: the records.
        policy: the policy file, which has to be in place before the records.
        before: what has to be so first; empty where nothing has to.
        wait_days: how long to look at reports before the next step.
    """

    name: str
    why: str
    rrsets: tuple[WishedRRset, ...]
    policy: StsPolicyFile | None = None
    before: str = ""
    wait_days: int = 0

    def as_facts(self, number: int, done: bool | None) -> dict[str, Any]:
        """Return the item of `steps`."""
        return {
            "step": number,
            "name": self.name,
            "why": self.why,
            "before": self.before,
            "wait_days": self.wait_days,
            "record_sets": [one.as_set() for one in self.rrsets],
            "policy": self.policy.as_facts() if self.policy is not None else None,
            "done": done,
        }


def publishing_steps(wishes: MailWishes) -> tuple[PublishingStep, ...]:
    """Return the steps to what is wished, those that have nothing to publish left out."""
    return tuple(step for step in _steps(wishes) if step.rrsets)


def final_rrsets(steps: tuple[PublishingStep, ...]) -> tuple[WishedRRset, ...]:
    """Return what stands in DNS after the last step: of an owner and type that several steps have, the last."""
    found = {(rrset.owner, rrset.rdtype): rrset for step in steps for rrset in step.rrsets}
    return tuple(found.values())


def final_policy(steps: tuple[PublishingStep, ...]) -> StsPolicyFile | None:
    """Return the policy file of the last step that has one."""
    return next((step.policy for step in reversed(steps) if step.policy is not None), None)


def steps_done(steps: tuple[PublishingStep, ...], published: Published | None) -> tuple[bool | None, ...]:
    """Return of each step whether DNS has it, or a later version of it; None where that is not known."""
    return tuple(_done(steps[number:], published) for number in range(len(steps)))


def _done(steps: tuple[PublishingStep, ...], published: Published | None) -> bool | None:
    if published is None:
        return None
    known: list[bool | None] = []
    for rrset in steps[0].rrsets:
        key = rrset.owner, rrset.rdtype
        versions = [frozenset(one.texts or one.values) for step in steps for one in step.rrsets if (one.owner, one.rdtype) == key]
        there = published.get(key)
        known.append(None if there is None else any(version <= there for version in versions))
    if False in known:
        return False
    return None if None in known else True


def _steps(wishes: MailWishes) -> Iterator[PublishingStep]:
    lenient = _lenient(wishes.dmarc)
    yield PublishingStep(
        "reports",
        "Reports come first, so that every later step shows what it does.",
        _present(tlsrpt_rrset(wishes), dmarc_rrset(wishes, lenient) if lenient else None),
        wait_days=14 if wishes.dmarc is not None and wishes.dmarc.policy != "none" else 0,
    )
    yield PublishingStep(
        "identify",
        "Exchanges, senders and keys of the domain are named. Nothing is turned away for it by DMARC yet.",
        _present(mx_rrset(wishes), spf_rrset(wishes), *dkim_rrsets(wishes), *srv_rrsets(wishes)),
        before="Every server that sends for the domain is in the SPF record or signs with one of the keys.",
    )
    yield PublishingStep(
        "authorities",
        "Only the named certification authorities may issue certificates for the domain.",
        _present(caa_rrset(wishes)),
        before="The authorities of all certificates in use are named.",
    )
    yield PublishingStep(
        "dane",
        "Senders with DANE verify the exchanges.",
        tuple(tlsa_rrsets(wishes)),
        before="The zones of the exchanges are signed with DNSSEC, and every server already shows the keys of these records.",
    )
    if wishes.mta_sts is not None:
        yield from _sts_steps(wishes, wishes.mta_sts)
    if wishes.dmarc is not None:
        yield from _dmarc_steps(wishes, wishes.dmarc)


def _sts_steps(wishes: MailWishes, wish: StsWish) -> Iterator[PublishingStep]:
    modes = (PolicyMode.TESTING, PolicyMode.ENFORCE) if wish.mode is PolicyMode.ENFORCE else (wish.mode,)
    told = {
        PolicyMode.TESTING: "Senders report what would fail, and deliver all the same.",
        PolicyMode.ENFORCE: "Senders deliver only to the named exchanges, with certificates of trusted authorities.",
        PolicyMode.NONE: "Senders forget the policy that they know.",
    }
    for mode in modes:
        sts = wish.in_mode(mode)
        enforcing = mode is PolicyMode.ENFORCE
        first = "The policy file is served over HTTPS with a certificate for its host."
        more = " Reports of two weeks show no failure, and every exchange has a certificate of a trusted authority for its name."
        url = f"https://mta-sts.{wishes.domain}/.well-known/mta-sts.txt"
        yield PublishingStep(
            f"mta_sts_{mode.value}",
            told[mode],
            (sts_rrset(wishes, sts),),
            StsPolicyFile(url, policy_text(wishes, sts)),
            first + (more if enforcing else ""),
            14 if mode is PolicyMode.TESTING and wish.mode is PolicyMode.ENFORCE else 0,
        )


def _dmarc_steps(wishes: MailWishes, wish: DmarcWish) -> Iterator[PublishingStep]:
    """The steps beyond `none`, as far as is wished."""
    last = _STRICTNESS.index(wish.policy)
    for policy in _STRICTNESS[1 : last + 1]:
        final = policy == wish.policy
        yield PublishingStep(
            f"dmarc_{policy}",
            f"Receivers {'reject mail' if policy == 'reject' else 'put mail aside'} that is not shown to be the domain's.",
            (dmarc_rrset(wishes, wish if final else _at(wish, policy)),),
            before="Aggregate reports of two weeks name every own sender as aligned.",
            wait_days=0 if final else 14,
        )


def _lenient(wish: DmarcWish | None) -> DmarcWish | None:
    """The first record: reports, and nothing turned away. What is wished as `none` is this already."""
    if wish is None:
        return None
    return wish if wish.policy == "none" else _at(wish, "none")


def _at(wish: DmarcWish, policy: str) -> DmarcWish:
    """The same record with no policy in it stricter than this."""

    def most(one: str | None) -> str | None:
        return None if one is None else min(one, policy, key=_STRICTNESS.index)

    return replace(wish, policy=policy, subdomain_policy=most(wish.subdomain_policy), nonexistent_policy=most(wish.nonexistent_policy))


def _present(*rrsets: WishedRRset | None) -> tuple[WishedRRset, ...]:
    return tuple(one for one in rrsets if one is not None)
