#!/usr/bin/env python3
"""Runs the suites that can run on the library with AWS-LC, and compares the tests that fail with exceptions.tsv: a test that fails
and is not there is a failure of this run, and so is one that is there and passes. Each test has a process of its own; those of Node
share one for each file.
Usage: run.py PREFIX [--write] [SUITE...]: rust, c, go, node

exceptions.tsv: suite, program (of Go the package), test, kind, reason. Rows of the suite "table" stand for C, Go and Node alike: each
runs the cases of tests/table. The kind is "AWS-LC has not" or "not done yet". With --write rows of tests that
pass or are gone are taken out, and new ones come in with the kind "open", which fails the run until somebody has said why.
Environment: TLSOCK_TEST_SECONDS, how long one test may take (60).
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).parent / "exceptions.tsv"
HEAD = "# Tests that fail with AWS-LC: see run.py.\n# suite\tprogram\ttest\tkind\treason\n"
KINDS = ("AWS-LC has not", "not done yet")
SECONDS = int(os.environ.get("TLSOCK_TEST_SECONDS", "60"))
# All of its tests run in one process: they are not listed beforehand.
TOGETHER = ("table", "null_calls")
# What runs the cases of tests/table, and the languages that do.
TABLE, TABLE_IN_GO, TABLE_SUITES = "table", "TestTable", ("c", "go", "node")
TOGETHER_SECONDS = 10 * SECONDS

Test = collections.namedtuple("Test", "suite program name")
# A process: the test that it runs, or those of a program if that has no name, how it is started, and how long it may take.
Process = collections.namedtuple("Process", "test command seconds how", defaults=({"cwd": ROOT},))
# What such a process says of each test that failed, and in its sums.
C_FAILED, C_SUMS = r"^\S+:\d+: (.+?): ", r"^(\d+) passed, (\d+) failed$"
# A step of the table that came out otherwise.
STEP_FAILED = r"^(\S.*)\n  .*\n  was: "
GO_CASE_FAILED, GO_CASE = r"^ +--- FAIL: TestTable/(.+) \(\d", r"^ +--- (?:FAIL|PASS): TestTable/"
TAP_FAILED, TAP_SUMS = r"^not ok \d+ - (.+?)(?: # .*)?$", r"^# pass (\d+)\n# fail (\d+)$"


def run(command, seconds, **how):
    """The exit status, None for what took too long, and what was printed."""
    # In a group of its own, which ends with it: a test that hangs may have started others.
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **how,
    ) as process:
        try:
            said = process.communicate(timeout=seconds)[0]
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, status = process.communicate()[0], None
    return status, said.decode(errors="replace")


def rust_programs():
    """The name and the path of each test program."""
    command = ["packaging/cargo.sh", "test", "--no-run", "--features", "test-panic", "--message-format=json"]
    built = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, check=True, env={**os.environ, "FEATURES": "aws-lc"}
    )
    for line in built.stdout.splitlines():
        said = json.loads(line)
        if said.get("reason") == "compiler-artifact" and said["profile"]["test"] and said["executable"]:
            is_lib = "lib" in said["target"]["kind"] or "rlib" in said["target"]["kind"]
            yield "src" if is_lib else said["target"]["name"], said["executable"]


def rust_tests(_):
    for program, path in rust_programs():
        listed = subprocess.run([path, "--list"], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
        for name in re.findall(r"^(.+): test$", listed, re.MULTILINE):
            yield Process(Test("rust", program, name), [path, "--exact", name, "--test-threads=1"], SECONDS)


def c_tests(prefix):
    folder = ROOT / "build/aws-lc/c"
    make = ["make", "--no-print-directory", "-C", "tests/c", f"PREFIX={prefix}", f"BUILD={folder}"]
    listing = subprocess.run([*make, "-pn", "help"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False).stdout
    programs = [
        program
        for variable in ("PROGRAMS", "ALONE")
        for program in re.search(rf"^{variable} = (.*)$", listing, re.MULTILINE)[1].split()
    ]
    targets = [str(folder / "plain" / program) for program in programs]
    subprocess.run([*make, "certificates", *targets], cwd=ROOT, check=True)
    for program in programs:
        command = [str(folder / "plain" / program), str(folder / "certs")]
        if program in TOGETHER:
            yield Process(Test("c", program, ""), command, TOGETHER_SECONDS)
            continue
        source = (ROOT / "tests/c" / f"{program}.c").read_text()
        for name in re.findall(r"\bCASE\((\w+)\)", source):
            yield Process(Test("c", program, name), [*command, name], SECONDS)


def linked(prefix):
    """The environment in which a binding finds the library, and no other one."""
    return {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig"), "CGO_LDFLAGS": f"-Wl,-rpath,{prefix}/lib"}


def go_tests(prefix):
    how = {"cwd": ROOT / "bindings/go", "env": linked(prefix)}
    listing = ["go", "list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}", "./..."]
    packages = subprocess.run(listing, stdout=subprocess.PIPE, check=True, text=True, **how).stdout.splitlines()
    for package, folder in (line.split() for line in packages if line):
        name = str(pathlib.Path(folder).relative_to(how["cwd"]))
        program = ROOT / "build/aws-lc/go" / f"{name.replace('/', '_').replace('.', 'tlsock')}.test"
        subprocess.run(["go", "test", "-c", "-o", str(program), package], check=True, **how)
        inside = {**how, "cwd": folder}
        listed = subprocess.run([program, "-test.list", "."], stdout=subprocess.PIPE, check=True, text=True, **inside)
        for test in re.findall(r"^(?:Test|Example|Fuzz)\w*$", listed.stdout, re.MULTILINE):
            command = [str(program), "-test.run", f"^{test}$", "-test.count=1", f"-test.timeout={2 * SECONDS}s"]
            command += ["-test.v"] if test == TABLE_IN_GO else []
            yield Process(Test("go", name, test), command, SECONDS, inside)


def node_tests(prefix):
    how = {"cwd": ROOT / "bindings/node", "env": linked(prefix)}
    # It builds the addon again, which stays until another suite does.
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], check=True, **how)
    for file in sorted((how["cwd"] / "test").glob("*.test.js")):
        command = ["node", "--expose-gc", "--test-reporter=tap", str(file)]
        yield Process(Test("node", file.name.removesuffix(".test.js"), ""), command, TOGETHER_SECONDS, how)


SUITES = {"rust": rust_tests, "c": c_tests, "go": go_tests, "node": node_tests}


def failures(test, status, said):
    """The tests that have failed in a process that ran one, or all of a program."""
    if status == 0:
        return {}
    cases = re.findall(GO_CASE_FAILED, said, re.MULTILINE) if test.name == TABLE_IN_GO else []
    if cases and status is not None:
        # Go writes them without spaces.
        titles = {known.name.replace(" ", "_"): known.name for known in read() if known.program == TABLE}
        return {Test(test.suite, TABLE, titles.get(name, name)): said for name in cases}
    if test.name:
        return {test: "took too long" if status is None else said}
    is_node = test.suite == "node"
    named = re.findall(TAP_FAILED if is_node else C_FAILED, said, re.MULTILINE)
    if not is_node:
        named += re.findall(STEP_FAILED, said, re.MULTILINE)
    named = [name.replace("\\#", "#") for name in named] if is_node else named
    found = {Test(test.suite, test.program, name): said for name in named}
    counts = re.findall(TAP_SUMS if is_node else C_SUMS, said, re.MULTILINE)
    if status is None or not counts:
        found[test] = "ended early"
    elif not is_node and int(counts[-1][1]) != len(found):
        found[test] = f"{counts[-1][1]} have failed, of which {len(found)} are named"
    return found


def counted(test, said):
    """How many tests have passed and failed in such a process."""
    if test.name == TABLE_IN_GO:
        return len(re.findall(GO_CASE, said, re.MULTILINE))
    sums = re.findall(TAP_SUMS if test.suite == "node" else C_SUMS, said, re.MULTILINE)
    return sum(map(int, sums[-1])) if not test.name and sums else 1


def read():
    """The rows of the list, with one for each language in place of one of the table."""
    rows = {}
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            suite, program, name, kind, reason = line.split("\t")
            for each in TABLE_SUITES if suite == TABLE else [suite]:
                rows[Test(each, program, name)] = (kind, reason)
    return rows


def write(rows):
    lines = []
    for test, row in sorted(rows.items()):
        is_shared = test.program == TABLE and all(rows.get(test._replace(suite=each)) == row for each in TABLE_SUITES)
        if not is_shared:
            lines.append("\t".join([*test, *row]))
        elif test.suite == TABLE_SUITES[0]:
            lines.append("\t".join([*test._replace(suite=TABLE), *row]))
    LIST.write_text(HEAD + "".join(f"{line}\n" for line in lines))


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    prefix, suites = pathlib.Path(arguments[0]).resolve(), arguments[1:] or list(SUITES)
    # A library of tests that others load; no file of a user's is read.
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        os.environ.pop(name, None)
    os.environ["TLSOCK_TEST_SECONDS"] = str(SECONDS)
    os.environ["RUST_BACKTRACE"] = "0"
    failed, count = {}, collections.Counter()
    logs = ROOT / "build/aws-lc/log"
    logs.mkdir(parents=True, exist_ok=True)

    def work(process):
        return process.test, *run(process.command, process.seconds, **process.how)

    for suite in suites:
        tests = list(SUITES[suite](prefix))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for test, status, said in pool.map(work, tests):
                failed.update(failures(test, status, said))
                count[suite] += counted(test, said)
        with (logs / f"{suite}.log").open("w") as log:
            for test, said in sorted(failed.items()):
                if test.suite == suite:
                    log.write(f"== {test.program} {test.name}\n{said}\n")

    known = {test: row for test, row in read().items() if test.suite in suites}
    new, passing = sorted(set(failed) - set(known)), sorted(set(known) - set(failed))
    if "--write" in sys.argv:
        others = {test: row for test, row in read().items() if test.suite not in suites}
        write(others | {test: known.get(test, ("open", "")) for test in failed})
    for suite in suites:
        kinds = collections.Counter(kind for test, (kind, _) in known.items() if test.suite == suite and test in failed)
        bad = sum(test.suite == suite for test in failed)
        told = ", ".join(f'{kinds[kind]} "{kind}"' for kind in KINDS)
        print(f"{suite}: {count[suite] - bad} of {count[suite]} passed; of the {bad} others are expected: {told}")
    for test in new:
        print("failed, and is not in exceptions.tsv:", *test)
    for test in passing:
        print("passed, or is gone, and is in exceptions.tsv:", *test)
    unexplained = [test for test, (kind, reason) in known.items() if kind not in KINDS or not reason]
    for test in unexplained:
        print("has no kind or no reason in exceptions.tsv:", *test)
    return 1 if new or passing or unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
