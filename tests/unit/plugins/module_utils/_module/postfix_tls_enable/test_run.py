# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of postfix_tls_enable on an instance that is a dictionary, with keys that are files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_enable.arguments import enable_arguments, needed_libraries
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_enable.run import run_enable
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import NotChanged

CLIENT = {
    "smtp_tls_security_level": "may",
    "smtp_tls_loglevel": "1",
    "smtp_tls_session_cache_database": "btree:/var/lib/postfix/smtp_scache",
    "tls_random_source": "dev:/dev/urandom",
}
SERVER = {"smtpd_tls_security_level": "may", "smtpd_tls_received_header": "yes", "smtpd_tls_loglevel": "1"}


class Postfix:
    """An instance whose main.cf is a dictionary, with as much of postconf as a run asks for."""

    def __init__(self, directory: Path, **main: str) -> None:
        self.directory, self.main = str(directory), dict(main)
        self.defaults = {
            "config_directory": self.directory,
            "queue_directory": "/var/spool/postfix",
            "data_directory": "/var/lib/postfix",
            "myhostname": "mx.example.org",
            "tls_random_source": "dev:/dev/urandom",
        }
        self.types = "btree cidr hash"
        self.broken: tuple[str, ...] = ()
        self.edits = 0

    def __call__(self, command: Sequence[str]) -> CommandResult:
        assert list(command[:3]) == ["postconf", "-c", self.directory], command
        option, words = command[3], command[4:]
        if option in self.broken:
            return CommandResult(1, "", "postconf: fatal: main.cf: no space left on device\n")
        if option == "-e":
            self.edits += 1
            self.main.update((name.strip(), value.strip()) for name, _sign, value in (word.partition("=") for word in words))
        answers = {"-x": {**self.defaults, **self.main}, "-n": self.main}
        if option in answers:
            return CommandResult(0, "".join("{} = {}\n".format(*pair) for pair in answers[option].items()), "")
        service = "smtp       inet  n       -       y       -       -       smtpd\n"
        return CommandResult(0, {"-m": "\n".join(self.types.split()), "-M": service}.get(option, ""), "")

    def enable(self, side: str, *, check_mode: bool = False, readable: bool = True, **given: Any) -> TaskResult:
        params = {name: argument.get("default") for name, argument in enable_arguments().items()}
        params.update(side=side, config_directory=self.directory, **given)
        return run_enable(params, self, check_mode=check_mode, readable=lambda path: readable)

    def files(self) -> list[str]:
        return sorted(os.listdir(self.directory))


@pytest.fixture(name="postfix")
def _postfix(tmp_path: Path) -> Postfix:
    return Postfix(tmp_path)


def test_client(postfix: Postfix) -> None:
    checked = postfix.enable("client", check_mode=True)
    assert checked.changed and postfix.main == {}
    run = postfix.enable("client")
    assert run == checked
    assert postfix.main == CLIENT and postfix.edits == 1
    assert run.facts["state"] == "enabled"
    assert run.facts["privatekey_path"] is None and postfix.files() == []
    again = postfix.enable("client", on_customized="fail")
    assert (again.changed, again.failure, again.facts["state"]) == (False, None, "already_enabled")


def test_values_that_were_there_are_told(postfix: Postfix) -> None:
    postfix.main["smtp_tls_loglevel"] = "2"
    run = postfix.enable("client")
    assert {"name": "smtp_tls_loglevel", "before": "2", "after": "1"} in (run.facts["parameters"] or [])
    assert run.diff[0]["before"] == "smtp_tls_loglevel = 2\n"


def test_no_type_for_a_session_cache(postfix: Postfix) -> None:
    postfix.types = "hash cdb"
    postfix.enable("client")
    assert "smtp_tls_session_cache_database" not in postfix.main


@pytest.mark.parametrize(
    ("present", "given", "expected"),
    [
        ("dev:/dev/urandom", None, "dev:/dev/urandom"),
        ("dev:/dev/hwrng", None, "dev:/dev/hwrng"),
        ("", None, "dev:/dev/urandom"),
        ("dev:/dev/urandom", "egd:/run/egd", "egd:/run/egd"),
    ],
)
def test_random_source(postfix: Postfix, present: str, given: str | None, expected: str) -> None:
    postfix.defaults["tls_random_source"] = present
    postfix.enable("client", random_source=given)
    assert postfix.main["tls_random_source"] == expected


@pytest.mark.parametrize("given", [None, "dev:/dev/none", "", "two words"])
def test_no_random_source(postfix: Postfix, given: str | None) -> None:
    postfix.defaults["tls_random_source"] = ""
    with pytest.raises(OptionError, match="^random_source"):
        postfix.enable("client", random_source=given, readable=False)
    assert postfix.main == {}


@pytest.mark.parametrize(
    ("algorithm", "prefix", "parameters"),
    [("rsa", "", ("smtpd_tls_key_file", "smtpd_tls_cert_file")), ("ecdsa", "ec", ("smtpd_tls_eckey_file", "smtpd_tls_eccert_file"))],
)
def test_server(postfix: Postfix, algorithm: str, prefix: str, parameters: tuple[str, str]) -> None:
    run = postfix.enable("server", algorithm=algorithm, names=["mx.example.org", "mail.example.org"])
    key, certificate = (str(run.facts[name]) for name in ("privatekey_path", "certificate_path"))
    assert postfix.main == {
        **dict(zip(parameters, (key, certificate))), **SERVER, "tls_random_source": "dev:/dev/urandom"
    }  # fmt: skip
    assert postfix.files() == [os.path.basename(certificate), os.path.basename(key)]
    assert os.path.basename(key).startswith(prefix + "key-2")
    assert [os.stat(path).st_mode & 0o777 for path in (key, certificate)] == [0o600, 0o644]
    assert "PRIVATE" not in repr(run) and str(run.facts["tlsa_rdata"]) in repr(run.facts["advice"])
    again = postfix.enable("server", algorithm=algorithm, on_customized="fail")
    assert (again.changed, again.failure, len(postfix.files())) == (False, None, 2)


