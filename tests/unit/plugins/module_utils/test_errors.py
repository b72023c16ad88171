# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures as values, and the user's mistakes as errors."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import (
    CommonPhase,
    ErrorKind,
    Failure,
    OptionError,
    Phase,
    ProbeError,
)


def test_a_failure_in_results() -> None:
    failure = Failure(ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO, "the server does not offer STARTTLS")
    assert failure.as_dict() == {
        "kind": "starttls_not_offered",
        "phase": "ehlo",
        "text": "the server does not offer STARTTLS",
    }


def test_a_probe_error_carries_its_failure() -> None:
    with pytest.raises(ProbeError, match="no answer in time") as caught:
        raise ProbeError(ErrorKind.TIMEOUT, SmtpPhase.GREETING, "no answer in time")
    assert caught.value.failure == Failure(ErrorKind.TIMEOUT, SmtpPhase.GREETING, "no answer in time")


def test_an_option_error_names_option_value_and_reason() -> None:
    error = OptionError("sni", "a b\n", "is not a host name")
    assert str(error) == "sni: 'a b\\n' is not a host name"
    assert (error.option, error.value, error.reason) == ("sni", "a b\n", "is not a host name")
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("member", [*ErrorKind, *CommonPhase, *SmtpPhase])
def test_words_of_results_are_their_names_in_lower_case(member: ErrorKind) -> None:
    assert member.value == member.name.lower() and re.match(r"[a-z_]+\Z", member.value)


@pytest.mark.parametrize("member", [*CommonPhase, *SmtpPhase])
def test_a_phase_is_a_plain_word_in_results(member: Phase) -> None:
    word = Failure(ErrorKind.TIMEOUT, member, "").as_dict()["phase"]
    assert word.__class__ is str and word == member.name.lower()
