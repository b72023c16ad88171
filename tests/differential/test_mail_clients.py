# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real mail services through our module, openssl s_client, gnutls-cli, curl and swaks: they agree, but for what `mailbox_cases` lists."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.tests.differential import mailbox_world
from ansible_collections.mailops.tls.tests.differential.mail_clients import CLIENTS, Question, Seen
from ansible_collections.mailops.tls.tests.differential.mailbox_cases import CASES, DIFFERENCES, differing

AT_A_TIME = 8
PLACES = [(name, service) for name, case in CASES.items() for service in case.services.split()]
LOOKS = [
    (client, name, service)
    for client, (_ask, services) in CLIENTS.items()
    for name, service in PLACES
    if MailService(service) in services and (client == "s_client" or not CASES[name].dane)
]


@pytest.fixture(scope="module", name="ours")
def fixture_ours(mailboxes: Mapping[str, str]) -> dict[tuple[str, str], Any]:
    """The endpoint that our module returns, by case and service."""
    found = {}
    for name, case in CASES.items():
        level = "dane" if case.dane else "verify"
        options = {"hosts": [case.host], "services": case.services.split(), "ca_file": mailboxes[case.authority], "security_level": level}
        for endpoint in mailbox_world.probe(options)["results"][0]["endpoints"]:
            found[name, endpoint["service"]] = endpoint
    return found


@pytest.fixture(scope="module", name="theirs")
def fixture_theirs(mailboxes: Mapping[str, str], ours: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str, str], Seen]:
    """What the others see, by client, case and service."""

    def look(place: tuple[str, str, str]) -> Seen:
        client, name, service = place
        case, endpoint = CASES[name], ours[name, service]
        records = endpoint["tlsa"]["records"] if case.dane else ()
        given = tuple("{usage} {selector} {matching_type} {data}".format(**record) for record in records)
        named = None if case.host == endpoint["address"] else case.host
        ask, _services = CLIENTS[client]
        return ask(Question(MailService(service), endpoint["address"], named, mailboxes[case.authority], given))

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return dict(zip(LOOKS, pool.map(look, LOOKS)))


@pytest.mark.parametrize(("name", "service"), PLACES)
def test_ours_is_as_expected(name: str, service: str, ours: Mapping[tuple[str, str], Any]) -> None:
    endpoint = ours[name, service]
    assert mailbox_world.seen(endpoint).outcome == CASES[name].expected
    assert not CASES[name].dane or endpoint["tlsa"]["records"]


@pytest.mark.parametrize(("client", "name", "service"), LOOKS)
def test_agrees(
    client: str, name: str, service: str, ours: Mapping[tuple[str, str], Any], theirs: Mapping[tuple[str, str, str], Seen]
) -> None:
    """Both tell the same, item by item, but for the known differences, all of which occur."""
    mine, other = mailbox_world.seen(ours[name, service]), theirs[client, name, service]
    pairs = [(field.name, getattr(other, field.name), getattr(mine, field.name)) for field in fields(Seen)]
    assert {pair for pair in pairs if pair[1] is not None and pair[1] != pair[2]} == differing(client, name, service)


def test_known_differences_are_of_looks_that_exist() -> None:
    """One whose case or client is gone would never be noticed otherwise."""
    for one in DIFFERENCES:
        named = {(client, case) for client in one.clients.split() for case in one.cases.split()}
        assert named <= {(client, name) for client, name, _service in LOOKS}
