# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of tlsa_publish: options in, facts and files out."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_publish.arguments import publish_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_publish.run import run_publish
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing import zone_file
from ansible_collections.mailops.tls.tests.unit.servers.update_server import KEY, UpdateServer, serving

OWNER = "_25._tcp.mx.example.org."
A, B = (TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in (1, 2))
SECRET = base64.b64encode(KEY.secret).decode()


@pytest.fixture
def server() -> Iterator[UpdateServer]:
    with serving(UpdateServer()) as one:
        yield one


def params(**given: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in publish_arguments().items()}
    items = [{"owner": OWNER, "rdata": str(one)} for one in given.pop("wanted", (A,))]
    return {**defaults, "records": items, **given}


def at(primary: UpdateServer, **given: Any) -> dict[str, Any]:
    return params(**{"server": "127.0.0.1", "port": primary.port, "key_name": KEY.name, "key_secret": SECRET, **given})


def test_facts_and_diff(server: UpdateServer) -> None:
    server.put(OWNER, str(A), ttl=60)
    run = run_publish(at(server, wanted=(B,)))
    assert run.changed
    assert run.diff == {"before": f"{OWNER} 60 IN TLSA {A}\n", "after": f"{OWNER} 60 IN TLSA {A}\n{OWNER} 60 IN TLSA {B}\n"}
    assert run.facts["zone_text"] == run.diff["after"]
    assert run.facts["zones"] == [{"zone": "example.org", "serial": 2}]
    assert run.facts["removed"] == []
    (added,) = run.facts["added"]
    assert added == {
        "owner": OWNER, "host": "mx.example.org", "port": 25, "protocol": "tcp", "ttl": 60, "usage": 3, "selector": 1,
        "matching_type": 1, "data": B.data.hex(), "rdata": str(B), "rdata_rfc3597": "\\# 35 030101" + B.data.hex(),
    }  # fmt: skip
    (rrset,) = run.facts["rrsets"]
    assert (rrset["before"], rrset["after"]) == ({"ttl": 60, "rdata": [str(A)]}, {"ttl": 60, "rdata": [str(A), str(B)]})


def test_what_was_added_can_be_removed_again(server: UpdateServer) -> None:
    server.put(OWNER, str(A), ttl=60)
    run = run_publish(at(server, wanted=(B,)))
    again = run_publish(at(server, records=run.facts["added"], state="absent"))
    assert again.facts["removed"] == run.facts["added"]
    assert server.records[OWNER] == {str(A): 60}


def test_the_secret_is_in_nothing_that_comes_out(server: UpdateServer) -> None:
    run = run_publish(at(server))
    assert SECRET not in json.dumps([run.facts, run.diff, run.warnings])


def test_an_exchange_of_all_records_is_warned_of(server: UpdateServer) -> None:
    server.put(OWNER, str(A))
    run = run_publish(at(server, wanted=(B,), exclusive=True))
    assert "no record that was published stays" in run.warnings[0]
    assert server.records[OWNER] == {str(B): 300}


@pytest.mark.parametrize("mode, warnings", [(0o600, 0), (0o640, 0), (0o644, 1)])
def test_a_key_file(server: UpdateServer, tmp_path: Path, mode: int, warnings: int) -> None:
    path = tmp_path / "key"
    path.write_text(f'key "{KEY.name}" {{ algorithm hmac-sha256; secret "{SECRET}"; }};')
    path.chmod(mode)
    run = run_publish(at(server, key_name=None, key_secret=None, key_file=str(path)))
    assert len(run.warnings) == warnings
    assert run.changed


