# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Postfix instance: nothing of it is outside its folder, and it delivers to nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from .server import Server

PARAMETERS = {
    "compatibility_level": "3.6",
    "queue_directory": "{folder}/queue",
    "data_directory": "{folder}/data",
    "maillog_file": "{folder}/log",
    "maillog_file_prefixes": "{folder}",
    "mydestination": "",
    "alias_maps": "",
    "alias_database": "",
    "tls_random_source": "dev:/dev/urandom",
}
"""What every instance has in its main.cf."""

MASTER_CF = """postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""
"""The services that every instance has; none listens."""


def main_cf(folder: Path, parameters: Mapping[str, str]) -> str:
    """Return the main.cf of an instance in a folder, with these parameters besides those of every one."""
    whole = {name: value.format(folder=folder) for name, value in PARAMETERS.items()}
    whole.update(parameters)
    return "".join(f"{name} = {value}".rstrip() + "\n" for name, value in whole.items())


def overrides(parameters: Iterable[tuple[str, str]]) -> str:
    """Return parameters as the continuation lines of a master.cf entry."""
    return "".join("    -o {{ {} = {} }}\n".format(*pair) for pair in parameters)


def postfix(name: str, folder: Path, parameters: Mapping[str, str], master: str, config: str = "") -> Server:
    """Return an instance; its sockets are bound when its command ends.

    Args:
        name: as `status` shows it.
        folder: its queue, data and log.
        parameters: of main.cf, besides those of every instance.
        master: master.cf.
        config: the configuration directory below the folder; empty for the folder itself.
    """
    place = folder / config
    files = {"main.cf": main_cf(folder, parameters), "master.cf": master}
    written = {str(Path(config) / file): text for file, text in files.items()}
    folders = {**({config: ""} if config else {}), "queue": "", "data": "postfix"}
    command = ("/usr/sbin/postfix", "-c", str(place), "start")
    return Server(name, folder, command, "postfix", written, folders, pid="queue/pid/master.pid")
