"""Bad input of every kind, where Python takes the same: its status, its text, and what is loaded in spite of it."""

from bad_data import block, damaged, damaged_der, der_of, large, small
from twins import Pair, scenario

# The reference has no limits: some of this would take it minutes if it were longer.
MUCH = 300_000


def kinds(pem):
    """Every kind, with what a good text of one block becomes when it is damaged."""
    return {**small(), **large(MUCH), **damaged(pem), **damaged_der(pem)}


def by_file(api, files, pem, load):
    """What loading each kind gives. The files of both APIs have the same names."""
    path = files / "bad input"

    def attempt(data):
        path.write_bytes(data)
        return load(str(path))

    return {name: attempt(data) for name, data in kinds(pem).items()}


def served(api, files, context):
    """The certificate that a client gets, by its place among the test's."""
    client = api.Context(16)
    client.load_verify_locations(files / "ca.pem")
    pair = Pair(api, client, context)
    shaken = pair.handshake()
    if shaken["client"]:
        return shaken["client"]
    shown = pair.client.getpeercert(True)
    return next((name for name in ("rsa", "ecdsa") if der_of((files / f"{name}.pem").read_bytes()) == shown), "other")


@scenario
def bad_certificate_files(api, files):
    context = api.Context(17)
    context.load_cert_chain(files / "ecdsa.pem", files / "ecdsa.key")
    found = by_file(api, files, (files / "ecdsa.pem").read_bytes(), lambda path: api.attempt(
        context.load_cert_chain, path, files / "ecdsa.key"))
    return {**found, "served": served(api, files, context)}


@scenario
def bad_key_files(api, files):
    context = api.Context(17)
    context.load_cert_chain(files / "ecdsa.pem", files / "ecdsa.key")
    found = by_file(api, files, (files / "ecdsa.key").read_bytes(), lambda path: api.attempt(
        context.load_cert_chain, files / "ecdsa.pem", path))
    return {**found, "served": served(api, files, context)}


@scenario
def bad_encrypted_keys(api, files):
    return by_file(api, files, (files / "rsa-encrypted.key").read_bytes(), lambda path: api.attempt(
        api.Context(17).load_cert_chain, files / "rsa.pem", path, "sesame"))


@scenario
def bad_authority_files(api, files):
    def load(path):
        context = api.Context(16)
        return [api.attempt(context.load_verify_locations, path), context.cert_store_stats()]

    return {**by_file(api, files, (files / "inter.pem").read_bytes(), load),
            **{f"CRL: {name}": found for name, found in by_file(
                api, files, (files / "crl.pem").read_bytes(), load).items()}}


@scenario
def bad_authorities_in_memory(api, files):
    """PEM is text for Python, and DER is bytes."""
    def load(data):
        context = api.Context(16)
        return [api.attempt(context.load_verify_locations, cadata=data), context.cert_store_stats()]

    pem = (files / "inter.pem").read_bytes()
    good, der = pem.decode(), der_of(pem)
    texts = {name: data.decode() for name, data in kinds(pem).items() if data.isascii() and b"BEGIN" in data}
    found = {f"text: {name}": load(text) for name, text in texts.items()}
    found.update({f"after a good one: {name}": load(good + text) for name, text in texts.items()})
    found.update({f"bytes: {name}": load(data) for name, data in damaged_der(pem).items()})
    found["nothing"] = [load(""), load(b"")]
    found["two in DER and a cut one"] = load(der + der + der[:100])
    return found


@scenario
def bad_parameter_files(api, files):
    return by_file(api, files, (files / "dh.pem").read_bytes(),
                   lambda path: api.attempt(api.Context(17).load_dh_params, path))


@scenario
def what_ends_late_in_pem(api, files):
    """A block may hold more than its ASN.1: OpenSSL passes over the rest."""
    key, parameters = ((files / name).read_bytes() for name in ("ecdsa.key", "dh.pem"))
    path = files / "bad input"

    def attempt(data, load):
        path.write_bytes(data)
        return api.attempt(load, str(path))

    return {"key": attempt(block(b"PRIVATE KEY", der_of(key) + b"junk"), lambda path: api.Context(17).load_cert_chain(
                files / "ecdsa.pem", path)),
            "parameters": attempt(block(b"DH PARAMETERS", der_of(parameters) + b"junk"), api.Context(17).load_dh_params),
            "revocation list": attempt(block(b"X509 CRL", der_of((files / "crl.pem").read_bytes()) + b"junk"),
                                       api.Context(16).load_verify_locations),
            "certificate": attempt(block(b"CERTIFICATE", der_of((files / "ca.pem").read_bytes()) + b"junk"),
                                   api.Context(16).load_verify_locations)}


@scenario
def paths_that_lead_nowhere(api, files):
    loop = files / "loop"
    if not loop.is_symlink():
        loop.symlink_to(loop)
    paths = {"missing": files / "missing", "empty": "", "directory": files / "directory",
             "below a file": files / "ca.pem" / "more", "too long": "x" * 300, "a loop": loop, "much too long": "x" * 100_000,
             "not UTF-8": bytes(files) + b"/\xff"}
    found = {}
    for name, path in paths.items():
        found[name] = {
            "certificate": api.attempt(api.Context(17).load_cert_chain, path, files / "ecdsa.key"),
            "key": api.attempt(api.Context(17).load_cert_chain, files / "ecdsa.pem", path),
            "authorities": api.attempt(api.Context(17).load_verify_locations, path),
            "directory": api.attempt(api.Context(17).load_verify_locations, None, path),
            "parameters": api.attempt(api.Context(17).load_dh_params, path),
        }
        if name not in ("missing", "not UTF-8"):
            context = api.Context(17)
            context.keylog_filename = files / "keys.log"
            found[name]["key log"] = [api.attempt(setattr, context, "keylog_filename", path), context.keylog_filename]
    return found


