# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One instance, asked only when an answer is needed: keys can be made on a machine that has no Postfix (yet)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property, partial
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import Deployed, Deployment, deployment, is_of_main
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import (
    Instance,
    Run,
    instance_directories,
    map_entries,
    read_instance,
)


class Configured:
    """What the instance at a configuration directory (by default Postfix's own) has configured.

    The attributes raise `OptionError` for `config_directory` when there is no configuration, and `PostfixMissing`.
    """

    def __init__(self, run: Run, config_directory: str | None) -> None:
        self._run = run
        self._config_directory = config_directory

    @cached_property
    def _instance(self) -> Instance:
        return read_instance(self._run, self._config_directory)

    @cached_property
    def directory(self) -> str:
        """The configuration directory, absolute; when it was given, it need not be Postfix's."""
        if self._config_directory is None:
            return self._instance.config_directory
        return os.path.abspath(self._config_directory)

    @property
    def myhostname(self) -> str:
        """The expanded value of `myhostname`."""
        return self._instance.main.value("myhostname")

    @cached_property
    def deployment(self) -> Deployment:
        """What the instance serves."""
        return self._deployment(self._instance)

    def _deployment(self, instance: Instance) -> Deployment:
        return deployment(instance, read_file, partial(map_entries, self._run, instance.config_directory))

    def is_of_main(self, item: Deployed) -> bool:
        """Tell whether main.cf configures an item, and not only the -o options of single services."""
        return is_of_main(self._instance, item)

    def deployed_files(self) -> frozenset[str]:
        """Return the files, without symbolic links, of all that this and the other instances of postmulti(1) serve."""
        found = [self.deployment, *(self._deployment(one) for one in self._others())]
        return frozenset(os.path.realpath(file.path) for each in found for item in each.items for file in item.files)

    def _others(self) -> Iterator[Instance]:
        for directory in instance_directories(self._run, option="force"):
            if not _same(directory, self._instance.config_directory):
                yield read_instance(self._run, directory)

    def resolve(self, path: str) -> str:
        """Return a path that a user gave: relative to the configuration directory, as for `postfix tls`."""
        return path if os.path.isabs(path) else os.path.join(self.directory, path)


def given_file_reader(option: str) -> Callable[[str], bytes]:
    """Return a reader of files that a user named, or that Postfix serves, which follows symbolic links.

    It raises `OptionError` naming *option* for a file that cannot be read.
    """

    def read(path: str) -> bytes:
        state = read_file(path)
        if state.error is not None:
            raise OptionError(option, path, f"cannot be read: {state.error}")
        return state.data

    return read


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
