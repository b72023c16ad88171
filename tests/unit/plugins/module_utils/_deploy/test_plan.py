# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parameters and files a pair needs, for everything that can be deployed before."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.plan import Plan, Sources, make_plan
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, MasterService
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import combined, deployed, instance_of, issued, pair_of

SOURCES = Sources("/new/cert.pem", "/new/key.pem", "/etc/postfix")
CHAINS = "smtpd_tls_chain_files"


def plan_for(instance: Instance, files: dict[str, bytes], new: Issued, wanted: str = "auto") -> Plan:
    return make_plan(instance, deployed(instance, files), pair_of(new), SOURCES, wanted)


def after(plan: Plan) -> dict[str, object]:
    return {one.name: one.after for one in plan.settings}


def test_nothing_deployed() -> None:
    new = issued()
    path = "/etc/postfix/" + pair_of(new).file_name
    plan = plan_for(instance_of({}), {}, new)
    assert after(plan) == {CHAINS: path}
    assert [one for one, _pair in plan.files] == [path]
    assert plan.settings[0].before is None


def test_nothing_deployed_and_an_old_postfix() -> None:
    plan = plan_for(instance_of({}, chains_known=False), {}, issued("rsa"))
    assert after(plan) == {"smtpd_tls_cert_file": "/new/cert.pem", "smtpd_tls_key_file": "/new/key.pem"}
    with pytest.raises(OptionError, match="new in 3.4"):
        plan_for(instance_of({}, chains_known=False), {}, issued(), "chain_files")


def test_only_the_same_algorithm_is_replaced_in_its_place() -> None:
    rsa, ecdsa, new = issued("rsa"), issued(), issued("rsa")
    files = {"/a.pem": combined(rsa), "/k.pem": ecdsa.key.pem, "/c.pem": ecdsa.pem}
    plan = plan_for(instance_of({CHAINS: "/a.pem, /k.pem /c.pem"}), files, new)
    path = "/etc/postfix/" + pair_of(new).file_name
    assert after(plan) == {CHAINS: path + ", /k.pem, /c.pem"}
    assert [one for one, _pair in plan.files] == [path]
    assert plan.replaced is not None and plan.replaced.algorithm == "rsa"


def test_a_new_algorithm_comes_last() -> None:
    plan = plan_for(instance_of({CHAINS: "/a.pem"}), {"/a.pem": combined(issued("rsa"))}, issued("ed25519"))
    assert str(after(plan)[CHAINS]).startswith("/a.pem, /etc/postfix/chain-ed25519-")


def test_a_file_with_two_keys_is_taken_apart() -> None:
    rsa, ecdsa, new = issued("rsa"), issued(), issued("rsa")
    plan = plan_for(instance_of({CHAINS: "/both.pem"}), {"/both.pem": combined(rsa, ecdsa)}, new)
    names = ["/etc/postfix/" + pair_of(one).file_name for one in (new, ecdsa)]
    assert after(plan) == {CHAINS: ", ".join(names)}
    assert [(path, pair.combined) for path, pair in plan.files] == [(names[0], pair_of(new).combined), (names[1], pair_of(ecdsa).combined)]


def test_the_same_pair_changes_nothing() -> None:
    same = issued()
    assert plan_for(instance_of({CHAINS: "/a.pem"}), {"/a.pem": combined(same)}, same).settings == ()
    files = {"/new/cert.pem": same.pem, "/new/key.pem": same.key.pem}
    legacy = {"smtpd_tls_eccert_file": "/new/cert.pem", "smtpd_tls_eckey_file": "/new/key.pem"}
    assert plan_for(instance_of(legacy), files, same).settings == ()


def test_legacy_parameters_in_effect() -> None:
    files = {"/old.pem": combined(issued("rsa"))}
    plan = plan_for(instance_of({"smtpd_tls_cert_file": "/old.pem"}), files, issued("rsa"))
    assert after(plan) == {"smtpd_tls_cert_file": "/new/cert.pem", "smtpd_tls_key_file": "/new/key.pem"}
    assert plan.files == () and plan.parameters == "legacy"
    plan = plan_for(instance_of({"smtpd_tls_cert_file": "/old.pem"}), files, issued("ecdsa"))
    assert after(plan) == {"smtpd_tls_eccert_file": "/new/cert.pem", "smtpd_tls_eckey_file": "/new/key.pem"}


