"""What was installed can be moved: its files for pkg-config and CMake lead to where they are now."""

import pytest
from conftest import make, run
from test_consumers import SOURCE, compile_with, needed, pkg_config, says

LIBDIRS = ("lib", "lib/multi-arch")


@pytest.fixture(params=LIBDIRS)
def moved(request, tmp_path):
    """A prefix that is elsewhere than it was installed, and where in it the libraries are."""
    before, after = tmp_path / "before", tmp_path / "some where else" / "after"
    make("install", PREFIX=before, LIBDIR=before / request.param)
    after.parent.mkdir()
    before.rename(after)
    # pkg-config's answers are words.
    link = tmp_path / "after"
    link.symlink_to(after)
    return link, request.param


def test_pkg_config_finds_it(moved, version, tmp_path):
    prefix, libdir = moved
    flags = pkg_config(prefix, "--cflags", "--libs", "tlsock", libdir=libdir)
    assert flags == [f"-I{prefix}/include", f"-L{prefix}/{libdir}", "-ltlsock"]
    compile_with(flags, tmp_path / "program")
    assert run(tmp_path / "program", env={"LD_LIBRARY_PATH": str(prefix / libdir)}) == says(version)


def test_cmake_finds_it(moved, version, tmp_path):
    prefix, libdir = moved
    build(tmp_path / "build", prefix / libdir / "cmake/tlsock", version)
    assert str(prefix.resolve() / libdir) in run("readelf", "-d", tmp_path / "build/shared")


def build(folder, found, version):
    run("cmake", "-S", SOURCE.parent, "-B", folder, f"-Dtlsock_DIR={found}")
    run("cmake", "--build", folder)
    assert "libtlsock.so.0" in needed(folder / "shared")
    for program in ("shared", "static"):
        assert run(folder / program) == says(version)


def test_pkg_config_finds_it_under_the_root_of_another_system(tmp_path):
    make("install", DESTDIR=tmp_path, PREFIX="/opt/tlsock")
    flags = pkg_config(tmp_path / "opt/tlsock", "--cflags", "--libs", "tlsock", PKG_CONFIG_SYSROOT_DIR=str(tmp_path))
    # What OpenSSL adds is not ours.
    assert [flag for flag in flags if "tlsock/" in flag] == [
        f"-I{tmp_path}/opt/tlsock/include", f"-L{tmp_path}/opt/tlsock/lib"]


def test_cmake_finds_it_through_a_link_to_its_folder(version, tmp_path):
    # As /lib leads to /usr/lib.
    make("install", DESTDIR=tmp_path, PREFIX="/usr")
    (tmp_path / "lib").symlink_to("usr/lib")
    build(tmp_path / "build", tmp_path / "lib/cmake/tlsock", version)


def test_folders_of_the_system_and_folders_elsewhere_are_named(tmp_path):
    def written(name, **variables):
        make("install", DESTDIR=tmp_path / name, **variables)
        [file] = (tmp_path / name).rglob("tlsock.pc")
        return file.read_text().splitlines()[:3]
    # pkg-config leaves out what compilers look through anyway, by these very words.
    assert written("usr", PREFIX="/usr") == ["prefix=/usr", "libdir=${prefix}/lib", "includedir=${prefix}/include"]
    assert written("elsewhere", PREFIX="/opt/tlsock", LIBDIR="/lib64") == [
        "prefix=/opt/tlsock", "libdir=/lib64", "includedir=${prefix}/include"]
    [file] = (tmp_path / "elsewhere").rglob("tlsock-config.cmake")
    assert '"/lib64/libtlsock.a"' in file.read_text() and '"/opt/tlsock" ABSOLUTE' in file.read_text()
