"""tlsock does what Python's ssl does: every scenario, step by step, except where the contract says otherwise."""

import faulthandler
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import odd_certificates
import pytest
from conftest import TIME_LIMIT
from deviations import (NOT_YET, before_3_13, differs_in, expected, told_less, with_other_openssl, without_more_words,
                        without_numbers)
from find_reference import find_reference
from newer_reference import after_3_13
from old_reference import with_the_unknown
from tlsock import Absent, lib
from twins import SCENARIOS, OurApi, differences, load_scenarios, plain

HERE = Path(__file__).resolve().parent
REFERENCE_LIMIT = 300
load_scenarios()


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="session")
def files(certs, tmp_path_factory):
    """The test certificates and every wrong kind of file beside them."""
    directory = tmp_path_factory.mktemp("files")
    for path in certs.iterdir():
        if path.is_file():
            shutil.copy(path, directory)
    ca, inter, key = ((directory / name).read_text() for name in ("ca.pem", "inter.pem", "ecdsa.key"))
    made = {"empty.pem": "", "garbage.pem": "no certificate at all\n", "truncated.pem": ca[:300], "key-only.pem": key,
            "not-base64.pem": "-----BEGIN CERTIFICATE-----\n####\n-----END CERTIFICATE-----\n",
            "two.pem": ca + inter, "twice.pem": ca + ca,
            "combined.pem": (directory / "ecdsa.pem").read_text() + key}
    for name, text in made.items():
        (directory / name).write_text(text)
    (directory / "directory").mkdir()
    (directory / "hashed").mkdir()
    shutil.copy(directory / "ca.pem", directory / "hashed")
    openssl("rehash", directory / "hashed")
    openssl("x509", "-in", directory / "ca.pem", "-outform", "DER", "-out", directory / "der.pem")
    openssl("x509", "-in", directory / "inter.pem", "-outform", "DER", "-out", directory / "inter.der")
    openssl("req", "-x509", "-newkey", "rsa:1024", "-noenc", "-subj", "/CN=weak", "-keyout", directory / "weak.key",
            "-out", directory / "weak.pem")
    several = ("-subj", "/C=DE/O=tlsock+OU=in one set+serialNumber=42/street=Way 1/emailAddress=a@b.example/CN=x")
    for name, serial, *options in (("rich", 0), ("multi", 0x80, *several), ("negative", -5), ("long", 0xABC << 120)):
        openssl("req", "-x509", "-newkey", "ed25519", "-noenc", "-config", HERE / "rich.cnf", "-extensions", "rich",
                "-set_serial", serial, "-keyout", directory / f"{name}.key", "-out", directory / f"{name}.pem",
                *options)
    openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", directory / "dh.pem")
    odd_certificates.make(directory, openssl)
    return directory


@pytest.fixture(scope="session")
def reference(files):
    environment = {name: value for name, value in os.environ.items() if name != "SSLKEYLOGFILE"}
    # It runs all scenarios at once: more than the time of one test.
    faulthandler.dump_traceback_later(REFERENCE_LIMIT + 30, exit=True)
    ran = subprocess.run([find_reference(), HERE / "reference.py", files], capture_output=True, text=True,
                         timeout=REFERENCE_LIMIT, env=environment)
    faulthandler.dump_traceback_later(TIME_LIMIT, exit=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("name", SCENARIOS)
def test_as_python_does(name, files, reference):
    if tuple(reference["version"])[:2] != (3, 13):
        print(f"the reference is Python {reference['version']}", file=sys.stderr)
    other_openssl = reference["openssl"] != lib.tlsock_openssl_version().decode()
    if other_openssl and (difference := differs_in(name, reference["openssl"])):
        pytest.skip(f"the reference has {reference['openssl']}, which differs in {difference}")
    try:
        ours = without_more_words(plain(SCENARIOS[name](OurApi(), files)))
    except Absent as absent:
        pytest.skip(str(absent))
    if reason := reference["outcomes"][name].get("cannot"):
        print(f"{name}: {reason}", file=sys.stderr)
        pytest.skip(reason)
    version = tuple(reference["version"])
    theirs = before_3_13(name, without_numbers(reference["outcomes"][name]), version)
    theirs = after_3_13(name, ours, theirs, version)
    if other_openssl:
        ours, theirs = with_other_openssl(ours), with_other_openssl(theirs)
    wanted = {step: expected(name, step, outcome, reference["openssl"]) for step, outcome in theirs.items()}
    if not reference["openssl"].startswith("OpenSSL 3.0."):
        wanted = {step: told_less(name, ours.get(step), outcome) for step, outcome in wanted.items()}
    wanted = {step: with_the_unknown(ours.get(step), outcome) for step, outcome in wanted.items()}
    unfinished = {step for scenario, step in NOT_YET if scenario == name}
    mended = {step for step in unfinished if not differences(ours[step], wanted[step])}
    assert not mended, f"no longer different: {mended}"
    for step in unfinished:
        print(f"{name}: {step} still differs from the reference", file=sys.stderr)
    ours, wanted = ({step: outcome for step, outcome in outcomes.items() if step not in unfinished}
                    for outcomes in (ours, wanted))
    found = differences(ours, wanted)
    assert not found, "\n".join(f"{path}\n    ours:     {mine}\n    expected: {other}" for path, mine, other in found)
