# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names from DNS beside the user's own inventory: real ansible-inventory and ansible-playbook, in both orders of the sources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Scripted

pytest.importorskip("ansible")

from ansible_collections.mailops.tls.tests.unit.worlds.inventory_world import World, in_world  # noqa: E402

OWN = """\
localhost ansible_connection=local
mx own=yes

[production]
web1.example.org
web2.example.org

[domain_stranger_example]
own.example.org

[legacy.example.org]
old.example.org

[exchange.example.org:children]
production

[audited:children]
production
"""
EXCHANGES = (
    "production", "WEB1.example.org", "localhost", "all", "ungrouped", "mx", "satisfied", "legacy.example.org", "exchange.example.org",
    "127.0.0.1", "192.0.2.77", "mx1.stranger.example",
)  # fmt: skip
ADDRESS = "192.0.2.66"
ORDERS = (("hosts.ini", "our.mx.yml"), ("our.mx.yml", "hosts.ini"))
ENABLED = "mailops.tls.mx,host_list,ini,yaml,constructed"


def zone(*exchanges: str) -> dict[tuple[str, str], Scripted]:
    """One domain with these exchanges, all at one address."""
    records = tuple(f"stranger.example. 300 IN MX {number} {name}." for number, name in enumerate(exchanges))
    found = {("stranger.example", "MX"): Scripted(records, ad=True)}
    for name in exchanges:
        found[name.lower(), "A"] = Scripted((f"{name}. 300 IN A {ADDRESS}",), ad=True)
        found[name.lower(), "AAAA"] = Scripted(ad=True)
    return found


@pytest.fixture(name="world")
def fixture_world(tmp_path: Path) -> Iterator[World]:
    with in_world(tmp_path, zone(*EXCHANGES)) as world:
        (tmp_path / "hosts.ini").write_text(OWN, encoding="utf-8")
        yield world


def listed(world: World, sources: Sequence[str]) -> dict[str, Any]:
    return world.inventory(sources=sources, enabled=ENABLED)


@pytest.mark.parametrize("sources", ORDERS)
@pytest.mark.parametrize("set_ansible_host", [False, True])
def test_nothing_of_the_user_is_touched(world: World, sources: Sequence[str], set_ansible_host: bool) -> None:
    own = listed(world, ["hosts.ini"])
    world.configure("stranger.example", set_ansible_host=set_ansible_host)
    both = listed(world, sources)
    for host, variables in own["_meta"]["hostvars"].items():
        assert both["_meta"]["hostvars"][host] == variables, host
    for group in set(own) - {"_meta", "all", "ungrouped"}:
        assert both[group] == own[group], group
    assert set(both) - set(own) == {
        *(f"preference_{EXCHANGES.index(name)}" for name in ("192.0.2.77", "mx1.stranger.example")), "operator_stranger_example",
    }  # fmt: skip
    for group in ("preference_11", "operator_stranger_example"):
        assert both[group]["hosts"] == ["mx1.stranger.example"]
    mine = both["_meta"]["hostvars"]["mx1.stranger.example"]
    assert mine.get("ansible_host") == (ADDRESS if set_ansible_host else None)
    hosts = set(own["_meta"]["hostvars"]) | {"mx1.stranger.example", "192.0.2.77"}
    assert set(both["_meta"]["hostvars"]) - {"old.example.org", "own.example.org", "web2.example.org"} <= hosts
    for name in ("production", "web1.example.org", "localhost", "the group mx ", "the group domain_stranger_example"):
        assert name in world.warned, name
    assert "Found both group and host" not in world.warned


