"""Where tlsock differs from the reference on purpose ("Ours:" in the header), or the reference from 3.13."""

import errno
import json
import re

from tlsock import OPENSSL_4

NO_CERTIFICATE = [{"raises": "SSLError", "library": "X509", "reason": "NO_CERTIFICATE_OR_CRL_FOUND", "code": 136,
                   "message": "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found"},
                  {"x509": 0, "crl": 0, "x509_ca": 0}]

NOT_CONNECTED = {"raises": "OSError", "os_errno": errno.ENOTCONN}
WANTS_READ = {"raises": "SSLWantReadError"}
END_OF_FILE = {"raises": "SSLEOFError", "message": "EOF occurred in violation of protocol", "library": None,
               "reason": None, "code": 8}
VERSIONS = ("TLSv1.2", "TLSv1.3")
EARLY_GOODBYES = ("close_notify", "user_canceled, close_notify")


def no_address(name):
    return {"raises": "ValueError", "message": f"server_hostname '{name}' is no IPv4 address, and no name: write four "
                                               "decimal numbers up to 255 without leading zeros, as in 127.0.0.1"}


UNREADABLE = {"raises": "SSLError", "message": "[X509V3: INVALID_CERTIFICATE] invalid certificate", "library": "X509V3",
              "reason": "INVALID_CERTIFICATE", "code": 158}


def as_without_chain(theirs):
    """The outcome of a resumed connection, whose peer sent no chain: Python shows that of the first handshake where it still
    has it, which depends on its version."""
    return [*theirs[:3], {**theirs[3], "sent chain": []}]


def with_an_alert(theirs):
    """The outcome of a callback that refuses by a number which is no alert: Python sends the client nothing."""
    told = {"raises": "SSLError", "message": "[SSL: TLSV1_ALERT_INTERNAL_ERROR] tlsv1 alert internal error",
            "library": "SSL", "reason": "TLSV1_ALERT_INTERNAL_ERROR", "code": 1}
    return [{**theirs[0], "client": told}, *theirs[1:]]


# (scenario, step): what ours gives, or what makes it of the reference's, and why.
OURS = {
    # A name that is to be checked has to be given, also in memory.
    ("no_name_to_check", "client"): {"raises": "ValueError", "message": "check_hostname requires server_hostname"},
    # PEM and DER are told apart by content; Python tells text from bytes.
    ("authorities_in_memory", "junk"): [
        {"raises": "SSLError", "message": "no start line: cadata does not contain a certificate", "library": None,
         "reason": None, "code": 0}, {"x509": 0, "crl": 0, "x509_ca": 0}],
    # A chain that is refused changes nothing.
    ("bad_certificate_files", "served"): "ecdsa",
    # A list that is refused changes nothing.
    ("names_of_nothing", "ciphers"): [
        "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256"],
    # Keys in a file of authorities are not parsed.
    **{("bad_authority_files", f"{kind}junk in {key}"): NO_CERTIFICATE
       for kind in ("", "CRL: ") for key in ("a key", "an old key")},
    # A name that resolvers and certificates read differently is refused.
    **{("names_in_certificates", f"{certificate} for {name}"): no_address(name) for certificate, name in (
        ("addresses", "010.0.0.1"), ("addresses", "10.1"), ("address-as-name", "10.1"))},
    **{("host_names_that_are_none", ascii(name)): "ValueError" for name in ("1.2.3", "1.2.3.4.", "256.1.1.1")},
    # The dot of the root is not compared, and a star covers an underscore (with OpenSSL 4 as in Python: docs/openssl.md).
    **{("names_in_certificates", step): None for step in (
        "wild for a.example.org.", *([] if OPENSSL_4 else ["wild for my_host.example.org"]), "common for common.example.")},
    # A socket that is not connected says so in every call.
    **{("unconnected_socket", side): [
        *([name, NOT_CONNECTED] for name in ("recv", "send", "read", "write", "handshake", "certificate", "unwrap")),
        ["version", None], ["cipher", None], ["pending", 0], ["shutdown", NOT_CONNECTED], ["close", None]]
       for side in ("client", "server")},
    **{("calls_in_every_state", f"{version} {call} when {state}"): NOT_CONNECTED for version in VERSIONS
       for call in ("send", "sendall", "write", "read", "unwrap") for state in ("unconnected", "listening")},
    # TLS begins with the first use; Python's socket is plain.
    **{("calls_in_every_state", f"{version} {call} when connected later"): WANTS_READ for version in VERSIONS
       for call in ("send", "sendall", "write", "recv", "read", "handshake")},
    **{("calls_in_every_state", f"{version} unwrap when connected later"): {
        "raises": "SSLError", "message": "[SSL: SHUTDOWN_WHILE_IN_INIT] shutdown while in init", "library": "SSL",
        "reason": "SHUTDOWN_WHILE_IN_INIT", "code": 1} for version in VERSIONS},
    **{("calls_in_every_state", f"{version} certificate when connected later"): {
        "raises": "ValueError", "message": "handshake not done yet"} for version in VERSIONS},
    # Data that is not there yet is the same status with TLS and after it.
    **{("calls_in_every_state", f"{version} recv when unwrapped"): WANTS_READ for version in VERSIONS},
    # Of two roots with one name, ours takes the one that has signed; Python the one that was loaded first.
    **{("two_roots_of_one_name", f"{side} {name}, {first} first"): {"client": None, "server": None}
       for side in ("client", "server") for name, first in (("plain", "twin-ca"), ("twin-plain", "ca"))},
    # With an OpenSSL that takes them (3.5.9, 4.0), too: docs/openssl.md.
    **{("certificates_that_cannot_be_loaded", name): lambda theirs: theirs or UNREADABLE
       for name in ("unreadable-names", "unreadable-point", "empty-point")},
    **{("sessions", f"{version} {attempt}"): as_without_chain for version in VERSIONS for attempt in ("second", "third")},
    **{("answers_to_names", f"{version} {number}"): with_an_alert for version in VERSIONS for number in (1, 200, 255)},
    # A close_notify before the end of the handshake, which anybody can send, is no clean end of what is read.
    **{("an_end_before_the_end_of_the_handshake", f"{version} {sent}, client, recv, {timeout}, False"): [
        ["recv", END_OF_FILE], ["version", None]]
       for version in VERSIONS for sent in EARLY_GOODBYES for timeout in (60, 0)},
    **{("an_end_before_the_end_of_a_handshake_in_memory", f"{version} {sent}, read"): [WANTS_READ, END_OF_FILE, None]
       for version in VERSIONS for sent in EARLY_GOODBYES},
    # A getter that cannot fail warns of nothing.
    ("warned_next_protocols", "selected"): [None, []],
}

