"""A plugin of pytest: the order of the tests is drawn by TLSOCK_TEST_SEED. Tests of one file stay together, as they share what
is made for the file."""

import os
import random


def pytest_collection_modifyitems(items):
    dice = random.Random(int(os.environ["TLSOCK_TEST_SEED"]))
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    order = list(files.values())
    dice.shuffle(order)
    for file in order:
        dice.shuffle(file)
    items[:] = [item for file in order for item in file]
