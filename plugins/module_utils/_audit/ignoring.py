# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that the user does not want to hear of: JMESPath expressions over the facts of a change. Pure.

All of them are read before anything is compared. One that cannot be used is the user's mistake, and never a change that is not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import Change, ChangeKind
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import FactKey
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

OPTION = "ignore"
MOST, LONGEST = 64, 4096
"""Most expressions, and most characters of one."""
_SAMPLE = Change(ChangeKind.VERDICT, FactKey("example.org", "mx.example.org", "192.0.2.1", 25, "any", "prober"), "verified", "untrusted")

Ignore = Callable[[Change], bool]


class NoJmespath(Exception):
    """The Python package jmespath is needed, and is not there."""


def ignoring(expressions: Sequence[str]) -> Ignore:
    """Return what tells whether a change is to be ignored: one for which an expression is true.

    Raises:
        OptionError: an expression cannot be used.
        NoJmespath: there is one, and nothing that understands it.
    """
    if len(expressions) > MOST:
        raise OptionError(OPTION, None, f"has {len(expressions)} expressions; {MOST} are possible")
    compiled = [_compile(text) for text in expressions]
    return lambda change: any(_is_true(one, change.as_facts()) for one in compiled)


def _compile(text: str) -> Any:
    if len(text) > LONGEST:
        raise OptionError(OPTION, text[:60] + "...", f"has more than {LONGEST} characters")
    try:
        import jmespath
        from jmespath.exceptions import JMESPathError
    except ImportError:
        raise NoJmespath from None
    try:
        compiled = jmespath.compile(text)
        compiled.search(_SAMPLE.as_facts())
        unknown = sorted(_fields(compiled.parsed) - _SAMPLE.as_facts().keys())
    except (JMESPathError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split()) or "is nested too deeply"
        raise OptionError(OPTION, text, f"is no JMESPath expression over a change: {reason}") from error
    if unknown:
        known = ", ".join(_SAMPLE.as_facts())
        raise OptionError(OPTION, text, f"names {unknown[0]}, which a change does not have; it has {known}")
    return compiled


def _fields(node: Any) -> set[str]:
    """Return the names that a parsed expression takes out of a change."""
    own = {str(node["value"])} if node["type"] == "field" else set()
    return own.union(*(_fields(child) for child in node["children"] if isinstance(child, dict)))


def _is_true(compiled: Any, facts: Mapping[str, Any]) -> bool:
    """Tell whether an expression is true by the rules of JMESPath; a function of what is null in this change is not."""
    from jmespath.exceptions import JMESPathError

    try:
        found = compiled.search(facts)
    except JMESPathError:
        return False
    return not (found is None or found is False or found in ("", [], {}))