@pytest.mark.parametrize(
    "given, option",
    [
        ({"key_secret": None}, "key_name"), ({"key_name": None}, "key_name"),
        ({"key_file": "/nonexistent", "key_secret": None}, "key_file"),
        ({"port": 0}, "port"), ({"timeout": 0}, "timeout"), ({"timeout": float("nan")}, "timeout"), ({"zone": "not a zone"}, "zone"),
        ({"zone": "example.net."}, "zone"), ({"server": "no such host.invalid"}, "server"), ({"ttl": -1}, "ttl"),
        ({"server": "192.0.2.1", "key_name": None, "key_secret": None}, "key_name"),
        ({"state": "absent", "exclusive": True}, "exclusive"), ({"key_algorithm": "hmac-sha1"}, "key_algorithm"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_used(server: UpdateServer, given: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as caught:
        run_publish(at(server, **given))
    assert caught.value.option == option
    assert not server.over
    assert SECRET not in str(caught.value)


def test_a_host_name_and_udp(server: UpdateServer) -> None:
    run = run_publish(at(server, server="localhost", protocol="udp", zone="Example.ORG."))
    assert run.facts["zones"] == [{"zone": "example.org", "serial": 2}]
    assert set(server.over) == {"udp"}


def test_any_record_may_be_removed(server: UpdateServer) -> None:
    server.put(OWNER, str(A), "3 0 1 " + "ab" * 32)
    run = run_publish(at(server, records=[{"owner": OWNER, "rdata": "3 0 1 " + "ab" * 32}], state="absent"))
    assert run.changed
    with pytest.raises(OptionError, match="stops matching"):
        run_publish(at(server, records=[{"owner": OWNER, "rdata": "3 0 1 " + "ab" * 32}]))


def test_facts_of_a_failure_say_what_was_done(server: UpdateServer) -> None:
    server.ignore_updates = True
    with pytest.raises(TaskFailed) as caught:
        run_publish(at(server))
    assert caught.value.facts["zones"] == [{"zone": "example.org", "serial": None}]
    assert caught.value.facts["changed"] and set(caught.value.facts["error"]) == {"kind", "text"}


def in_file(path: Path, check_mode: bool = False, **given: Any) -> TaskResult:
    return run_publish(params(zone_file=str(path), **given), check_mode=check_mode)


def test_a_zone_file_is_made_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "tlsa"
    assert in_file(path, check_mode=True).changed
    assert not path.exists()
    run = in_file(path)
    assert run.changed
    assert path.read_text() == f"{OWNER} IN TLSA {A}\n" == run.facts["zone_text"]
    assert path.stat().st_mode & 0o777 == 0o644
    assert run.facts["zones"] == []
    before = path.stat()
    assert not in_file(path).changed
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_zone_file_keeps_its_mode_and_its_other_lines(tmp_path: Path) -> None:
    path = tmp_path / "tlsa"
    path.write_bytes(b"; by J\xf6rg\n_465._tcp.mx.example.org. 60 IN TLSA " + str(B).encode() + b"\n")
    path.chmod(0o640)
    in_file(path, ttl=30)
    assert path.read_bytes().startswith(b"; by J\xf6rg\n_465._tcp.mx.example.org. 60 IN TLSA ")
    assert path.read_bytes().endswith(f"{OWNER} 30 IN TLSA {A}\n".encode())
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["tlsa"]


def test_removing_records_that_a_file_does_not_have_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "tlsa"
    assert not in_file(path, state="absent").changed
    assert not path.exists()


def test_a_zone_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "zone"
    path.write_text("$TTL 60\n")
    link = tmp_path / "link"
    link.symlink_to(path)
    for one, reason in ((path, "line 1"), (link, "symbolic link"), (tmp_path, "cannot be used"), (tmp_path / "none/tlsa", "No such file")):
        with pytest.raises(OptionError, match=reason) as caught:
            in_file(one)
        assert caught.value.option == "zone_file"
    assert path.read_text() == "$TTL 60\n"


def test_the_last_record_of_a_zone_file(tmp_path: Path) -> None:
    path = tmp_path / "tlsa"
    in_file(path)
    with pytest.raises(OptionError, match="allow_empty"):
        in_file(path, state="absent")
    assert in_file(path, state="absent", allow_empty=True).changed
    assert path.read_text() == ""


def test_several_tasks_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tlsa"

    def add(port: int) -> None:
        run_publish(params(zone_file=str(path), records=[{"owner": f"_{port}._tcp.mx.example.org", "rdata": str(A)}]))

    threads = [threading.Thread(target=add, args=(port,)) for port in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(path.read_text().splitlines()) == 20


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "hard link", "other user"])
def test_what_others_planted_in_place_of_a_zone_file_is_left_alone(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "snippet", tmp_path / "target"
    in_file(target)
    before = target.read_bytes()
    if kind == "link":
        path.symlink_to(target)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "hard link":
        os.link(target, path)
    elif os.geteuid() == 0:
        path.write_bytes(before)
        os.chown(path, 12345, 12345)
    else:
        pytest.skip("only root can make files of others")
    tmp_path.chmod(0o1777)
    with pytest.raises(OptionError) as caught:
        in_file(path, ttl=77)
    assert (caught.value.option, caught.value.value) == ("zone_file", str(path))
    assert target.read_bytes() == before


def test_a_zone_file_where_everybody_can_exchange_it_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(OptionError, match="everybody"):
        in_file(tmp_path / "snippet")
    assert list(tmp_path.iterdir()) == []


def test_who_locks_the_folder_for_ever_does_not_hang_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zone_file, "PATIENCE", 0.0)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        with pytest.raises(OptionError, match="cannot be used: somebody else has locked"):
            in_file(tmp_path / "snippet")
    finally:
        os.close(descriptor)
    assert in_file(tmp_path / "snippet").changed
