# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of an instance: what is asked of Postfix, and what its answers become."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import (
    MAIN,
    CommandResult,
    PostfixMissing,
    command_runner,
    instance_directories,
    map_entries,
    read_instance,
)
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakePostfix

SUBMISSION = {"smtpd_tls_cert_file": "$mua cert", "smtpd_tls_security_level": "encrypt"}


def test_values_are_expanded_and_what_main_cf_sets_is_not() -> None:
    instance = read_instance(FakePostfix({"smtpd_tls_cert_file": "$config_directory/c.pem", "smtpd_tls_security_level": ""}))
    assert instance.main.name == MAIN
    assert instance.main.value("smtpd_tls_key_file") == "/etc/postfix/c.pem"
    assert instance.main.explicit == {"smtpd_tls_cert_file": "$config_directory/c.pem", "smtpd_tls_security_level": ""}
    assert instance.main.value("of_a_later_version") == ""
    assert instance.config_directory == "/etc/postfix"


def test_a_service_with_options_sees_other_values() -> None:
    postfix = FakePostfix({"mua": "/mua"}, {"smtp/inet": ("smtpd", {}), "submission/inet": ("smtpd", SUBMISSION)})
    instance = read_instance(postfix)
    smtp, submission = instance.services
    assert instance.scope(smtp) is instance.main
    assert instance.scope(submission).name == "submission/inet"
    assert instance.scope(submission).value("smtpd_tls_key_file") == "/mua cert"
    assert instance.scope(submission).explicit == {"mua": "/mua", **SUBMISSION}
    assert instance.main.value("smtpd_tls_key_file") == ""


def test_only_services_with_a_wanted_program_are_evaluated() -> None:
    services = {"relay/unix": ("smtp", {"syslog_name": "x"}), "smtps/inet": ("smtpd", {"smtpd_tls_wrappermode": "yes"})}
    assert list(read_instance(FakePostfix({}, services)).scopes) == ["smtps/inet"]
    assert list(read_instance(FakePostfix({}, services), commands=["smtp"]).scopes) == ["relay/unix"]


def test_the_directory_is_made_absolute_for_every_question() -> None:
    postfix = FakePostfix()
    read_instance(postfix, "conf")
    assert postfix.commands
    assert all(command[1:3] == ["-c", os.path.abspath("conf")] for command in postfix.commands)


def test_without_a_directory_it_is_that_of_postconf() -> None:
    postfix = FakePostfix()
    read_instance(postfix)
    assert not any("-c" in command for command in postfix.commands)


def test_no_configuration_is_the_users_mistake() -> None:
    broken = {"postconf": "postconf: fatal: open /nowhere/main.cf: No such file or directory\n"}
    with pytest.raises(OptionError) as caught:
        read_instance(FakePostfix(broken=broken), "/nowhere", option="config_directories")
    assert caught.value.option == "config_directories"
    assert caught.value.value == "/nowhere"
    assert "No such file" in caught.value.reason


def test_the_warning_before_the_end_has_the_reason() -> None:
    said = 'postconf: warning: truncated macro reference: "${x"\n' * 2 + "postconf: fatal: macro processing error\n"
    with pytest.raises(OptionError) as caught:
        read_instance(FakePostfix(broken={"postconf": said}))
    assert caught.value.reason.endswith('postconf: fatal: macro processing error (truncated macro reference: "${x")')


def test_without_master_cf_there_are_no_services_but_a_warning() -> None:
    instance = read_instance(FakePostfix(broken={"postconf -M": "postconf: fatal: open master.cf\n"}))
    assert instance.services == ()
    assert instance.warnings == ("postconf: fatal: open master.cf",)


def test_every_warning_of_postconf_is_kept_once() -> None:
    postfix = FakePostfix(warning="postconf: warning: /etc/postfix/main.cf: unused parameter: x\x1b=1\npostconf: more\n")
    assert read_instance(postfix).warnings == ("/etc/postfix/main.cf: unused parameter: x?=1",)


def test_instances_are_those_of_postmulti() -> None:
    assert instance_directories(FakePostfix(instances=["/etc/postfix", "/etc/postfix-out"])) == ("/etc/postfix", "/etc/postfix-out")


def test_instances_that_cannot_be_listed() -> None:
    with pytest.raises(OptionError, match="Non-default configuration directory") as caught:
        instance_directories(FakePostfix(broken={"postmulti": "postmulti: fatal: Non-default configuration directory: MAIL_CONFIG=/c"}))
    assert caught.value.option == "all_instances"


def test_a_table_is_listed_or_the_reason_returned() -> None:
    assert map_entries(FakePostfix(tables={"hash:/sni": {"a.example": "QQ=="}}), "/c", "hash:/sni") == ((("a.example", "QQ=="),), "")
    listing = map_entries(FakePostfix(broken={"postmap": "postmap: warning: x\npostmap: fatal: not supported\n"}), "/c", "regexp:/sni")
    assert listing == (None, "postmap: fatal: not supported (x)")


def test_programs_are_found_where_postfix_has_them_and_else_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "postconf-of-ours"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    started: list[list[str]] = []

    def run_command(arguments: list[str]) -> tuple[int, str, str]:
        started.append(arguments)
        return 3, "out", "err"

    run = command_runner(run_command)
    assert run([program.name, "-n"]) == CommandResult(3, "out", "err")
    assert started == [[str(program), "-n"]]
    with pytest.raises(PostfixMissing, match="no-such-program is not on this machine"):
        run(["no-such-program"])
