# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets out of lists and files: which two are the same, which are none, and which files are not believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_targets import InvalidTarget, ListedTargets, listed_targets
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import Streamed
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_options import StreamOptions
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import MAILBOXES, RunIdentity
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Telling

SERVICES = (MailService.IMAPS, MailService.IMAP)
NOTHING = {"hosts": None, "hosts_file": None, "domains": None, "domains_file": None}
TELLING = Telling(lambda results: {}, lambda results: [], lambda results: [])


def listed(believed: bool = False, services: tuple[MailService, ...] = SERVICES, **given: Any) -> ListedTargets:
    return listed_targets({**NOTHING, **given}, services, believed=believed)


def left(targets: ListedTargets) -> list[str]:
    """Return what a run over these targets has to do."""
    with targets.subjects() as subjects:
        run = Streamed(subjects, MAILBOXES, TELLING, StreamOptions(RunIdentity("night", "here")), writes=False)
        run.open(None)
        return list(run.left())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("host mail.example.org", "host Mail.Example.ORG."),
        ("host 192.0.2.1", "host [192.0.2.1]"),
        ("host [2001:db8::1]", "host 2001:DB8:0::1"),
        ("host [2001:db8::1]:993", "host [2001:db8:0::1]:993"),
        ("host b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example", "host xn--bcher-kva.example"),
        ("srv example.org", "srv me@Example.ORG"),
    ],
)
def test_two_spellings_are_one(one: str, other: str) -> None:
    assert listed(hosts=["a.example"]).key_of(one) == listed(hosts=["a.example"]).key_of(other)


def test_others_are_not() -> None:
    texts = ["host a.example", "srv a.example", "host a.example:993", "host a.example:143", "host not!one", "host not!One", "srv not!one"]
    assert len({listed(hosts=["a.example"]).key_of(text) for text in texts}) == len(texts)
    alone = listed(hosts=["a.example"], services=(MailService.IMAPS,))
    assert alone.key_of("host a.example:993") == alone.key_of("host a.example") != alone.key_of("host a.example:143")


def test_lists_come_as_they_are_and_with_a_file_each_target_is_one(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("# ours\na.example;7\nA.example\nb.example:993\n\nnot!one\na.example:2525\n", encoding="ascii")
    assert left(listed(hosts=["b.example", "a.example"], domains=["a.example"])) == ["host b.example", "host a.example", "srv a.example"]
    found = left(listed(domains=["b.example"], hosts_file=str(file)))
    assert sorted(found) == ["host a.example", "host a.example:2525", "host b.example:993", "host not!one", "srv b.example"]
    again = left(listed(domains=["b.example"], hosts_file=str(file)))
    assert found == again  # the order is that of the run


def test_what_cannot_be_asked_is_a_result_of_its_own() -> None:
    targets = listed(hosts=["a.example"])
    assert targets.read("host a.example:993") == MailTarget("a.example:993", "a.example", 993)
    for text, by_srv, reason in (("host a.example:2525", False, "of none of the services"), ("srv 192.0.2.1", True, "no SRV records")):
        read = targets.read(text)
        assert isinstance(read, InvalidTarget) and (read.text, read.by_srv) == (text.partition(" ")[2], by_srv)
        assert read.failure.kind.value == "invalid_destination" and reason in read.failure.text


def test_a_single_line_that_is_none_fails_nothing(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("not!one\n", encoding="ascii")
    assert left(listed(hosts_file=str(file))) == ["host not!one"]
    with pytest.raises(OptionError, match="is no host"):
        listed(hosts=["not!one"])
    assert sorted(left(listed(hosts=["not!one"], domains_file=str(file)))) == ["host not!one", "srv not!one"]


@pytest.mark.parametrize(
    ("given", "option", "reason"),
    [
        ({"hosts": ["a.example"], "hosts_file": "list"}, "hosts_file", "cannot be given beside hosts"),
        ({"hosts": [], "hosts_file": "list"}, "hosts_file", "cannot be given beside hosts"),
        ({"domains": ["a.example"], "domains_file": "list"}, "domains_file", "cannot be given beside domains"),
        ({"hosts": [], "domains": []}, "hosts", "names nothing to probe"),
        ({"domains_file": "list", "services": (MailService.SMTP,)}, "services", "announce by SRV records"),
    ],
)
def test_a_mistake_names_its_option(given: dict[str, Any], option: str, reason: str) -> None:
    with pytest.raises(OptionError) as caught:
        listed(**given)
    assert caught.value.option == option and reason in str(caught.value)


@pytest.mark.parametrize("option", ["hosts_file", "domains_file"])
def test_where_something_secret_goes_only_we_may_say(tmp_path: Path, option: str) -> None:
    file = tmp_path / "list"
    named: dict[str, Any] = {option: str(file)}
    file.write_text("a.example\n", encoding="ascii")
    file.chmod(0o644)
    assert len(left(listed(believed=True, **named))) == 1
    file.chmod(0o664)
    assert len(left(listed(**named))) == 1
    with pytest.raises(OptionError, match="cannot be believed: it can be written by others, with its mode 0664") as caught:
        left(listed(believed=True, **named))
    assert caught.value.option == option
    file.chmod(0o600)
    (tmp_path / "link").symlink_to(file)
    linked: dict[str, Any] = {option: str(tmp_path / "link")}
    with pytest.raises(OptionError, match="cannot be believed: it is a symbolic link"):
        left(listed(believed=True, **linked))
    tmp_path.chmod(0o777)
    with pytest.raises(OptionError, match="cannot be believed: it is in a directory that others may write"):
        left(listed(believed=True, **named))
