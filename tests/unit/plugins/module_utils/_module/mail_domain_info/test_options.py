# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mistake in an option of `mail_domain_info` is an error that names the option and the value, before anything is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import (
    DEFAULT_CHECKS,
    Check,
    DmarcDiscovery,
    DomainSettings,
    MailDomain,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.deciding_options import deciding_values
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.domains import InvalidDomain, domain_key, read_domain
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.options import DomainOptions, domain_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily
from ansible_collections.mailops.tls.tests.unit.domain_cases.every import CASES


def options(**changes: Any) -> DomainOptions:
    """Return the options of a task with these parameters, all others as the argument specification leaves them."""
    params: dict[str, Any] = {name: spec.get("default") for name, spec in domain_arguments().items()}
    assert set(changes) <= set(params)
    return domain_options({**params, "domains": ["example.org"], "ehlo_name": "probe.test", **changes})


def test_the_defaults_ask_nobody_but_the_domains_own_servers() -> None:
    made = options()
    assert made.texts == ("example.org",) and made.domains_file is None
    assert made.settings.checks == frozenset(DEFAULT_CHECKS) == frozenset(Check) - {Check.DNSBL}
    assert not made.settings.private_allowed and made.settings.probe_announced
    assert made.settings.dmarc_discovery is DmarcDiscovery.BOTH
    assert made.tls.system_ca is True and made.expect is None


def test_what_is_given_arrives() -> None:
    made = options(
        domains=["Me@Example.NET.", "bücher.example"],
        checks=["dkim"],
        dkim_selectors=["a.b", "key@example.net", "other@example.org"],
        dkim_expected={"key": "v=DKIM1; p=AA", "key@example.net": "v=DKIM1; p=BB"},
        dnsbl=["zen.example"],
        sending_addresses=["192.0.2.1", "2001:DB8::1"],
        compare_nameservers=["192.0.2.53"],
        expected_down=["Backup.Example.org."],
        address_family="ipv6",
        ignore=["spf_ptr_used"],
        mailbox_example="me@example.net",
    )
    assert made.texts == ("Me@Example.NET.", "bücher.example")
    settings = made.settings
    assert settings.checks == {Check.DKIM, Check.DNSBL}
    assert settings.selectors_of("example.net") == ("a.b", "key")
    assert settings.expected_key("key", "example.net") == "v=DKIM1; p=BB"
    assert settings.expected_key("key", "example.org") == "v=DKIM1; p=AA"
    assert settings.expected_key("other", "example.org") is None
    assert settings.sending_addresses == ("192.0.2.1", "2001:db8::1")
    assert [one.address for one in settings.compared] == ["192.0.2.53"]
    assert settings.expected_down == {"backup.example.org"}
    assert settings.smtp.address_family is AddressFamily.IPV6
    assert settings.ignored == {"spf_ptr_used"}


def test_one_of_several_that_is_no_domain_is_a_result() -> None:
    assert read_domain("Me@Example.NET.") == MailDomain("Me@Example.NET.", "example.net")
    assert read_domain("bücher.example") == MailDomain("bücher.example", "xn--bcher-kva.example")
    good, bad = map(read_domain, options(domains=["example.org", "192.0.2.1"]).texts)
    assert isinstance(good, MailDomain) and isinstance(bad, InvalidDomain)
    assert bad.failure.kind is ErrorKind.INVALID_DESTINATION and "192.0.2.1" in bad.failure.text


def test_spellings_of_a_domain_are_one() -> None:
    assert {domain_key(one) for one in ("example.org", "Example.ORG", "me@example.org.", " example.org")} == {"example.org"}
    assert [domain_key(one) for one in ("192.0.2.1", "a b", "xn--bcher-kva.example")] == ["192.0.2.1", "a b", "xn--bcher-kva.example"]
    assert domain_key("bücher.example") == "xn--bcher-kva.example"


def test_domains_are_in_a_list_or_in_a_file() -> None:
    assert options(domains=None, domains_file="list").domains_file == "list"
    for given, option in (({"domains": None}, "domains"), ({"domains_file": "list"}, "domains_file")):
        with pytest.raises(OptionError) as caught:
            options(**given)
        assert caught.value.option == option
    with pytest.raises(OptionError, match="results_file"):
        options(**{"return": "summary"})
    with pytest.raises(OptionError, match="progress_file"):
        options(results_file="a", progress_file="a")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("domains", []),
        ("domains", [""]),
        ("domains", ["exa mple.org"]),
        ("domains", ["[2001:db8::1]"]),
        ("checks", []),
        ("dkim_selectors", ["key@"]),
        ("dkim_selectors", ["@example.org"]),
        ("dkim_expected", {"key": ""}),
        ("dkim_expected", {"key": 7}),
        ("dnsbl", ["no zone"]),
        ("sending_addresses", ["mail.example.org"]),
        ("sending_addresses", ["192.0.2.0/24"]),
        ("compare_nameservers", ["ns.example.org:port"]),
        ("expected_down", ["-"]),
        ("http_timeout", 0),
        ("document_limit", 10),
        ("mailbox_example", "postmaster"),
        ("mailbox_example", "a@b@c"),
        ("ignore", ["no_such_finding"]),
        ("ehlo_name", "not a name"),
        ("concurrency", 0),
        ("deadline", 0),
        ("expect", {}),
        ("expect", {"worst": "bad"}),
        ("expect", {"role": []}),
        ("expect", {"spf": {}}),
        ("expect", {"spf": {"colour": "red"}}),
        ("expect", {"spf": {"status": {}}}),
        ("expect", {"senders": {"dane": "good"}}),
        ("expect", {"senders": {"pigeon": "verified"}}),
        ("expect", {"nothing": 1}),
    ],
)
def test_a_mistake_names_option_and_value(option: str, value: Any) -> None:
    with pytest.raises(OptionError) as caught:
        options(**{option: value})
    assert caught.value.option == option


def test_what_needs_another_option_says_so() -> None:
    with pytest.raises(OptionError, match="dnsbl is needed for the check dnsbl"):
        options(checks=["dnsbl"])
    with pytest.raises(OptionError, match="results_file"):
        options(resume=True)


def test_nothing_is_expected_of_what_is_not_looked_at() -> None:
    with pytest.raises(OptionError, match="checks leaves it out"):
        options(checks=["spf"], expect={"senders": {"dane": "verified"}})
    assert options(checks=["spf"], expect={"spf": {"status": ["valid", "none"]}}).expect is not None


def test_values_have_no_secrets_and_are_equal_by_value() -> None:
    assert options().settings == options().settings != DomainSettings(http_seconds=1)


def test_whatever_is_found_can_be_ignored() -> None:
    found = sorted(case.kind.id for case in CASES)
    assert options(ignore=found).settings.ignored == set(found)


def test_what_decides_results_can_be_kept_beside_them(tmp_path: Path) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    params: dict[str, Any] = {name: spec.get("default") for name, spec in domain_arguments().items()}
    given = {**params, "domains": ["example.org"], "ca_file": str(trusted), "system_ca": False}
    kept = deciding_values(given, domain_arguments(), ("domains",), ehlo_name="probe.test", nameservers=["192.0.2.53"])
    assert json.loads(json.dumps(kept))["ca_file"] != str(trusted)
    assert not {"domains", "concurrency", "results_file", "expect"} & set(kept)
    assert {"checks", "dkim_expected", "allow_private_addresses", "ignore"} <= set(kept)
