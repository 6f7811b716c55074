#!/bin/bash
# The rules of docs/locks.md that the sources show. Prints each offence; ends with 1 if there is one.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t files < <(find src -name '*.rs' ! -path 'src/lock*' | sort)
offences=0
forbid() { # RULE PATTERN
    local found
    found=$(grep -HnE -- "$2" "${files[@]}" | grep -vE '^[^:]*:[0-9]+: *//' || true)
    [ -z "$found" ] || { printf '%s:\n%s\n' "$1" "$found" >&2; offences=$((offences + 1)); }
}

# The handles of a checked build are counted by one lock, under which nothing else happens.
mapfile -t files < <(printf '%s\n' "${files[@]}" | grep -v '^src/ffi/handle/checked.rs$')
forbid "locks come from src/lock.rs, with a rank" '\bparking_lot\b|\bstd::sync::[{a-zA-Z, :]*\b(Mutex|RwLock|ReentrantLock|Condvar)\b'
forbid "what is replaced under a lock is dropped under it: use a Slot" '\*[a-zA-Z_0-9.]+\.lock\(\) *='
forbid "what is replaced under a lock is dropped under it: use a Slot" 'lock\(\)\.[a-z_]+ *= *(Some|None|Arc|[a-z_]*callback)'

# Each rank is in the table.
while read -r rank; do
    grep -q "^| \`$rank\`" docs/locks.md || { echo "docs/locks.md lacks $rank" >&2; offences=$((offences + 1)); }
done < <(sed -n 's/^pub const \([A-Z]*\): u8 = .*/\1/p' src/lock.rs)

[ $offences -eq 0 ] || { echo "locks: $offences broken rules" >&2; exit 1; }
echo "locks: ${#files[@]} files keep the rules"
