# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs over a Postfix of dictionaries and real files: what is done, said, and left alone."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy import deployment as deploy_run
from ansible_collections.mailops.tls.plugins.module_utils._deploy import transaction
from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import DeployOutcome, Edges, deploy_pair
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import FILE
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import Sight
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.arguments import deploy_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.options import deploy_order
from ansible_collections.mailops.tls.tests.unit.makers.certificates import CLIENT_AUTH, DAY, NOW, Issued
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import EditablePostfix, combined, issued, pair_of

CHAINS = "smtpd_tls_chain_files"
STEPS = ["record", "files", "parameters", "changed", "check", "reload", "wait", "end"]


class Killed(BaseException):
    """The process ends here."""


class Machine:
    """A configuration directory with an old pair deployed and a new one in files; listeners serve what main.cf says after a reload."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.old, self.new = folder, issued(), issued()
        self.deploy_to = folder / "etc"
        self.deploy_to.mkdir()
        (folder / "old.pem").write_bytes(combined(self.old))
        self.offer(self.new)
        self.postfix = EditablePostfix({CHAINS: str(folder / "old.pem"), "smtpd_tls_security_level": "may"})
        self.blind: Sight | None = None

    def offer(self, certificate: Issued) -> None:
        (self.folder / "new.pem").write_bytes(combined(certificate))

    def look(self, listener: Listener, algorithm: str) -> Sight:
        if self.blind is not None:
            return self.blind
        named = self.postfix.main.get(CHAINS, "")
        found = self.old if named.endswith("old.pem") else self.new
        return Sight(pair_of(found).leaf.digest("sha256"))

    def run(self, stop: str = "", check_mode: bool = False, **given: Any) -> DeployOutcome:
        def observe(step: str) -> None:
            if step == stop:
                raise Killed

        params = {name: spec.get("default") for name, spec in deploy_arguments().items()}
        params.update(config_directory=str(self.deploy_to), certificate_path=str(self.folder / "new.pem"), tlsa_guard=False, timeout=0.1)
        edges = Edges(self.postfix, self.look, observe, lambda name: ())
        return deploy_pair(deploy_order({**params, **given}), edges, check_mode=check_mode)

    def files(self) -> list[str]:
        return sorted(one.name for one in self.deploy_to.iterdir())


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_deploys_once(machine: Machine) -> None:
    run = machine.run()
    path = machine.deploy_to / pair_of(machine.new).file_name
    assert run.changed and run.facts["served"] and run.facts["reloaded"] and run.facts["files"] == [str(path)]
    assert machine.postfix.main[CHAINS] == str(path) and machine.files() == [path.name]
    again = machine.run()
    assert not again.changed and again.facts["served"] and not again.facts["reloaded"]
    assert machine.postfix.commands.count("postconf -e") == 1


def test_the_facts_and_the_diff_have_no_key(machine: Machine) -> None:
    run = machine.run(check_mode=True)
    text = json.dumps([run.facts, run.diff])
    assert "PRIVATE" not in text and machine.new.key.pem.decode().split("\n")[1] not in text
    assert pair_of(machine.old).leaf.digest("sha256") in text and pair_of(machine.new).leaf.digest("sha256") in text


def test_what_verifying_senders_refuse_is_told_and_refused_when_strict(machine: Machine) -> None:
    machine.offer(issued(extended_key_usage=(CLIENT_AUTH,), not_after=NOW + DAY))
    with pytest.raises(OptionError, match="strict: True refuses what.*not for TLS servers.*; .*expires on") as caught:
        machine.run(strict=True)
    assert caught.value.option == "strict" and machine.files() == [] and not machine.postfix.seen
    run = machine.run(check_mode=True)
    assert [one["id"] for one in run.facts["lint"]] == ["not_for_servers", "certificate_expires_soon"]  # type: ignore[attr-defined]
    assert sum("not for TLS servers" in one or "expires on" in one for one in run.warnings) == 2
    machine.offer(machine.new)
    run = machine.run(strict=True)
    assert run.changed and run.facts["lint"] == [] and run.warnings == ()


def test_check_mode_changes_nothing(machine: Machine) -> None:
    before = dict(machine.postfix.main)
    run = machine.run(check_mode=True)
    assert run.changed and run.facts["served"] is None and not run.facts["reloaded"]
    assert machine.postfix.main == before and machine.files() == []


def test_configured_but_not_served_is_reloaded(machine: Machine) -> None:
    machine.run()
    machine.postfix.commands.clear()
    machine.blind = Sight("another")
    with pytest.raises(DeployFailed, match="does not serve the new certificate"):
        machine.run()
    machine.blind = None
    assert "postconf -e" not in machine.postfix.commands and "postfix reload" in machine.postfix.commands
    assert not machine.run().changed


def test_not_running(machine: Machine) -> None:
    machine.postfix.running = False
    run = machine.run()
    assert run.changed and run.facts["served"] is None and not run.facts["running"]
    assert run.facts["unseen"] == run.warnings[0] and "Postfix does not run: nobody has seen the certificate served" in run.warnings[0]


def test_a_listener_that_cannot_be_asked_is_no_success(machine: Machine) -> None:
    before = dict(machine.postfix.main)
    machine.blind = Sight(None, "it does not offer STARTTLS to this machine")
    with pytest.raises(DeployFailed, match="could not be asked .* does not offer STARTTLS to this machine") as caught:
        machine.run()
    assert caught.value.rolled_back and machine.postfix.main == before and machine.files() == []
    run = machine.run(allow_unseen=True)
    assert run.changed and run.facts["served"] is None and "does not offer STARTTLS" in str(run.facts["unseen"])
    assert not machine.run(allow_unseen=True).changed
    machine.blind = Sight(None, "it refuses STARTTLS: 454 no", broken=True)
    with pytest.raises(DeployFailed, match="454 no"):
        machine.run(allow_unseen=True)


@pytest.mark.parametrize("check_mode", [True, False])
def test_without_a_listener_nothing_is_begun(machine: Machine, check_mode: bool) -> None:
    """The services that cannot be asked are named, each with its reason."""
    machine.postfix.main["inet_interfaces"] = "mx.example.com"
    with pytest.raises(DeployFailed, match=r"smtp/inet: this machine finds no address of mx\.example\.com") as caught:
        machine.run(check_mode=check_mode)
    assert caught.value.rolled_back and "postconf -e" not in machine.postfix.commands and machine.files() == []
    run = machine.run(allow_unseen=True, check_mode=check_mode)
    assert run.changed and run.facts["served"] is None and run.facts["listeners"] == []
    assert run.facts["unasked"] == [{"service": "smtp/inet", "reason": "this machine finds no address of mx.example.com"}]


def test_nobody_is_asked_when_the_user_says_so(machine: Machine) -> None:
    run = machine.run(listeners=[])
    assert run.changed and run.facts["served"] is None and run.facts["unseen"] == run.warnings[0]


def test_a_postfix_that_stops_on_the_way_has_served_nothing(machine: Machine) -> None:
    def observe(step: str) -> None:
        machine.postfix.running = step != "check" and machine.postfix.running

    params = {name: spec.get("default") for name, spec in deploy_arguments().items()}
    params.update(config_directory=str(machine.deploy_to), certificate_path=str(machine.folder / "new.pem"), tlsa_guard=False)
    before = dict(machine.postfix.main)
    with pytest.raises(DeployFailed, match="Postfix has stopped in the meantime"):
        deploy_pair(deploy_order(params), Edges(machine.postfix, machine.look, observe))
    assert machine.postfix.main == before and machine.files() == []


def test_what_openssl_does_not_load_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is touched; and the file that was written once more, before main.cf names it."""
    before = dict(machine.postfix.main)
    monkeypatch.setattr(deploy_run, "pair_refusal", lambda pair: "OpenSSL refuses it: bad end line")
    with pytest.raises(OptionError, match="bad end line"):
        machine.run()
    monkeypatch.undo()
    monkeypatch.setattr(transaction, "_write", lambda path, pair: Path(path).write_bytes(pair.combined[:-40]))
    with pytest.raises(DeployFailed, match=r"chain-ecdsa-\w+\.pem cannot be used: OpenSSL .* refuses it"):
        machine.run()
    assert machine.postfix.main == before and machine.files() == []


