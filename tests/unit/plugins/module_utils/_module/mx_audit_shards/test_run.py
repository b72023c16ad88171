# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a file of destinations to a list for each prober; DNS is a stand-in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, MxRecord, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_shards.arguments import needed_libraries
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_shards.run import run_mx_audit_shards


class Dns:
    """Ten hosters with a hundred domains each, and domains that nobody can look up."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = False

    async def ask(self, name: str, rdtype: str, want_dnssec: bool) -> Answer:
        self.asked.append(name)
        if name.startswith("lame"):
            return Answer(name, rdtype, Outcome.ERROR, error="no reply")
        return Answer(name, rdtype, Outcome.FOUND, (MxRecord(10, f"mx.hoster{int(name[1:-8]) % 10}.example"),))

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(name="dns", autouse=True)
def _dns(monkeypatch: pytest.MonkeyPatch) -> Dns:
    dns = Dns()
    monkeypatch.setattr(DnsSettings, "resolver", lambda settings: dns)
    return dns


def params(folder: Path, **more: Any) -> dict[str, Any]:
    lines = ["# our customers", "", *(f"d{number}.example" for number in range(1000)), "lame1.example", "lame2.example:25", "-no.host"]
    (folder / "domains").write_text("\r\n".join(lines), encoding="utf-8")
    return {
        "destinations_file": str(folder / "domains"), "dest": str(folder / "lists"), "probers": ["a", "b", "c"],
        "shard_by": "exchange", "seed": "default", "nameservers": None, "concurrency": 20, **more,
    }  # fmt: skip


def lists(folder: Path) -> dict[str, list[str]]:
    return {path.name: path.read_text(encoding="utf-8").splitlines() for path in sorted((folder / "lists").iterdir())}


def test_domains_of_one_exchange_are_in_one_list(tmp_path: Path, dns: Dns) -> None:
    result = run_mx_audit_shards(params(tmp_path))
    found = lists(tmp_path)
    assert list(found) == ["1-a.txt", "2-b.txt", "3-c.txt"]
    assert result.facts["destinations"] == 1003 and result.facts["unresolved"] == 2 and result.changed
    assert [shard["destinations"] for shard in result.facts["shards"]] == [len(one) for one in found.values()]
    assert [shard["prober"] for shard in result.facts["shards"]] == ["a", "b", "c"]
    assert sorted(text for one in found.values() for text in one if text.startswith("d")) == sorted(f"d{n}.example" for n in range(1000))
    of_hoster = [{name for name, one in found.items() if f"d{number}.example" in one} for number in range(3, 1000, 10)]
    assert all(one == of_hoster[0] and len(one) == 1 for one in of_hoster)
    assert len(dns.asked) == 1002 and dns.closed


def test_a_run_later_shares_out_the_same(tmp_path: Path) -> None:
    run_mx_audit_shards(params(tmp_path))
    before = {name: sorted(one) for name, one in lists(tmp_path).items()}
    run_mx_audit_shards(params(tmp_path))
    assert {name: sorted(one) for name, one in lists(tmp_path).items()} == before


@pytest.mark.parametrize(("more", "counts"), [({"shard_by": "vantage"}, [1003] * 3), ({"probers": ["a"]}, [1003])])
def test_dns_is_not_asked_where_it_decides_nothing(tmp_path: Path, dns: Dns, more: dict[str, Any], counts: list[int]) -> None:
    result = run_mx_audit_shards(params(tmp_path, **more))
    assert [shard["destinations"] for shard in result.facts["shards"]] == counts and not dns.asked
    assert needed_libraries(params(tmp_path, **more)) == () and needed_libraries(params(tmp_path)) == ("dnspython",)


def test_domains_are_shared_out_by_their_names(tmp_path: Path, dns: Dns) -> None:
    run_mx_audit_shards(params(tmp_path, shard_by="domain"))
    assert all(250 < len(one) < 420 for one in lists(tmp_path).values()) and not dns.asked


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    result = run_mx_audit_shards(params(tmp_path), check_mode=True)
    assert result.facts["destinations"] == 1003 and not (tmp_path / "lists").exists()


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"probers": []}, "probers: .* names nobody"),
        ({"probers": ["a", "b", "a"]}, "probers: .*a.* is named twice"),
        ({"concurrency": 0}, "concurrency"),
        ({"destinations_file": "/nowhere/domains"}, "destinations_file: .*cannot be read"),
        ({"dest": "/proc/nowhere"}, "dest: .*cannot be written"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, more: dict[str, Any], text: str) -> None:
    with pytest.raises(OptionError, match=text):
        run_mx_audit_shards(params(tmp_path, **more))


def test_what_one_machine_has_looked_up_another_one_shares_out_by(tmp_path: Path, dns: Dns) -> None:
    run_mx_audit_shards(params(tmp_path))
    expected = {name: sorted(one) for name, one in lists(tmp_path).items()}
    report = str(tmp_path / "exchanges")
    asked = run_mx_audit_shards(params(tmp_path, dest=None, exchanges_dest=report))
    assert asked.facts == {"shards": [], "destinations": 1003, "unresolved": 2}
    count = len(dns.asked)
    result = run_mx_audit_shards(params(tmp_path, exchanges_file=report))
    assert {name: sorted(one) for name, one in lists(tmp_path).items()} == expected and len(dns.asked) == count
    assert (result.facts["destinations"], result.facts["unresolved"], result.warnings) == (1003, 2, ())
    assert needed_libraries(params(tmp_path, exchanges_file=report)) == ()


def test_a_report_that_lies_gives_nobody_a_destination_twice_and_is_told(tmp_path: Path) -> None:
    from ansible_collections.mailops.tls.plugins.module_utils._audit.reported_exchanges import reported_line

    lines = [reported_line(f"d{number}.example", ["mx.all.example"]) for number in range(950)]
    (tmp_path / "report").write_text("\n".join([*lines, *lines[:5], reported_line("stranger.example", [])]) + "\n")
    result = run_mx_audit_shards(params(tmp_path, exchanges_file=str(tmp_path / "report")))
    found = [text for one in lists(tmp_path).values() for text in one]
    assert len(found) == len(set(found)) == result.facts["destinations"] == 1003 and result.facts["unresolved"] == 53
    assert result.warnings[0].startswith("What was reported of exchanges is not what was asked: 53 destinations are not in it, and 6 lines")
    (great,) = result.warnings[1:]
    assert " of 1003 destinations. That is right where most of them have the same exchanges." in great


def test_a_destination_that_is_listed_twice_is_no_lie(tmp_path: Path) -> None:
    report = str(tmp_path / "exchanges")
    options = params(tmp_path, dest=None, exchanges_dest=report)
    (tmp_path / "domains").write_text("d1.example\nlame1.example\nd1.example\nlame1.example\nD1.example\n")
    looked_up = run_mx_audit_shards(options)
    result = run_mx_audit_shards({**options, "dest": str(tmp_path / "lists"), "exchanges_dest": None, "exchanges_file": report})
    assert result.warnings == () and result.facts["destinations"] == looked_up.facts["destinations"] == 5
    assert result.facts["unresolved"] == looked_up.facts["unresolved"] == 2


def test_check_mode_keeps_no_report(tmp_path: Path) -> None:
    run_mx_audit_shards(params(tmp_path, dest=None, exchanges_dest=str(tmp_path / "exchanges")), check_mode=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["domains"]


@pytest.mark.parametrize(
    ("more", "option"),
    [
        ({"dest": None}, "dest"),
        ({"exchanges_dest": "/tmp/x"}, "dest"),
        ({"dest": None, "exchanges_dest": "x", "exchanges_file": "y"}, "exchanges_file"),
        ({"exchanges_file": "y", "shard_by": "domain"}, "exchanges_file"),
        ({"exchanges_file": "/nonexistent"}, "exchanges_file"),
        ({"dest": None, "exchanges_dest": "/nonexistent/x"}, "exchanges_dest"),
    ],
)
def test_mistakes_about_exchanges(tmp_path: Path, more: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as caught:
        run_mx_audit_shards(params(tmp_path, **more))
    assert caught.value.option == option


def test_spellings_of_a_destination_stay_together(tmp_path: Path) -> None:
    more = params(tmp_path, shard_by="domain")
    (tmp_path / "domains").write_text("\n".join(("example.org", "EXAMPLE.org", "example.org.", "example.org:25", "inet:example.org")))
    assert sorted(shard["destinations"] for shard in run_mx_audit_shards(more).facts["shards"])[:2] == [0, 0]
