# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options as one value, and each mistake as one error that names the option and its value, and never a secret."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.arguments import SECRETS, delivery_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.options import DeliveryOptions, delivery_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.tests.unit.servers.mail_world import MailWorld


def options(submit: dict[str, Any] | None = None, retrieve: dict[str, Any] | None = None, **given: Any) -> DeliveryOptions:
    params = MailWorld().parameters(**given)
    params["submit"] = {**params["submit"], **(submit or {})}
    params["retrieve"] = {**params["retrieve"], **(retrieve or {})} if params["retrieve"] else None
    return delivery_options(params)


def test_defaults() -> None:
    found = options({"security_level": None}, {"security_level": None, "service": "imaps", "port": None})
    submit, retrieve = found.delivery.submit, found.delivery.retrieve
    assert retrieve is not None
    assert (submit.service, submit.opportunistic, submit.terms) == (MailService.SMTP, True, None)
    assert (retrieve.settings.security_level, retrieve.opportunistic, retrieve.target.port) == (SecurityLevel.VERIFY, False, None)
    assert found.delivery.letter.sender == "probe@example.org" and found.delivery.folders == ("INBOX",)
    assert found.limits.deadline == 120 + 20


def test_the_sender() -> None:
    user = {"username": "me@example.net", "password": "x", "service": "submission"}
    assert options(user).delivery.letter.sender == "me@example.net"
    assert options({**user, "username": "me"}).delivery.letter.sender == "probe@example.org"
    assert options(sender="").delivery.letter.sender == options(sender="<>").delivery.letter.sender == ""
    assert options(sender="other@example.org").delivery.letter.sender == "other@example.org"


def test_what_a_server_has_for_itself() -> None:
    found = options({"match": ["mx.example.net"], "sni": "mx.example.net", "security_level": "verify"}, match=["example.org"], retrieve={
        "security_level": "verify"})  # fmt: skip
    assert found.delivery.submit.settings.match == ("mx.example.net",) and found.delivery.submit.settings.sni == "mx.example.net"
    assert found.delivery.retrieve is not None and found.delivery.retrieve.settings.match == ("example.org",)
    with_port = options({"host": "[2001:db8::1]:2525", "port": None})
    assert (with_port.delivery.submit.target.name, with_port.delivery.submit.target.port) == ("2001:db8::1", 2525)


@pytest.mark.parametrize("server", ["submit", "retrieve"])
def test_secrets_are_known_as_such_to_ansible(server: str) -> None:
    spec = delivery_arguments()[server]["options"]
    assert {name for name, one in spec.items() if one.get("no_log")} == set(SECRETS)
    assert {name for name in spec if "password" in name or "token" in name} - set(SECRETS) == {
        "insecure_expose_password_without_tls", "insecure_expose_password_to_unverified_server",
    }  # fmt: skip


def test_the_frightening_options_are_told() -> None:
    found = options({"insecure_expose_password_to_unverified_server": True})
    assert [warning.partition(":")[0] for warning in found.warnings] == [
        "submit.insecure_expose_password_to_unverified_server",
        "retrieve.insecure_expose_password_without_tls",
    ]


@pytest.mark.parametrize(
    ("submit", "told"),
    [
        ({"service": "submission"}, True),
        ({"service": "smtp"}, False),
        ({"service": "submissions", "username": "me", "password": "x"}, False),
    ],
)
def test_submission_without_a_login_is_told(submit: dict[str, Any], told: bool) -> None:
    retrieve = {"insecure_expose_password_without_tls": False}
    assert [one.partition(":")[0] for one in options(submit, retrieve=retrieve).warnings] == ["submit.username is empty"] * told


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"submit": {"host": "a b"}}, "submit.host"),
        ({"submit": {"port": 0}}, "submit.port"),
        ({"submit": {"host": "x:25", "port": 26}}, "submit.port"),
        ({"submit": {"password": "hush"}}, "submit.username"),
        ({"submit": {"username": "me"}}, "submit.password"),
        ({"submit": {"username": "me", "password": "hush", "mechanism": "IMAP-LOGIN"}}, "submit.mechanism"),
        ({"submit": {"username": "me", "password": "hush", "mechanism": "x y"}}, "submit.mechanism"),
        ({"submit": {"security_level": "fingerprint"}}, "submit.match"),
        ({"submit": {"sni": "a b"}}, "submit.sni"),
        ({"retrieve": {"username": None}}, "retrieve.username"),
        ({"retrieve": {"password": None}}, "retrieve.password"),
        ({"retrieve": {"folders": []}}, "retrieve.folders"),
        ({"retrieve": {"folders": ["a\nb"]}}, "retrieve.folders"),
        ({"retrieve": {"service": "pop3", "folders": ["Junk"]}}, "retrieve.folders"),
        ({"recipient": ["nobody"]}, "recipient"),
        ({"recipient": []}, "recipient"),
        ({"sender": "nobody"}, "sender"),
        ({"headers": {"Subject": "x"}}, "headers"),
        ({"size": -1}, "size"),
        ({"size": 10**10}, "size"),
        ({"timeout": 0}, "timeout"),
        ({"poll_interval": -1}, "poll_interval"),
        ({"stale_after": -1}, "stale_after"),
        ({"ehlo_name": "a b"}, "ehlo_name"),
    ],
)
def test_mistakes(given: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as refused:
        options(**given)
    assert refused.value.option == option and "hush" not in str(refused.value) and "secret" not in str(refused.value)
