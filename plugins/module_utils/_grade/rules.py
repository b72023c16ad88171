# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own rules: a level for each result in which a JMESPath expression finds something.

    - id: short_key
      level: phase_out
      when: "endpoints[].chain[0].public_key[?type == 'rsa' && bits < `3072`]"
      text: Take a larger key, or an elliptic one.

All rules are read and checked before anything is graded. A rule that trips over one result is not tested there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level
from ansible_collections.mailops.tls.plugins.module_utils._requirements import how_to_install
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

try:
    import jmespath
    from jmespath.exceptions import JMESPathError
except ImportError:
    jmespath = None

MOST_RULES = 64
LONGEST_RULE = 4096
"""Characters of one expression."""
MISSING = "needs the Python library jmespath, where the rules are read."
_KEYS = {"id", "level", "when", "text", "mandatory", "fixable_by", "ref"}
_NEEDED = ("id", "level", "when")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_WHO = ("operator", "ca", "provider")
_DEEPEST = 60


@dataclass(frozen=True)
class Rule:
    """One checked rule."""

    id: str
    level: Level
    when: Any
    text: str
    mandatory: bool
    fixable_by: str
    reference: str

    def as_facts(self, result: Mapping[str, Any], provider: bool) -> dict[str, Any] | None:
        """Return the item of a grade, None when the rule finds nothing in the result."""
        level, text = self.level, self.text
        try:
            found = self.when.search(result)
        except (JMESPathError, ValueError, TypeError, RecursionError) as error:
            level, found = Level.NOT_TESTED, True
            text = f"The rule cannot be applied to this result: {clean(str(error), 300)}"
        if found is None or found is False or found in ("", [], {}):
            return None
        return {
            "id": self.id,
            "title": "A rule of the user",
            "level": level.value,
            "tested_level": level.value if level.tested else None,
            "complete": level.tested,
            "text": text,
            "observed": _values(found),
            "evidence": [],
            "not_tested": [],
            "connections": [],
            "mandatory": self.mandatory,
            "fixable_by": "provider" if provider and self.fixable_by == "operator" else self.fixable_by,
            "ref": self.reference,
        }


def read_rules(given: object, option: str = "rules") -> tuple[Rule, ...]:
    """Return checked rules.

    Raises:
        OptionError: for the first that cannot be used, before anything is graded.
    """
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)):
        raise OptionError(option, _shown(given), "is not a list of rules")
    if len(given) > MOST_RULES:
        raise OptionError(option, len(given), f"is the number of rules, of at most {MOST_RULES}")
    if given and jmespath is None:
        raise OptionError(option, None, f"{MISSING} {how_to_install('jmespath')}")
    rules = tuple(_rule(one, option) for one in given)
    names = [rule.id for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise OptionError(option, twice, "is the id of two rules")
    return rules


def _rule(given: object, option: str) -> Rule:
    if not isinstance(given, Mapping):
        raise OptionError(option, _shown(given), "is not a rule with id, level and when")
    unknown = sorted(str(key) for key in given if key not in _KEYS)
    if unknown:
        raise OptionError(option, clean(unknown[0], 100), f"is not an item of a rule; known are: {', '.join(sorted(_KEYS))}")
    missing = next((key for key in _NEEDED if not isinstance(given.get(key), str)), None)
    if missing is not None:
        raise OptionError(option, _shown(given.get("id") or given), f"is a rule whose {missing} is missing or no text")
    name = given["id"]
    if not _ID.fullmatch(name):
        raise OptionError(option, _shown(name), "is not the id of a rule: up to 64 letters, digits, dots, dashes and underscores")
    levels = [level.value for level in Level]
    if given["level"] not in levels:
        raise OptionError(option, _shown(given["level"]), f"is not the level of rule {name}; known are: {', '.join(levels)}")
    who = given.get("fixable_by") or "operator"
    if who not in _WHO:
        raise OptionError(option, _shown(who), f"is not who can fix rule {name}; known are: {', '.join(_WHO)}")
    text = clean(str(given.get("text") or f"The rule {name} found something."), 1000)
    mandatory = given.get("mandatory")
    if mandatory not in (None, True, False):
        raise OptionError(option, _shown(mandatory), f"is not whether rule {name} is mandatory: true or false")
    when = _compiled(name, given["when"], option)
    return Rule(name, Level(given["level"]), when, text, mandatory is not False, who, clean(str(given.get("ref") or ""), 300))


def _compiled(name: str, when: str, option: str) -> Any:
    if len(when) > LONGEST_RULE:
        raise OptionError(option, name, f"is a rule of {len(when)} characters, of at most {LONGEST_RULE}")
    try:
        compiled = jmespath.compile(when)
        problem = next(_problems(compiled.parsed), None)
    except (JMESPathError, ValueError, RecursionError) as error:
        text = " ".join(clean(line, 300) for line in str(error).splitlines()[:1]) or "it is nested too deep"
        raise OptionError(option, name, f"is a rule that cannot be read: {text}") from None
    if problem is not None:
        raise OptionError(option, name, f"is a rule that cannot be read: {problem}")
    return compiled


def _problems(node: Any, depth: int = 0) -> Iterator[str]:
    """What jmespath would only find while it searches: functions that are not there, and how many arguments they take."""
    if depth > _DEEPEST:
        yield "it is nested too deep"
        return
    if not isinstance(node, dict):
        return
    if not depth and node.get("type") == "expref":
        yield "what & makes is for functions, and finds nothing by itself"
    children = node.get("children") or []
    if node.get("type") == "function_expression":
        table = jmespath.functions.Functions.FUNCTION_TABLE
        name = str(node.get("value"))
        signature = table[name]["signature"] if name in table else None
        if signature is None:
            yield f"there is no function {clean(name, 60)}()"
        elif not (signature and signature[-1].get("variadic")) and len(signature) != len(children):
            yield f"{name}() takes {len(signature)} arguments, and not {len(children)}"
    for child in children:
        yield from _problems(child, depth + 1)


def _values(found: object) -> list[str]:
    """What a rule found, as far as it is short."""
    items = found if isinstance(found, list) else [found]
    return [clean(str(one), 100) for one in items[:10] if isinstance(one, (str, int, float)) and not isinstance(one, bool)]


def _shown(value: object) -> str:
    return clean(value if isinstance(value, str) else repr(value), 100)
