"""Makes the files of ticket keys for make.sh: ticket_keys.py FOLDER. The keys are those that the table calls key:LENGTH:SEED."""

import base64
import sys
from pathlib import Path


def key(length, seed):
    return bytes((seed + 7 * index) % 256 for index in range(length))


def line(one):
    return base64.b64encode(one) + b"\n"


def main(folder):
    folder.mkdir(exist_ok=True)
    keys = {length: [key(length, seed) for seed in range(1, 5)] for length in (48, 80)}
    files = {}
    for length, all_of_it in keys.items():
        lines = [line(one) for one in all_of_it]
        files |= {f"{seed}.{length}": one for seed, one in enumerate(all_of_it, 1)}
        files |= {
            f"keys.{length}": b"".join(lines),
            f"crlf.{length}": b"".join(lines).replace(b"\n", b"\r\n"),
            f"open.{length}": b"".join(lines).removesuffix(b"\n"),
            f"two.{length}": b"".join(lines[:2]),
            f"blank.{length}": b"".join(lines) + b"\n",
            f"gap.{length}": lines[0] + b"\n" + b"".join(lines[1:]),
            f"spaced.{length}": lines[0] + b" " + b"".join(lines[1:]),
            f"cut.{length}": b"".join(lines)[:-3],
            f"twice.{length}": lines[0] + lines[1] + lines[0],
            f"zeros.{length}": lines[0] + lines[1] + line(bytes(length)),
            f"text.{length}": b"".join(lines)[:length],
        }
    long, short = line(keys[80][0]), line(keys[48][1])
    files |= {
        "empty": b"",
        "47": key(47, 1),
        "81": key(81, 1),
        "zeros": bytes(80),
        "mixed": long + short + line(keys[80][2]),
        # Cut at 64 letters, a long key is a whole short one.
        "halved": long + line(keys[80][1]) + line(keys[80][2])[:64],
        "64": line(key(64, 1)) * 3,
        "url": long.replace(b"+", b"-").replace(b"/", b"_") + line(keys[80][1]) + line(keys[80][2]),
        "nul": long + b"\0" + line(keys[80][1]) + line(keys[80][2]),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


main(Path(sys.argv[1]))
