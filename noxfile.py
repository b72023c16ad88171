# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of the project as a session: `nox -l` lists them, `make test` runs all of them, two at a time.

antsibull-nox makes the usual ones of antsibull-nox.toml. Its sessions of ansible-test need containers and GitHub; those
here need neither (decision 0112). What follows `--` goes to pytest or ansible-test.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import antsibull_nox
import nox
from antsibull_fileutils.copier import GitCopier

sys.path.insert(0, str(Path(__file__).parent / "tests" / "run"))
import machine  # noqa: E402

machine.prepare()
from ansible_collections.mailops.tls.tests.lab.machinery import packages  # noqa: E402

nox.needs_version = ">=2026.10"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
antsibull_nox.load_antsibull_nox_toml()

CORES = {"2.21": range(12, 15), "2.19": range(11, 14), "2.17": range(10, 13)}
"""Versions of ansible-core that are tested, the newest first, and the Pythons that each runs on."""


def newest(minors: Sequence[int]) -> str:
    """Return the newest of some Pythons that is here; the oldest of them, which nox will miss, where there is none."""
    here = [minor for minor in minors if shutil.which(f"python3.{minor}")]
    return f"3.{max(here, default=min(minors))}"


OLDEST_CORE = list(CORES)[-1]
NEWEST_CORE = next((core for core, minors in CORES.items() if shutil.which("python" + newest(minors))), OLDEST_CORE)
NEWEST, OLDEST = newest(CORES[NEWEST_CORE]), newest(CORES[OLDEST_CORE])
OLDEST_MODULES = "3.9"
FUZZED = newest(range(11, 14))
"""Pythons: the newest one of both versions of ansible-core, the oldest of managed machines, the newest that atheris has wheels for."""
CONTROLLER = (f"ansible-core=={NEWEST_CORE}.*", "-r", "tests/unit/requirements.txt", "pytest", "pytest-xdist")
OLDEST_LIBRARIES = (
    "cryptography==36.0.1", "pyOpenSSL==21.0.0", "dnspython==2.1.0", "jmespath==0.10.0",
    "aiosmtpd", "dkimpy", "hypothesis", "idna", "pytest",
)  # fmt: skip
DEBIAN_PYTHON = "/usr/bin/python3"
DEBIAN_LIBRARIES = tuple(
    f"python3-{name}" for name in ("aiosmtpd", "cryptography", "dkim", "dnspython", "hypothesis", "idna", "jmespath", "openssl", "pytest")
)
WITNESSES = (
    "bind9", "caddy", "exim4-daemon-light", "gnutls-bin", "knot", "nginx", "nmap", "openssh-client", "strace", "tcpdump", "tshark",
)  # fmt: skip
"""Debian packages that integration targets check our work with or need, and that ansible-test makes a key with."""
PEERS = (
    "curl", "dnsutils", "gnutls-bin", "libgsasl18", "libnet-ssleay-perl", "opendkim-tools", "openssl", "postgresql", "sqlite3", "swaks",
    "testssl.sh", "tshark",
)  # fmt: skip
"""Debian packages whose programs and libraries look at the same servers as we do, and databases that take what was seen."""
BROWSER = ("chromium", "nodejs", "npm")
"""What a report is opened by, as Debian packages; what drives that is in tests/report/modules.txt."""
SCANNERS = ("sslyze==6.3.1", "CryptoLyzer==1.6.1")
"""Scanners of TLS servers, in an environment of their own: sslyze is of the AGPL and wants other libraries, and only programs are run."""
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib")
CONTROLLER_TARGETS = ("guide_domain", "inventory_mx", "mx_audit_report", "role_dane_rollover", "role_mta_sts", "role_mx_audit")
"""Integration targets in which the Python of a mail server has no part."""
LIBRARY_TARGETS = ("mailbox_tls_probe", "smtp_tls_probe", "tlsa_info", "tlsa_publish", "tlsa_records")
"""Those that depend most on the libraries of TLS, X.509 and DNS. The others are on the Python that mail servers have: all of them twice
would take too long, and logins, deliveries and domains go by the engine of these."""
ON_CONTROLLERS = tuple(
    f"tests/unit/{part}/"
    for part in ("playbooks", "roles", "plugins/callback", "plugins/filter", "plugins/inventory", "plugins/plugin_utils")
)
"""Unit tests of what runs within ansible-core; module_utils know nothing of it."""
MODULE_UTILS = "tests/unit/plugins/module_utils"
LIBRARY_ROOMS = tuple(
    f"{MODULE_UTILS}/{room}"
    for room in ("_dane", "_delivery", "_deploy", "_dns", "_domain", "_login", "_mailbox", "_probe", "_smtp", "_tls", "_tlsa", "_x509")
)
"""Unit tests in which the libraries of TLS, X.509 and DNS have a part; what is Python alone runs on the oldest and the newest."""
OF_THE_CORE = tuple(f"--test={test}" for test in ("action-plugin-docs", "ansible-doc", "import", "runtime-metadata", "validate-modules"))
"""Sanity tests that depend on ansible-core and not on the source alone; for the others the newest one's are enough."""


