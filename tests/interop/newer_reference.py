"""Where a Python after 3.13 differs from 3.13, whose semantics are ours. As seen with 3.14.8."""

from deviations import END_OF_FILE, NEW_IN_3_13, instead_of

CLIENT_AS_SERVER = {"raises": "SSLError", "message": "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context",
                    "library": None, "reason": None, "code": 0}
EMPTY_NAME = {"raises": "ValueError",
              "message": "server_hostname cannot be an empty string or start with a leading dot."}
SHUT_DOWN = {"raises": "SSLError", "message": "[SSL: PROTOCOL_IS_SHUTDOWN] protocol is shutdown", "library": "SSL",
             "reason": "PROTOCOL_IS_SHUTDOWN", "code": 1}
OF_SERVERS = "names_and_sessions_of_servers_in_memory"

# (scenario, step): what makes 3.13's outcome of a newer reference's, which checks the arguments of a connection in memory
# as those of a socket, in another order.
AS_IN_3_13 = {
    ("host_names_that_are_none", "''"): instead_of("ValueError", EMPTY_NAME),
    ("wrong_roles", "client as server"): instead_of(
        {"raises": "ValueError", "message": "check_hostname requires server_hostname"}, CLIENT_AS_SERVER),
    **{(OF_SERVERS, step): NEW_IN_3_13[OF_SERVERS, step] for step in ("name", "another's session", "own session")},
}


def after_3_13(scenario, ours, theirs, version):
    """The outcomes of a newer reference as 3.13 has them; those of ours tell where."""
    if version < (3, 14):
        return theirs
    return {step: _as_3_13(ours.get(step), AS_IN_3_13.get((scenario, step), lambda same: same)(outcome))
            for step, outcome in theirs.items()}


def _as_3_13(ours, theirs):
    """What is sent after the own close_notify is an SSLError of this reason in 3.13, and an end of file later."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return {key: _as_3_13(ours.get(key), outcome) for key, outcome in theirs.items()}
    if not (isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs)):
        return theirs
    if len(theirs) == 2 and _sends(theirs[0]):
        return [theirs[0], SHUT_DOWN if theirs[1] == END_OF_FILE and ours[1] == SHUT_DOWN else theirs[1]]
    return [_as_3_13(mine, outcome) for mine, outcome in zip(ours, theirs)]


def _sends(call):
    return isinstance(call, str) and ("send" in call or "write" in call)