def test_the_interrupted_deployment_that_nobody_sees_is_taken_back(machine: Machine) -> None:
    with pytest.raises(Killed):
        machine.run("check")
    machine.blind = Sight(None, "it refuses the connection")
    with pytest.raises(DeployFailed, match="refuses the connection") as caught:
        machine.run()
    assert caught.value.rolled_back and machine.postfix.main[CHAINS].endswith("old.pem") and machine.files() == []


@pytest.mark.parametrize("step", STEPS)
def test_the_next_run_ends_what_was_interrupted(machine: Machine, step: str) -> None:
    with pytest.raises(Killed):
        machine.run(step)
    would = machine.run(check_mode=True)
    run = machine.run()
    expected = {"record": None, "files": "discarded", "parameters": "discarded"}.get(step, "finished")
    assert run.changed and would.changed and run.facts["recovery"] == would.facts["recovery"] == expected
    assert machine.files() == [pair_of(machine.new).file_name]
    assert not machine.run().changed


def test_somebody_else_changed_main_cf(machine: Machine) -> None:
    with pytest.raises(Killed):
        machine.run("check")
    machine.postfix.main[CHAINS] = str(machine.folder / "old.pem") + ", "
    machine.postfix.main[CHAINS] += str(machine.folder / "rsa.pem")
    (machine.folder / "rsa.pem").write_bytes(combined(issued("rsa")))
    run = machine.run()
    assert run.facts["recovery"] == "abandoned" and "changed after an interrupted deployment" in run.warnings[-1]
    assert machine.postfix.main[CHAINS].endswith(f", {machine.folder / 'rsa.pem'}") and FILE not in machine.files()


