# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the listeners of an instance serve a certificate: all are asked until they do or time is up.

That nobody could look is no success unless the user has said so. Three cases are told apart: a listener shows another certificate or
cannot do TLS, which is always a failure; it cannot be asked from here (no STARTTLS, no connection); there is no listener at all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener, Listening
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import Look, Sight
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_PAUSE = 0.3
_LOOKS_ENOUGH = 3  # at a listener that cannot be asked, when the user allows that
_WAIVER = "With allow_unseen=true it would be deployed without that"


@dataclass
class Watch:
    """Looks at the listeners of one instance, and remembers the last sight of each."""

    listening: Listening
    allow_unseen: bool
    seconds: float
    look: Look
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    sights: dict[Listener, Sight] = field(default_factory=dict)

    def nobody_to_ask(self) -> str | None:
        """Return why a running Postfix could not be looked at by anybody; None when it can, or need not."""
        if self.listening.listeners or self.listening.waived or self.allow_unseen:
            return None
        return f"{self._nobody()}. Name one in listeners. {_WAIVER}"

    def _nobody(self) -> str:
        reasons = "; ".join(str(one) for one in self.listening.unasked) or "no smtpd is on a TCP port in master.cf"
        return f"no listener could be asked whether it serves the certificate ({clean(reasons)})"

    def all_serve(self, algorithm: str, leaf_sha256: str) -> bool:
        """Return whether each listener serves the certificate at this moment, as far as it can be asked and has to be."""
        return all(self._is_fine(self._see(one, algorithm), leaf_sha256) for one in self.listening.listeners)

    def wait(self, algorithm: str, leaf_sha256: str) -> str | None:
        """Return None as soon as all listeners serve the certificate, or when time is up why that is not so."""
        nobody = self.nobody_to_ask()
        if nobody is not None:
            return nobody
        end = self.clock() + self.seconds
        problems = (self._wait_for(one, algorithm, leaf_sha256, end) for one in self.listening.listeners)
        return next((one for one in problems if one is not None), None)

    def _wait_for(self, listener: Listener, algorithm: str, leaf_sha256: str, end: float) -> str | None:
        looks = 0
        while True:
            sight = self._see(listener, algorithm)
            looks += 1
            late = self.clock() >= end
            if sight.leaf_sha256 == leaf_sha256 or (self._is_fine(sight, leaf_sha256) and (late or looks >= _LOOKS_ENOUGH)):
                return None
            if late:
                return self._problem(listener, sight)
            self.sleep(_PAUSE)

    def _see(self, listener: Listener, algorithm: str) -> Sight:
        self.sights[listener] = self.look(listener, algorithm)
        return self.sights[listener]

    def _is_fine(self, sight: Sight, leaf_sha256: str) -> bool:
        if sight.leaf_sha256 is None and not sight.broken:
            return self.allow_unseen
        return sight.leaf_sha256 == leaf_sha256

    def _problem(self, listener: Listener, sight: Sight) -> str:
        if sight.leaf_sha256 is not None:
            return f"{listener} does not serve the new certificate after {self.seconds:g} seconds, but another one"
        if sight.broken:
            return f"{listener} has no TLS with the new certificate after {self.seconds:g} seconds: {clean(sight.reason)}"
        return f"{listener} could not be asked whether it serves the certificate: {clean(sight.reason)}. {_WAIVER}"

    # --- what is told ---

    def unseen(self) -> str | None:
        """Return why nobody has seen the certificate served everywhere; None when every listener has shown it."""
        if not self.listening.listeners:
            return "listeners is empty, so nobody was asked" if self.listening.waived else self._nobody()
        hidden = [one for one in self.listening.listeners if self.sights.get(one, Sight()).leaf_sha256 is None]
        told = [f"{one} could not be asked: {clean(self.sights.get(one, Sight()).reason)}" for one in hidden]
        return "; ".join(told) or None

    def facts(self, leaf_sha256: str) -> list[dict[str, object]]:
        """Return the shape of listeners in results."""
        return [self._fact(one, self.sights.get(one), leaf_sha256) for one in self.listening.listeners]

    def _fact(self, listener: Listener, sight: Sight | None, leaf_sha256: str) -> dict[str, object]:
        shown = None if sight is None or sight.leaf_sha256 is None else sight.leaf_sha256 == leaf_sha256
        reason = None if sight is None or sight.leaf_sha256 is not None else clean(sight.reason)
        return {"address": listener.address, "port": listener.port, "served": shown, "reason": reason}