def ansible_test(name: str, core: str, description: str, *command: str) -> None:
    """Add a session of ansible-test, without containers."""
    antsibull_nox.add_ansible_test_session(
        name=name,
        description=description,
        ansible_test_params=[*command, "--color", "no"],
        default=True,
        ansible_core_version=core,
        ansible_core_source="pypi",
        callback_before=lambda: machine.seed_ansible_test(machine.ROOT / ".nox" / name),
        # Nobody reads it, and antsibull-nox 1.10 cannot copy a tree as deep as that of --venv.
        callback_after=lambda: shutil.rmtree("tests/output", ignore_errors=True),
    )


ansible_test("sanity-new", NEWEST_CORE, "Sanity tests of the newest ansible-core.", "sanity", "--local")
ansible_test(
    "sanity-old", OLDEST_CORE, "Sanity tests that depend on ansible-core, of the oldest one.",
    "sanity", "--local", "--python", OLDEST, *OF_THE_CORE,
)  # fmt: skip
ansible_test(
    "units-old", OLDEST_CORE, "Unit tests of what imports Ansible, on the oldest ansible-core, by ansible-test.",
    "units", "--venv", "--python", OLDEST, *ON_CONTROLLERS,
)  # fmt: skip


def run(session: nox.Session, *command: str, env: Mapping[str, str] | None = None, external: bool = False) -> None:
    """Run a command which, when it is interrupted, has time to take down its networks."""
    session.run(*command, env=env, external=external, interrupt_timeout=60.0, terminate_timeout=10.0)


def tree(session: nox.Session) -> Path:
    """Return the root above a copy of the source as `ansible_collections/mailops/tls`, this session's own.

    It is a git checkout by itself, or else tools would find ours, which ignores all that is in there.
    """
    root = machine.WORK / "trees" / session.name
    shutil.rmtree(root, ignore_errors=True)
    (root / machine.IN_ROOT).parent.mkdir(parents=True)
    GitCopier().copy(machine.ROOT, root / machine.IN_ROOT)
    session.run("git", "init", "-q", str(root / machine.IN_ROOT), external=True, silent=True)
    return root


def run_pytest(session: nox.Session, folders: Sequence[str], *, python: str = "python", ansible: bool = False) -> None:
    """Run pytest in a copy of the source.

    Args:
        session: the session.
        folders: what to test, unless the command line says it.
        python: another interpreter than the session's.
        ansible: put ansible beside the source, as a managed machine gets it: no library of the controller with it.
    """
    root = tree(session)
    if ansible:
        (root / "ansible").symlink_to(next(Path(sys.prefix).glob("lib/python3*/site-packages/ansible")))
    environment = {"PYTHONPATH": str(root), "ANSIBLE_COLLECTIONS_PATH": str(root)}
    with session.chdir(root / machine.IN_ROOT):
        run(session, python, *PYTEST, *(session.posargs or folders), env=environment, external=python != "python")


