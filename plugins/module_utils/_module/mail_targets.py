# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mail servers a task names, by `hosts`, `domains` and the files of them, and how they are looked at. Mistakes are `OptionError`s.

A host and a domain can have the same name. So the text of a target, as a run knows it, has in front how it is looked up: that is how
results are known as well (`mailbox_key`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.list_file import ListFile
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService, service_at
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget, parse_domain, parse_host
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import probe_settings
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import Subjects
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_subjects import expected_of
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import mailbox_key
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

NAMED_BY = ("hosts", "hosts_file", "domains", "domains_file")
"""The options that name what is probed: a result is of one."""
_SHOWN = 100
_SRV = "srv"
_PLAIN = re.compile(r"(?:host|srv) (?:[a-z0-9_-]+\.)*[a-z][a-z0-9-]*\Z")
"""A target that is its own key: a name in lower case without a port. No address ends like this."""


@dataclass(frozen=True)
class InvalidTarget:
    """One of several texts that names nothing to look at, and why."""

    text: str
    by_srv: bool
    failure: Failure


Read = Union[MailTarget, InvalidTarget]


@dataclass(frozen=True)
class ListedTargets:
    """What a task names, hosts first.

    Attributes:
        services: what is asked for there, which decides what a port can mean.
        texts: the items of its lists, as a run knows them.
        files: the file of each kind that it names, by the option for it.
        believed: whether the files must be such as nobody else can have written.
    """

    services: tuple[MailService, ...]
    texts: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    believed: bool = False

    def read(self, text: str) -> Read:
        """Read one target as a run knows it. What is none is a result, so that it cannot keep thousands from being probed."""
        lookup, unused, item = text.partition(" ")
        try:
            return _target(item, self.services, by_srv=lookup == _SRV)
        except OptionError as error:
            told = f"{clean(str(error.value), _SHOWN)!r} {error.reason}"
            return InvalidTarget(item, lookup == _SRV, Failure(ErrorKind.INVALID_DESTINATION, CommonPhase.DESTINATION, told))

    def key_of(self, text: str) -> str:
        """Return the key that all spellings of a target share; what is none is its own key."""
        if _PLAIN.match(text):
            return text
        read = self.read(text)
        if isinstance(read, InvalidTarget):
            return text
        alone = self.services[0].terms.port if len(self.services) == 1 else None
        port = "" if read.port in (None, alone) else f" {read.port}"
        return _known_as(read.name.lower(), by_srv=read.by_srv) + port

    @contextmanager
    def subjects(self) -> Iterator[Subjects]:
        """What is to be looked at: lists as they are, and with a file in any order and each target once.

        Raises:
            OptionError: a file cannot be read, or not be believed.
        """
        if not self.files:
            yield Subjects(self.texts, "targets")
            return
        with ExitStack() as stack:
            listed = []
            for option, path in self.files:
                listed.append((option, ListFile(option, path, believed=self.believed)))
                stack.callback(listed[-1][1].close)
            expected = len(self.texts) + sum(expected_of(one) for unused, one in listed)
            yield Subjects(_Joined(self.texts, listed), "targets", self.key_of, shuffled=True, expected=expected)


class _Joined:
    """The items of lists, then those of files, as a run knows them; to be walked any number of times."""

    def __init__(self, texts: Sequence[str], files: Sequence[tuple[str, Iterable[str]]]) -> None:
        self._texts, self._files = texts, files

    def __iter__(self) -> Iterator[str]:
        yield from self._texts
        for option, items in self._files:
            for item in items:
                yield _known_as(item, by_srv=option == "domains_file")


def mail_services(names: Sequence[str]) -> tuple[MailService, ...]:
    """Return what to ask for.

    Raises:
        OptionError: nothing is.
    """
    if not names:
        raise OptionError("services", list(names), "names no service")
    return tuple(MailService(name) for name in dict.fromkeys(names))


def mailbox_settings(params: Mapping[str, Any], services: tuple[MailService, ...], *, all_ports: bool = False) -> MailboxProbeSettings:
    """Return how servers are found, looked at and judged.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    common = probe_settings(params)
    return MailboxProbeSettings(
        security_level=common.security_level,
        services=services,
        all_ports=all_ports,
        strict=params["strict"],
        injection_test=params["injection_test"],
        transcript=params["transcript"],
        ehlo_name=common.dialogue.ehlo_name,
        host_lookup=common.host_lookup,
        address_family=common.address_family,
        sni=common.sni,
        match=common.match,
        fingerprints=common.fingerprints,
        fingerprint_digest=common.fingerprint_digest,
        trust_anchors=common.trust_anchors,
        dane_digests=common.dane_digests,
        force_tlsa=common.force_tlsa,
    )


def listed_targets(params: Mapping[str, Any], services: tuple[MailService, ...], *, believed: bool = False) -> ListedTargets:
    """Return what is to be looked at.

    Args:
        params: the parameters.
        services: what to ask for.
        believed: whether whoever names a target decides where something secret goes.

    Raises:
        OptionError: nothing is named, or both a list and a file for it, or what these services do not have, or the only one cannot
            be read.
    """
    for name in ("hosts", "domains"):
        if params[name] is not None and params[f"{name}_file"] is not None:
            raise OptionError(f"{name}_file", params[f"{name}_file"], f"cannot be given beside {name}")
    hosts, domains = params["hosts"] or [], params["domains"] or []
    files = tuple((name, params[name]) for name in ("hosts_file", "domains_file") if params[name] is not None)
    if not hosts and not domains and not files:
        raise OptionError("hosts", hosts, "names nothing to probe, and neither do domains, hosts_file and domains_file")
    if (domains or params["domains_file"] is not None) and not any(service.terms.announced for service in services):
        names = [service.value for service in services]
        raise OptionError("services", names, "has none that domains announce by SRV records: name the servers in hosts")
    texts = [_known_as(text, by_srv=False) for text in hosts] + [_known_as(text, by_srv=True) for text in domains]
    if len(texts) == 1 and not files:
        _target((hosts or domains)[0], services, by_srv=not hosts)
    for text in hosts:
        _check_port(_host_or_none(text), services)
    return ListedTargets(services, tuple(texts), files, believed)


def _known_as(text: str, *, by_srv: bool) -> str:
    return mailbox_key({"lookup": _SRV if by_srv else "host", "target": text})


def _target(text: str, services: Sequence[MailService], *, by_srv: bool) -> MailTarget:
    if by_srv:
        return parse_domain(text)
    target = parse_host(text)
    _check_port(target, services)
    return target


def _host_or_none(text: str) -> MailTarget | None:
    try:
        return parse_host(text)
    except OptionError:
        return None


def _check_port(target: MailTarget | None, services: Sequence[MailService]) -> None:
    """Of several services only the one that IANA has at a port can be meant; one alone can be at any port."""
    if target is None or target.port is None or len(services) == 1 or service_at(target.port) in services:
        return
    raise OptionError("hosts", target.text, f"has a port that is of none of the services: name exactly one service for port {target.port}")
