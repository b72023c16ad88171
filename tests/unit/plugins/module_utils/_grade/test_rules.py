# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the user: every mistake before anything is graded, and what a result makes of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade import rules as rules_file
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import grade
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES
from ansible_collections.mailops.tls.plugins.module_utils._grade.rules import LONGEST_RULE, MOST_RULES, read_rules
from ansible_collections.mailops.tls.tests.unit.makers.graded import TLS, endpoint, plain, result

pytest.importorskip("jmespath")
RULES = POLICIES["rules"]


def rule(**items: Any) -> dict[str, Any]:
    """Return a rule that finds something in every result."""
    return {"id": "one", "level": "phase_out", "when": "destination", **items}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("text", "rules: 'text' is not a list of rules"),
        ([rule()] * (MOST_RULES + 1), "rules: 65 is the number of rules, of at most 64"),
        (["text"], "rules: 'text' is not a rule with id, level and when"),
        ([rule(levle="good")], "'levle' is not an item of a rule; known are: fixable_by, id, level, mandatory, ref, text, when"),
        ([{"id": "one", "level": "good"}], "'one' is a rule whose when is missing or no text"),
        ([rule(id="two words")], "is not the id of a rule"),
        ([rule(level="bad")], "'bad' is not the level of rule one; known are: good, sufficient, phase_out, insufficient, not_tested"),
        ([rule(fixable_by="god")], "'god' is not who can fix rule one; known are: operator, ca, provider"),
        ([rule(mandatory="yes")], "is not whether rule one is mandatory: true or false"),
        ([rule(), rule()], "'one' is the id of two rules"),
        ([rule(when="a" * (LONGEST_RULE + 1))], "'one' is a rule of 4097 characters, of at most 4096"),
        ([rule(when="endpoints[")], "'one' is a rule that cannot be read"),
        ([rule(when="")], "'one' is a rule that cannot be read"),
        ([rule(when="(" * 4000)], "'one' is a rule that cannot be read"),
        ([rule(when="a[?" * 100 + "a" + "]" * 100)], "nested too deep"),
        ([rule(when="lenght(endpoints)")], "there is no function lenght()"),
        ([rule(when="endpoints[?a].{b: nothing(c)}")], "there is no function nothing()"),
        ([rule(when="&error")], "what & makes is for functions, and finds nothing by itself"),
        ([rule(when="a" * 1_000_000)], "'one' is a rule of 1000000 characters, of at most 4096"),
        ([rule(when="a" + "|b" * 2000)], "nested too deep"),
        ([rule(when="!" * 3000 + "a")], "'one' is a rule that cannot be read"),
        ([rule(when="length(a, b)")], "length() takes 1 arguments, and not 2"),
    ],
)
def test_mistakes_are_told_before_anything_is_graded(given: Any, text: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_rules(given)
    assert text in str(caught.value) and len(str(caught.value)) < 500


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_file, "jmespath", None)
    assert read_rules(None) == read_rules([]) == ()
    with pytest.raises(OptionError, match="needs the Python library jmespath"):
        read_rules([rule()])


@pytest.mark.parametrize(
    ("when", "level"),
    [
        ("destination", "phase_out"),
        ("endpoints[?tls.protocol == 'TLSv1.3']", "phase_out"),
        ("endpoints[?tls.protocol == 'TLSv1']", "good"),
        ("error", "good"),
        ("satisfied", "phase_out"),
        ("!satisfied", "good"),
        ("length(endpoints) > `5`", "good"),
        ("length(lint)", "phase_out"),
        ("length(error)", "not_tested"),
        ("endpoints[::0]", "not_tested"),
        ("merge(@, error)", "not_tested"),
        ("sort_by(endpoints, &tls)", "not_tested"),
        ("a[99999999999999999999]", "good"),
        ("max_by(endpoints, &host)", "phase_out"),
        ("endpoints[].chain[0].public_key[?type == 'ecdsa']", "good"),
        ("endpoints[].chain[0].public_key | [?type == 'ecdsa']", "phase_out"),
        ("not_null(error, `[]`)", "good"),
    ],
)
def test_what_a_rule_finds(when: str, level: str) -> None:
    found = grade(result(), RULES, read_rules([rule(when=when)]))
    assert found["level"] == level
    assert len(found["checks"]) == (level != "good")


def test_an_item_of_a_rule() -> None:
    given = rule(when="endpoints[].tls.protocol", text="Old.", ref="house 3", fixable_by="ca")
    (item,) = grade(result(), RULES, read_rules([given]))["checks"]
    assert (item["id"], item["text"], item["ref"], item["fixable_by"], item["observed"]) == ("one", "Old.", "house 3", "ca", ["TLSv1.3"])
    own = grade(result(), POLICIES["ncsc-2025"], read_rules([given]))
    assert set(item) == set(own["checks"][0]) and own["level"] == "phase_out"
    optional = grade(result(), RULES, read_rules([rule(mandatory=False)]))
    assert (optional["level"], optional["checks"][0]["level"]) == ("good", "phase_out")


def test_a_rule_that_trips_says_why_and_the_others_count() -> None:
    given = read_rules([rule(when="length(error)"), rule(id="two", level="insufficient")])
    found = grade(result(), RULES, given)
    assert [one["level"] for one in found["checks"]] == ["not_tested", "insufficient"] and found["level"] == "insufficient"
    assert found["checks"][0]["text"].startswith("The rule cannot be applied to this result: In function length()")


def test_a_provider_is_told_of_what_its_operator_has_to_do() -> None:
    (item,) = grade(result(endpoint(host="mx.provider.example")), RULES, read_rules([rule()]))["checks"]
    assert item["fixable_by"] == "provider"


def test_text_of_servers_in_what_a_rule_found() -> None:
    hostile = endpoint(tls={**TLS, "protocol": "\x1b[31m{{ 1 }}" + "x" * 1000})
    (item,) = grade(result(hostile, plain()), RULES, read_rules([rule(when="endpoints[].tls.protocol")]))["checks"]
    assert "\x1b" not in item["observed"][0] and len(item["observed"][0]) <= 100
