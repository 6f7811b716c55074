#!/bin/bash
# SCRAM-SHA-256-PLUS: a login to PostgreSQL that is bound to the TLS connection by tls-server-end-point (RFC 5929), and
# what the server says to one that is bound to another.
set -uo pipefail
cd "$(dirname "$0")"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=../../interop exec python3 login.py
