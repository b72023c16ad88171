# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs against a server on loopback: results as documented, each login over a connection of its own, secrets nowhere."""

from __future__ import annotations

import ast
import asyncio
import base64
import functools
import hashlib
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.run import run_auth_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import LOGIN_RESULT, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import USABLE
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for

MODULE = Path(__file__).parents[6] / "plugins/modules/mail_auth_probe.py"
PASSWORD, TOKEN = "correct horse", "ya29.battery-staple"
FINGERPRINT = hashlib.sha256(leaf("ecdsa").der).hexdigest()
OFFERED = "AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5 AUTH=XOAUTH2 AUTH=OAUTHBEARER AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-1 AUTH=EXTERNAL"
Test = Callable[["World"], Awaitable[None]]


class World:
    """An IMAP server that says everything back, and what it heard over each connection."""

    def __init__(self) -> None:
        self.port = 0
        self.heard: list[list[bytes]] = []
        self.busy = False

    async def serve(self, peer: Peer) -> None:
        self.heard.append(peer.heard)
        await peer.imap_inside_tls(server_for(leaf("ecdsa")), f"SASL-IR {OFFERED}".encode())
        while line := await peer.hear():
            words = line.split()
            if b"LOGOUT" in line:
                return
            if b"CAPABILITY" in line:
                await peer.send(b"* CAPABILITY IMAP4rev1 IDLE\r\n" + words[0] + b" OK\r\n")
            elif self.busy and b"AUTHENTICATE" in line:
                await peer.send(b"* BYE too many\r\n")
                return
            elif words[1:3] == [b"AUTHENTICATE", b"PLAIN"] and self.right(words[-1]):
                await peer.send(b"a4 OK [CAPABILITY IMAP4rev1] you are " + base64.b64decode(words[-1]).split(b"\0")[-1] + b"\r\n")
            else:
                response = base64.b64decode(words[3]) if words[1] == b"AUTHENTICATE" and len(words) == 4 else b""
                plain = b" ".join([response, *words[2:]]).replace(b"\0", b" ")
                await peer.send(b"a4 NO [AUTHENTICATIONFAILED] no: " + plain.replace(b"\x01", b" ") + b"\r\n")

    @staticmethod
    def right(response: bytes) -> bool:
        return base64.b64decode(response).endswith(b"\0tim\0" + PASSWORD.encode())

    async def run(self, *, check_mode: bool = False, **given: Any) -> TaskResult:
        params = {name: spec.get("default") for name, spec in auth_arguments().items()}
        own = {
            "hosts": [f"127.0.0.1:{self.port}"], "services": ["imap"], "security_level": "fingerprint", "match": [FINGERPRINT],
            "system_ca": False, "ehlo_name": "probe.test", "nameservers": ["127.0.0.1@1"], "username": "tim", "password": PASSWORD,
            "oauth_token": TOKEN,
        }  # fmt: skip
        work = functools.partial(run_auth_probe, {**params, **own, **given}, check_mode=check_mode)
        return await asyncio.get_running_loop().run_in_executor(None, work)


def in_world(test: Test) -> None:
    async def run() -> None:
        world = World()
        async with ScriptedServer(world.serve) as server:
            world.port = server.port
            await test(world)

    asyncio.run(run())


def documented() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")  # comes with ansible-core, which the oldest libraries are tested without
    for node in ast.parse(MODULE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RETURN":
            found: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))["results"]["contains"]
            return found
    raise AssertionError("there is no RETURN")


def test_results_have_the_keys_that_are_documented_and_always_all() -> None:
    told = documented()

    async def test(world: World) -> None:
        ran = await world.run(hosts=[f"127.0.0.1:{world.port}", "bad..name"], mechanisms=["PLAIN", "APOP"], transcript=True)
        for result in ran.facts["results"]:
            assert set(result) == set(told) and has_shape(result, LOGIN_RESULT)
            for endpoint in result["endpoints"]:
                assert set(endpoint) == set(told["endpoints"]["contains"])
                assert set(endpoint["mechanisms"]) == set(told["endpoints"]["contains"]["mechanisms"]["sample"])
                assert len(endpoint["logins"]) == 2
                for login in endpoint["logins"]:
                    assert set(login) == set(told["endpoints"]["contains"]["logins"]["contains"])

    in_world(test)


