# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mistake in an option is an error that names the option, and a secret is in none of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import BindingUse, LoginTerms
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import SECRETS, auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.options import AuthOptions, auth_options
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import LOGIN_OUTCOMES
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials

PASSWORD = "pass\nword \u0007 and more"


def options(**changes: Any) -> AuthOptions:
    params: dict[str, Any] = {name: spec.get("default") for name, spec in auth_arguments().items()}
    assert set(changes) <= set(params)
    return auth_options({**params, "hosts": ["mail.example.org"], "ehlo_name": "probe.test", **changes})


def test_by_default_nobody_logs_in_and_nothing_may_be_risked() -> None:
    made = options()
    assert made.logins.mechanisms == () and made.logins.terms == LoginTerms() and made.logins.attempts_limit == 10
    assert not made.logins.terms.without_tls and not made.logins.terms.unverified and not made.logins.relay_test
    assert made.mailboxes.warnings == ()


def test_values() -> None:
    made = options(
        username="tim", password="secret", authorization_identity="tom", oauth_token="token", mechanisms=["plain", "PLAIN", "apop"],
        channel_binding="never", only_offered=False, auth_timeout=5.0, attempts_limit=3,
        insecure_expose_password_without_tls=True, insecure_expose_password_to_unverified_server=True,
    )  # fmt: skip
    assert made.logins.mechanisms == ("PLAIN", "APOP") and made.logins.attempts_limit == 3
    assert made.logins.terms == LoginTerms(Credentials("tim", "secret", "token", "tom"), BindingUse.NEVER, False, True, True, 5.0)
    assert [one.split(":")[0] for one in made.mailboxes.warnings] == [
        "insecure_expose_password_to_unverified_server", "insecure_expose_password_without_tls",
    ]  # fmt: skip
    assert "secret" not in repr(made) and "token" not in repr(made.logins)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"mechanisms": ["PLAIN"]}, r"username is needed for this mechanism \(in mechanisms: PLAIN\)"),
        ({"mechanisms": ["PLAIN"], "username": "tim"}, r"password is needed for this mechanism \(in mechanisms: PLAIN\)"),
        ({"mechanisms": ["XOAUTH2"], "username": "tim"}, r"oauth_token is needed"),
        ({"mechanisms": ["APOP"], "username": "a b", "password": "x"}, r"username has a space"),
        ({"mechanisms": ["USER-PASS"], "username": "tim", "password": PASSWORD}, r"password has a line break.*USER-PASS"),
        ({"mechanisms": ["SCRAM-SHA-256"], "username": "tim", "password": PASSWORD}, r"password has a character that SASLprep prohibits"),
        ({"mechanisms": ["OAUTHBEARER"], "oauth_token": PASSWORD}, r"oauth_token has characters that no bearer token has"),
        ({"mechanisms": ["PLAIN!"]}, r"mechanisms: 'PLAIN!' is not the name of a mechanism"),
        ({"mechanisms": ["PLANE"]}, r"mechanisms: 'PLANE' is not a known mechanism; these can be used: PLAIN, LOGIN"),
        ({"attempts_limit": 0}, r"attempts_limit: 0 is not a number from 1"),
        ({"auth_timeout": 0.0}, r"auth_timeout: 0"),
        ({"channel_binding": "require", "mechanisms": ["PLAIN"], "username": "a", "password": "b"}, r"channel_binding: 'require' needs"),
        ({"expect": {"logins": "acepted"}}, r"expect: \{'logins': 'acepted'\} is not an outcome"),
        ({"expect": {"logins": {"PLAIN": "yes"}}}, r"expect: \{'logins.PLAIN': 'yes'\} is not an outcome"),
        ({"expect": {"logins": {}}}, r"expects nothing"),
        ({"hosts": []}, r"hosts: \[\] names nothing to probe"),
    ],
)
def test_mistakes(given: dict[str, Any], error: str) -> None:
    with pytest.raises(OptionError, match=error) as caught:
        options(**given)
    assert PASSWORD not in str(caught.value) and "word" not in str(caught.value).replace("password", "")


def test_what_has_no_effect_is_told() -> None:
    assert options(password="x").mailboxes.warnings == ("mechanisms is empty: nobody logs in, and only what is offered is told",)
    assert options(mechanisms=["EXTERNAL"]).mailboxes.warnings[0].startswith("EXTERNAL without client_certificate")


def test_secrets_are_known_as_such_to_ansible() -> None:
    spec = auth_arguments()
    assert all(spec[name]["no_log"] is True for name in SECRETS)
    assert {name for name in spec if "password" in name and name not in SECRETS} == {
        "insecure_expose_password_without_tls", "insecure_expose_password_to_unverified_server",
    }  # fmt: skip


def test_the_words_of_outcomes_are_the_same_everywhere() -> None:
    assert LOGIN_OUTCOMES == {one.value for one in LoginOutcome}
