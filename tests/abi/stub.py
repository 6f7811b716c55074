"""A C file with an empty function for each of a header's: what a compiler makes of it has the header's whole binary
interface, types included, for tools that compare those.

    stub.py HEADER
"""

import sys
from pathlib import Path

from dump import promises


def main():
    header = Path(sys.argv[1]).resolve()
    print(f'#include "{header}"')
    for promise in promises(header):
        if promise.startswith("function "):
            print(f"{promise.removeprefix('function ')} {{ __builtin_trap(); }}")


if __name__ == "__main__":
    main()
