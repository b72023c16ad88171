# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin as Ansible runs it: real ansible-inventory and ansible-playbook, DNS and mail servers on loopback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Scripted

pytest.importorskip("ansible")

from ansible_collections.mailops.tls.tests.unit.worlds.inventory_world import TEMPLATE, World, in_world  # noqa: E402

ZONE = {
    ("example.org", "MX"): Scripted(("example.org. 300 IN MX 10 MX.example.net.",), ad=True),
    ("example.com", "MX"): Scripted(("example.com. 300 IN MX 20 mx.example.net.",), ad=True),
    ("mx.example.net", "A"): Scripted(("mx.example.net. 300 IN A 127.0.0.1",), ad=True),
    ("mx.example.net", "AAAA"): Scripted(ad=True),
    ("null.example", "MX"): Scripted(("null.example. 300 IN MX 0 .",), ad=True),
    ("broken.example", "MX"): Scripted(rcode="SERVFAIL"),
}


@pytest.fixture(name="world")
def fixture_world(tmp_path: Path) -> Iterator[World]:
    with in_world(tmp_path, ZONE) as world:
        yield world


def test_hosts_groups_and_variables(world: World) -> None:
    world.configure("example.org", "example.com", "null.example", "broken.example", groups={"shared": "mx_domains | length > 1"})
    listed = world.inventory()
    variables = listed["_meta"]["hostvars"]["mx.example.net"]
    assert "ansible_host" not in variables and variables["mx_addresses"] == ["127.0.0.1"]
    assert variables["mx_secure"] and variables["mx_operator"] == "example.net"
    assert set(variables["mx_domains"]) == {"example.org", "example.com"}
    for group in ("domain_example_org", "domain_example_com", "preference_10", "preference_20", "operator_example_net", "shared"):
        assert listed[group]["hosts"] == ["mx.example.net"], group
    assert set(listed["mx"]["children"]) >= {"domain_example_org", "domain_null_example", "domain_broken_example"}
    assert [one["kind"] for one in listed["mx"]["vars"]["mx_problems"]] == ["null_mx", "dns_error"]
    assert listed["domain_null_example"]["vars"]["mx_null_mx"]
    assert listed["domain_broken_example"]["vars"]["mx_error"]["kind"] == "dns_error"
    assert world.server.peers == []


def test_failures_are_warnings(world: World) -> None:
    world.configure("null.example", "https://example.org", "broken.example")
    warned = world.run("inventory", "--graph").stderr
    assert "null.example: Domain null.example does not accept mail" in warned
    assert "https://example.org: is a URL: write example.org in place of it" in warned
    assert "broken.example: Name service error for name=broken.example type=MX: SERVFAIL" in warned


def test_nothing_that_a_server_says_is_a_template(world: World) -> None:
    greeting = "mx_endpoints[0].greeting"
    world.configure(
        "example.org",
        probe={"security_level": "may"},
        compose={"copied": greeting, "longer": greeting + " ~ '!'", "whole": "mx_endpoints"},
        keyed_groups=[{"key": greeting, "prefix": "greeting"}],
        cache=True,
        cache_plugin="ansible.builtin.jsonfile",
        cache_connection="cache",
    )
    shown = [f"{{{{ {one} }}}}" for one in (greeting, "copied", "longer", "whole", "mx_endpoints", "longer | upper", "hostvars")]
    tasks = [{"ansible.builtin.debug": {"msg": one}} for one in shown]
    tasks += [{"ansible.builtin.set_fact": {"fact": "{{ copied }}"}}, {"ansible.builtin.debug": {"var": "fact"}}]
    play = {"hosts": "status_plaintext", "gather_facts": False, "connection": "local", "tasks": tasks}
    (world.folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    for source in ("server", "cache"):
        run = world.run("playbook", "play.yml")
        assert run.returncode == 0, run.stdout + run.stderr
        assert run.stdout.count(TEMPLATE) >= len(shown) - 1, source
        assert "failed=0" in run.stdout and f"ok={len(tasks)}" in run.stdout
    assert len(world.server.peers) == 1
    assert not (world.folder / "pwned").exists()


def test_the_same_text_would_do_harm_if_it_were_a_template(tmp_path: Path) -> None:
    with in_world(tmp_path, ZONE) as world:
        world.configure("example.org")
        play = {"hosts": "mx", "gather_facts": False, "connection": "local", "tasks": [{"ansible.builtin.debug": {"msg": TEMPLATE}}]}
        (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
        assert world.run("playbook", "play.yml").returncode == 0
    assert (tmp_path / "pwned").exists()


def test_cache(world: World) -> None:
    cached = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": "cache"}
    world.configure("example.org", "broken.example", **cached)
    first = world.inventory()
    assert world.asked() == ["example.org", "broken.example"]
    (kept,) = (world.folder / "cache").iterdir()
    os.utime(kept, (kept.stat().st_atime, kept.stat().st_mtime - 60))
    written = kept.stat().st_mtime
    assert world.inventory() == first
    assert world.asked() == ["broken.example"], "what failed is tried again, and only that"
    assert kept.stat().st_mtime == written, "a cache that is written again grows no older"
    world.configure("example.org", "broken.example", trust_ad="never", **cached)
    assert not world.inventory()["_meta"]["hostvars"]["mx.example.net"]["mx_secure"]
    assert "example.org" in world.asked(), "other settings, other results"


@pytest.mark.parametrize(
    ("domains", "more", "message"),
    [(["[mx.example.org]"], {}, "domains: '[mx.example.org]' is not a domain name"),
     ([], {}, "names no domain"),
     (["example.org"], {"nameservers": ["ns.example.org"]}, "is not an IP address"),
     (["example.org"], {"probe": {"expect": {}}}, "probe: no options of a probe here: expect"),
     (["example.org"], {"probe": {"security_level": "most"}}, "value of security_level must be one of"),
     (["example.org"], {"probe": {"ca_file": "/nonexistent"}}, "ca_file")],
)  # fmt: skip
def test_configurations_that_cannot_be_used(world: World, domains: list[str], more: dict[str, Any], message: str) -> None:
    world.configure(*domains, **more)
    run = world.run("inventory", "--list")
    assert run.returncode != 0
    assert message in run.stderr and "mailops.tls.mx" in run.stderr
    assert world.responder.asked() == []


def test_only_files_of_its_name_are_read(world: World) -> None:
    world.configure("example.org")
    (world.folder / "our.mx.yml").rename(world.folder / "hosts.yml")
    run = world.run("inventory", "--list", sources=["hosts.yml"])
    assert run.returncode != 0 and world.responder.asked() == []
