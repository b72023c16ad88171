# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs with files, text, a Postfix that a function plays, and real sockets."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_records.arguments import (
    needed_libraries,
    records_arguments,
    source_names,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_records.run import run_tlsa_records
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult, PostfixMissing
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, Issued, Key, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.makers.certificates import pem as pem_of
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf

HOST = "mx.example.com"
CHAIN: Hierarchy = hierarchy()


def sha256(key: Key) -> str:
    return hashlib.sha256(key.spki).hexdigest()


def no_program(command: Sequence[str]) -> CommandResult:
    raise AssertionError("nothing to run")


class Postfix:
    """Plays postconf for one main.cf whose values are what they are, without services."""

    def __init__(self, folder: Path, **parameters: str) -> None:
        self.folder, self.parameters, self.directories = folder, parameters, list[str]()

    def __call__(self, command: Sequence[str]) -> CommandResult:
        program, *arguments = command
        assert program == "postconf"
        if arguments[0] == "-c":
            self.directories.append(arguments[1])
            del arguments[:2]
        if arguments[0] in ("-M", "-P"):
            return CommandResult(0, "", "")
        values = {"config_directory": str(self.folder), "queue_directory": str(self.folder), **self.parameters}
        if "smtpd_tls_cert_file" in values:
            values.setdefault("smtpd_tls_key_file", values["smtpd_tls_cert_file"])
        shown = self.parameters if arguments[0] == "-n" else values
        return CommandResult(0, "".join("{} = {}\n".format(*item) for item in shown.items()), "postconf: warning: old parameter\n")


def run(runner: Any = no_program, **given: Any) -> TaskResult:
    """Run with these parameters and the defaults for all others."""
    params = {name: spec.get("default") for name, spec in records_arguments().items()}
    for name in ("postfix", "probe"):
        if given.get(name) is not None:
            defaults = {key: spec.get("default") for key, spec in records_arguments()[name]["options"].items()}
            given[name] = {**defaults, **given[name]}
    return run_tlsa_records({**params, **given}, runner)


def rdata(result: TaskResult) -> list[str]:
    return [one["rdata"] for one in result.facts["records"]]


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


# --- files and text ---


def test_files_and_text_of_every_kind(tmp_path: Path) -> None:
    keys = {kind: Key.generate("ecdsa") for kind in ("privatekey", "publickey", "certificate", "chain")}
    certificate = issue(key=keys["certificate"])
    chain = issue(issuer=CHAIN.intermediate, key=keys["chain"])
    contents = {
        "privatekey": keys["privatekey"].pem,
        "publickey": pem_of("PUBLIC KEY", keys["publickey"].spki),
        "certificate": certificate.pem,
        "chain": chain.pem + CHAIN.intermediate.pem,
        "issuer": CHAIN.root.pem,
    }
    paths = {kind + "_path": [write(tmp_path / kind, data)] for kind, data in contents.items()}
    texts = {kind + "_content": [data.decode()] for kind, data in contents.items()}
    wanted = ["3 1 1 " + sha256(key) for key in keys.values()]
    wanted.insert(4, "2 1 1 " + sha256(CHAIN.intermediate.key))
    wanted.append("2 1 1 " + sha256(CHAIN.root.key))
    for given in (paths, texts, {**texts, **paths}):
        result = run(hosts=[HOST], parameters=["3 1 1", "2 1 1"], **given)
        assert rdata(result) == wanted
        assert [warning.split(":")[0] for warning in result.warnings] == ["CN=Root is a root"]
    assert [one["sources"] for one in run(hosts=[HOST], privatekey_path=paths["privatekey_path"]).facts["records"]] == [
        paths["privatekey_path"]
    ]
    both = run(hosts=[HOST], certificate_path=paths["certificate_path"], certificate_content=texts["certificate_content"])
    assert [one["sources"] for one in both.facts["records"]] == [[*paths["certificate_path"], "certificate_content 1"]]


