"""The library lives in a process that uses an OpenSSL of its own: Python's, Node's, or one more copy."""

import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from conftest import HERE, PREFIX

LIBRARY = "libtlsock.so.0"
SYSTEM = {"libssl.so.3", "libcrypto.so.3"}
VERSION = (PREFIX / "lib" / LIBRARY).resolve().name.removeprefix("libtlsock.so.")

needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


def linked():
    """Where the library's OpenSSL comes from, by name; nothing for one that is inside it."""
    libraries = subprocess.run(["ldd", PREFIX / "lib" / LIBRARY], capture_output=True, text=True, check=True).stdout
    return {name: pathlib.Path(path) for name, path in re.findall(r"(lib(?:ssl|crypto)\.so\.3) => (\S+)", libraries)}


# Whose functions the library's calls of OpenSSL reach: the loader is not asked for those inside.
OWNERS = SYSTEM if linked() else None


def expected():
    """What work() says: the OpenSSL must be the one the library was linked with."""
    holder = linked().get("libcrypto.so.3", PREFIX / "lib" / LIBRARY)
    openssl = re.search(rb"OpenSSL \d+\.\d+\.\d+[^\0]* \d{4}\0", holder.read_bytes())[0].rstrip(b"\0").decode()
    return f"{VERSION}; {openssl}; TLSv1.3; hello"


def copy_of_openssl(folder):
    """Copies the system's OpenSSL under names of its own, as a wheel that brings one along does."""
    # The system's, through what is linked with it: `openssl`.
    libraries = subprocess.run(["ldd", shutil.which("openssl")], capture_output=True, text=True, check=True).stdout
    for name in sorted(SYSTEM):
        content = pathlib.Path(re.search(rf"{re.escape(name)} => (\S+)", libraries)[1]).read_bytes()
        for old in SYSTEM:
            content = content.replace(old.encode(), old.replace(".so.3", "_so_3").encode())
        (folder / name.replace(".so.3", "_so_3")).write_bytes(content)
    return folder / "libssl_so_3"


def test_inside_python(build, observe):
    said, owners = observe(sys.executable, HERE / "inside_python.py", build("work.so", "work.c"))
    assert said == expected()
    assert owners.get(LIBRARY) == OWNERS


def test_inside_python_with_one_more_copy(build, observe, tmp_path, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    copy = copy_of_openssl(tmp_path)
    said, owners = observe(sys.executable, HERE / "inside_python.py", build("work.so", "work.c"), copy)
    assert said == expected()
    assert owners.get(LIBRARY) == OWNERS
    # Ubuntu links libssl so that it finds its own functions without the linker of the process.
    assert {"libcrypto_so_3"} <= owners["libssl_so_3"] <= {"libcrypto_so_3", "libssl_so_3"}


@needs_node
def test_inside_node(build, observe):
    said, owners = observe("node", HERE / "inside_node.js", build("addon.node", "addon.c", "work.c"))
    assert said == expected()
    assert owners.get(LIBRARY) == OWNERS
    assert all(owners.get(library, set()) <= SYSTEM for library in SYSTEM)


@needs_node
def test_node_is_the_hard_case_it_is_taken_for(build, observe):
    """Without RTLD_DEEPBIND the functions win that Node exports; if it exports none, the flag is not needed."""
    addon = build("addon.node", "addon.c", "work.c")
    exported = subprocess.run(["nm", "-D", shutil.which("node")], capture_output=True, text=True).stdout
    _, owners = observe("node", "-e", "require(process.argv[1])", addon)
    assert ("node" in owners.get(LIBRARY, ())) == (bool(linked()) and " T SSL_CTX_new" in exported)


def test_unloaded_while_a_thread_has_used_it(tmp_path):
    """The thread cleans up after OpenSSL when it ends, however the library was loaded."""
    program = tmp_path / "unload"
    subprocess.run(["cc", "-std=gnu11", "-Wall", "-Werror", HERE / "unload.c", "-o", program, "-lpthread", "-ldl"],
                   check=True)
    done = subprocess.run([program, PREFIX / "lib" / LIBRARY], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