def test_a_key_is_replaced_where_it_is_whatever_the_parameter_is_called() -> None:
    plan = plan_for(instance_of({"smtpd_tls_cert_file": "/old.pem"}), {"/old.pem": combined(issued())}, issued())
    assert after(plan) == {"smtpd_tls_cert_file": "/new/cert.pem", "smtpd_tls_key_file": "/new/key.pem"}


@pytest.mark.parametrize(
    ("main", "new", "reason"),
    [
        ({"smtpd_tls_cert_file": "/ecdsa.pem"}, "ed25519", "has no parameters for an ed25519 key"),
        ({"smtpd_tls_cert_file": "/ecdsa.pem"}, "rsa", "would take the place of the ecdsa key"),
        ({"smtpd_tls_cert_file": "/nothing.pem", "smtpd_tls_eccert_file": "/ecdsa.pem"}, "ecdsa", "is broken beside the pair"),
        ({CHAINS: "/ecdsa.pem"}, "ecdsa", "would have no effect"),
    ],
    ids=["no-parameters", "place-taken", "broken-beside", "shadowed"],
)
def test_legacy_is_refused(main: dict[str, str], new: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        plan_for(instance_of(main), {"/ecdsa.pem": combined(issued())}, issued(new), "legacy")


def test_migration_takes_every_pair_along_and_removes_the_parameters() -> None:
    rsa, old, new = issued("rsa"), issued(), issued()
    main = {"smtpd_tls_cert_file": "/r.pem", "smtpd_tls_eccert_file": "/e.pem", "smtpd_tls_eckey_file": "/e.key"}
    plan = plan_for(instance_of(main), {"/r.pem": combined(rsa), "/e.pem": old.pem, "/e.key": old.key.pem}, new, "chain_files")
    names = ["/etc/postfix/" + pair_of(one).file_name for one in (rsa, new)]
    assert after(plan) == {CHAINS: ", ".join(names), **dict.fromkeys(main)}
    assert [path for path, _pair in plan.files] == names


def test_a_broken_single_chain_is_replaced() -> None:
    new = issued()
    assert after(plan_for(instance_of({CHAINS: "/lost.pem"}), {}, new)) == {CHAINS: "/etc/postfix/" + pair_of(new).file_name}


@pytest.mark.parametrize("folder", ["/a b", "/a,b", "/a{b}", "/a\nb", "/a\tb", "/a\x7fb", "/a\udcffb"])
def test_names_that_cannot_stand_in_a_list(folder: str) -> None:
    with pytest.raises(OptionError, match="has a name that cannot stand in smtpd_tls_chain_files") as caught:
        make_plan(instance_of({}), deployed(instance_of({}), {}), pair_of(issued()), Sources("/c", "/k", folder), "auto")
    assert caught.value.option == "directory"


@pytest.mark.parametrize("path", ["/a\nb", "/a  b", "/a ", "/a\x00"])
def test_names_that_cannot_stand_in_main_cf(path: str) -> None:
    with pytest.raises(OptionError, match="has a name that cannot stand in main.cf") as caught:
        make_plan(instance_of({}), deployed(instance_of({}), {}), pair_of(issued()), Sources("/c", path, "/"), "legacy")
    assert caught.value.option == "privatekey_path"


def test_dollar_signs_are_escaped() -> None:
    """Also those of files that stay: what Postfix has expanded once must not be expanded again."""
    rsa, new = issued("rsa"), issued()
    plan = make_plan(
        instance_of({CHAINS: "/r$a.pem"}),
        deployed(instance_of({CHAINS: "/r$a.pem"}), {"/r$a.pem": combined(rsa)}),
        pair_of(new), Sources("/c", "/k", "/a$b"), "auto",
    )  # fmt: skip
    assert after(plan) == {CHAINS: f"/r$$a.pem, /a$$b/{pair_of(new).file_name}"}
    assert [path for path, _pair in plan.files] == ["/a$b/" + pair_of(new).file_name]
    legacy = make_plan(instance_of({}), deployed(instance_of({}), {}), pair_of(new), Sources("/c$x", "/k${y}", "/"), "legacy")
    assert after(legacy) == {"smtpd_tls_eccert_file": "/c$$x", "smtpd_tls_eckey_file": "/k$${y}"}


def test_what_stays_is_told() -> None:
    services = (MasterService("465/inet", "smtpd", {CHAINS: "/x.pem"}),)
    plan = plan_for(instance_of({"tlsproxy_tls_cert_file": "/y.pem"}, services), {}, issued())
    assert [one.split()[0] for one in plan.warnings] == ["465/inet/" + CHAINS, "tlsproxy_tls_cert_file"]