def test_all_forms_hosts_ports_and_ttl() -> None:
    result = run(hosts=["a.example", "b.example."], ports=[25, 465], ttl=300, publickey_content=[
        pem_of("PUBLIC KEY", CHAIN.leaf.key.spki).decode()
    ], comments=False)  # fmt: skip
    owners = ["_25._tcp.a.example.", "_465._tcp.a.example.", "_25._tcp.b.example.", "_465._tcp.b.example."]
    assert [one["owner"] for one in result.facts["records"]] == owners
    assert [line.split()[:4] for line in result.facts["zone"].splitlines()] == [[owner, "300", "IN", "TLSA"] for owner in owners]
    assert [line.split()[3] for line in result.facts["zone_rfc3597"].splitlines()] == ["TYPE52"] * 4
    assert [one["record"] for one in result.facts["record_sets"]] == owners
    assert len(result.facts["single_records"]) == len(result.facts["split_records"]) == 4
    assert result.warnings == ()


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    secret = CHAIN.leaf.key.pem
    for option, data in (("certificate_path", secret), ("publickey_path", secret), ("csr_path", secret), ("chain_path", b"")):
        path = write(tmp_path / option, data)
        with pytest.raises(OptionError) as refused:
            run(hosts=[HOST], **{option: [path]})
        assert (refused.value.option, refused.value.value) == (option, path)
        assert secret.decode().splitlines()[1] not in str(refused.value)
    for unreadable in (tmp_path / "absent", tmp_path):
        with pytest.raises(OptionError, match="privatekey_path: .*cannot be read: "):
            run(hosts=[HOST], privatekey_path=[str(unreadable)])


def test_text_that_cannot_be_used_is_not_shown() -> None:
    with pytest.raises(OptionError) as refused:
        run(hosts=[HOST], privatekey_content=[CHAIN.leaf.key.pem.decode(), "secret"])
    assert str(refused.value) == "privatekey_content: 'text 2' holds no private key in PEM"


@pytest.mark.parametrize("given", [{}, {"privatekey_path": []}, {"chain_content": []}])
def test_without_source(given: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="no other option names a source"):
        run(hosts=[HOST], **given)


def test_without_host() -> None:
    with pytest.raises(OptionError, match="hosts: .* names no host"):
        run(privatekey_content=[CHAIN.leaf.key.pem.decode()])


def test_needed_libraries() -> None:
    params: dict[str, Any] = {name: None for name in records_arguments()}
    assert set(source_names()) < set(params)
    assert needed_libraries({**params, "certificate_path": ["/x"]}) == ("cryptography",)
    for name, value in (("privatekey_path", ["/x"]), ("privatekey_content", ["x"]), ("postfix", {}), ("probe", {"host": "x"})):
        assert needed_libraries({**params, name: value}) == ("pyOpenSSL", "cryptography")


# --- Postfix ---


def deploy(folder: Path, issued: Issued, name: str, more: bytes = b"") -> str:
    return write(folder / name, issued.key.pem + issued.pem + more)


def test_deployed_keys_with_their_issuers(tmp_path: Path) -> None:
    own, chained = leaf("rsa"), CHAIN.leaf
    postfix = Postfix(
        tmp_path, myhostname="mx.example.org",
        smtpd_tls_cert_file=deploy(tmp_path, own, "rsa.pem"),
        smtpd_tls_eccert_file=deploy(tmp_path, chained, "ec.pem", CHAIN.intermediate.pem + CHAIN.root.pem),
        smtpd_tls_eckey_file=str(tmp_path / "ec.pem"),
    )  # fmt: skip
    result = run(postfix, postfix={})
    assert result.facts["zone"] == "".join(
        f"; {tmp_path}/{name}.pem\n_25._tcp.mx.example.org. IN TLSA 3 1 1 {sha256(one.key)}\n"
        for name, one in (("rsa", own), ("ec", chained))
    )
    assert result.warnings == ("old parameter",) and postfix.directories == []
    assert rdata(run(postfix, postfix={"algorithms": ["ecdsa"]}, parameters=["2 1 1", "3 1 1"], hosts=["other.example"])) == [
        "2 1 1 " + sha256(CHAIN.intermediate.key), "2 1 1 " + sha256(CHAIN.root.key), "3 1 1 " + sha256(chained.key),
    ]  # fmt: skip
    run(postfix, postfix={"config_directory": str(tmp_path)})
    assert set(postfix.directories) == {str(tmp_path)}
    with pytest.raises(OptionError, match="postfix: .* has no key of the kinds ed25519 deployed"):
        run(postfix, postfix={"algorithms": ["ed25519"]})


