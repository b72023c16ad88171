# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins at real servers through `mail_auth_probe`, swaks and curl: with the right and a wrong password all come to the same end."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.run import run_auth_probe
from ansible_collections.mailops.tls.tests.differential.mail_clients import CURL_SCHEMES
from ansible_collections.mailops.tls.tests.differential.mailbox_world import PASSWORD, USER
from ansible_collections.mailops.tls.tests.integration.targets.mailbox_tls_probe.files.world import MAIL, NAME, RESOLVER

MECHANISMS = ("PLAIN", "LOGIN")
CURL = [("curl", service, mechanism) for service in CURL_SCHEMES for mechanism in MECHANISMS]
SWAKS = [("swaks", service, mechanism) for service in ("submission", "submissions") for mechanism in MECHANISMS]
PATIENCE = 600.0


def ours(service: str, mechanism: str, password: str, authority: str) -> dict[str, Any]:
    """Our one login."""
    given = {"hosts": [NAME], "services": [service], "username": USER, "password": password, "mechanisms": [mechanism]}
    more = {"nameservers": [RESOLVER], "ca_file": authority, "system_ca": False}
    validated = ArgumentSpecValidator(auth_arguments()).validate({**given, **more})
    assert not validated.error_messages
    (endpoint,) = run_auth_probe(validated.validated_parameters).facts["results"][0]["endpoints"]
    (login,) = endpoint["logins"]
    return dict(login)


def swaks(service: str, mechanism: str, password: str, authority: str) -> bool:
    """Whether swaks gets in."""
    command = ["swaks", "--server", MAIL, "--port", str(MailService(service).terms.port), "--tls-ca-path", authority, "--tls-verify"]
    command += ["--tls-on-connect" if service == "submissions" else "--tls", "--quit-after", "AUTH", "--to", "nobody@example.org"]
    command += ["--auth", mechanism, "--auth-user", USER, "--auth-password", password]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode in (0, 28), done.stdout + done.stderr  # 28: "error in AUTH"
    assert "TLS started" in done.stdout
    return done.returncode == 0


def curl(service: str, mechanism: str, password: str, authority: str) -> bool:
    """Whether curl gets in."""
    scheme, request = CURL_SCHEMES[service]
    port = MailService(service).terms.port
    command = ["curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", authority, "--resolve", f"{NAME}:{port}:{MAIL}"]
    command += ["--user", f"{USER}:{password}", "--login-options", f"AUTH={mechanism}", "--request", request, f"{scheme}://{NAME}:{port}/"]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode in (0, 67), done.stderr  # 67: "login denied"
    return done.returncode == 0


@pytest.mark.parametrize(("client", "service", "mechanism"), [*SWAKS, *CURL])
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_logins(client: str, service: str, mechanism: str, right: bool, mailboxes: Mapping[str, str]) -> None:
    password = PASSWORD if right else "guess"
    theirs = {"swaks": swaks, "curl": curl}[client](service, mechanism, password, mailboxes["root"])
    login = ours(service, mechanism, password, mailboxes["root"])
    assert login["outcome"] == ("accepted" if right else "bad_credentials"), login
    assert theirs is right
