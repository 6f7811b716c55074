"""Contexts: their defaults, the rules of their setters and the texts of their errors."""

from twins import scenario

PROTOCOLS = {"TLS": 2, "TLSv1_2": 5, "TLS_CLIENT": 16, "TLS_SERVER": 17}
NUMBERS = ("verify_mode", "check_hostname", "hostname_checks_common_name", "verify_flags", "options",
           "minimum_version", "maximum_version", "num_tickets", "post_handshake_auth", "security_level", "protocol",
           "keylog_filename")


def assign(api, context, name, value):
    """What an assignment raises, or what the attribute reads afterwards."""
    def step():
        setattr(context, name, value)
        return getattr(context, name)
    return api.attempt(step)


def state(api, context):
    return {name: api.attempt(getattr, context, name) for name in NUMBERS}


@scenario
def defaults(api, files):
    found = {}
    for name, number in PROTOCOLS.items():
        context = api.Context(number)
        found[name] = state(api, context)
        found[f"{name} store"] = [context.cert_store_stats(), context.get_ca_certs()]
        found[f"{name} sessions"] = api.attempt(context.session_stats)
    return found


@scenario
def unknown_protocols(api, files):
    return {str(number): api.attempt(lambda number=number: api.Context(number) and None)
            for number in (-1, 0, 6, 15, 18, 42)}


@scenario
def default_ciphers(api, files):
    return {name: api.attempt(api.Context(number).get_ciphers) for name, number in PROTOCOLS.items()}


@scenario
def default_contexts(api, files):
    ca = files / "ca.pem"
    found = {}
    for name, purpose in (("server_auth", 129), ("client_auth", 130)):
        found[name] = state(api, api.create_default_context(purpose, cafile=str(ca)))
        found[f"{name} store"] = api.create_default_context(purpose, cafile=str(ca)).cert_store_stats()
        found[f"{name} cadata"] = api.create_default_context(purpose, cadata=ca.read_text()).cert_store_stats()
    found["client_auth trusts nobody"] = api.create_default_context(130).cert_store_stats()
    found["missing CA"] = api.attempt(
        lambda: api.create_default_context(129, cafile=str(files / "missing.pem")) and None)
    return found


@scenario
def verify_mode(api, files):
    client, server = api.Context(16), api.Context(17)
    found = {f"server {mode}": assign(api, server, "verify_mode", mode) for mode in (0, 1, 2, 3, 42, -1)}
    found["server after"] = server.verify_mode
    found.update({f"client {mode}": assign(api, client, "verify_mode", mode) for mode in (0, 1, 2, 3)})
    return found


@scenario
def check_hostname(api, files):
    found = {}
    for mode in (0, 1, 2):
        server = api.Context(17)
        server.verify_mode = mode
        found[f"on over {mode}"] = [assign(api, server, "check_hostname", True), server.verify_mode]
        found[f"off over {mode}"] = [assign(api, server, "check_hostname", False), server.verify_mode]
    client = api.Context(16)
    found["client off"] = [assign(api, client, "check_hostname", False), client.verify_mode]
    found["client none"] = assign(api, client, "verify_mode", 0)
    found["client on again"] = [assign(api, client, "check_hostname", True), client.verify_mode]
    found["common name off"] = assign(api, client, "hostname_checks_common_name", False)
    found["common name on"] = assign(api, client, "hostname_checks_common_name", True)
    return found


@scenario
def options(api, files):
    context = api.Context(16)
    values = (0, 0x80000050, 1 << 26, 0x82520050, 1 << 63, (1 << 64) - 1, 1 << 14, 1 << 7)
    return {hex(value): assign(api, context, "options", value) for value in values}


@scenario
def verify_flags(api, files):
    context = api.Context(16)
    values = (0, 4, 12, 0x80000, 0x8000, 0x20, 0x40, 0x8002C, (1 << 64) - 1)
    return {hex(value): assign(api, context, "verify_flags", value) for value in values}


@scenario
def versions(api, files):
    found = {}
    for name, number in PROTOCOLS.items():
        for bound in ("minimum_version", "maximum_version"):
            context = api.Context(number)
            for value in (-2, -1, -3, 0, 42, 768, 769, 770, 771, 772, 0x305, 0x7FFFFFFF):
                found[f"{name} {bound} {value}"] = assign(api, context, bound, value)
            found[f"{name} {bound} options"] = context.options
    return found


@scenario
def tickets_and_authentication(api, files):
    found = {}
    for name, number in PROTOCOLS.items():
        context = api.Context(number)
        for value in (0, 1, 5, -1):
            found[f"{name} num_tickets {value}"] = assign(api, context, "num_tickets", value)
        for value in (True, False):
            found[f"{name} post_handshake_auth {value}"] = assign(api, context, "post_handshake_auth", value)
    return found


@scenario
def ciphers(api, files):
    context = api.Context(16)

    def chosen(text):
        context.set_ciphers(text)
        return [cipher["name"] for cipher in context.get_ciphers()]

    texts = ("NOSUCH", "", "TLS_AES_128_GCM_SHA256", "NOSUCH:ECDHE+AESGCM", "ECDHE-ECDSA-AES256-SHA384",
             "AES256-SHA, AES128-SHA", "ALL:@SECLEVEL=0", "@SECLEVEL=7", "!ALL")
    found = {text: [api.attempt(chosen, text), context.security_level] for text in texts}
    context.set_ciphers("ECDHE-ECDSA-AES256-SHA384:AES128-GCM-SHA256:DHE-RSA-AES128-SHA")
    found["records"] = api.attempt(context.get_ciphers)
    return found


@scenario
def curves(api, files):
    context = api.Context(17)
    names = ("prime256v1", "secp384r1", "X25519", "foo", "", "P-256", "secp256r1", "RSA")
    return {name: api.attempt(lambda name=name: context.set_ecdh_curve(name)) for name in names}


@scenario
def alpn(api, files):
    context = api.Context(16)
    lists = {"none": [], "one": ["h2"], "empty": ["h2", ""], "long": ["a" * 255], "too long": ["a" * 256]}
    return {name: api.attempt(context.set_alpn_protocols, protocols) for name, protocols in lists.items()}


@scenario
def diffie_hellman(api, files):
    context = api.Context(17)
    return {name: api.attempt(context.load_dh_params, str(files / name))
            for name in ("dh.pem", "missing.pem", "directory", "empty.pem", "garbage.pem", "ca.pem")}


@scenario
def keylog(api, files):
    context = api.Context(16)
    log = files / "no-directory" / "keys.log"
    found = {"missing directory": assign(api, context, "keylog_filename", str(log)),
             "after": api.attempt(getattr, context, "keylog_filename"),
             "directory": assign(api, context, "keylog_filename", str(files / "directory")),
             "none": assign(api, context, "keylog_filename", None)}
    return found
