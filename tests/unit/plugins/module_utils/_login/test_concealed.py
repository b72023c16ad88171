# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a server says back, in whatever base64 they come."""

from __future__ import annotations

import base64

from ansible_collections.mailops.tls.plugins.module_utils._login.concealed import HIDDEN, Concealment
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from hypothesis import given
from hypothesis import strategies as st

SECRET = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=4, max_size=20)


@given(secret=SECRET, before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_no_form_of_a_secret_is_left(secret: str, before: bytes, after: bytes) -> None:
    concealment = Concealment.of(Credentials("tim", secret))
    whole = base64.b64encode(before + secret.encode() + after).decode()
    hidden = concealment.hide(f"535 you said {whole} which is {secret}")
    assert HIDDEN in hidden and whole not in hidden
    assert secret not in hidden.replace(HIDDEN, "").replace("535 you said ", "").replace(" which is ", "")
    assert secret not in repr(concealment)


def test_what_is_too_short_to_be_told_from_words_stays() -> None:
    assert Concealment.of(Credentials("tim", "in")).hide("logged in") == "logged in"
    assert Concealment.of(Credentials("tim")).hide("logged in") == "logged in"
    assert Concealment.of(Credentials("tim", token="ya29.x")).hide("is ya29.x old?") == f"is {HIDDEN} old?"
