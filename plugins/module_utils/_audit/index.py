# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of a store of audits: one narrow table of facts, and where the line of each is. All of it can be made again of the lines.

SQLite, as the standard library has it. No write-ahead log, which breaks on file systems of a network. `PRAGMA user_version` is how many of
the migrations below were done: a newer collection adds one, an older one leaves the index alone.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact

MIGRATIONS = (
    """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        whole INTEGER NOT NULL
    );
    CREATE TABLE shard (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES run (id),
        prober TEXT NOT NULL,
        digest TEXT,
        UNIQUE (run, prober)
    );
    CREATE TABLE issuer (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    );
    CREATE TABLE facts (
        run INTEGER NOT NULL REFERENCES run (id),
        destination TEXT NOT NULL,
        host TEXT NOT NULL,
        address TEXT NOT NULL,
        port INTEGER NOT NULL,
        algorithm TEXT NOT NULL,
        shard INTEGER NOT NULL REFERENCES shard (id),
        status TEXT NOT NULL,
        satisfied INTEGER NOT NULL,
        error TEXT,
        looks INTEGER NOT NULL,
        probed_at INTEGER NOT NULL,
        protocol TEXT,
        certificate BLOB,
        spki BLOB,
        issuer INTEGER REFERENCES issuer (id),
        self_issued INTEGER NOT NULL,
        not_after INTEGER,
        expiry TEXT,
        tlsa TEXT,
        matched INTEGER,
        mx TEXT,
        dnssec INTEGER,
        line INTEGER NOT NULL,
        digest INTEGER,
        PRIMARY KEY (run, destination, host, address, port, algorithm, shard)
    ) WITHOUT ROWID;
    CREATE VIEW audit_facts AS
    SELECT
        run.name AS run, destination, host, address, port, algorithm, prober, status, satisfied, error, looks,
        strftime('%Y-%m-%dT%H:%M:%SZ', probed_at, 'unixepoch') AS probed_at, protocol, nullif(lower(hex(certificate)), '') AS certificate,
        nullif(lower(hex(spki)), '') AS spki, issuer.name AS issuer, self_issued,
        strftime('%Y-%m-%dT%H:%M:%SZ', not_after, 'unixepoch') AS not_after, expiry, tlsa, matched, mx, dnssec
    FROM facts JOIN run ON run.id = facts.run JOIN shard ON shard.id = facts.shard LEFT JOIN issuer ON issuer.id = facts.issuer;
    """,
)
"""What to do to an index of the version before each; the first makes a new one."""
_COLUMNS = (
    "destination, host, address, port, algorithm, prober, status, satisfied, error, looks, probed_at, protocol, certificate, spki, "
    "issuer.name, self_issued, not_after, expiry, tlsa, matched, mx, dnssec"
)
_ROWS = f"""
    SELECT {_COLUMNS} FROM facts JOIN shard ON shard.id = facts.shard LEFT JOIN issuer ON issuer.id = facts.issuer WHERE facts.run = ?
"""
_CANDIDATES = """
    SELECT a.destination FROM facts a LEFT JOIN facts b ON b.run = :after AND b.destination = a.destination AND b.host = ''
    WHERE a.run = :before AND a.host = '' AND NOT coalesce(a.digest = b.digest, 0)
    UNION
    SELECT a.destination FROM facts a WHERE a.run = :after AND a.host = ''
    AND NOT EXISTS (SELECT 1 FROM facts b WHERE b.run = :before AND b.destination = a.destination)
    ORDER BY 1
"""
_PRIMARY = ("run", "destination", "host", "address", "port", "algorithm", "shard")
_INSERT = f"INSERT OR REPLACE INTO {{}} VALUES ({', '.join('?' * 25)})"
_TIMES = (10, 16)
"""Places in a row that are no facts to be compared: when it was probed, and the end of a certificate, of which there is a digest."""
_CACHE = -64 * 1024  # KiB
_MOST_ISSUERS = 10_000
"""Names of issuers whose numbers are remembered."""


