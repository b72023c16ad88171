# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key log does what it is for: tshark decrypts a capture of a probe with it, and cannot without."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.tests.differential import mailbox_world
from ansible_collections.mailops.tls.tests.differential.engine_side import probe
from ansible_collections.mailops.tls.tests.integration.targets.mailbox_tls_probe.files.world import MAIL

PATIENCE = 600.0
SMTP = ("EHLO", "STARTTLS", "EHLO in TLS", "QUIT in TLS")
IMAP = ("CAPABILITY", "STARTTLS", "CAPABILITY in TLS", "LOGOUT in TLS")
"""What a probe says."""


class Line(NamedTuple):
    """One packet of a dialogue: whether it was inside TLS, the client's command with its parameter, the server's reply."""

    inside: bool
    command: str
    parameter: str
    code: str
    reply: str


FIELDS = {
    "smtp": ("smtp.req.command", "smtp.req.parameter", "smtp.response.code", "smtp.rsp.parameter"),
    "imap": ("imap.request.command", "imap.request", "imap.response.status", "imap.line"),
}
"""What tshark calls them."""


@contextmanager
def captured(address: str, path: Path, port: int = 25) -> Iterator[None]:
    """Capture what goes to and from a port of an address while the block runs."""
    command = ["dumpcap", "-q", "-i", "lo", "-f", f"tcp port {port} and host {address}", "-w", str(path)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as capture:
        try:
            assert capture.stderr is not None
            said = ""
            while "File:" not in said:  # from then on it listens
                line = capture.stderr.readline()
                assert line, said
                said += line
            yield
        finally:
            capture.send_signal(signal.SIGINT)


def dialogue(path: Path, keylog: Path | None = None, protocol: str = "smtp", port: int = 25) -> list[Line]:
    """Return what tshark finds of a protocol in a capture."""
    command = ["tshark", "-r", str(path), "-d", f"tcp.port=={port},{protocol}", "-Y", protocol, "-T", "fields"]
    command += [word for field in ("frame.protocols", *FIELDS[protocol]) for word in ("-e", field)]
    command += ["-o", f"tls.keylog_file:{keylog}"] if keylog is not None else []
    # While the capture goes on its last packet may be half there, which is an error for tshark, after all others are told.
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return [Line(protocols.endswith(f":tls:{protocol}"), *more) for protocols, *more in lines]


def commands(lines: list[Line]) -> tuple[str, ...]:
    """The client's commands; of STARTTLS tshark tells four letters in SMTP."""
    said = [(line, line.command.replace("STAR", "STARTTLS") if len(line.command) == 4 else line.command) for line in lines]
    return tuple(command + (" in TLS" if line.inside else "") for line, command in said if command)


def wait_for(wanted: tuple[str, ...], path: Path, keylog: Path, protocol: str = "smtp", port: int = 25) -> None:
    """Wait until the capture, which is behind, has it all."""
    until = time.monotonic() + PATIENCE
    while commands(dialogue(path, keylog, protocol, port)) != wanted and time.monotonic() < until:
        time.sleep(0.5)


@pytest.mark.parametrize(("protocols", "protocol"), [("TLSv1.2", "TLSv1.2"), (">=TLSv1.3", "TLSv1.3")])
def test_tshark_reads_the_dialogue_inside_tls(lab: Mapping[str, Any], protocols: str, protocol: str, tmp_path: Path) -> None:
    case = next(case for case in lab["cases"] if case["name"] == "dane-ee")
    capture, keylog = tmp_path / "probe.pcapng", tmp_path / "keylog"
    options = {"tls_protocols": protocols, "keylog_file": str(keylog), "ehlo_name": "probe.example.net", "security_level": "dane"}
    with captured(case["listeners"][0]["address"], capture):
        (endpoint,) = probe(options, [case["destination"]])[case["destination"]]["endpoints"]
        wait_for(SMTP, capture, keylog)
    assert (endpoint["status"], endpoint["tls"]["protocol"]) == ("verified", protocol)
    lines = dialogue(capture, keylog)
    assert commands(lines) == SMTP
    inside = [line for line in lines if line.inside]
    assert inside[0].parameter == "probe.example.net"
    reply = next(line for line in inside if line.code)
    assert reply.code.startswith("250") and "STARTTLS" not in reply.reply and "PIPELINING" in reply.reply
    assert commands(dialogue(capture)) == SMTP[:2]  # without the key log all that follows STARTTLS is dark


@pytest.mark.parametrize("protocols", ["TLSv1.2", ">=TLSv1.3"])
@pytest.mark.parametrize(
    ("service", "protocol", "wanted", "told"),
    [("imap", "imap", IMAP, "AUTH=PLAIN"), ("submission", "smtp", SMTP, "AUTH PLAIN LOGIN")],
)
def test_tshark_reads_what_a_mailbox_says_inside_tls(
    service: str, protocol: str, wanted: tuple[str, ...], told: str, protocols: str, mailboxes: Mapping[str, str], tmp_path: Path
) -> None:
    capture, keylog = tmp_path / "probe.pcapng", tmp_path / "keylog"
    options = {"hosts": ["mail.example.org"], "services": [service], "ca_file": mailboxes["root"], "keylog_file": str(keylog)}
    port = MailService(service).terms.port
    with captured(MAIL, capture, port):
        (endpoint,) = mailbox_world.probe({**options, "tls_protocols": protocols})["results"][0]["endpoints"]
        wait_for(wanted, capture, keylog, protocol, port)
    assert endpoint["status"] == "verified"
    lines = dialogue(capture, keylog, protocol, port)
    assert commands(lines) == wanted
    assert [line.inside for line in lines if told in line.reply] == [True]
    assert commands(dialogue(capture, None, protocol, port)) == wanted[:2]
