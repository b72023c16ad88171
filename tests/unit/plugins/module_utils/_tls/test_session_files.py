# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key log and trace of whole runs: what is in the files, their modes, and that check mode writes none."""

from __future__ import annotations

import asyncio
import functools
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for


async def healthy(peer: Peer) -> None:
    await peer.offer_tls()
    await peer.start_tls(server_for(leaf("ecdsa")))
    await peer.finish()


def run(*, check_mode: Any = False, **given: Any) -> list[dict[str, Any]]:
    """Probe a healthy server with these parameters; returns the endpoints."""

    async def probe() -> list[dict[str, Any]]:
        async with ScriptedServer(healthy) as server:
            params = {name: spec.get("default") for name, spec in smtp_arguments().items()}
            params.update(destinations=[f"[127.0.0.1]:{server.port}"], security_level="may", deadline=10.0, **given)
            work = functools.partial(run_smtp_probe, params, check_mode=check_mode)
            result = await asyncio.get_running_loop().run_in_executor(None, work)
            endpoints: list[dict[str, Any]] = result.facts["results"][0]["endpoints"]
            return endpoints

    return asyncio.run(probe())


def test_both_files_are_written_and_for_their_owner_only(tmp_path: Path) -> None:
    keylog, trace = tmp_path / "keylog", tmp_path / "trace"
    (endpoint,) = run(keylog_file=str(keylog), trace_file=str(trace))
    assert endpoint["status"] == "untrusted"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (keylog, trace)] == [0o600, 0o600]
    secrets = [line.split() for line in keylog.read_text().splitlines()]
    assert {label for label, _random, _secret in secrets} >= {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"}
    lines = trace.read_text().splitlines()
    assert lines[0].startswith(f"TLS session with [127.0.0.1]:{endpoint['port']} at 20")
    assert lines[0].endswith("Z, server mx.example.com") and lines[-1] == ""
    assert "    Finished, 48 bytes" in lines
    assert all(secret not in trace.read_text() for _label, _random, secret in secrets)


def test_sessions_are_added_to_what_is_there(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    run(trace_file=str(trace))
    first = trace.read_text()
    run(trace_file=str(trace))
    assert trace.read_text().startswith(first)
    assert trace.read_text().count("TLS session with ") == 2


def test_check_mode_probes_and_writes_nothing(tmp_path: Path) -> None:
    (endpoint,) = run(check_mode=True, keylog_file=str(tmp_path / "keylog"), trace_file=str(tmp_path / "trace"))
    assert endpoint["status"] == "untrusted"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["keylog_file", "trace_file"])
def test_a_file_that_others_can_read_is_refused(option: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    path.chmod(0o644)
    with pytest.raises(OptionError) as caught:
        run(**{option: str(path)})
    assert (caught.value.option, caught.value.value) == (option, str(path))
    assert path.read_bytes() == b""


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"")
    os.symlink(tmp_path / "target", tmp_path / "link")
    with pytest.raises(OptionError, match="trace_file"):
        SessionFiles(None, str(tmp_path / "link"))


def test_the_first_file_is_closed_when_the_second_cannot_be_opened(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OptionError):
        SessionFiles(str(tmp_path / "keylog"), str(tmp_path / "none" / "trace"))
    assert len(os.listdir("/proc/self/fd")) == before


def test_without_files_nobody_listens() -> None:
    with SessionFiles(None, None) as files:
        assert (files.on_secret, files.on_trace) == (None, None)