class IndexTooNew(ValueError):
    """The index is of a later version of the collection."""


class IndexedRun(NamedTuple):
    """A run as the index knows it."""

    id: int
    name: str
    whole: bool


class AuditIndex:
    """An index that is open."""

    def __init__(self, path: str) -> None:
        """Open an index, and bring it to this version.

        Raises:
            IndexTooNew: it is of a later one.
            sqlite3.Error: it cannot be read or written.
        """
        self._issuers: dict[str, int] = {}
        self._database = sqlite3.connect(path, timeout=60.0, isolation_level=None)
        try:
            self._database.executescript(f"PRAGMA journal_mode = DELETE; PRAGMA cache_size = {_CACHE};")
            self._migrate()
            self._database.execute("CREATE TEMP TABLE incoming AS SELECT * FROM facts WHERE 0")
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> AuditIndex:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def _migrate(self) -> None:
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise IndexTooNew(f"its version is {version}, this collection knows {len(MIGRATIONS)}")
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            with self.transaction():
                for statement in filter(str.strip, script.split(";")):
                    self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that happens meanwhile, or nothing of it."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._issuers.clear()
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def runs(self) -> list[IndexedRun]:
        """Return all runs, the oldest first."""
        found = self._database.execute("SELECT id, name, whole FROM run ORDER BY name")
        return [IndexedRun(number, name, bool(whole)) for number, name, whole in found]

    def run(self, name: str) -> IndexedRun | None:
        """Return a run, if it is there."""
        return next((one for one in self.runs() if one.name == name), None)

    def put_run(self, name: str, *, whole: bool) -> int:
        """Note a run, and whether nothing of it is missing; return its number."""
        self._database.execute(
            "INSERT INTO run (name, whole) VALUES (:name, :whole) ON CONFLICT (name) DO UPDATE SET whole = :whole",
            {"name": name, "whole": whole},
        )
        (number,) = self._database.execute("SELECT id FROM run WHERE name = ?", (name,)).fetchone()
        return int(number)

    def digests(self, run: int) -> dict[str, str | None]:
        """Return the digest of the lines of each prober that are in the index."""
        return dict(self._database.execute("SELECT prober, digest FROM shard WHERE run = ?", (run,)))

    def begin_shard(self, run: int, prober: str) -> int:
        """Make room for the lines of a prober, in place of what was there of it; return its number."""
        self.drop_shard(run, prober)
        self._database.execute("DELETE FROM incoming")
        self._database.execute("INSERT INTO shard (run, prober) VALUES (?, ?)", (run, prober))
        (number,) = self._database.execute("SELECT id FROM shard WHERE run = ? AND prober = ?", (run, prober)).fetchone()
        return int(number)

    def end_shard(self, shard: int, digest: str) -> None:
        """Note that all lines of a prober are there."""
        self._database.execute("UPDATE shard SET digest = ? WHERE id = ?", (digest, shard))

    def drop_shard(self, run: int, prober: str) -> None:
        """Forget the lines of a prober."""
        found = self._database.execute("SELECT id FROM shard WHERE run = ? AND prober = ?", (run, prober)).fetchone()
        if found is not None:
            self._database.execute("DELETE FROM facts WHERE run = ? AND shard = ?", (run, *found))
            self._database.execute("DELETE FROM shard WHERE id = ?", found)

    def drop_run(self, name: str) -> None:
        """Forget a run."""
        found = self.run(name)
        if found is not None:
            for table, column in (("facts", "run"), ("shard", "run"), ("run", "id")):
                self._database.execute(f"DELETE FROM {table} WHERE {column} = ?", (found.id,))

    def put(self, run: int, shard: int, facts: Iterable[Fact], line: int, *, aside: bool = False) -> None:
        """Keep the rows of one destination; *aside* where `take_over` sorts them in, which makes a smaller index of many."""
        table = "incoming" if aside else "facts"
        rows = sorted(facts)
        settled = all(fact.is_settled for fact in rows)
        digest = _digest(rows) if settled else None
        values = [
            (run, *fact[:5], shard, *fact[6:14], self._issuer(fact.issuer), *fact[15:], line, None if fact.host else digest)
            for fact in rows
        ]
        self._database.executemany(_INSERT.format(table), values)

    def _issuer(self, name: str | None) -> int | None:
        """Return the number of an issuer; a few of them have issued nearly all certificates."""
        if name is None:
            return None
        if name not in self._issuers:
            if len(self._issuers) >= _MOST_ISSUERS:
                self._issuers.clear()
            self._database.execute("INSERT OR IGNORE INTO issuer (name) VALUES (?)", (name,))
            (self._issuers[name],) = self._database.execute("SELECT id FROM issuer WHERE name = ?", (name,)).fetchone()
        return self._issuers[name]

    def take_over(self) -> None:
        """Sort in what was put aside."""
        self._database.execute(f"INSERT OR REPLACE INTO facts SELECT * FROM incoming ORDER BY {', '.join(_PRIMARY)}")
        self._database.execute("DELETE FROM incoming")

    def forget(self, run: int, shard: int, destination: str) -> None:
        """Forget a destination."""
        self._database.execute("DELETE FROM facts WHERE run = ? AND destination = ? AND shard = ?", (run, destination, shard))

    def rows(self, run: int, destination: str) -> list[Fact]:
        """Return the rows of a destination, from wherever it was seen."""
        found = self._database.execute(f"{_ROWS} AND destination = ? ORDER BY host, address, port, algorithm, prober", (run, destination))
        return [_fact(row) for row in found]

    def line(self, run: int, shard: int, destination: str) -> int | None:
        """Return where the line of a destination is."""
        text = "SELECT line FROM facts WHERE run = ? AND destination = ? AND shard = ? LIMIT 1"
        found = self._database.execute(text, (run, destination, shard)).fetchone()
        return None if found is None else int(found[0])

    def all_rows(self, run: int) -> Iterator[Fact]:
        """Yield all rows of a run, those of a destination together."""
        found = self._database.execute(f"{_ROWS} ORDER BY destination, host, address, port, algorithm, prober", (run,))
        return (_fact(row) for row in found)

    def candidates(self, before: int, after: int) -> list[str]:
        """Return the destinations of which something differs, or failed for now, in two runs."""
        return [name for (name,) in self._database.execute(_CANDIDATES, {"before": before, "after": after})]

    def seen_from_several(self, run: int) -> list[str]:
        """Return the destinations that several probers have seen."""
        text = "SELECT destination FROM facts WHERE run = ? AND host = '' GROUP BY destination HAVING count(*) > 1 ORDER BY 1"
        return [name for (name,) in self._database.execute(text, (run,))]

    def counts(self, run: int) -> dict[str, object]:
        """Return how many destinations and endpoints there are, and destinations by their status; the same one twice counts once."""
        own = self._database.execute(
            "SELECT status, count(*) FROM (SELECT DISTINCT destination, status FROM facts WHERE run = ? AND host = '') GROUP BY status",
            (run,),
        )
        (names,) = self._database.execute("SELECT count(DISTINCT destination) FROM facts WHERE run = ? AND host = ''", (run,)).fetchone()
        (ends,) = self._database.execute("SELECT count(*) FROM facts WHERE run = ? AND host <> '' AND address <> ''", (run,)).fetchone()
        return {"destinations": names, "endpoints": ends, "by_status": dict(sorted(own))}


def _digest(rows: Sequence[Fact]) -> int:
    """Return a number for all that is compared of a destination, from wherever it was seen."""
    compared = [[value for at, value in enumerate(fact) if at != 5 and at not in _TIMES] for fact in rows]
    return int.from_bytes(hashlib.blake2b(repr(compared).encode("utf-8"), digest_size=8).digest(), "big", signed=True)


def _fact(row: Sequence[object]) -> Fact:
    values = list(row)
    for at in (7, 15, 19, 21):
        value = values[at]
        values[at] = None if value is None else bool(value)
    return Fact(*values)  # type: ignore[arg-type]