def test_a_right_password_and_what_is_offered_when() -> None:
    async def test(world: World) -> None:
        ran = await world.run(mechanisms=["PLAIN"])
        endpoint = ran.facts["results"][0]["endpoints"][0]
        assert endpoint["status"] == "verified"
        (login,) = endpoint["logins"]
        assert (login["outcome"], login["reply"]["response_code"], login["error"]) == ("accepted", "CAPABILITY", None)
        assert (login["initial_response"], login["rounds"], login["inside_tls"]) == (True, 0, True)
        assert endpoint["mechanisms"]["before_tls"] == [] and endpoint["mechanisms"]["after_login"] == []
        assert endpoint["mechanisms"]["only_after_tls"] == [one.partition("=")[2] for one in OFFERED.split()]
        assert ran.facts["summary"]["by_outcome"] == {"accepted": 1} and ran.failure is None
        ids = [one["id"] for one in ran.facts["results"][0]["lint"]]
        assert ids == ["sasl_weak_mechanism", "sasl_no_channel_binding"]
        assert "  accepted: PLAIN (CAPABILITY you are ********)" in ran.facts["report"]
        assert ran.facts["report"][0].startswith("DESTINATION")
        assert "  offers before TLS: nothing" in ran.facts["report"] and "  offers after login: nothing" in ran.facts["report"]

    in_world(test)


def test_a_scan_comes_after_the_logins() -> None:
    async def test(world: World) -> None:
        ran = await world.run(mechanisms=["PLAIN"], scan="grade", scan_interval=0.0)
        endpoint = ran.facts["results"][0]["endpoints"][0]
        assert endpoint["logins"][0]["outcome"] == "accepted" and endpoint["scan"]["versions"]["TLSv1.3"]["value"] is True
        said = [any(b"AUTHENTICATE" in line for line in one) for one in world.heard]
        assert len(said) == 2 + endpoint["scan"]["connections"] and said.index(True) == 1

    in_world(test)


def test_each_login_has_a_connection_and_nobody_but_the_first_looks() -> None:
    async def test(world: World) -> None:
        ran = await world.run(mechanisms=["PLAIN", "CRAM-MD5", "DIGEST-MD5", "IMAP-LOGIN", "USER-PASS"], password="wrong")
        assert ran.facts["report"][0].startswith("The name or the password is wrong: ")
        logins = ran.facts["results"][0]["endpoints"][0]["logins"]
        assert [one["outcome"] for one in logins] == [
            "bad_credentials", "mechanism_refused", "not_offered", "bad_credentials", "not_offered",
        ]  # fmt: skip
        assert len(world.heard) == 4
        assert [sum(b"AUTHENTICATE" in line or b" LOGIN " in line for line in one) for one in world.heard] == [0, 1, 1, 1]
        assert "auth_error_not_distinct" in [one["id"] for one in ran.facts["results"][0]["lint"]]

    in_world(test)