@nox.session
def changelog(session: nox.Session) -> None:
    """Changelog fragments are well-formed."""
    session.install("antsibull-changelog==0.36.0", "ansible-core>=2.17")
    session.run("antsibull-changelog", "lint")


@nox.session(python=NEWEST, default=False)
def changes(session: nox.Session) -> None:
    """The changelog of the version in galaxy.yml, to which the fragments go, for `make changelog`; again for each that comes later."""
    session.install("antsibull-changelog==0.36.0", f"ansible-core=={NEWEST_CORE}.*")
    session.run("antsibull-changelog", "lint")
    session.run("antsibull-changelog", "release", "--update-existing", "--reload-plugins")


@nox.session(name="units-new", python=NEWEST)
def units_new(session: nox.Session) -> None:
    """Unit tests on the newest ansible-core, Python and libraries."""
    session.install(*CONTROLLER)
    run_pytest(session, ["tests/unit"])


@nox.session(name="units-oldest-libraries", python=OLDEST_MODULES)
def units_oldest_libraries(session: nox.Session) -> None:
    """Unit tests on Python 3.9 with the oldest libraries that the README promises."""
    session.install(*OLDEST_LIBRARIES)
    run_pytest(session, [MODULE_UTILS], ansible=True)


@nox.session(name="units-debian", python=False)
def units_debian(session: nox.Session) -> None:
    """Unit tests in which libraries have a part, on Debian's own Python with its own ones."""
    need_debian(session, *DEBIAN_LIBRARIES)
    run_pytest(session, LIBRARY_ROOMS, python=DEBIAN_PYTHON, ansible=True)


@nox.session(python=NEWEST)
def hostile(session: nox.Session) -> None:
    """Hostile servers and resolvers, and every parser over its kept corpus and mutations of it."""
    session.install(*CONTROLLER)
    run_pytest(session, ["-n", "2", "tests/hostile", "tests/fuzz"])  # half of them wait for time limits


@nox.session(python=False)
def demo(session: nox.Session) -> None:
    """`make demo`: every verdict in the first thing that newcomers see is what the demo says it should be; and `make domain`."""
    run(session, "bash", "tests/demo/demo.sh", external=True)
    run(session, "bash", "tests/demo/domain_shown.sh", external=True)


@nox.session(python=NEWEST)
def report(session: nox.Session) -> None:
    """The page of a report in Chromium: what it does, that everybody can use it, that nothing in it runs; or make its pictures."""
    need_debian(session, *BROWSER)
    session.install(*CONTROLLER)
    place = Path(session.create_tmp()).resolve()
    modules = [one for one in Path("tests/report/modules.txt").read_text(encoding="utf-8").splitlines() if not one.startswith("#")]
    npm = ("npm", "install", "--prefix", str(place), "--no-save", "--no-audit", "--no-fund", "--ignore-scripts")
    session.run(*npm, *modules, external=True, silent=True)
    root = tree(session)
    session.run("python", "-m", "ansible_collections.mailops.tls.tests.report.pages", str(place), env={"PYTHONPATH": str(root)})
    places = {"REPORT_PAGES": str(place), "REPORT_MODULES": str(place)}
    if session.posargs == ["pictures"]:
        run(session, "node", "tests/report/pictures.mjs", "docs/images", env=places, external=True)
    else:
        run(session, "node", "--test", "--test-reporter=spec", *session.posargs, "tests/report/page.test.mjs", env=places, external=True)


def need_root(session: nox.Session) -> None:
    """Skip the session for whoever is not root, who can make no network namespace."""
    if os.geteuid() != 0:
        session.skip("needs root")