@scenario
def names_of_nothing(api, files):
    """Unknown ciphers, curves and protocols are refused, and those that were set before stay."""
    context = api.Context(17)
    context.set_ciphers("ECDHE+AESGCM")
    words = {"empty": "", "a word": "NONE-SUCH", "a long word": "x" * 10_000, "words": "A:" * 10_000, "not ASCII": "ä",
             "a line": "AES\n", "a command": "@STRENGTHS", "a level": "@SECLEVEL=9", "signs": "!+-:,;"}
    found = {f"ciphers: {name}": api.attempt(context.set_ciphers, word) for name, word in words.items()}
    found["ciphers"] = [cipher["name"] for cipher in context.get_ciphers()]
    curves = {**words, "long name": "X9.62/SECG curve over a 256 bit prime field", "nist": "P-256", "list": "X25519:X448"}
    found.update({f"curve: {name}": api.attempt(context.set_ecdh_curve, word) for name, word in curves.items()})
    lists = {"none": [], "empty": [""], "one of three": ["a", "", "b"], "256": ["x" * 256], "255": ["x" * 255],
             "many": ["x" * 255] * 300}
    found.update({f"protocols: {name}": api.attempt(context.set_alpn_protocols, names) for name, names in lists.items()})
    return found


@scenario
def texts_of_nothing(api, files):
    """Times, PEM helpers and object identifiers."""
    times = ("", "x", "Jan", "Jan ", " Jan  5 09:34:43 2018 GMT", "Jan  5 09:34:43 2018 GMT\n", "Jan 32 09:34:43 2018 GMT",
             "Jan  5 09:34:43 2018 GMT more", "ä" * 3, "Jan " + "ä" * 100, "x" * 100_000, "Jan " + "5" * 100_000,
             "Jan  5 09:34:43 99999999999999999999 GMT", "'\"\\\t\x1f\x7f\u2028")
    found = {f"time {time[:40]!r}": api.attempt(api.cert_time_to_seconds, time) for time in times}
    head, foot = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    pems = {"empty": "", "head": head, "foot": foot, "both": head + foot, "space before": f" {head}\nAAAA\n{foot}",
            "space after": f"{head}\nAAAA\n{foot} \n\n", "one": f"{head}\nA\n{foot}", "two": f"{head}\nAA\n{foot}",
            "three": f"{head}\nAAA\n{foot}", "padding": f"{head}\n====\n{foot}", "early": f"{head}\nAA==AAAA\n{foot}",
            "signs": f"{head}\n#AA!AA\n{foot}", "long": f"{head}{'A' * 1_000_000}{foot}", "wrong": f"{head}\nAAAA\n{head}"}
    found.update({f"PEM {name}": api.attempt(api.PEM_cert_to_DER_cert, pem) for name, pem in pems.items()})
    ders = {"empty": b"", "a NUL": b"\0", "48": b"x" * 48, "49": b"x" * 49, "noise": bytes(range(256)) * 4000}
    found.update({f"DER {name}": api.attempt(api.DER_cert_to_PEM_cert, der) for name, der in ders.items()})
    for text in ("", ".", "1", "1.", "1.2", "1.2.", "1..2", "9.9.9", "0.40.1", "-1.2", "1.2.-3", "serverAuth", "x" * 200, "1.2 3",
                 "1.2." + "9" * 200, "1.2" + ".3" * 500):
        found[f"object {text[:20]!r} of {len(text)}"] = api.attempt(api.object_by_oid, text)
    for nid in (-1, 0, 1, 129, 5_000_000, 2 ** 31 - 1, -2 ** 31):
        found[f"object {nid}"] = api.attempt(api.object_by_nid, nid)
    return found


@scenario
def host_names_that_are_none(api, files):
    names = ("", ".", "..", ".a", "a..b", "a.", "a", "aa", "-a", "a-", "a-.b", "a_b", "_a.b", "-", "_", " ", "a b", "*",
             "*.example.org", "[::1]", "::1%lo", "1.2.3", "1.2.3.4.", "256.1.1.1", "a" * 63, "a" * 64, "x." * 100 + "y",
             "x." * 128 + "y", "a\nb", "ä" * 70, "ä." * 60, "xn--", "xn--a", "ß", "\u00ad", "a\u3002b", "\u3002",
             "\ud7ff", "é" * 55, "例え", "a\u0300" * 20)
    context = api.Context(16)

    def wrap(name):
        return context.wrap_bio(api.BIO(), api.BIO(), server_hostname=name).server_hostname

    found = {}
    for name in names:
        outcome = api.attempt(wrap, name)
        if isinstance(outcome, dict) and "server_hostname cannot" not in outcome["message"]:
            # The codec's words are Python's own.
            outcome = outcome["raises"]
        found[ascii(name)[:60]] = outcome
    return found


@scenario
def buffers_that_are_full_or_over(api, files):
    def bio():
        made = api.BIO()
        made.write(b"abc")
        made.write_eof()
        return made

    ended = bio()
    return {"after the end": api.attempt(ended.write, b"more"), "pending": [ended.pending, ended.eof],
            "nothing after the end": api.attempt(ended.write, b""), "all": api.attempt(ended.read, 1 << 20),
            "nothing left": api.attempt(ended.read, 1 << 20), "over": ended.eof}
