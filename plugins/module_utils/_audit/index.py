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
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind

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
    "ALTER TABLE run ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE run ADD COLUMN told INTEGER NOT NULL DEFAULT 1",
)
"""What to do to an index of the version before each; the first makes a new one."""
_COLUMNS = (
    "destination, host, address, port, algorithm, prober, status, satisfied, error, looks, probed_at, protocol, certificate, spki, "
    "issuer.name, self_issued, not_after, expiry, tlsa, matched, mx, dnssec"
)
_ROWS = f"""
    SELECT {_COLUMNS} FROM facts JOIN shard ON shard.id = facts.shard LEFT JOIN issuer ON issuer.id = facts.issuer WHERE facts.run = ?
"""
_PAIRS = """
    INSERT INTO pair SELECT a.id, b.id FROM shard a LEFT JOIN shard b ON b.run = :former AND b.prober = a.prober WHERE a.run = :after
"""
_UNLIKE = """
    INSERT INTO pending SELECT a.destination, a.shard, a.digest, a.status
    FROM facts a JOIN pair ON pair.after = a.shard LEFT JOIN facts b ON b.run = :former AND b.destination = a.destination AND b.host = ''
    AND b.address = '' AND b.port = 0 AND b.algorithm = '' AND b.shard = pair.former
    WHERE a.run = :after AND a.host = '' AND NOT coalesce(a.digest = b.digest, 0)
"""
_BEFORE = """
    SELECT b.digest FROM pair JOIN facts b ON b.run = :former AND b.destination = pending.destination AND b.host = '' AND b.address = ''
    AND b.port = 0 AND b.algorithm = '' AND b.shard = pair.former WHERE pair.after = pending.shard
"""
_ELSEWHERE = """
    SELECT pending.destination, pending.status, count(b.destination), coalesce(max(b.digest = pending.digest), 0)
    FROM pending LEFT JOIN facts b ON b.run = :former AND b.destination = pending.destination AND b.host = ''
    GROUP BY pending.destination, pending.shard HAVING :whole OR count(b.destination)
"""
_LOST = """
    SELECT a.destination, a.status FROM facts a WHERE a.run = :former AND a.host = ''
    AND NOT EXISTS (SELECT 1 FROM facts b WHERE b.run = :after AND b.destination = a.destination AND b.host = '')
    ORDER BY a.destination, a.shard
"""
_TABLES = """
    CREATE TEMP TABLE incoming AS SELECT * FROM facts WHERE 0;
    CREATE TEMP TABLE pair (after INTEGER PRIMARY KEY, former INTEGER);
    CREATE TEMP TABLE pending (
        destination TEXT, shard INTEGER, digest INTEGER, status TEXT, PRIMARY KEY (destination, shard)
    ) WITHOUT ROWID;
"""
_KEPT = ("run", "shard", "issuer", "facts")
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
    """A run as the index knows it; with one that was not *told* of nothing is compared."""

    id: int
    name: str
    whole: bool
    sequence: int = 0
    told: bool = True