def test_the_host_name_can_be_in_a_file(tmp_path: Path) -> None:
    chain = deploy(tmp_path, leaf("ecdsa"), "chain.pem")
    name = write(tmp_path / "name", b"mx.example.net\n")
    result = run(Postfix(tmp_path, myhostname=name, smtpd_tls_chain_files=chain), postfix={})
    assert [one["host"] for one in result.facts["records"]] == ["mx.example.net"]
    with pytest.raises(OptionError, match="of myhostname cannot be read"):
        run(Postfix(tmp_path, myhostname="/nonexistent", smtpd_tls_chain_files=chain), postfix={})


def test_keys_of_server_names_count_for_their_hosts(tmp_path: Path) -> None:
    default, named, below = leaf("ecdsa"), leaf("rsa"), CHAIN.leaf
    table = {"mx.example.org": deploy(tmp_path, named, "named"), ".example.net": deploy(tmp_path, below, "below")}
    inline = "inline:{{{}}}".format(", ".join("{{ {} = {} }}".format(*item) for item in table.items()))
    postfix = Postfix(tmp_path, smtpd_tls_chain_files=deploy(tmp_path, default, "chain"), tls_server_sni_maps=inline)

    def with_maps(command: Sequence[str]) -> CommandResult:
        if command[0] == "postmap":
            return CommandResult(0, "".join("{}\t{}\n".format(*item) for item in table.items()), "")
        return postfix(command)

    def digests(host: str) -> set[str]:
        return {one["data"] for one in run(with_maps, postfix={}, hosts=[host]).facts["records"]}

    assert digests("MX.example.org") == {sha256(default.key), sha256(named.key)}
    assert digests("a.b.example.net") == {sha256(default.key), sha256(below.key)}
    assert digests("example.net") == {sha256(default.key)} == digests("notexample.net")


def test_configurations_that_records_cannot_be_made_of(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="has no key deployed"):
        run(Postfix(tmp_path, myhostname=HOST), postfix={})
    with pytest.raises(OptionError, match="postfix: .*records cannot be made of.*absent.pem"):
        run(Postfix(tmp_path, myhostname=HOST, smtpd_tls_cert_file=str(tmp_path / "absent.pem")), postfix={})
    mixed = write(tmp_path / "mixed.pem", leaf("rsa").key.pem + leaf("ecdsa").pem)
    with pytest.raises(OptionError, match="is not that of the certificate"):
        run(Postfix(tmp_path, myhostname=HOST, smtpd_tls_chain_files=mixed), postfix={})


def test_what_postfix_cannot_use_but_a_record_can_is_a_warning(tmp_path: Path) -> None:
    issued = leaf("ecdsa")
    for name, data in (("certificate only", issued.pem), ("key only", issued.key.pem)):
        parameter = "smtpd_tls_cert_file" if name == "certificate only" else "smtpd_tls_chain_files"
        path = write(tmp_path / name.replace(" ", "_"), data)
        result = run(Postfix(tmp_path, myhostname=HOST, **{parameter: path}), postfix={})
        assert rdata(result) == ["3 1 1 " + sha256(issued.key)]
        assert result.facts["records"][0]["sources"] == [path]
        assert [text for text in result.warnings if text.startswith("Postfix cannot use")]


def test_no_postfix() -> None:
    def missing(command: Sequence[str]) -> CommandResult:
        raise PostfixMissing("postconf is not on this machine")

    with pytest.raises(TaskFailed, match="postconf is not on this machine"):
        run(missing, postfix={})


# --- a live server ---


class Server:
    """A server with one certificate, or two of different kinds, and what it sends behind them."""

    def __init__(self, first: Issued, second: Issued | None = None, more: bytes = b"", *, implicit: bool = False) -> None:
        self.first, self.second, self.more, self.implicit = first, second, more, implicit
        self.names: list[Any] = []

    async def __call__(self, peer: Peer) -> None:
        second = None if self.second is None else (self.second.pem, self.second.key.pem)
        server = MemoryServer(self.first.pem + self.more, self.first.key.pem, second=second)
        server.server_names = self.names
        if self.implicit:
            await peer.shake_hands(server)
            await peer.greet()
            await peer.send(b"250 mx.example.com\r\n")
            await peer.hear()
            return
        await peer.offer_tls()
        await peer.start_tls(server)
        await peer.finish()