def need_debian(session: nox.Session, *names: str) -> None:
    """Have Debian packages, or skip the session where that cannot be."""
    if not Path("/etc/debian_version").exists():
        session.skip("needs Debian")
    missing = packages.missing(names)
    if missing and os.geteuid() != 0:
        session.skip(f"needs root, to install {' '.join(missing)}")
    if missing:
        session.log(f"apt-get install {' '.join(missing)}")
        packages.install(missing)


class Lab:
    """The test network of a session, up while it is entered; what runs in it reaches nothing else."""

    def __init__(self, session: nox.Session) -> None:
        self.state = f"/run/tls-{machine.CHECKOUT}-{session.name}"
        self._session = session

    def __enter__(self) -> Lab:
        self.call("up")
        return self

    def __exit__(self, *reason: object) -> None:
        self.call("down")

    def call(self, *words: str, env: Mapping[str, str] | None = None) -> None:
        """Do something with the network, as tests/lab/lab.py is told to."""
        run(self._session, "python", str(machine.ROOT / "tests/lab/lab.py"), "--state", self.state, *words, env=env)


@nox.session(python=NEWEST)
def differential(session: nox.Session) -> None:
    """Our verdicts against those of Postfix and of other clients, case by case, and that the test network is as its cases say."""
    need_root(session)
    need_debian(session, *PEERS, "exim4-daemon-light")
    session.install(*CONTROLLER, "-r", "tests/differential/requirements.txt")
    scanners = environment_of_scanners(session)
    root = tree(session)
    with Lab(session) as lab, session.chdir(root / machine.IN_ROOT):
        if not session.posargs:
            lab.call("check")
        environment = {"PYTHONPATH": str(root), "SCANNERS": str(scanners)}
        lab.call("run", "--", "python", *PYTEST, *(session.posargs or ["tests/differential"]), env=environment)


def environment_of_scanners(session: nox.Session) -> Path:
    """Return an environment with the scanners; it is made once."""
    folder = Path(session.bin).parent / "scanners"
    made = folder / "made"
    if not made.exists() or made.read_text(encoding="utf-8").split() != list(SCANNERS):
        session.run("python", "-m", "venv", "--clear", str(folder), silent=True)
        session.run(str(folder / "bin/python"), "-m", "pip", "install", "-q", *SCANNERS, external=True, silent=True)
        made.write_text("\n".join(SCANNERS), encoding="utf-8")
    return folder


@nox.session(python=NEWEST)
def rollover(session: nox.Session) -> None:
    """DANE rollovers, and whatever can go wrong in them, while a sender looks on; in networks of their own."""
    need_root(session)
    session.install(*CONTROLLER)
    run_pytest(session, ["-n", "4", "tests/rollover"])  # they mostly wait for TTLs to run out


def integrate(session: nox.Session, python: str, targets: Sequence[str], *, libraries_only: bool = False) -> None:
    """Run integration targets with ansible-core from the session's environment and the modules on a given Python.

    Args:
        session: the session.
        python: the interpreter of the modules, as ansible-test is told.
        targets: what to run, unless the command line says it.
        libraries_only: leave out what another session shows, and the libraries of TLS, X.509 and DNS have no part in.
    """
    need_root(session)
    need_debian(session, *WITNESSES)
    session.install(*CONTROLLER)
    machine.seed_ansible_test(Path(session.bin).parent)
    source = tree(session) / machine.IN_ROOT
    command = ["ansible-test", "integration", "--allow-destructive", "--color", "no", *(session.posargs or targets)]
    command += ["--controller", f"origin:python={session.python}", "--target", f"controller:python={python}"]
    with Lab(session) as lab, session.chdir(source):
        config = {"lab_state": lab.state, "libraries_only": libraries_only and not session.posargs}
        Path("tests/integration/integration_config.yml").write_text(json.dumps(config), encoding="utf-8")
        lab.call("run", "--", *command)


@nox.session(python=NEWEST)
def integration(session: nox.Session) -> None:
    """Integration targets of the controller, and of what depends on libraries, on the newest Python and libraries."""
    python = f"{session.python}@{Path(session.bin).resolve()}/python"
    integrate(session, python, [*CONTROLLER_TARGETS, *LIBRARY_TARGETS], libraries_only=True)