class Differing(NamedTuple):
    """Destinations of a run that something is to be told of, beside those before it.

    Attributes:
        names: those to look at. Others have not changed since they were seen last.
        new: those that were not in the list, with their status.
        lost: those that were in the list and are not in the run, with the status that they had.
    """

    names: set[str]
    new: dict[str, str]
    lost: dict[str, str]


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
            self._database.executescript(_TABLES)
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
        names = {name for (name,) in self._database.execute("SELECT name FROM sqlite_master")}
        if version < 0 or (version and not names.issuperset(_KEPT)):
            raise sqlite3.DatabaseError("not all of it is there")
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            with self.transaction():
                if self._database.execute("PRAGMA user_version").fetchone() >= (number,):
                    continue  # another process was faster
                for statement in (*filter(str.strip, script.split(";")), f"PRAGMA user_version = {number}"):
                    self._database.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that happens meanwhile, or nothing of it."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._issuers.clear()
            if self._database.in_transaction:  # a full disk has ended it already
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def runs(self) -> list[IndexedRun]:
        """Return all runs, in the order in which they came."""
        found = self._database.execute("SELECT id, name, whole, sequence, told FROM run ORDER BY sequence, name")
        return [IndexedRun(number, name, bool(whole), sequence, bool(told)) for number, name, whole, sequence, told in found]

    def run(self, name: str) -> IndexedRun | None:
        """Return a run, if it is there."""
        return next((one for one in self.runs() if one.name == name), None)

    def next_sequence(self) -> int:
        """Return the place in the order for a run that comes now."""
        (last,) = self._database.execute("SELECT coalesce(max(sequence), 0) FROM run").fetchone()
        return int(last) + 1

    def put_run(self, name: str, *, whole: bool, sequence: int = 0, told: bool = True) -> int:
        """Note a run, its place in the order, whether nothing of it is missing and whether it was told of; return its number."""
        self._database.execute(
            "INSERT INTO run (name, whole, sequence, told) VALUES (:name, :whole, :sequence, :told)"
            " ON CONFLICT (name) DO UPDATE SET whole = :whole, sequence = :sequence, told = :told",
            {"name": name, "whole": whole, "sequence": sequence, "told": told},
        )
        (number,) = self._database.execute("SELECT id FROM run WHERE name = ?", (name,)).fetchone()
        return int(number)

    def set_untold(self, name: str) -> None:
        """Note that nobody was told of a run, if it is there."""
        self._database.execute("UPDATE run SET told = 0 WHERE name = ?", (name,))

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
        digest = _digest(rows) if all(fact.is_settled for fact in rows) else None
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

    def differing(self, after: int, former: Sequence[IndexedRun]) -> Differing:
        """Return what there is to tell of a run.

        Each destination is held against the last run that saw it from the same place. Without one, runs are gone back to the last whole
        one: what that does not have either was not in the list.

        Args:
            after: the run.
            former: the runs before it, the newest first.
        """
        found = Differing(set(), {}, {})
        self._database.execute("DELETE FROM pending")
        for number, run in enumerate(former):
            both = {"after": after, "former": run.id}
            self._database.execute("DELETE FROM pair")
            self._database.execute(_PAIRS, both)
            if number:
                self._database.execute(f"DELETE FROM pending WHERE digest = ({_BEFORE})", both)
            else:
                self._database.execute(_UNLIKE, both)
            self._look_back(run, found)
            for name, status in self._database.execute(_LOST, both):
                found.lost.setdefault(name, status)
            if run.whole:
                break
        return found

    def _look_back(self, run: IndexedRun, found: Differing) -> None:
        """Note what of the destinations that are left can be told by one more run, and leave the others."""
        known, which = f"EXISTS ({_BEFORE})", {"former": run.id, "whole": run.whole}
        names = [name for (name,) in self._database.execute(f"SELECT destination FROM pending WHERE {known}", which)]
        if names:
            self._database.execute(f"DELETE FROM pending WHERE {known}", which)
        found.names.update(names)
        elsewhere = []
        for name, status, seen, same in self._database.execute(_ELSEWHERE, which):
            if not seen:
                found.new.setdefault(name, status)
                continue
            elsewhere.append((name,))
            if not (same and run.whole):
                found.names.add(name)
        self._database.executemany("DELETE FROM pending WHERE destination = ?", elsewhere)

    def seen_from_several(self, run: int) -> list[str]:
        """Return the destinations that several probers have seen."""
        text = "SELECT destination FROM facts WHERE run = ? AND host = '' GROUP BY destination HAVING count(*) > 1 ORDER BY 1"
        return [name for (name,) in self._database.execute(text, (run,))]

    def has_destinations(self, run: int) -> bool:
        """Tell whether a run has seen anything."""
        return self._database.execute("SELECT 1 FROM facts WHERE run = ? LIMIT 1", (run,)).fetchone() is not None

    def counts(self, run: int) -> dict[str, object]:
        """Return how many destinations and endpoints there are, and destinations by their status; the same one twice counts once."""
        own = self._database.execute(
            "SELECT status, count(*) FROM (SELECT DISTINCT destination, status FROM facts WHERE run = ? AND host = '') GROUP BY status",
            (run,),
        )
        (names,) = self._database.execute("SELECT count(DISTINCT destination) FROM facts WHERE run = ? AND host = ''", (run,)).fetchone()
        (ends,) = self._database.execute("SELECT count(*) FROM facts WHERE run = ? AND host <> '' AND address <> ''", (run,)).fetchone()
        return {"destinations": names, "endpoints": ends, "by_status": dict(sorted(own))}

    def no_destinations(self, run: int, most: int = 20) -> dict[str, object]:
        """Return the lines of the list of a run that were no destinations: how many, and the first of them."""
        found = self._database.execute(
            "SELECT DISTINCT destination FROM facts WHERE run = ? AND host = '' AND error = ? ORDER BY destination",
            (run, ErrorKind.INVALID_DESTINATION.value),
        )
        lines = [line for (line,) in found]
        return {"count": len(lines), "first": lines[:most]}


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
