"""Runs every scenario through Python's own ssl and prints the outcomes as JSON. Usage: reference.py FILES"""

import json
import ssl
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "reference"))
import upstream  # noqa: F401: changes ssl
from old_reference import forget_shared_ciphers
from twins import PythonApi, load_scenarios, run_all

forget_shared_ciphers()
load_scenarios()
json.dump({"version": sys.version_info[:3], "openssl": ssl.OPENSSL_VERSION,
           "outcomes": run_all(PythonApi(), Path(sys.argv[1]))}, sys.stdout)
