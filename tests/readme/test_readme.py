"""The README's client, compiled and run as printed: its first C program takes HOST and PORT, asks for a page over a
verified connection and prints the answer. Its CAs are the default ones, which SSL_CERT_FILE replaces here."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = pathlib.Path(os.environ["TLSOCK_PREFIX"])
FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def programs():
    blocks = re.findall(r"^```c\n(.*?)^```", (ROOT / "README.md").read_text(), re.S | re.M)
    return [block for block in blocks if "int main(" in block]


@pytest.fixture(scope="module")
def certs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certs")
    subprocess.run(["sh", ROOT / "tests/certs/make.sh", folder], check=True)
    return folder


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("client")
    (folder / "client.c").write_text(programs()[0])
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "tlsock"], text=True).split()
    subprocess.run(["cc", *FLAGS, "client.c", "-o", "client", *flags], cwd=folder, check=True)
    return folder / "client"


@pytest.fixture(scope="module")
def port(certs):
    """A web server of OpenSSL's on a port of the kernel's choice."""
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www"]
    command += ["-cert", certs / "ecdsa.pem", "-cert_chain", certs / "ecdsa.pem", "-key", certs / "ecdsa.key"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server:
        line = next(line for line in server.stdout if line.startswith("ACCEPT"))
        yield line.split(":")[-1].strip()
        server.terminate()


def ask(client, host, port, trusted):
    environment = {**os.environ, "SSL_CERT_FILE": str(trusted), "LD_LIBRARY_PATH": str(PREFIX / "lib")}
    return subprocess.run([client, host, port], capture_output=True, text=True, env=environment, timeout=30)


def test_every_program_is_short():
    assert programs(), "the README shows no C program"
    assert len(programs()[0].splitlines()) <= 40


def test_it_talks_to_a_server_it_trusts(client, port, certs):
    done = ask(client, "localhost", port, certs / "ca.pem")
    assert done.returncode == 0, done.stderr
    assert "200 ok" in done.stdout and "TLSv1.3" in done.stdout


def test_it_refuses_a_server_it_does_not_trust(client, port, certs):
    done = ask(client, "localhost", port, certs / "unknown-ca.pem")
    assert done.returncode != 0
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr
