#!/usr/bin/env python3
"""Makes one mistake at a time and tells which of them no test sees.

The mistakes are those of the field's tools: cargo-mutants over src/, gremlins over bindings/go, Stryker's
instrumenter over bindings/node/lib. The tools only list them. They are made here, in a copy of the tree, because none of
the tools can choose the tests by file, draw a sample or ask a second suite about what the first has not seen.

What each mistake came to is kept in build/mutants/LANGUAGE/results.tsv. One that is there is not made again, so a run that
was stopped goes on; a result is dropped when its file has changed. Survivors that survivors.tsv does not know make the exit status 1.
"""

import argparse
import collections
import fnmatch
import random
import subprocess
import sys
import time

import common
import go
import node
import rust

LANGUAGES = {"rust": rust, "go": go, "node": node}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", choices=LANGUAGES)
    parser.add_argument("--shard", metavar="K/N", help="the K-th of N parts, 1 to N")
    parser.add_argument("--sample", type=int, metavar="N", help="that many, drawn by --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", nargs="+", metavar="GLOB", help="only in files that one of these fits, before --shard and --sample")
    parser.add_argument("--in-diff", metavar="COMMIT", help="only in lines that differ from this commit")
    parser.add_argument("--list", action="store_true", help="only tell what would be made")
    parser.add_argument("--quick", action="store_true", help="rust: not the slow comparison with Python's ssl, which comes last")
    parser.add_argument("--timeout", type=int, default=300, metavar="SECONDS", help="for one group of tests")
    parser.add_argument("--proved", action="store_true", help="all tests passed without a mistake a moment ago: believe it")
    return parser.parse_args()


def chosen(mutants, asked):
    if asked.files:
        mutants = [mutant for mutant in mutants if any(fnmatch.fnmatch(mutant.file, glob) for glob in asked.files)]
    if asked.in_diff:
        changed = changed_lines(asked.in_diff)
        mutants = [mutant for mutant in mutants if touches(mutant, changed)]
    if asked.shard:
        part, parts = map(int, asked.shard.split("/"))
        if not 1 <= part <= parts:
            sys.exit(f"--shard {asked.shard}: K/N is from 1/N to N/N")
        mutants = mutants[part - 1 :: parts]
    if asked.sample:
        mutants = random.Random(asked.seed).sample(mutants, min(asked.sample, len(mutants)))
    return mutants


def changed_lines(commit):
    """The lines of each file that are new since this branch left the commit's."""
    left = git("merge-base", commit, "HEAD").strip()
    diff = git("diff", "-U0", "--no-prefix", left, "--")
    lines, file = collections.defaultdict(set), None
    for line in diff.splitlines():
        if line.startswith("+++ "):
            file = line[4:]
        elif line.startswith("@@ "):
            start, _, count = line.split(" ")[2][1:].partition(",")
            # Where lines are only taken away, what stands around the gap has changed.
            first, count = int(start), int(count or 1)
            lines[file].update(range(first, first + count) if count else (first, first + 1))
    return lines


def git(*command):
    return subprocess.run(["git", *command], cwd=common.ROOT, check=True, capture_output=True, text=True).stdout


def touches(mutant, changed):
    return not changed[mutant.file].isdisjoint(range(mutant.line, mutant.last_line + 1))


def main():
    asked = arguments()
    language = LANGUAGES[asked.language]
    mutants = chosen(sorted(language.mutants()), asked)
    if asked.list:
        print("\n".join(mutant.name for mutant in mutants))
        return 0
    known = common.survivors()
    results = common.Results(asked.language)
    place = language.Place(asked.timeout, asked.quick)
    if not asked.proved:
        place.prove_that_all_passes(mutants)
    for number, mutant in enumerate(mutants, 1):
        result = results.of(mutant)
        if result is None:
            started = time.monotonic()
            word, by = place.outcome(mutant)
            # Another run asks more.
            kept = word != "survived" or not asked.quick
            result = results.add(mutant, word, by, time.monotonic() - started, kept)
        if result.word == "survived" and mutant.key in known:
            result = result._replace(word=known[mutant.key])
        print(f"{number}/{len(mutants)} {result.word} {result.by} ({result.seconds} s): {mutant.name}", flush=True)
    return common.summary([(mutant, results.of(mutant)) for mutant in mutants], known)


if __name__ == "__main__":
    sys.exit(main())
