# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of text that people, files and configuration hold: destinations, nameservers, results files."""

from __future__ import annotations

import ipaddress
import json
import os
import tempfile
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import (
    MAX_SYSTEM_NAMESERVERS,
    parse_nameserver,
    system_nameservers,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import ResultsFile
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import ReportDetail, report_lines
from ansible_collections.mailops.tls.plugins.module_utils._results.table import table
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import summarize
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean


def destination(data: bytes) -> None:
    """A destination is read or refused, and what is read can be connected to. The first byte chooses the protocol."""
    protocol = Protocol.LMTP if data[:1] > b"\x7f" else Protocol.SMTP
    text = data[1:].decode("utf-8", "surrogateescape")
    try:
        one = parse_destination(text, protocol=protocol, service_port=service_port)
    except OptionError as error:
        assert error.option == "destinations" and is_clean(error.reason)
        return
    assert one.text == text
    if one.unix_path is not None:
        assert protocol is Protocol.LMTP and one.unix_path and "\0" not in one.unix_path
        return
    assert 0 < one.port < 65536 and one.nexthop.isascii() and is_clean(one.nexthop)
    if one.address is not None:
        ipaddress.ip_address(one.address)
    again = parse_destination(f"[{one.nexthop}]:{one.port}", protocol=protocol, service_port=service_port)
    assert (again.nexthop, again.port, again.address) == (one.nexthop, one.port, one.address)


def nameserver(data: bytes) -> None:
    """A nameserver is read or refused, and its text means the same again; lines of resolv.conf are read or passed over."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        one = parse_nameserver(text)
    except OptionError as error:
        assert error.option == "nameservers" and is_clean(error.reason)
    else:
        assert is_clean(str(one)) and 0 < one.port < 65536
        assert parse_nameserver(str(one)) == one and one.is_loopback in (True, False)
    with _file(data) as path:
        found = system_nameservers(path)
    assert 1 <= len(found) <= MAX_SYSTEM_NAMESERVERS
    for one in found:
        address = ipaddress.ip_address(one.address)
        assert is_clean(str(one))
        assert address.is_unspecified or address.is_multicast or parse_nameserver(str(one)) == one


def results_file(data: bytes) -> None:
    """A file is gone on with or refused; what it holds can be reported; what is added to it comes back."""
    identity = RunIdentity("run", "probe.test")
    done: list[dict[str, Any]] = []
    with _file(data) as path:
        try:
            first = ResultsFile(
                path, resume=True, options={}, identity=identity, on_result=lambda line, begin: done.append(line.line().result)
            )
        except OptionError as error:
            assert error.option == "results_file" and _content(path) == data
            return
        kept = _content(path)
        assert data.startswith(kept) or json.loads(kept)["kind"] == "header"
        json.dumps(done).encode("utf-8")
        summarize(done)
        report_lines(done, list(ReportDetail))
        table(done)
        first.write({"destination": "[192.0.2.1]"})
        first.close()
        lines = _content(path).splitlines()
        assert json.loads(lines[-1])["destination"] == "[192.0.2.1]"


class _file:
    """A temporary file with this content, as a context manager that gives its path."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __enter__(self) -> str:
        handle, self._path = tempfile.mkstemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        with os.fdopen(handle, "wb") as stream:
            stream.write(self._content)
        return self._path

    def __exit__(self, *_details: object) -> None:
        os.unlink(self._path)


def _content(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()