@pytest.mark.parametrize("sources", ORDERS)
def test_a_play_reaches_the_hosts_it_names_and_no_other(world: World, sources: Sequence[str]) -> None:
    world.configure("stranger.example", set_ansible_host=True)
    plays = [
        {
            "hosts": hosts, "gather_facts": False, "connection": "local",
            "tasks": [{"ansible.builtin.debug": {"msg": f"{hosts} {{{{ inventory_hostname }}}} at {{{{ ansible_host }}}}"}}],
        }
        for hosts in ("production", "mx", "localhost", "legacy.example.org", "domain_stranger_example")
    ]  # fmt: skip
    (world.folder / "play.yml").write_text(json.dumps(plays), encoding="utf-8")
    run = world.run("playbook", "play.yml", sources=sources, enabled=ENABLED)
    assert run.returncode == 0, run.stdout + run.stderr
    assert sorted(line.split('"')[3] for line in run.stdout.splitlines() if '"msg"' in line) == [
        "domain_stranger_example own.example.org at own.example.org", "legacy.example.org old.example.org at old.example.org",
        "localhost localhost at localhost", "mx mx at mx", "production web1.example.org at web1.example.org",
        "production web2.example.org at web2.example.org",
    ]  # fmt: skip


@pytest.mark.parametrize("sources", [("web1.example.org:2222,", "our.mx.yml"), ("our.mx.yml", "web1.example.org:2222,")])
def test_a_list_of_hosts_is_a_source_too(world: World, sources: Sequence[str]) -> None:
    world.configure("stranger.example", set_ansible_host=True)
    both = listed(world, sources)
    assert both["_meta"]["hostvars"]["web1.example.org"] == {"ansible_port": 2222}
    assert both["ungrouped"]["hosts"] == ["web1.example.org"]


@pytest.mark.parametrize("name", ["all.mx.yml", "zzz.mx.yml"])
def test_a_directory_is_a_source_too(world: World, name: str) -> None:
    own = listed(world, ["hosts.ini"])
    world.configure("stranger.example", set_ansible_host=True)
    (world.folder / "inventory").mkdir()
    for old, new in (("our.mx.yml", name), ("hosts.ini", "hosts")):  # older Ansible passes .ini over there
        (world.folder / old).rename(world.folder / "inventory" / new)
    both = listed(world, ["inventory"])
    for host, variables in own["_meta"]["hostvars"].items():
        assert both["_meta"]["hostvars"][host] == variables, host
    assert both["production"] == own["production"]
    assert "mx1.stranger.example" in both["_meta"]["hostvars"]


YAML = """\
all:
  children:
    mx:
      vars: {secret: theirs, mx_problems: none}
      hosts:
        own.example.org: {}
    satisfied: {hosts: {WEB9.example.org: {}}}
    audited: {children: {operator_stranger_example: {}}}
"""


@pytest.mark.parametrize("sources", [("hosts.yaml", "our.mx.yml"), ("our.mx.yml", "hosts.yaml")])
def test_groups_of_yaml_keep_their_variables_and_hosts(world: World, sources: Sequence[str]) -> None:
    (world.folder / "hosts.yaml").write_text(YAML, encoding="utf-8")
    world.configure("stranger.example")
    both = listed(world, sources)
    assert both["mx"]["hosts"] == ["own.example.org"] and "children" not in both["mx"]
    assert both["mx"]["vars"]["secret"] == "theirs"
    assert "secret" not in both["_meta"]["hostvars"]["mx1.stranger.example"]
    assert both["satisfied"]["hosts"] == ["WEB9.example.org"]


def test_groups_of_ours_may_be_used_by_later_sources(world: World) -> None:
    (world.folder / "more.ini").write_text("[outside:children]\nmx\n[mx:vars]\nnote=mine\n", encoding="utf-8")
    (world.folder / "constructed.yml").write_text(
        "plugin: constructed\nkeyed_groups: [{key: mx_operator | default(''), prefix: run_by}]\n"
        "groups: {known: mx_operator is defined}\n",
        encoding="utf-8",
    )
    world.configure("stranger.example")
    both = listed(world, ["our.mx.yml", "more.ini", "constructed.yml"])
    assert both["outside"]["children"] == ["mx"] and both["mx"]["vars"]["note"] == "mine"
    assert "domain_stranger_example" in both["mx"]["children"]
    for group in ("run_by_stranger_example", "known"):
        assert "mx1.stranger.example" in both[group]["hosts"]
    assert both["_meta"]["hostvars"]["mx1.stranger.example"]["mx_operator"] == "stranger.example"


