#!/bin/bash
# The C tests, the examples and the bindings are as .clang-format says. Versions of clang-format break lines differently: that of Debian 12 counts.
set -euo pipefail
cd "$(dirname "$0")/../.."
format=$(command -v clang-format-14 || command -v clang-format || true)
version=$([ -z "$format" ] || "$format" --version | grep -oE 'version [0-9]+' | tr -dc 0-9)
if [ "$version" != 14 ]; then
    echo "c format: not checked, clang-format 14 is not installed (apt-get install clang-format on Debian 12)"
    exit 0
fi
mapfile -t files < <(git ls-files 'tests/c/*.[ch]' 'bindings/*.c' 'bindings/*.h')
if [ "${1:-}" = --write ]; then
    "$format" -i "${files[@]}"
    exit
fi
"$format" --dry-run --Werror "${files[@]}" || { echo "c format: run \`tests/check/c_format.sh --write\`" >&2; exit 1; }
echo "c format: ${#files[@]} files, nothing to change"
