# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs over the services that listen on this machine: each recognised, probed by its protocol, and judged."""

from __future__ import annotations

import ast
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts import run as door
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.arguments import facts_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.run import run_smtp_facts
from ansible_collections.mailops.tls.plugins.module_utils._sockets.processes import Process
from ansible_collections.mailops.tls.plugins.module_utils._sockets.reading import Listening
from ansible_collections.mailops.tls.plugins.module_utils._sockets.tables import ListeningSocket, UnixSocket
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Issued, Key, issue
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer

HOST = "mail.example.org"
DOVECOT = Process(90, "dovecot", 1, "root", "/usr/sbin/dovecot")
OTHER = Process(91, "nginx", 1, "root", "nginx:")
MODULE = Path(door.__file__).parents[3] / "modules/smtp_tls_facts.py"
KEYS = ("listeners", "lmtp_sockets", "listeners_seen", "worst", "lint")


def certificate(age: int = 1) -> Issued:
    return issue(HOST, key=Key.generate("ecdsa"), dns_names=[HOST], not_before=NOW - age * DAY, not_after=NOW + 300 * DAY)


def imap_of(leaf: Issued) -> Script:
    async def imap(peer: Peer) -> None:
        await peer.send(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
        if not await peer.hear():
            return  # it has heard enough
        await peer.send(b"* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n")
        await peer.hear()
        await peer.start_tls(MemoryServer(leaf.pem, leaf.key.pem), b"a2 OK go\r\n")
        await peer.hear()
        await peer.send(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na3 OK\r\n")
        await peer.hear()

    return imap


def pop3s_of(leaf: Issued) -> Script:
    async def pop3s(peer: Peer) -> None:
        await peer.shake_hands(MemoryServer(leaf.pem, leaf.key.pem))
        await peer.send(b"+OK ready\r\n")
        if await peer.hear():
            await peer.send(b"+OK\r\nSASL PLAIN\r\n.\r\n")
            await peer.hear()

    return pop3s


async def lmtp(peer: Peer) -> None:
    await peer.send(b"220 mail.example.org ready\r\n")
    while (line := await peer.hear()).strip():
        await peer.send({b"LHLO": b"250 mail.example.org\r\n", b"QUIT": b"221 bye\r\n"}.get(line[:4], b"500 5.5.1 Unknown command\r\n"))


async def foreign(peer: Peer) -> None:
    await peer.send(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    assert await peer.hear() == b""


@contextmanager
def machine(monkeypatch: pytest.MonkeyPatch, *servers: tuple[Script, str, Process | None], **more: Any) -> Iterator[list[int]]:
    """A machine with these servers, each at an address and held by a process; the ports are handed back."""
    made = [ScriptedServer(script, address="::1" if ":" in address else "127.0.0.1") for script, address, _process in servers]
    with running(*made):
        sockets = [ListeningSocket(address, one.port, number, 0) for number, (one, (_s, address, _p)) in enumerate(zip(made, servers))]
        holders: dict[int, tuple[Process, ...]] = {number: (process,) for number, (_s, _a, process) in enumerate(servers) if process}
        listening = Listening(tuple(sockets), holders=holders, users={0: "root"}, **more)
        monkeypatch.setattr(door, "listening_here", lambda: listening)
        monkeypatch.setattr(door, "GREETING_IN_TLS", 300.0)
        yield [one.port for one in made]


def facts_of(**given: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in facts_arguments().items()}
    services = [{"port": closed_port(), "tls_mode": "starttls"}]
    options = {"host": HOST, "services": services, "connect_timeout": 300.0, "command_timeout": 300.0, "deadline": 600.0}
    fact: dict[str, Any] = run_smtp_facts({**defaults, **options, **given}).facts["ansible_facts"]["smtp_tls"]
    return fact


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def test_each_service_is_recognised_and_probed_by_its_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "GREETING", 300.0)
    leaf = certificate()
    with machine(monkeypatch, (imap_of(leaf), "0.0.0.0", DOVECOT), (lmtp, "127.0.0.1", DOVECOT), (foreign, "0.0.0.0", DOVECOT)) as ports:
        fact = facts_of(transcript=True)
    imap, local, strange = fact["listeners"]
    assert [one["port"] for one in fact["listeners"]] == ports
    assert (imap["service"], imap["known_by"]) == ("imap", "greeting")
    assert (imap["endpoint"]["status"], imap["endpoint"]["satisfied"]) == ("untrusted", True)
    assert (imap["endpoint"]["host"], imap["endpoint"]["address"], imap["endpoint"]["tls"]["sni"]) == (HOST, "127.0.0.1", HOST)
    assert imap["endpoint"]["auth_mechanisms"]["after_tls"] == ["PLAIN"] and imap["endpoint"]["transcript"]
    assert (local["service"], local["protocol"], local["endpoint"]["status"]) == ("lmtp", "lmtp", "plaintext")
    assert (strange["service"], strange["known_by"], strange["endpoint"]) == (None, None, None)
    assert [(one["ports"], one["dns_names"]) for one in fact["certificates"]] == [([ports[0]], [HOST])]
    assert fact["expires"] == fact["certificates"][0]["not_after"]
    # LMTP without TLS is for this machine alone, and what Dovecot allows on the loopback says nothing of others.
    assert ([one["id"] for one in fact["lint"]], fact["worst"]) == (["implicit_tls_missing"], "notice")
    assert fact["listeners_seen"] == {"sockets": True, "processes": True, "text": None}


def test_a_server_that_begins_with_tls_is_recognised_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "GREETING", 1.0)
    with machine(monkeypatch, (pop3s_of(certificate()), "::", DOVECOT)):
        (one,) = facts_of()["listeners"]
    assert (one["service"], one["tls_mode"], one["family"], one["endpoint"]["address"]) == ("pop3s", "implicit", "ipv6", "::1")
    assert one["endpoint"]["tls"]["established"]


async def mute(peer: Peer) -> None:
    """Says nothing, and should hear nothing."""
    assert await peer.hear() == b""


def test_nobody_unknown_is_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "GREETING", 0.5)
    for process in (None, OTHER):
        monkeypatch.setattr("ansible_collections.mailops.tls.plugins.module_utils._mailbox.own_listeners.OTHER_PORTS", _Every())
        with machine(monkeypatch, (mute, "0.0.0.0", process)):
            (one,) = facts_of()["listeners"]
        assert (one["service"], one["endpoint"], one["mail_process"]) == (None, None, False if process else None)


