#!/bin/bash
# Measures tlsock with AWS-LC beside raw libssl, raw AWS-LC, tlsock with the OpenSSL that can be built in, rustls and s2n-tls:
# run.sh PREFIX VENDORED_PREFIX [options of measure.py]. Takes a quarter of an hour and renews docs/performance-aws-lc.csv and a
# table of docs/performance.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=$(realpath -m build/bench-aws-lc)
benches/aws_lc/build.sh "$(realpath "$1")" "$(realpath "$2")" "$programs"
benches/aws_lc/measure.py "$programs" docs/performance-aws-lc.csv "${@:3}"
