#!/bin/bash
# The tests that docs/security.md names exist.
set -euo pipefail
cd "$(dirname "$0")/../.."
count=0 missing=0
while IFS= read -r named; do
    count=$((count + 1))
    file=tests/${named%%::*} name=${named##*::}
    grep -qw -- "$name" "$file" 2>/dev/null || { echo "docs/security.md names $named, which is not there" >&2; missing=1; }
done < <(grep -oE '`[a-z_/]+\.(py|rs|c)::[a-z_0-9]+`' docs/security.md | tr -d '`' | sort -u)
# The cases in brackets are keys of the two tables.
while IFS= read -r case; do
    count=$((count + 1))
    grep -qF "\"$case" tests/interop/test_attack_surface.py || { echo "docs/security.md names [$case], which is not there" >&2; missing=1; }
done < <(grep -E '(hello|answer)' docs/security.md | grep -oE '\[[^]]*\]' | tr -d '[]' | sed 's/ \.\.\.$//' | grep -v '^docs/' | sort -u)
[ $missing = 0 ]
echo "security: $count named tests, all there"