def test_server_with_ed25519(postfix: Postfix) -> None:
    run = postfix.enable("server", algorithm="ed25519")
    paths = f"{run.facts['privatekey_path']}, {run.facts['certificate_path']}"
    assert postfix.main["smtpd_tls_chain_files"] == paths
    assert not postfix.enable("server", algorithm="ed25519", on_customized="fail").changed


def test_server_in_check_mode(postfix: Postfix) -> None:
    run = postfix.enable("server", check_mode=True)
    assert run.changed and postfix.files() == [] and postfix.main == {}
    assert run.facts["tlsa_rdata"] is None
    assert f"smtpd_tls_key_file = {run.facts['privatekey_path']}\n" in str(run.diff[0]["after"])


@pytest.mark.parametrize("refused", ["-e", "-m"])
def test_client_failure_is_a_failure(postfix: Postfix, refused: str) -> None:
    postfix.broken = (refused,)
    with pytest.raises(TaskFailed):
        postfix.enable("client")
    assert postfix.main == {}


def test_server_failure_removes_what_was_made(postfix: Postfix) -> None:
    postfix.broken = ("-e",)
    with pytest.raises(TaskFailed, match="no space left"):
        postfix.enable("server")
    assert postfix.files() == []


def test_a_key_that_may_be_deployed_is_kept(postfix: Postfix, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*arguments: object) -> None:
        raise NotChanged("main.cf is half done", restored=False)

    monkeypatch.setattr("ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_enable.run.change", lost)
    with pytest.raises(TaskFailed):
        postfix.enable("server")
    assert len(postfix.files()) == 2


def test_customized_server(postfix: Postfix) -> None:
    postfix.main.update(smtpd_tls_chain_files="/etc/ssl/both.pem", smtpd_tls_loglevel="1")
    before = dict(postfix.main)
    run = postfix.enable("server")
    assert (run.changed, run.failure, run.facts["customized"]) == (False, None, ["smtpd_tls_chain_files"])
    assert run.facts["would_set"] == [
        {"name": "smtpd_tls_security_level", "before": None, "after": "may"},
        {"name": "smtpd_tls_received_header", "before": None, "after": "yes"},
    ]
    failed = postfix.enable("server", on_customized="fail")
    assert failed.failure is not None and "smtpd_tls_chain_files" in failed.failure
    assert postfix.main == before and postfix.files() == []


def test_a_key_that_went_missing_is_not_replaced(postfix: Postfix) -> None:
    run = postfix.enable("server")
    os.unlink(str(run.facts["privatekey_path"]))
    assert postfix.enable("server").facts["state"] == "customized"
    assert len(postfix.files()) == 1


@pytest.mark.parametrize("option", [{"names": ["mx.example.org"]}, {"bits": 2048}, {"curve": "secp256r1"}, {"owner": "0"}, {"group": "0"}])
def test_a_client_has_no_key(postfix: Postfix, option: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="is for the new key of a server, and side is client"):
        postfix.enable("client", **option)


def test_server_without_a_new_key(postfix: Postfix) -> None:
    postfix.main.update(smtpd_tls_chain_files="/etc/ssl/both.pem")
    run = postfix.enable("server", make_key=False)
    expected = {**SERVER, "tls_random_source": "dev:/dev/urandom", "smtpd_tls_chain_files": "/etc/ssl/both.pem"}
    assert (run.changed, run.facts["state"], postfix.main, postfix.files()) == (True, "enabled", expected, [])
    assert (run.facts["privatekey_path"], run.facts["advice"]) == (
        None, ["Run 'postfix reload' if the new settings are to take effect immediately."]
    )  # fmt: skip
    again = postfix.enable("server", make_key=False, on_customized="fail")
    assert (again.changed, again.facts["state"], postfix.edits) == (False, "already_enabled", 1)
    postfix.main["smtpd_tls_security_level"] = "encrypt"
    customized = postfix.enable("server", make_key=False)
    assert (customized.changed, customized.facts["customized"]) == (False, ["smtpd_tls_security_level"])


def test_no_options_of_a_key_that_is_not_made(postfix: Postfix) -> None:
    with pytest.raises(OptionError, match="is for the new key of a server, and make_key is false"):
        postfix.enable("server", make_key=False, bits=2048)


def test_impossible_names_leave_everything(postfix: Postfix) -> None:
    with pytest.raises(OptionError, match="^names: "):
        postfix.enable("server", names=["192.0.2.1"])
    assert postfix.files() == [] and postfix.main == {}


def test_libraries() -> None:
    assert needed_libraries({"side": "client", "make_key": True}) == ()
    assert needed_libraries({"side": "server", "make_key": False}) == ()
    assert needed_libraries({"side": "server", "make_key": True}) == ("cryptography", "pyOpenSSL")
