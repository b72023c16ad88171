# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scan of what a TLS server accepts, as a machine without IO.

Each step is: connect, begin TLS in whatever way the protocol has, send this hello, hand over the answer. The machine
decides on the next one.

    scan = Scan(ScanMode.GRADE, server_name="mx.example.com")
    while (step := scan.step(os.urandom(64))) is not None:
        reader = ReplyReader()
        ...                                     # connect, STARTTLS, send step.hello, feed the reader until it is done
        scan.answer(reader.reply)               # or scan.stop("the server is busy: 421 ...")
    scan.result()

A grade takes at most `GRADE_CONNECTIONS`, a full scan as many as there are accepted suites and `FULL_EXTRA` more (decision 0120).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import Offer, client_hello
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_conclusion import Conclusion
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_knowledge import Knowledge
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import LEVELS, MOST_AT_ONCE, Level
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_plan import full_scan, grade_scan
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode, ScanResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_steadiness import LOCKED_OUT, contradicted, doubted, steadily
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import Outcome, ServerReply

GRADE_CONNECTIONS = 25
FULL_EXTRA = 12


@dataclass(frozen=True)
class Step:
    """One connection: its number, counted from 1, what it offers, and the bytes of that."""

    number: int
    offer: Offer
    hello: bytes


class Scan:
    """One scan of one server. Call `step` and `answer` in turn, `stop` at any time, then `result`."""

    def __init__(
        self, mode: ScanMode, *, server_name: str | None = None, levels: tuple[Level, ...] = LEVELS, probed: int | None = None
    ) -> None:
        """Take what to do; *levels* are those of a grade, the worst first, *probed* the version that a probe of this server has had."""
        self.mode = mode
        self.connections = 0
        self._known = Knowledge(server_name, probed=probed)
        self._levels = levels if mode is ScanMode.GRADE else ()
        plan = full_scan(self._known) if mode is ScanMode.FULL else grade_scan(self._known, levels)
        self._plan = steadily(self._known, plan, lambda: self._most - self.connections)
        self._offer: Offer | None = next(self._plan)
        self._stopped: str | None = None
        self._limit: str | None = None
        self._error: Failure | None = None

    def step(self, randoms: bytes) -> Step | None:
        """Return the next step; None when the scan is over.

        Args:
            randoms: 64 random bytes.
        """
        if self._offer is not None and self.over:
            self._limit = f"after {self.connections} connections"
            self.stop(self._limit)
        if self._offer is None:
            return None
        self.connections += 1
        return Step(self.connections, self._offer, client_hello(self._offer, randoms))

    def answer(self, reply: ServerReply) -> None:
        """Take the answer to the last step."""
        if self._offer is None:
            return
        try:
            self._offer = self._plan.send(reply)
        except StopIteration:
            self._offer = None

    def silence(self) -> bool:
        """Take that no answer came; False when that ends the scan. The first hello may have been too long for the server."""
        if self._offer is None or self.connections > 1 or len(self._offer.suites) <= MOST_AT_ONCE:
            return False
        self.answer(ServerReply(Outcome.SILENT))
        return True

    def stop(self, why: str, error: Failure | None = None) -> None:
        """End the scan: what was not seen is not tested, because of this. *error* is what the server did, if it did something."""
        if self._offer is not None:
            self._plan.close()
            self._offer, self._stopped, self._error = None, why, error

    def result(self) -> ScanResult:
        """Return what was found so far."""
        unsteady = contradicted(self._known, self._limit)
        stopped = unsteady if unsteady == LOCKED_OUT else self._stopped
        found = replace(Conclusion(self._known, stopped).result(self.mode, self.connections, self._levels), error=self._error)
        return found if unsteady is None else doubted(found, unsteady)

    @property
    def over(self) -> bool:
        """True when there is no further step."""
        return self._offer is None or self.connections >= self._most

    @property
    def _most(self) -> int:
        """How many connections there may be, as far as is known now."""
        return GRADE_CONNECTIONS if self.mode is ScanMode.GRADE else self._known.accepted + FULL_EXTRA