def test_two_configurations_share_their_groups(world: World) -> None:
    world.configure("stranger.example")
    (world.folder / "our.mx.yml").rename(world.folder / "first.mx.yml")
    world.configure("stranger.example", "other.example")
    both = listed(world, ["first.mx.yml", "our.mx.yml"])
    assert {"domain_stranger_example", "domain_other_example"} <= set(both["mx"]["children"])
    assert "left out" not in world.warned


@pytest.mark.parametrize("sources", ORDERS)
def test_prefixes_keep_everything_apart(world: World, sources: Sequence[str]) -> None:
    world.configure("stranger.example", host_prefix="exchange-", group_prefix="probed_")
    both = listed(world, sources)
    names = ("web1.example.org", "legacy.example.org", "mx1.stranger.example", "192.0.2.77", "exchange.example.org")
    assert set(both["probed_domain_stranger_example"]["hosts"]) == {"exchange-" + name for name in names}
    assert both["probed_mx"]["children"] == ["probed_domain_stranger_example"]
    assert both["_meta"]["hostvars"]["exchange-web1.example.org"]["mx_exchange"] == "WEB1.example.org"
    assert "web1.example.org" not in both["_meta"]["hostvars"] and "mx" not in both


@pytest.mark.parametrize(
    "option", [{"host_prefix": "a b"}, {"host_prefix": "~"}, {"host_prefix": "web["}, {"group_prefix": "a-"}, {"group_prefix": "1"}]
)
def test_prefixes_that_cannot_be_part_of_a_name(world: World, option: dict[str, str]) -> None:
    world.configure("stranger.example", **option)
    run = world.run("inventory", "--list")
    assert run.returncode != 0 and next(iter(option)) in run.stderr


def test_values_from_dns_name_no_group_of_others(tmp_path: Path) -> None:
    exchanges = ("mx.production.example", "mx.satisfied.example", "mx.shared.example", "mx.fresh.example")
    with in_world(tmp_path, zone(*exchanges)) as world:
        (tmp_path / "hosts.ini").write_text("[production]\nweb1.example.org\n", encoding="utf-8")
        world.configure(
            "stranger.example",
            groups={"shared": "mx_domains | length > 1", "production": "mx_exchange is match('mx.fresh')"},
            keyed_groups=[{"key": "mx_operator.split('.') | first", "prefix": "", "separator": "", "parent_group": "by_word"}],
        )
        both = listed(world, ["hosts.ini", "our.mx.yml"])
    assert both["production"]["hosts"] == ["web1.example.org", "mx.fresh.example"], "the user's own words are obeyed"
    assert "satisfied" not in both and "shared" not in both
    assert both["fresh"]["hosts"] == ["mx.fresh.example"] and both["by_word"]["children"] == ["fresh"]
    assert "keyed_groups" in world.warned and "production" in world.warned


def test_a_cache_that_somebody_else_wrote(world: World) -> None:
    world.configure("stranger.example", cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection="cache")
    first = listed(world, ORDERS[0])
    (kept,) = (world.folder / "cache").iterdir()
    written = kept.read_text(encoding="utf-8")
    for old, new in (("mx1.stranger.example", "web2.example.org"), ("mx1.stranger.example", "web[1:2].example.org"), ('secure', 'sure')):
        assert old in written
        kept.write_text(written.replace(old, new), encoding="utf-8")
        both = listed(world, ORDERS[0])
        assert {"web1.example.org", "web2.example.org"}.isdisjoint(both["_meta"]["hostvars"])
        assert both["production"] == first["production"]
        assert not any("[" in name for name in both["_meta"]["hostvars"])
