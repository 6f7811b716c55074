"""Which names a certificate is for."""

from odd_certificates import NAMES
from twins import Pair, client_context, each_version, scenario, server_context

ASKED = {
    "wild": ("a.example.org", "A.EXAMPLE.ORG", "a.b.example.org", "example.org", ".example.org", "a.example.org.",
             "xn--bcher-kva.example.org", "*.example.org", "my_host.example.org", "a.my_host.example.org"),
    "partial": ("foo.example.org", "f.example.org", "fo.example.org", "foo", "x.com", "a.b.example.org",
                "xn--bcher-kva.example.org", "xn--.example.org"),
    "common": ("common.example", "COMMON.example", "common.example.", "other.example"),
    "common-and-mail": ("common.example", "other.example"),
    "common-and-name": ("common.example", "other.example"),
    "common-address": ("10.0.0.1",),
    "address-as-name": ("10.0.0.2", "10.1"),
    "addresses": ("10.0.0.1", "010.0.0.1", "10.0.0.2", "10.1", "2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:db8::2"),
}


def asked(api, files, certificate, name, common_name=True):
    context = client_context(api, files, ca=f"{certificate}.pem")
    context.hostname_checks_common_name = common_name
    pair = Pair(api, context, server_context(api, files, identity=certificate), name)
    return pair.handshake()["client"]


@scenario
def names_in_certificates(api, files):
    assert ASKED.keys() == NAMES.keys()
    return {f"{certificate} for {name}": api.attempt(asked, api, files, certificate, name)
            for certificate, names in ASKED.items() for name in names if not name.startswith(".")}


@scenario
def common_names_switched_off(api, files):
    found = {f"{certificate} for {name}": asked(api, files, certificate, name, common_name=False)
             for certificate, name in (("common", "common.example"), ("common-and-mail", "common.example"),
                                       ("common-and-name", "other.example"), ("wild", "a.example.org"))}
    context = client_context(api, files, ca="common.pem")
    for step, value in (("off", False), ("on again", True)):
        context.hostname_checks_common_name = value
        pair = Pair(api, context, server_context(api, files, identity="common"), "common.example")
        found[step] = pair.handshake()["client"]
    return found


@scenario
def names_too_long_to_send(api, files):
    context = client_context(api, files)
    long = ".".join(["a" * 60] * 4)
    names = {"255": f"{long}.{'b' * 11}", "256": f"{long}.{'b' * 12}", "much more": ".".join(["a" * 60] * 8)}
    assert (len(names["255"]), len(names["256"])) == (255, 256)
    return {step: api.attempt(lambda name=name: Pair(api, context, server_context(api, files), name) and None)
            for step, name in names.items()}


@scenario
def names_with_a_leading_dot(api, files):
    """The text is the codec's own: only the kind is compared."""
    context = client_context(api, files)
    context.check_hostname = False
    return {name: api.attempt(lambda name=name: Pair(api, context, server_context(api, files), name) and None)["raises"]
            for name in (".x", ".example.org", "..")}


@scenario
def names_refused_in_both_versions(api, files):
    def steps(version):
        context = client_context(api, files, version, ca="addresses.pem")
        server = server_context(api, files, version, "addresses")
        return {name: Pair(api, context, server, name).handshake() for name in ("10.0.0.2", "name.example")}
    return each_version(steps)