def test_no_secret_is_in_a_result_a_file_or_an_exception_for_any_mechanism(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        for password in (PASSWORD, "wrong horse"):
            path = tmp_path / password.split()[0]
            mechanisms = [*USABLE, "IMAP-LOGIN", "APOP", "USER-PASS"]
            ran = await world.run(
                mechanisms=mechanisms, password=password, results_file=str(path), transcript=True, attempts_limit=50, only_offered=False
            )
            texts = [json.dumps(ran.facts), path.read_text(encoding="ascii"), repr(ran)]
            forms = [base64.b64encode(b"\0" * shift + one.encode())[4:-4] for one in (password, TOKEN) for shift in range(3)]
            for text in texts:
                assert password not in text and TOKEN not in text
                assert not any(len(form) > 6 and form.decode() in text for form in forms)
            said = b"\n".join(line for one in world.heard for line in one)
            assert password.encode() in said and TOKEN.encode() not in said  # by LOGIN; the token only in base64
            assert "********" in texts[0]  # the server says everything back

    in_world(test)


def test_a_server_that_could_be_anybody_hears_nothing_of_it() -> None:
    async def test(world: World) -> None:
        mechanisms = [*(one for one in USABLE if one != "EXTERNAL"), "IMAP-LOGIN"]
        for given in ({"match": ["00" * 32]}, {"security_level": "encrypt", "match": None}, {"security_level": "verify", "match": None}):
            ran = await world.run(mechanisms=mechanisms, attempts_limit=50, **given)
            logins = ran.facts["results"][0]["endpoints"][0]["logins"]
            assert {one["outcome"] for one in logins} <= {"withheld", "not_offered"}
            assert all(one["error"]["kind"] == "withheld" for one in logins if one["outcome"] == "withheld")
        said = b"\n".join(line for one in world.heard for line in one)
        assert b"AUTHENTICATE" not in said and b"tim" not in said and len(world.heard) == 3

    in_world(test)


def test_without_tls_only_on_the_word_of_an_option() -> None:
    async def test(world: World) -> None:
        ran = await world.run(mechanisms=["IMAP-LOGIN"], security_level="none", match=None, only_offered=False)
        assert ran.facts["results"][0]["endpoints"][0]["logins"][0]["outcome"] == "withheld" and len(world.heard) == 1
        with_option = {"insecure_expose_password_without_tls": True, "only_offered": False}
        await world.run(mechanisms=["IMAP-LOGIN"], security_level="none", match=None, **with_option)
        assert any(PASSWORD.encode() in line for one in world.heard[1:] for line in one)

    in_world(test)


def test_the_limit_of_attempts_counts_for_a_host_and_a_run() -> None:
    async def test(world: World) -> None:
        mechanisms = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1"]
        ran = await world.run(mechanisms=mechanisms, password="wrong", attempts_limit=2)
        logins = ran.facts["results"][0]["endpoints"][0]["logins"]
        assert [one["outcome"] for one in logins[2:]] == ["withheld", "withheld"] and len(world.heard) == 3
        assert "attempts_limit" in logins[2]["error"]["text"]

    in_world(test)


def test_what_is_expected_of_logins() -> None:
    async def test(world: World) -> None:
        met = await world.run(mechanisms=["PLAIN"], expect={"logins": "accepted", "mechanisms": {"before_tls": [[]]}})
        assert met.failure is None
        ran = await world.run(mechanisms=["PLAIN"], password="wrong", expect={"logins": {"plain": "accepted", "LOGIN": "accepted"}})
        assert [(one["item"], one["found"]) for one in ran.facts["unmet"]] == [("logins.PLAIN", "bad_credentials"), ("logins.LOGIN", None)]
        assert ran.failure is not None and "expected logins.PLAIN accepted, found bad_credentials" in ran.failure
        ran = await world.run(expect={"logins": "accepted"})
        assert [(one["item"], one["found"]) for one in ran.facts["unmet"]] == [("logins", None)]

    in_world(test)


def test_a_file_of_results_is_gone_on_with_and_tells_nothing_of_the_password(tmp_path: Path) -> None:
    path = str(tmp_path / "results")

    async def test(world: World) -> None:
        await world.run(mechanisms=["PLAIN"], results_file=path)
        asked = len(world.heard)
        again = await world.run(mechanisms=["PLAIN"], results_file=path, resume=True, password="another")
        assert len(world.heard) == asked and again.facts["resumed"]["results"] == 1
        header = json.loads(Path(path).read_bytes().splitlines()[0])["options"]
        assert header["module"] == "mail_auth_probe" and not set(header) & {"password", "oauth_token"} and header["username"] == "tim"
        with pytest.raises(OptionError, match="other options: username"):
            await world.run(mechanisms=["PLAIN"], results_file=path, resume=True, username="tom")

    in_world(test)


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        ran = await world.run(mechanisms=["PLAIN"], check_mode=True, results_file=str(tmp_path / "results"))
        assert ran.facts["summary"]["by_outcome"] == {"accepted": 1} and not ran.changed and list(tmp_path.iterdir()) == []

    in_world(test)


def test_a_server_that_says_too_many_is_left_alone_and_asked_again_by_the_next_run(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        world.busy = True
        given: dict[str, Any] = {"mechanisms": ["PLAIN", "CRAM-MD5"], "results_file": str(tmp_path / "results")}
        ran = await world.run(**given)
        logins = ran.facts["results"][0]["endpoints"][0]["logins"]
        assert [one["outcome"] for one in logins] == ["rate_limited", "withheld"] and len(world.heard) == 2
        assert logins[1]["error"]["text"] == "the server has said that there were too many"
        world.busy = False
        again = await world.run(**given, resume=True)
        assert again.facts["resumed"]["results"] == 0
        assert again.facts["summary"]["by_outcome"] == {"accepted": 1, "mechanism_refused": 1}

    in_world(test)


def test_a_list_in_a_file_sends_a_password_only_where_nobody_else_could_say(tmp_path: Path) -> None:
    listed, path = tmp_path / "list", tmp_path / "results"

    async def test(world: World) -> None:
        listed.write_text(f"127.0.0.1:{world.port},tim,{PASSWORD}\n[127.0.0.1]:{world.port}\n", encoding="ascii")
        listed.chmod(0o666)
        given: dict[str, Any] = {"hosts": None, "hosts_file": str(listed), "results_file": str(path)}
        with pytest.raises(OptionError, match="cannot be believed: it can be written by others, with its mode 0666") as caught:
            await world.run(mechanisms=["PLAIN"], **given)
        assert caught.value.option == "hosts_file" and not world.heard and not path.exists()
        offered = await world.run(**given)
        assert offered.facts["summary"]["logins"] == 0 and len(world.heard) == 1
        listed.chmod(0o600)
        ran = await world.run(mechanisms=["PLAIN"], **given)
        assert ran.facts["summary"]["by_outcome"] == {"accepted": 1} and len(world.heard) == 3
        assert PASSWORD not in path.read_text(encoding="ascii")

    in_world(test)
