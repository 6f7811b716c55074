"""Runs every scenario through Python's own ssl and prints the outcomes as JSON. Usage: reference.py FILES"""

import json
import sys
from pathlib import Path

import scenarios_connection
import scenarios_context
import scenarios_loading
import scenarios_outcomes
import scenarios_random
import scenarios_socket
import scenarios_trust
from twins import PythonApi, run_all

json.dump({"version": sys.version_info[:3], "outcomes": run_all(PythonApi(), Path(sys.argv[1]))}, sys.stdout)
