# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide says of other databases, done as it says: PostgreSQL takes the facts of a run, DuckDB reads its lines."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.run import run_mx_audit_index
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import written
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, failed, lost

GUIDE = Path(__file__).parents[2] / "docs/docsite/rst/guide_audit_store.rst"
RUN = "20260504T020000Z-5f0c1a2b"
HOST = "mx.example.org"
ODD = certificate(HOST, issuer='CN="quoted"\\, O=comma\\, semi; \u00e9,C=DE')
RESULTS = (
    audited("example.org", endpoint(HOST), endpoint("mx2.example.org", "2001:db8::1", dane=False)),
    audited("example.net", lost(HOST)),
    audited("example.com", endpoint(HOST, chain=[ODD])),
    failed("\u00e9xample.example", "dns_not_found"),
)


def block(heading: str, language: str) -> str:
    """Return the first block of code in this language below a heading of the guide."""
    below = GUIDE.read_text(encoding="utf-8").split(f"\n{heading}\n---", 1)[1]
    found = re.search(rf"\.\. code-block:: {language}\n\n((?: {{4}}.*\n|\n)+)", below)
    assert found, f"{heading} has no {language}"
    return "\n".join(line[4:] for line in found[1].splitlines())


@pytest.fixture(scope="module", name="store")
def fixture_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit")
    for run, results in (("20260503T020000Z-00000000", RESULTS[:1]), (RUN, RESULTS)):
        shard = {"prober": "probe1", "src": str(written(path / "came.jsonl", *results)), "expected": len(results)}
        params = {"directory": str(path / "store"), "run": run, "shards": [shard], "keep": None, "keep_facts": None}
        assert run_mx_audit_index(params, check_mode=False).facts["whole"]
    return path / "store"


class PostgreSQL:
    """A server of its own in a temporary folder, at a unix-domain socket."""

    def __init__(self) -> None:
        self._binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.folder = Path(tempfile.mkdtemp(prefix="pg.", dir="/tmp"))
        shutil.chown(self.folder, "postgres")
        self._run("initdb", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-D", str(self.folder / "data"))
        options = f"-c listen_addresses= -c fsync=off -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w", "-t", "600", "-o", options, "start")
        self.environment = {**os.environ, "PGHOST": str(self.folder), "PGUSER": "postgres", "PGDATABASE": "postgres", "PGTZ": "UTC"}

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def ask(self, text: str) -> list[list[str]]:
        done = subprocess.run(
            ["psql", "-X", "-A", "-t", "-F", "\t", "-P", "null=NULL", "-v", "ON_ERROR_STOP=1"],
            input=text, capture_output=True, text=True, check=True, env=self.environment,
        )  # fmt: skip
        return [line.split("\t") for line in done.stdout.splitlines()]

    def _run(self, program: str, *arguments: str) -> None:
        command = ["runuser", "-u", "postgres", "--", str(self._binaries / program), *arguments]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture(scope="module", name="postgresql")
def fixture_postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.stop()


def test_postgresql_takes_the_facts_of_a_run_as_often_as_one_likes(store: Path, postgresql: PostgreSQL) -> None:
    postgresql.ask(block("PostgreSQL", "sql"))
    command = block("PostgreSQL", "bash")
    assert RUN in command
    for run in ("20260503T020000Z-00000000", RUN, RUN):
        script = command.replace(RUN, run)
        subprocess.run(["bash", "-euo", "pipefail", "-c", script], check=True, cwd=store, env=postgresql.environment)
    assert postgresql.ask("SELECT run, count(*) FROM audit_facts GROUP BY run ORDER BY run") == [
        ["20260503T020000Z-00000000", "3"], [RUN, "8"]
    ]  # fmt: skip
    told = postgresql.ask(f"SELECT * FROM audit_facts WHERE run = '{RUN}' ORDER BY destination COLLATE \"C\", host, address")
    with AuditIndex(str(store / "audit.sqlite3")) as index:
        (number,) = [one.id for one in index.runs() if one.name == RUN]
        assert sorted(told) == sorted([RUN, *shown(fact)] for fact in index.all_rows(number))


def shown(fact: Fact) -> Sequence[str]:
    """A row as psql shows it."""

    def text(value: object) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "t" if value else "f"
        return value.hex() if isinstance(value, bytes) else str(value)

    moments = {at: _moment(fact[at]) for at in (10, 16)}
    return [moments.get(at) or text(value) for at, value in enumerate(fact)]


def _moment(seconds: object) -> str | None:
    return None if seconds is None else f"{datetime.fromtimestamp(int(str(seconds)), timezone.utc):%Y-%m-%d %H:%M:%S}+00"


def test_duckdb_reads_the_lines(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    monkeypatch.chdir(store)
    with duckdb.connect() as database:
        assert sorted(database.execute(block("DuckDB", "sql")).fetchall()) == [("failed", 2), ("trusted", 1), ("verified", 1)]