@nox.session(name="integration-debian", python=NEWEST)
def integration_debian(session: nox.Session) -> None:
    """Integration targets of all modules, on Debian's own Python and libraries."""
    need_debian(session, *DEBIAN_LIBRARIES)
    version = session.run(DEBIAN_PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])", external=True, silent=True)
    left_out = [word for target in CONTROLLER_TARGETS for word in ("--exclude", target)]
    integrate(session, f"{str(version).strip()}@{DEBIAN_PYTHON}", left_out)


@nox.session(python=NEWEST)
def release(session: nox.Session) -> None:
    """The archive of a release: equal from two builds, signed, verified, taken by ansible-builder; and that every workflow is one."""
    need_debian(session, "gnupg")
    tools = ("ansible-builder==3.2.0", "check-jsonschema==0.39.0", "pytest")
    session.install(f"ansible-core=={NEWEST_CORE}.*", "-r", "release/requirements.txt", *tools)
    workflows = [str(path) for path in sorted(Path(".github/workflows").glob("*.yml"))]
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    run_pytest(session, ["tests/release"])


@nox.session(python=NEWEST, default=False)
def archive(session: nox.Session) -> None:
    """The archive of a release, of what is committed, and what comes with it, in dist/, for `make release`."""
    session.install(f"ansible-core=={NEWEST_CORE}.*", "-r", "release/requirements.txt")
    session.run("python", "release/archive.py", "--to", "dist")


@nox.session(name="docs-site", python=NEWEST, default=False)
def docs_site(session: nox.Session) -> None:
    """The documentation as a site in .work/docs/html, for `make docs`."""
    sphinx = ("ansible-pygments", "sphinx>=9,<10", "sphinx-ansible-theme>=0.10")
    session.install("antsibull-docs==2.28.0", f"ansible-core=={NEWEST_CORE}.*", *sphinx)
    site, environment = machine.WORK / "docs", {"ANSIBLE_COLLECTIONS_PATH": str(tree(session))}
    shutil.rmtree(site, ignore_errors=True)
    (site / "rst").mkdir(parents=True, mode=0o755)
    words = ["--use-current", "--squash-hierarchy", "--fail-on-error"]
    named = ["--title", "mailops.tls", "--project", "mailops.tls", "--copyright", "the mailops.tls authors"]
    theme = ["--sphinx-theme", "sphinx_ansible_theme", "--extra-conf", "intersphinx_timeout=5"]
    session.run("antsibull-docs", "sphinx-init", *words, *named, *theme, "--dest-dir", str(site), "mailops.tls", env=environment)
    with session.chdir(site):
        to = ["--cleanup", "everything", "--dest-dir", "rst", "mailops.tls"]
        session.run("antsibull-docs", "--config-file", "antsibull-docs.cfg", "collection", *words, *to, env=environment)
        session.run("sphinx-build", "-q", "-b", "html", "-c", ".", "--keep-going", "rst", "html", env=environment)
    session.log(f"{site / 'html' / 'index.html'}")


@nox.session(name="pytest", python=NEWEST, default=False)
def edit_loop(session: nox.Session) -> None:
    """The edit loop, for tests/run/pytest.sh: pytest on the checkout itself, with the newest libraries."""
    session.install(*CONTROLLER)
    session.run("python", *PYTEST, *(session.posargs or ["tests/unit"]), env={"PYTHONPATH": str(machine.LIVE)})


@nox.session(name="fuzz-guided", python=FUZZED, default=False)
def fuzz_guided(session: nox.Session) -> None:
    """Coverage-guided fuzzing of the checkout itself, for tests/fuzz/run.sh."""
    session.install("atheris", "pytest", "-r", "tests/unit/requirements.txt")
    session.run("python", "tests/fuzz/growing.py", *session.posargs, env={"PYTHONPATH": str(machine.LIVE)})


if __name__ == "__main__":
    nox.main()
