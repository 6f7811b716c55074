"""Random walks: the same seeded steps must give the same outcomes, one by one."""

import random

from scenarios_outcomes import data_met_unwrap
from twins import client_context, each_version, scenario, server_context

WALKS = 150
STEPS = 50
OP_NO_TICKET = 1 << 14


class Link:
    """A client and a server whose bytes travel in pieces of any size."""

    def __init__(self, api, client, server):
        self.api = api
        self.bios = {side: (api.BIO(), api.BIO()) for side in ("client", "server")}
        # Ed25519's signatures all have one size, so that pieces mean the same on both sides of the comparison.
        self.ends = {"client": client.wrap_bio(*self.bios["client"], server_hostname="localhost"),
                     "server": server.wrap_bio(*self.bios["server"], server_side=True)}

    def carry(self, side, size):
        """Takes bytes that this side put out to the other side."""
        other = "server" if side == "client" else "client"
        return self.api.attempt(self.bios[other][0].write, self.bios[side][1].read(size))

    def step(self, chance):
        side = chance.choice(("client", "server"))
        end = self.ends[side]
        name = chance.choices(
            ("carry all", "carry some", "handshake", "read", "write", "unwrap", "pending", "version", "reused",
             "certificate", "garbage", "end"),
            (30, 8, 14, 14, 10, 3, 2, 2, 1, 1, 0.3, 0.7))[0]
        size = chance.choice((1, 5, 50, 500, 16384, 20000))
        steps = {
            "carry all": lambda: self.carry(side, -1), "carry some": lambda: self.carry(side, size),
            "handshake": lambda: self.api.attempt(end.do_handshake),
            "read": lambda: self.api.attempt(end.read, size),
            "write": lambda: self.api.attempt(end.write, bytes(range(256)) * (size // 256) + b"." * (size % 256)),
            "unwrap": lambda: self.api.attempt(end.unwrap), "pending": lambda: self.api.attempt(end.pending),
            "version": lambda: self.api.attempt(end.version),
            "reused": lambda: self.api.attempt(getattr, end, "session_reused"),
            "certificate": lambda: bool(self.api.attempt(end.getpeercert)),
            "garbage": lambda: self.api.attempt(self.bios[side][0].write, b"neither a record nor anything else"),
            "end": lambda: self.api.attempt(self.bios[side][0].write_eof),
        }
        outcome = steps[name]()
        if isinstance(outcome, dict) and len(outcome.get("bytes", "")) > 64:
            outcome = {"bytes": outcome["bytes"][:16], "size": len(outcome["bytes"]) // 2}
        return [f"{side} {name} {size}", outcome]


@scenario
def random_walks(api, files):
    def steps(version):
        client, server = client_context(api, files, version), server_context(api, files, version, "ed25519")
        # Tickets differ in length: ours also contain what was proved.
        server.options |= OP_NO_TICKET
        found = {}
        for seed in range(WALKS):
            chance, link = random.Random(seed), Link(api, client, server)
            # Some walks begin in the middle of a conversation.
            for _ in range(seed % 3 * 2):
                for side in ("client", "server"):
                    api.attempt(link.ends[side].do_handshake)
                    link.carry(side, -1)
            found[str(seed)] = walk = []
            while len(walk) < STEPS and not (walk and data_met_unwrap(walk[-1][1])):
                walk.append(link.step(chance))
        return found
    return each_version(steps)
