# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tlsa_records` as one value, in which no text that may be a private key is shown."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_records.arguments import records_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_records.options import records_options


def test_texts_of_keys_are_not_shown() -> None:
    params = {name: spec.get("default") for name, spec in records_arguments().items()}
    options = records_options({**params, "privatekey_content": ["the secret"], "certificate_path": ["/a", "/b"], "hosts": ["a.example"]})
    given = {one.kind: (one.paths, one.texts) for one in options.given}
    assert given["privatekey"] == ((), ("the secret",))
    assert given["certificate"] == (("/a", "/b"), ())
    assert "the secret" not in repr(options)
    assert (options.hosts, options.ports, options.postfix, options.live) == (("a.example",), None, None, None)