# (scenario, step): where ours still differs and must not. A step that no longer does has to go from here.
NOT_YET = set()

FIRST_END_OF_FILE = {"raises": "SSLEOFError", "library": "SSL", "reason": "UNEXPECTED_EOF_WHILE_READING", "code": 8,
                     "message": "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol"}


def expected(scenario, step, theirs, openssl):
    """What ours is to give where the reference, with this `openssl`, gives `theirs`."""
    if OPENSSL_4 and openssl.startswith("OpenSSL 3"):
        other = WITH_OPENSSL_4.get((scenario, step), theirs)
        theirs = other(theirs) if callable(other) else other
    ours = OURS.get((scenario, step), theirs)
    return ours(theirs) if callable(ours) else ours


# The reasons beneath a RECORD_LAYER_FAILURE. None is the text "internal error".
BENEATH = {"WRONG_VERSION_NUMBER", "DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "BAD_RECORD_TYPE", None}
# What is read of a connection that has ended.
ENDS = [{"bytes": ""}, FIRST_END_OF_FILE, {"raises": "SSLZeroReturnError", "library": None, "reason": None, "code": 6,
                                           "message": "TLS/SSL connection has been closed (EOF)"}]
# Since 3.2 OpenSSL leaves an entry for a write that fails. The reference takes that of an alert which could not be sent, after
# the end was read, for the reason.
AFTER_THE_END = {"socket_reset", "after_the_peer_is_gone"}


def told_less(scenario, ours, theirs):
    """The reference's outcomes with what ours says where a newer OpenSSL has the reference say less: docs/openssl.md."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        if theirs.get("reason") == "RECORD_LAYER_FAILURE" and ours.get("library") == "SSL" and ours["reason"] in BENEATH:
            return ours
        if scenario in AFTER_THE_END and ours in ENDS and theirs.get("os_errno") in (errno.EPIPE, errno.ECONNRESET):
            return ours
        return {key: told_less(scenario, ours.get(key), outcome) for key, outcome in theirs.items()}
    if isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        return [told_less(scenario, mine, outcome) for mine, outcome in zip(ours, theirs)]
    return theirs


def no_host(name, cause):
    return {"raises": "ValueError", "message": f"server_hostname '{name}' is no name that OpenSSL verifies: {cause}"}


NO_SSLV3 = {"raises": "ValueError", "message": "Unsupported protocol version 0x300"}

# (scenario, step): what ours gives with OpenSSL 4 where 3 does otherwise, or what makes it of that: docs/openssl.md.
WITH_OPENSSL_4 = {
    # A name to be checked has to be one that can stand in a certificate, of two letters or more.
    **{("host_names_that_are_none", ascii(name)): "ValueError" for name in (
        "a.", "a", "-a", "a-", "a-.b", "-", "_", " ", "a b", "*", "*.example.org", "[::1]", "a\nb",
        "xn--")},
    **{("names_in_certificates", f"{certificate} for {name}"): no_host(name, cause) for certificate, name, cause in (
        ("wild", "*.example.org", "it is a pattern: pass the name of one host"),
        ("partial", "xn--.example.org", "a label begins or ends with '-': pass a name as in a certificate"))},
    # SSL 3.0 does not exist any more.
    **{("versions", f"{protocol} {bound} 768"): NO_SSLV3
       for protocol in ("TLS", "TLS_CLIENT", "TLS_SERVER") for bound in ("minimum_version", "maximum_version")},
    # The warning is given as before, but the version stays TLS 1.2.
    **{("warned_settings", f"{bound} 768"): lambda theirs: [NO_SSLV3, theirs[1], 771, theirs[3]]
       for bound in ("minimum", "maximum")},
}


def junk_behind_der(theirs):
    """Older references take this one reason for the end of the data. OpenSSL of a later patch level has another one,
    which they tell as 3.13 does."""
    outcome, counts = theirs
    if outcome is not None:
        return theirs
    return [{"raises": "SSLError", "message": "[ASN1: HEADER_TOO_LONG] header too long", "library": "ASN1",
             "reason": "HEADER_TOO_LONG", "code": 123}, counts]


def instead_of(old, new):
    """The new outcome where a reference gives the old one; one in between may give either."""
    return lambda theirs: new if theirs == old else theirs


def refused_for_servers(argument, new):
    old = {"raises": "ValueError", "message": f"{argument} can only be specified in client mode"}
    return instead_of(old, new)


# Older ones know only curves that a key of EC can have.
NO_CURVE = {"raises": "SSLError", "message": "[EC: UNKNOWN_GROUP] unknown group", "library": "EC",
            "reason": "UNKNOWN_GROUP", "code": 129}

# (scenario, step): what 3.13 gives where older references do not, or what makes it of that.
NEW_IN_3_13 = {
    ("constants", "HAS_PSK"): True,
    ("constants", "OP_ENABLE_KTLS"): 1 << 3,
    ("constants", "OP_LEGACY_SERVER_CONNECT"): 1 << 2,
    **{("options", hex(value)): value for value in (1 << 63, (1 << 64) - 1)},
    ("authorities_in_memory", "DER and junk"): junk_behind_der,
    ("bad_authorities_in_memory", "bytes: DER and a NUL"): junk_behind_der,
    ("curves", "X25519"): instead_of(NO_CURVE, None),
    ("curves", "RSA"): instead_of(NO_CURVE, {"raises": "SSLError", "message": "unknown error", "library": None,
                                             "reason": None, "code": 0}),
    # A server in memory refused them all.
    ("names_and_sessions_of_servers_in_memory", "name"): refused_for_servers("server_hostname", "example.org"),
    ("names_and_sessions_of_servers_in_memory", "another's session"): refused_for_servers(
        "session", {"raises": "ValueError", "message": "Session refers to a different SSLContext."}),
    ("names_and_sessions_of_servers_in_memory", "own session"): refused_for_servers(
        "session", {"raises": "ValueError", "message": "Cannot set session for server-side SSLSocket."}),
    **{("socket_reset", f"{version} suppressed: {suppressed}"): [
        ["recv", {"raises": "OSError", "os_errno": errno.ECONNRESET}],
        ["recv", {"bytes": ""} if suppressed else FIRST_END_OF_FILE], ["send", END_OF_FILE]]
       for version in ("TLSv1.2", "TLSv1.3") for suppressed in (True, False)},
}


# What two versions of OpenSSL do differently: compared only when library and reference have the same one.
SAME_OPENSSL_ONLY = {
    "ciphers": "the list of all ciphers",
    "random_walks": "the size of what a handshake sends",
    "garbage": "what a second handshake after a failed one says",
    "garbage_after_the_handshake": "the alert that garbage is answered with",
    "authorities_in_memory": "the reason for a certificate that is cut short",
    "bad_authorities_in_memory": "the reason for a certificate that is cut short",
    "messages_that_are_seen": "the messages it shows: a change of ciphers in TLS 1.3 too",
    "messages_of_a_refusal": "the messages it shows: a change of ciphers in TLS 1.3 too",
}


# Those of them that 3.0 and 4 do in the same way.
AS_BEFORE_IN_4 = {"garbage"}


def differs_in(scenario, openssl):
    """What cannot be compared with a reference that has this other OpenSSL; None if all can."""
    if OPENSSL_4 and openssl.startswith("OpenSSL 3.0.") and scenario in AS_BEFORE_IN_4:
        return None
    return SAME_OPENSSL_ONLY.get(scenario)


# Behind Python's words ours tells which file it was and what was wrong: tests/c/chain.c::chain_errors.
MORE_WORDS = re.compile(r"^((?:\[[^\]]*\] )?[^:]*): (certfile|keyfile|cafile|dhfile|cert|key|the key in|certificate \d+ of)\b.*",
                        re.DOTALL)


def without_more_words(outcome):
    """An outcome of ours with no more words than the reference has."""
    if isinstance(outcome, list):
        return [without_more_words(entry) for entry in outcome]
    if not isinstance(outcome, dict):
        return outcome
    shorter = {key: without_more_words(entry) for key, entry in outcome.items()}
    if isinstance(shorter.get("message"), str):
        shorter["message"] = MORE_WORDS.sub(r"\1", shorter["message"])
    return shorter


def with_other_openssl(outcomes):
    """OpenSSL 3.5 says "ssl/tls alert" where 3.0 says "sslv3 alert", 4 "tls alert" and "tls ext" for "ssl3 ext". The
    reasons have the same names."""
    texts = re.sub(r"\] (ssl/)?tls alert ", "] sslv3 alert ", json.dumps(outcomes))
    return json.loads(texts.replace("] tls ext invalid ", "] ssl3 ext invalid "))


def without_numbers(outcome):
    """Since 3.14 Python adds its number to an error that has no name."""
    if isinstance(outcome, dict):
        return {key: without_numbers(value) for key, value in outcome.items()}
    if isinstance(outcome, list):
        return [without_numbers(value) for value in outcome]
    return re.sub(r"(unknown error) \(0x[0-9a-f]+\)$", r"\1", outcome) if isinstance(outcome, str) else outcome


def before_3_13(scenario, outcomes, version):
    """The outcomes of an older reference, brought up to 3.13."""
    if version >= (3, 13):
        return outcomes
    if scenario == "default_contexts":
        # New in 3.13: X509_STRICT and PARTIAL_CHAIN.
        for name in ("server_auth", "client_auth"):
            outcomes[name]["verify_flags"] |= 0x80020
    if scenario == "trust_in_an_intermediate":
        outcomes["inter.pem"][0] = {"client": None, "server": None}
    return {step: _as_3_13(scenario, step, _without_syscall_errors(outcome)) for step, outcome in outcomes.items()}


def _as_3_13(scenario, step, outcome):
    given = NEW_IN_3_13.get((scenario, step), lambda theirs: _with_resets(scenario, step, theirs))
    return given(outcome) if callable(given) else given


RESET = {"raises": "OSError", "os_errno": errno.ECONNRESET}
BROKEN_PIPE = {"raises": "OSError", "os_errno": errno.EPIPE}


def _with_resets(scenario, step, outcome):
    """What reading and writing say of a reset since 3.13, once: older ones take it for an end, which a read then
    suppresses. As seen with 3.13.0."""
    how, _, first, *_ = *step.split(" ", 1)[-1].split(", "), "", ""
    if scenario == "after_the_peer_is_gone" and how == "reset":
        told = {0: RESET} if first in ("recv", "read", "send", "write") else {}
        told |= {1: RESET, 2: BROKEN_PIPE} if first == "handshake" else {}
        return _told(outcome, told)
    if scenario == "after_the_peer_is_gone" and how == "goodbye and reset" and first in ("send", "write"):
        return _told(outcome, {0: RESET})
    if scenario == "after_both_are_gone" and how == "reset" and first != "unwrap":
        own, calls = outcome
        return [own, _told(calls, {0 if first in ("recv", "read") else 1: RESET})]
    return outcome


def _told(calls, told):
    return [[name, told.get(index, outcome)] for index, (name, outcome) in enumerate(calls)]


def _without_syscall_errors(outcome):
    """What SSLSyscallError said is SSLEOFError since 3.13."""
    if isinstance(outcome, list):
        return [_without_syscall_errors(entry) for entry in outcome]
    if not isinstance(outcome, dict):
        return outcome
    if outcome.get("raises") == "SSLSyscallError":
        return END_OF_FILE
    return {key: _without_syscall_errors(entry) for key, entry in outcome.items()}