class _Every:
    """All ports."""

    def __contains__(self, port: object) -> bool:
        return True


def test_a_service_that_was_not_reloaded_and_one_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "GREETING", 300.0)

    async def plain(peer: Peer) -> None:
        await peer.send(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        if await peer.hear():
            await peer.send(b"* CAPABILITY IMAP4rev1\r\na1 OK\r\n")
            await peer.hear()

    scripts = (imap_of(certificate(80)), imap_of(certificate(2)), plain)
    with machine(monkeypatch, *((script, "0.0.0.0", DOVECOT) for script in scripts)) as ports:
        fact = facts_of()
    found = [(one["id"], one["subject"]) for one in fact["lint"]]
    assert found == [
        ("starttls_not_offered", f"{HOST}[127.0.0.1]:{ports[2]}"), ("certificate_older", f"{HOST}[127.0.0.1]:{ports[0]}"),
        ("implicit_tls_missing", HOST),
    ]  # fmt: skip
    assert fact["worst"] == "error" and len(fact["certificates"]) == 2


def test_to_list_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with machine(monkeypatch, (mute, "0.0.0.0", DOVECOT), unix=(UnixSocket("/run/dovecot/lmtp", 99),), hidden=3):
        fact = facts_of(find_listeners="list")
    (one,) = fact["listeners"]
    assert (one["process"]["name"], one["service"], one["endpoint"], fact["worst"], fact["lint"]) == ("dovecot", None, None, None, None)
    assert fact["lmtp_sockets"] == [{"path": "/run/dovecot/lmtp", "process": None, "shared_with": []}]
    assert (fact["listeners_seen"]["processes"], "become root" in fact["listeners_seen"]["text"]) == (False, True)


def test_not_to_look_is_null(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "listening_here", None)
    fact = facts_of(find_listeners="none")
    assert [fact[key] for key in KEYS] == [None] * 5


def test_a_machine_without_the_tables_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "listening_here", lambda: Listening(failure="/proc/net/tcp: No such file or directory"))
    fact = facts_of()
    assert (fact["listeners"], fact["lint"], fact["worst"]) == ([], [], "ok")
    assert fact["listeners_seen"] == {"sockets": False, "processes": False, "text": "/proc/net/tcp: No such file or directory"}


def test_a_name_that_cannot_be_looked_up_stands_in_the_way_of_dane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "GREETING", 300.0)
    responder = Responder({(HOST, "A"): Scripted(rcode="SERVFAIL"), (HOST, "AAAA"): Scripted(ad=True)})
    with machine(monkeypatch, (imap_of(certificate()), "0.0.0.0", DOVECOT)), running(responder):
        (one,) = facts_of(security_level="dane", nameservers=[f"127.0.0.1@{responder.port}"])["listeners"]
    assert (one["service"], one["endpoint"]["error"]["kind"], one["endpoint"]["satisfied"]) == ("imap", "dns_error", False)


def documented() -> dict[str, Any]:
    """Return what RETURN says of the fact."""
    yaml = pytest.importorskip("yaml")  # comes with ansible-core, which the oldest libraries are tested without
    for node in ast.parse(MODULE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RETURN":
            found: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))["ansible_facts"]["contains"]["smtp_tls"]["contains"]
            return found
    raise AssertionError("there is no RETURN")


@pytest.mark.parametrize("look", ["probe", "list", "none"])
def test_the_fact_has_the_keys_that_are_documented_and_always_all(monkeypatch: pytest.MonkeyPatch, look: str) -> None:
    monkeypatch.setattr(door, "GREETING", 300.0)
    told = documented()
    with machine(monkeypatch, (imap_of(certificate()), "0.0.0.0", DOVECOT), unix=(UnixSocket("/run/lmtp", 0),)):
        fact = facts_of(find_listeners=look)
    assert set(fact) == set(told) and set(KEYS) <= set(told)
    for one in fact["listeners"] or ():
        assert set(one) == set(told["listeners"]["contains"])
        assert set(one["process"]) == set(told["listeners"]["contains"]["process"]["sample"])
    for name in ("lmtp_sockets", "lint"):
        assert all(set(one) == set(told[name]["sample"][0]) for one in fact[name] or ())
    assert look == "none" or set(fact["listeners_seen"]) == set(told["listeners_seen"]["sample"])
    assert look != "probe" or (fact["lint"] and fact["listeners"][0]["endpoint"])
