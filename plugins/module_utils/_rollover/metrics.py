# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of rollovers as a text that Prometheus reads (its text exposition format 0.0.4). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Optional

from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import RolloverPhase

_PREFIX = "mailops_dane_rollover_"
_MAX_LABEL = 255
UNKNOWN = "unknown"

Value = Optional[float]
_FAMILIES: tuple[tuple[str, str, Callable[[Mapping[str, Any]], Value]], ...] = (
    ("last_run_timestamp_seconds", "When the server was last asked, and answered.", lambda one: one["at"]),
    ("alarm", "Whether somebody has to come.", lambda one: float(bool(one["alarm"]))),
    ("failed", "Whether the server failed or could not be asked.", lambda one: float(bool(one["failed"]))),
    ("blocked_hours", "For how many hours the rollover has been blocked.", lambda one: one["blocked_hours"]),
    ("certificate_days_left", "Whole days until the first of the deployed certificates ends.", lambda one: one["days_left"]),
    ("dnssec", "Whether the TLSA records were validated.", lambda one: None if one["dnssec"] is None else float(one["dnssec"])),
)


def exposition(results: Sequence[Mapping[str, Any]], now: float) -> str:
    """Return the metrics of all servers.

    Args:
        results: what the role keeps of each, with ``host`` and ``name``.
        now: when they were asked, in seconds since 1970.
            """
    items = [{**one, "at": None if one["failed"] else now} for one in results]
    lines: list[str] = []
    for name, help_text, value in _FAMILIES:
        lines += _family(name, help_text, ((_labels(one), value(one)) for one in items))
    lines += _family("phase", "1 for the phase that the rollover is in.", _phases(items))
    lines += _family("run_timestamp_seconds", "When the last run came to its end.", [("", now)])
    return "".join(line + "\n" for line in lines)


def _family(name: str, help_text: str, samples: Iterable[tuple[str, Value]]) -> list[str]:
    known = [f"{_PREFIX}{name}{labels} {_number(value)}" for labels, value in samples if value is not None]
    return [f"# HELP {_PREFIX}{name} {help_text}", f"# TYPE {_PREFIX}{name} gauge", *known] if known else []


def _phases(items: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Value]]:
    for one in items:
        for phase in (*(each.value for each in RolloverPhase), UNKNOWN):
            yield _labels(one, phase=phase), float(phase == one["phase"])


def _labels(item: Mapping[str, Any], **more: str) -> str:
    pairs = {"host": item["host"], "name": item["name"], **more}
    return "{" + ",".join(f'{name}="{_escaped(str(value))}"' for name, value in pairs.items()) + "}"


def _escaped(text: str) -> str:
    return text[:_MAX_LABEL].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() else repr(float(value))
