#!/bin/bash
# Every exported name of the Go binding has a comment that stands alone in `go doc`.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck disable=SC2046
go run tests/check/go_docs.go $(find bindings/go -name '*.go' ! -name '*_test.go' -printf '%h\n' | sort -u)
