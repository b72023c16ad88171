# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where to, how to get there and how long to wait: the forms of a destination, by the real program and by ours.

`test_guide` knows which test proves which row of the guide.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.differential.both_sides import agree, first, listener, ours
from ansible_collections.mailops.tls.tests.differential.comparison import compare
from ansible_collections.mailops.tls.tests.differential.postfix_side import ask


@pytest.mark.parametrize(
    ("form", "options"),
    [("[%s]", []), ("[%s]:25", []), ("[%s]:smtp", []), ("%s:25", []), ("%s", []), ("[%s]:00025", []), ("inet:[%s]:25", ["-S"])],
)
def test_destination_forms(lab: Mapping[str, Any], form: str, options: Sequence[str]) -> None:
    """What may be written for one and the same server."""
    destination = form % listener(lab, "dane-ee")["address"]
    protocol = "lmtp" if "-S" in options else "smtp"  # it is no LMTP server, and says so
    agree(ask("-l", "encrypt", *options, destination), ours(destination, protocol=protocol, security_level="encrypt"), "encrypt")


def test_destination_ipv6(lab: Mapping[str, Any]) -> None:
    """Addresses of IPv6, with and without their prefix."""
    for destination in ("[ipv6:%s]", "[IPv6:%s]:25", "[%s]"):
        text = destination % listener(lab, "both-families-ipv6", 1)["address"]
        agree(ask("-l", "encrypt", text), ours(text, security_level="encrypt"), "encrypt")


OUR_WORDS = {"valid hostname or network address required": "is neither a host name nor a network address"}
"""What posttls-finger says without a verb, and what a user of ours reads."""


@pytest.mark.parametrize(
    "destination",
    ["[dane-ee.test", "[dane-ee.test]x", "[ipv6:127.0.0.1]", "dane-ee.test:25x", "dane-ee.test:0", "1.2.3",
     "dane-ee.test:no-such-service", "dane-ee.test:65536", "-dane.test", "dane..test", "[]"],
)  # fmt: skip
def test_destination_errors(destination: str) -> None:
    """What neither side takes; posttls-finger's reason is part of ours, where it has one for the place."""
    fatal = ask("--", destination).report.fatal
    assert fatal is not None
    with pytest.raises(OptionError) as caught:
        ours(destination)
    assert caught.value.option == "destinations"
    reason = re.sub(" (?:in server description|for destination): .*", "", fatal)
    assert OUR_WORDS.get(reason, reason) in str(caught.value)


@pytest.mark.parametrize(("destination", "instead"), [("dane-ee.test.", "dane-ee.test"), ("::1", "[::1]")])
def test_destinations_that_are_nearly_right(destination: str, instead: str) -> None:
    """What neither side takes, where we say what to write; posttls-finger takes that too."""
    assert ask("--", destination).report.fatal is not None
    with pytest.raises(OptionError, match=re.escape(f"write {instead} in place of it")):
        ours(destination)
    assert ask("--", instead).report.fatal is None


def test_destination_inet_for_smtp() -> None:
    """The manual page promises it, the program fails (its bug B11); we keep the promise."""
    assert ask("inet:dane-ee.test").report.fatal == "unknown service: dane-ee.test/tcp"
    agree(ask("dane-ee.test"), ours("inet:dane-ee.test"))


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_address_family(family: str) -> None:
    """-a: the family that is connected to first."""
    said = ask("-a", family, "both-families.test")
    assert said.report.connected is not None
    assert said.report.connected[1] == first("both-families.test", address_family=family)["address"]
    assert (":" in said.report.connected[1]) == (family == "ipv6")


MATCHES = ["hostname", "nexthop", "dot-nexthop", "mx.no-tlsa.test", ".no-tlsa.test", "other.test", "NEXTHOP", "*.no-tlsa.test"]


@pytest.mark.parametrize("level", ["verify", "secure"])
def test_match(lab: Mapping[str, Any], level: str) -> None:
    """The words to match, one by one and in pairs."""
    ca = lab["ca_file"]
    for match in [*([one] for one in MATCHES), ["other.test", "hostname"]]:
        said = ask("-l", level, "-F", ca, "no-tlsa.test", *match)
        result = ours("no-tlsa.test", security_level=level, ca_file=ca, match=match)
        differing = [item.values for item in compare(said.report, result, level) if not item.agrees]
        assert differing in ([], [("untrusted", "trusted")]), said.output  # the word for a name mismatch, see `differences`


def test_host_lookup_unknown() -> None:
    """-h: words that are no way to look up."""
    assert ask("-h", "nis", "dane-ee.test").report.fatal is not None
    with pytest.raises(ValueError, match="host_lookup"):
        ours("dane-ee.test", host_lookup=["nis"])


def test_lmtp_socket(lab: Mapping[str, Any]) -> None:
    """A unix-domain socket of Dovecot. posttls-finger says nothing up to patch levels of mid-2026, or crashes (its bug B2)."""
    destination = "unix:" + lab["lmtp_socket"]
    assert ask("-S", "-l", "secure", destination).report.status is None
    for level, status in (("may", "trusted"), ("encrypt", "trusted"), ("dane", "trusted"), ("secure", "trusted")):
        endpoint = first(destination, protocol="lmtp", security_level=level, ca_file=lab["ca_file"], transcript=True)
        assert (endpoint["status"], endpoint["error"], endpoint["satisfied"]) == (status, None, level in ("may", "encrypt"))
        assert [line["text"].split()[0] for line in endpoint["transcript"] if line["direction"] == ">"] == [
            "LHLO",
            "STARTTLS",
            "LHLO",
            "QUIT",
        ]
        tls = first("inet:lmtp.test", protocol="lmtp", security_level=level)
        assert endpoint["chain"] == tls["chain"] and endpoint["tls"]["protocol"] == tls["tls"]["protocol"]
    named = first(destination, protocol="lmtp", security_level="verify", ca_file=lab["ca_file"], match=["lmtp.test"])
    assert (named["status"], named["satisfied"]) == ("verified", True)


@pytest.mark.parametrize(
    ("letter", "option", "destination"),
    [
        ("-t", "connect_timeout", "silent.test"),
        ("-t", "connect_timeout", "connect-timeout.test"),
        ("-T", "command_timeout", "starttls-hang.test"),
    ],
)
def test_timeouts(letter: str, option: str, destination: str) -> None:
    """Both wait as long as they are told, and end for the same reason."""
    spent = []
    start = time.monotonic()
    said = ask(letter, "2", destination)
    spent.append(time.monotonic() - start)
    start = time.monotonic()
    result = ours(destination, **{option: 2})
    spent.append(time.monotonic() - start)
    assert all(seconds >= 2 for seconds in spent), spent
    differing = [item for item in compare(said.report, result, "dane") if not item.agrees]
    assert differing == [], said.output