def probed(server: ScriptedServer, given: dict[str, Any] | None = None, **more: Any) -> TaskResult:
    options = {"host": HOST, "port": server.port, "addresses": ["127.0.0.1"], "deadline": 20.0, **(given or {})}
    return run(probe=options, **more)


def test_what_a_server_shows() -> None:
    script = Server(CHAIN.leaf, more=CHAIN.intermediate.pem)
    with running(server := ScriptedServer(script)):
        result = probed(server, parameters=["3 1 1", "2 1 1"])
        other = probed(server, hosts=["other.example"], ports=[25, 26])
    assert rdata(result) == ["3 1 1 " + sha256(CHAIN.leaf.key), "2 1 1 " + sha256(CHAIN.intermediate.key)]
    record = result.facts["records"][0]
    assert (record["host"], record["port"]) == (HOST, server.port)
    assert record["sources"] == [f"{HOST}[127.0.0.1]:{server.port}"]
    assert [(one["host"], one["port"]) for one in other.facts["records"]] == [("other.example", 25), ("other.example", 26)]
    assert set(script.names) == {HOST}


def test_every_kind_of_key_a_server_has() -> None:
    rsa, ecdsa = leaf("rsa"), leaf("ecdsa")
    with running(server := ScriptedServer(Server(rsa, ecdsa))):
        every = probed(server)
        one = probed(server, {"key_algorithms": ["rsa"]})
    assert {record["data"] for record in every.facts["records"]} == {sha256(rsa.key), sha256(ecdsa.key)}
    assert [record["data"] for record in one.facts["records"]] == [sha256(rsa.key)]


def test_implicit_tls_and_several_addresses() -> None:
    with running(server := ScriptedServer(Server(leaf("ecdsa"), implicit=True))):
        result = probed(server, {"tls_mode": "implicit"})
        assert rdata(result) == ["3 1 1 " + sha256(leaf("ecdsa").key)]
        with pytest.raises(TaskFailed, match=rf"\[127\.0\.0\.2\]:{server.port}: ") as failed:
            probed(server, {"tls_mode": "implicit", "addresses": ["127.0.0.1", "127.0.0.2"], "deadline": 5.0})
    assert failed.value.facts["error"]["kind"] == ErrorKind.CONNECT_REFUSED.value


def test_addresses_of_the_system() -> None:
    with running(server := ScriptedServer(Server(leaf("ecdsa")))), pytest.raises(TaskFailed) as failed:
        run(probe={"host": "nobody.invalid", "port": server.port})
    assert failed.value.facts["error"]["kind"] in (ErrorKind.DNS_NOT_FOUND.value, ErrorKind.DNS_ERROR.value)


def test_a_server_without_tls() -> None:
    async def plain(peer: Peer) -> None:
        await peer.greet()
        await peer.send(b"250-mx.example.com\r\n250 SIZE\r\n")
        await peer.hear()

    with running(server := ScriptedServer(plain)), pytest.raises(TaskFailed) as failed:
        probed(server)
    assert failed.value.facts["error"]["kind"] == ErrorKind.STARTTLS_NOT_OFFERED.value


def test_a_server_that_leaves_open_which_keys_it_has() -> None:
    script = Server(leaf("ecdsa"))
    answered = 0

    async def moody(peer: Peer) -> None:
        nonlocal answered
        answered += 1
        if answered % 2:
            await script(peer)
        else:
            peer.reset()

    with running(server := ScriptedServer(moody)), pytest.raises(TaskFailed) as failed:
        probed(server)
    assert failed.value.facts["error"]["phase"]


def test_options_of_a_probe_that_cannot_be_used() -> None:
    for given in ({"host": "two words"}, {"host": "192.0.2.1"}, {"host": HOST, "port": 0}, {"host": HOST, "addresses": ["x"]}):
        with pytest.raises(OptionError, match="^probe: "):
            run(probe=given)
    for more, option in (({"key_algorithms": []}, "key_algorithms"), ({"deadline": 0.0}, "deadline")):
        with pytest.raises(OptionError) as caught:
            run(probe={"host": HOST, **more})
        assert caught.value.option == option


def test_nobody_listens() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(TaskFailed) as failed:
        run(probe={"host": HOST, "port": port, "addresses": ["127.0.0.1"]})
    assert failed.value.facts["error"]["kind"] == ErrorKind.CONNECT_REFUSED.value
