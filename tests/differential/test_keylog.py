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
from ansible_collections.mailops.tls.tests.differential.engine_side import probe

PATIENCE = 600.0
COMMANDS = ["EHLO", "STAR", "EHLO in TLS", "QUIT in TLS"]
"""What a probe says, as tshark shortens it."""


class Line(NamedTuple):
    """One packet of the dialogue: whether it was inside TLS, the client's command with its parameter, the server's reply."""

    inside: bool
    command: str
    parameter: str
    code: str
    reply: str


@contextmanager
def captured(address: str, path: Path) -> Iterator[None]:
    """Capture what goes to and from port 25 of an address while the block runs."""
    command = ["dumpcap", "-q", "-i", "lo", "-f", f"tcp port 25 and host {address}", "-w", str(path)]
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


def dialogue(path: Path, keylog: Path | None = None) -> list[Line]:
    """Return the SMTP that tshark finds in a capture."""
    fields = ("frame.protocols", "smtp.req.command", "smtp.req.parameter", "smtp.response.code", "smtp.rsp.parameter")
    command = ["tshark", "-r", str(path), "-d", "tcp.port==25,smtp", "-Y", "smtp", "-T", "fields"]
    command += [word for field in fields for word in ("-e", field)]
    command += ["-o", f"tls.keylog_file:{keylog}"] if keylog is not None else []
    # While the capture goes on its last packet may be half there, which is an error for tshark, after all others are told.
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return [Line(protocols.endswith(":tls:smtp"), *more) for protocols, *more in lines]


def commands(lines: list[Line]) -> list[str]:
    return [line.command + (" in TLS" if line.inside else "") for line in lines if line.command]


@pytest.mark.parametrize(("protocols", "protocol"), [("TLSv1.2", "TLSv1.2"), (">=TLSv1.3", "TLSv1.3")])
def test_tshark_reads_the_dialogue_inside_tls(lab: Mapping[str, Any], protocols: str, protocol: str, tmp_path: Path) -> None:
    case = next(case for case in lab["cases"] if case["name"] == "dane-ee")
    capture, keylog = tmp_path / "probe.pcapng", tmp_path / "keylog"
    options = {"tls_protocols": protocols, "keylog_file": str(keylog), "ehlo_name": "probe.example.net", "security_level": "dane"}
    with captured(case["listeners"][0]["address"], capture):
        (endpoint,) = probe(options, [case["destination"]])[case["destination"]]["endpoints"]
        until = time.monotonic() + PATIENCE
        while commands(dialogue(capture, keylog)) != COMMANDS and time.monotonic() < until:
            time.sleep(0.5)
    assert (endpoint["status"], endpoint["tls"]["protocol"]) == ("verified", protocol)
    lines = dialogue(capture, keylog)
    assert commands(lines) == COMMANDS
    inside = [line for line in lines if line.inside]
    assert inside[0].parameter == "probe.example.net"
    reply = next(line for line in inside if line.code)
    assert reply.code.startswith("250") and "STARTTLS" not in reply.reply and "PIPELINING" in reply.reply
    assert commands(dialogue(capture)) == COMMANDS[:2]  # without the key log all that follows STARTTLS is dark
