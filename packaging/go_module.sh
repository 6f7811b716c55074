#!/bin/bash
# Names the Go modules after the place of the repository, which is in packaging/repository and nowhere else: a module
# in a folder of a repository is called by both. `go get` finds it there. Without a public place ("none") the module is
# called tlsock, and programs replace it by a folder.
#
# usage: go_module.sh [--check]   --check only tells what is named otherwise
set -euo pipefail
cd "$(dirname "$0")/.."

place=$(cat packaging/repository)
module=$place/bindings/go alias='tlsock '
[ "$place" != none ] || module=tlsock alias=
folders=(bindings/go benches/go tests/integration/go)

# A path by which the binding is meant: its module's, a package's, or the bare name of a source that was written
# before it had a place.
old='"([a-z0-9.-]+(/[a-zA-Z0-9._~-]+)*/bindings/go|tlsock)((/(tlsock[a-z]+|internal/[a-z]+|recipes))?)"'

rename_sources() { # FILE...
    # The name of the package is not the last part of its path.
    sed -i -E -e "s#^(import |\t)(tlsock )?$old#\1\"$module\5\"#" -e "s#^(import |\t)\"$module\"#\1$alias\"$module\"#" "$@"
}

rename_modules() { # GO.MOD...
    local path='([a-z0-9.-]+(/[a-zA-Z0-9._~-]+)*/bindings/go|tlsock)((/(tlsock[a-z]+|recipes))?)'
    sed -i -E "s#^(module |require |replace |\t)$path( |\$)#\1$module\4\7#" "$@"
}

export -f rename_sources rename_modules
export module old alias
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
find "${folders[@]}" \( -name '*.go' -o -name go.mod \) -print0 | xargs -0 cp --parents -t "$copy"
(
    cd "$copy"
    find . -name '*.go' -print0 | xargs -0 bash -c 'rename_sources "$@"' _
    find . -name go.mod -print0 | xargs -0 bash -c 'rename_modules "$@"' _
    gofmt -w .
)
changed=0
while IFS= read -r -d '' file; do
    if ! cmp -s "$file" "$copy/$file"; then
        changed=$((changed + 1))
        if [ "${1:-}" = --check ]; then
            echo "$file: names the module otherwise than $module: run packaging/go_module.sh"
        else
            cat "$copy/$file" >"$file"
        fi
    fi
done < <(cd "$copy" && find . -type f -print0)
if [ "${1:-}" = --check ]; then
    [ $changed -eq 0 ]
    echo "Go: the module is called $module"
else
    echo "$changed files named after $module"
fi