def test_one_at_a_time(machine: Machine) -> None:
    def look(listener: Listener, algorithm: str) -> Sight:
        with pytest.raises(OptionError, match="is being deployed to at this moment"):
            machine.run()
        return machine.look(listener, algorithm)

    params = {name: spec.get("default") for name, spec in deploy_arguments().items()}
    params.update(config_directory=str(machine.deploy_to), certificate_path=str(machine.folder / "new.pem"), tlsa_guard=False)
    assert deploy_pair(deploy_order(params), Edges(machine.postfix, look)).changed


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"min_days_left": -1}, "min_days_left"),
        ({"timeout": 0.0}, "timeout"),
        ({"directory": "nowhere"}, "directory"),
        ({"names": ["mx9.example.com"]}, "names"),
        ({"tlsa_guard": True, "tlsa_ports": [0]}, "tlsa_ports"),
        ({"tlsa_guard": True, "tlsa_hosts": ["192.0.2.1"]}, "tlsa_hosts"),
        ({"listeners": [{"address": "x", "port": 25, "tls_mode": "starttls"}]}, "listeners"),
    ],
    ids=["days", "timeout", "directory", "names", "ports", "hosts", "listeners"],
)
def test_mistakes(machine: Machine, given: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as caught:
        machine.run(**given)
    assert caught.value.option == option and machine.files() == []


ROOT = {(name, "NS"): Scripted((". 60 IN NS a.root-servers.net.",), ad=True) for name in (".", "@", "")}
HOST = ("mx.example.com", "A"), ("mx.example.com", "AAAA"), ("_25._tcp.mx.example.com", "TLSA")


@pytest.mark.parametrize(
    ("scripts", "allowed"),
    [
        ([{**dict.fromkeys(HOST, Scripted()), **ROOT}], True),
        ([dict.fromkeys(HOST, Scripted(ad=True))], True),
        ([dict.fromkeys(HOST, Scripted())], False),
        ([{**dict.fromkeys(HOST, Scripted(rcode="SERVFAIL")), **ROOT}, dict.fromkeys(HOST, Scripted())], False),
    ],
    ids=["not-signed", "validated", "stripped", "stripped-by-the-second"],
)
def test_no_records_have_to_be_certain(machine: Machine, scripts: list[dict[tuple[str, str], Scripted]], allowed: bool) -> None:
    """Also when only another nameserver than the one that gave the answer validates."""
    with ExitStack() as stack:
        zones = [Responder(script) for script in scripts]
        for zone in zones:
            stack.enter_context(running(zone))
        given: dict[str, Any] = {"tlsa_guard": True, "nameservers": [f"127.0.0.1@{zone.port}" for zone in zones]}
        if allowed:
            assert machine.run(**given).facts["served"]
            return
        with pytest.raises(OptionError, match="'_25._tcp.mx.example.com.' holds the deployment back") as caught:
            machine.run(**given)
    assert caught.value.option == "tlsa_guard" and "tlsa_guard=false" in caught.value.reason and machine.files() == []


def test_dns_that_does_not_answer_holds(machine: Machine) -> None:
    with running(zone := Responder({})):
        nameserver = f"127.0.0.1@{zone.port}"
        with pytest.raises(OptionError) as caught:
            machine.run(tlsa_guard=True, nameservers=[nameserver])
    assert caught.value.option == "tlsa_guard" and "it is not certain" in caught.value.reason and machine.files() == []
