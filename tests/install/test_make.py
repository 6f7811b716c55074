"""What make does beside installing: it builds for the machine it is told, and fetches packages only where it says so."""

import os
import pathlib
import subprocess

import pytest
from conftest import ROOT, make, run

HOST = next(line.split()[1] for line in run(ROOT / "packaging/cargo.sh", "--version", "--verbose").splitlines()
            if line.startswith("host: "))
PACKAGED = "stage", "conformance", "bench-quick", "check", "install"


def script(path, *lines):
    path.write_text("\n".join(["#!/bin/sh", *map(str, lines), ""]))
    path.chmod(0o755)
    return path


@pytest.fixture
def lacking(tmp_path):
    """An environment without valgrind, in which apt-get and sudo only write down that they were called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in os.get_exec_path():
        for program in pathlib.Path(place).glob("*"):
            # A link that leads nowhere does not exist for exists(), but its name is taken.
            if program.name != "valgrind" and not os.path.lexists(folder / program.name):
                (folder / program.name).symlink_to(program)
    for name in ("apt-get", "sudo"):
        (folder / name).unlink(missing_ok=True)
        script(folder / name, f"echo {name} >>{tmp_path}/called", "exit 1")
    return {**os.environ, "PATH": str(folder)}


def test_building_installs_no_package(lacking, tmp_path):
    make("build", environment=lacking)
    assert not (tmp_path / "called").exists()
    deps = subprocess.run(["make", "-C", ROOT, "deps"], env=lacking, capture_output=True)
    assert deps.returncode != 0 and (tmp_path / "called").exists()


def test_only_demo_and_test_install_packages():
    def fetches(target):
        return "packaging/deps.sh" in run("make", "-n", "-C", ROOT, target).split("tests/check/all.sh")[0]
    assert fetches("demo") and fetches("test")
    assert not [target for target in PACKAGED if fetches(target)]


def test_what_is_built_for_another_target_is_what_is_installed(prefix, version, tmp_path):
    """Cargo's place is taken by a script: the archive of this machine is as good as another."""
    target = tmp_path / "target"
    archive = target / HOST / "release/libtlsock.a"
    cargo = script(tmp_path / "cargo", f"echo $CARGO_BUILD_TARGET >{tmp_path}/told", f"mkdir -p {archive.parent}",
                   f"cp {prefix}/lib/libtlsock.a {archive}")
    compiler = script(tmp_path / f"{HOST.replace('-unknown-', '-')}-gcc", f"touch {tmp_path}/linked", 'exec cc "$@"')
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "CARGO_BUILD_TARGET": HOST,
                   "CARGO_TARGET_DIR": str(target)}
    environment.pop("CC", None)
    own = (ROOT / "build/lib" / f"libtlsock.so.{version}").stat()
    make("install", environment=environment, CARGO=cargo, PREFIX=tmp_path / "prefix", BUILD=tmp_path / "build")
    assert (tmp_path / "told").read_text().strip() == HOST
    assert (tmp_path / "linked").exists(), f"{compiler} was not asked"
    assert (tmp_path / "prefix/lib/libtlsock.a").read_bytes() == archive.read_bytes()
    assert (ROOT / "build/lib" / f"libtlsock.so.{version}").stat() == own


def test_an_archive_for_musl_has_what_unwinds_the_stack(tmp_path):
    """Rust's place is taken by a script that names a folder as its own."""
    copy = script(tmp_path / "with-unwinder.sh", (ROOT / "packaging/with-unwinder.sh").read_text())
    script(tmp_path / "rustc.sh", f"echo {tmp_path}/rust")
    unwinder = tmp_path / "rust/lib/rustlib/x-unknown-linux-musl/lib/self-contained/libunwind.a"
    unwinder.parent.mkdir(parents=True)

    def archive(path, function):
        source = path.with_suffix(".c")
        source.write_text(f"void {function}(void) {{}}")
        run("cc", "-c", source, "-o", path.with_suffix(".o"))
        run("ar", "rc", path, path.with_suffix(".o"))

    def functions(target):
        run(copy, target, tmp_path / "own.a", tmp_path / "result.a")
        lines = run("nm", "--defined-only", tmp_path / "result.a").splitlines()
        return {line.split()[-1] for line in lines if " T " in line}

    archive(tmp_path / "own.a", "own")
    archive(unwinder, "unwind")
    assert functions("x-unknown-linux-musl") == {"own", "unwind"}
    assert functions("y-unknown-linux-musl") == {"own"}
