"""What the library is linked with, from Cargo.lock: each package under a licence that deny.toml allows, once, from the
registry, and none that deny.toml bans. The header's generator is in no library and not looked at."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"


def allowed(expression, licences):
    """Whether one may choose allowed licences only. `/` is the old way to write OR."""
    words = re.findall(r"\(|\)|[^\s()]+(?: WITH [^\s()]+)?", expression.replace("/", " OR "))

    def either():
        result = both()
        while words and words[0] == "OR":
            words.pop(0)
            result = both() or result
        return result

    def both():
        result = one()
        while words and words[0] == "AND":
            words.pop(0)
            result = one() and result
        return result

    def one():
        word = words.pop(0)
        if word != "(":
            return word in licences
        result = either()
        words.pop(0)
        return result

    return either()


def packages(*features):
    """Those of the library on any system, with their own dependencies. Of what only builds them nothing is in the library."""
    cargo = os.environ.get("CARGO") or ROOT / "packaging/cargo.sh"
    ran = subprocess.run([cargo, "metadata", "--format-version", "1", "--locked", *features],
                         cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    metadata = json.loads(ran.stdout)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    used, new = set(), [metadata["resolve"]["root"]]
    while new:
        node = nodes[new.pop()]
        used.add(node["id"])
        new += [dep["pkg"] for dep in node["deps"] if dep["pkg"] not in used and any(kind["kind"] is None for kind in dep["dep_kinds"])]
    return [package for package in metadata["packages"] if package["id"] in used and package["source"]]


def main():
    policy = tomllib.loads((ROOT / "deny.toml").read_text())
    found = list({package["id"]: package for package in [*packages("--features", "vendored"), *packages("--no-default-features", "--features", "aws-lc")]}.values())
    wrong = [f"{package['name']}: licence {package['license']}" for package in found
             if not allowed(package["license"] or "none", policy["licenses"]["allow"])]
    wrong += [f"{package['name']}: from {package['source']}" for package in found if package["source"] != REGISTRY]
    wrong += [f"{name}: {count} versions" for name, count in Counter(package["name"] for package in found).items()
              if count > 1]
    banned = {entry["name"] for entry in policy["bans"]["deny"]}
    wrong += [f"{package['name']}: banned" for package in found if package["name"] in banned]
    for line in wrong:
        print(f"dependencies: {line}", file=sys.stderr)
    print(f"dependencies: {len(found)} packages, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
