"""A user's program builds against the installed library by pkg-config and by CMake, shared and static."""

import os
import shutil

import pytest
from conftest import ROOT, run

SOURCE = ROOT / "tests/install/consumer.c"
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def says(version):
    major, minor, patch = map(int, version.split("."))
    return f"{version} {version} {major << 16 | minor << 8 | patch} ValueError wrong\n"


def pkg_config(prefix, *arguments, libdir="lib", **environment):
    environment = {**os.environ, "PKG_CONFIG_PATH": str(prefix / libdir / "pkgconfig"), **environment}
    return [plain(flag) for flag in run("pkg-config", *arguments, env=environment).split()]


def plain(flag):
    """A folder's flag without the way back from where tlsock.pc is."""
    return flag[:2] + os.path.normpath(flag[2:]) if flag[:2] in ("-I", "-L") else flag


def compile_with(flags, program):
    run("cc", *STRICT, SOURCE, "-o", program, *flags)


def needed(program):
    return [line.split("[")[1][:-1] for line in run("readelf", "-d", program).splitlines() if "NEEDED" in line]


def test_pkg_config_links_the_shared_library(prefix, version, tmp_path):
    program = tmp_path / "shared"
    flags = pkg_config(prefix, "--cflags", "--libs", "tlsock")
    assert flags == [f"-I{prefix}/include", f"-L{prefix}/lib", "-ltlsock"]
    compile_with(flags, program)
    assert "libtlsock.so.0" in needed(program)
    assert run(program, env={"LD_LIBRARY_PATH": str(prefix / "lib")}) == says(version)


def test_pkg_config_static_links_the_archive(prefix, version, tmp_path):
    # A prefix without the shared library, for the linker prefers that one where it finds both.
    alone = tmp_path / "prefix"
    shutil.copytree(prefix, alone, ignore=shutil.ignore_patterns("*.so*"))
    program = tmp_path / "static"
    compile_with(pkg_config(alone, "--static", "--cflags", "--libs", "tlsock"), program)
    assert not [name for name in needed(program) if "tlsock" in name]
    assert run(program, env={}) == says(version)


@pytest.mark.skipif(not os.path.isabs(run("cc", "-print-file-name=libcrypto.a").strip()), reason="no static OpenSSL")
def test_pkg_config_static_links_a_program_without_any_shared_library(prefix, version, tmp_path):
    program = tmp_path / "whole"
    compile_with(["-static", *pkg_config(prefix, "--static", "--cflags", "--libs", "tlsock")], program)
    assert "no dynamic section" in run("readelf", "-d", program)
    assert run(program, env={}) == says(version)


def test_pkg_config_static_also_links_beside_the_shared_library(prefix, version, tmp_path):
    program = tmp_path / "either"
    compile_with(pkg_config(prefix, "--static", "--cflags", "--libs", "tlsock"), program)
    assert run(program, env={"LD_LIBRARY_PATH": str(prefix / "lib")}) == says(version)


def test_pkg_config_knows_the_version(prefix, version):
    assert pkg_config(prefix, "--modversion", "tlsock") == [version]


def test_cmake_finds_both_libraries(prefix, version, tmp_path):
    run("cmake", "-S", SOURCE.parent, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", tmp_path)
    assert "libtlsock.so.0" in needed(tmp_path / "shared")
    assert not [name for name in needed(tmp_path / "static") if "tlsock" in name]
    for program in ("shared", "static"):
        assert run(tmp_path / program) == says(version)


@pytest.mark.parametrize("wanted", ["0.2", "1.0"])
def test_cmake_refuses_another_version(prefix, wanted, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(picky NONE)\n"
        f"find_package(tlsock {wanted} QUIET)\n"
        "if(tlsock_FOUND)\n  message(FATAL_ERROR found)\nendif()\n"
    )
    run("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
