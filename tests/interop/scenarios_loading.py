"""Loading certificates, keys and CAs: what each wrong file gives."""

from twins import scenario

BAD = ("missing.pem", "directory", "empty.pem", "garbage.pem", "truncated.pem", "key-only.pem", "der.pem",
       "not-base64.pem")


@scenario
def certificate_chains(api, files):
    def load(certificate, key=None, password=None):
        key = key and str(files / key)
        return api.attempt(api.Context(17).load_cert_chain, str(files / certificate), key, password)

    found = {f"certificate {name}": load(name, "ecdsa.key") for name in BAD}
    found.update({f"alone {name}": load(name) for name in BAD})
    found.update({f"key {name}": load("ecdsa.pem", name) for name in BAD if name != "key-only.pem"})
    found["good"] = load("ecdsa.pem", "ecdsa.key")
    found["in one file"] = load("combined.pem")
    found["no key"] = load("ecdsa.pem")
    found["another's key"] = load("ecdsa.pem", "client.key")
    found["another kind of key"] = load("ecdsa.pem", "rsa.key")
    found["password"] = load("rsa.pem", "rsa-encrypted.key", "sesame")
    found["wrong password"] = load("rsa.pem", "rsa-encrypted.key", "open")
    found["empty password"] = load("rsa.pem", "rsa-encrypted.key", "")
    found["password of 1024 bytes"] = load("rsa.pem", "rsa-encrypted.key", "a" * 1024)
    found["password of 1025 bytes"] = load("rsa.pem", "rsa-encrypted.key", "a" * 1025)
    found["password of 513 letters"] = load("rsa.pem", "rsa-encrypted.key", "ä" * 513)
    found["unused password"] = load("ecdsa.pem", "ecdsa.key", "a" * 2000)
    found["weak key"] = load("weak.pem", "weak.key")
    found["no such path"] = load("", "ecdsa.key")
    return found


@scenario
def weak_keys_at_level_0(api, files):
    context = api.Context(17)
    context.set_ciphers("ALL:@SECLEVEL=0")
    return {"weak": api.attempt(context.load_cert_chain, files / "weak.pem", files / "weak.key")}


@scenario
def authorities(api, files):
    names = (*BAD, "ca.pem", "crl.pem", "two.pem", "twice.pem", "self-signed.pem", "ecdsa.pem")
    found = {}
    for name in names:
        context = api.Context(16)
        found[f"file {name}"] = [api.attempt(context.load_verify_locations, str(files / name)),
                                 context.cert_store_stats(), len(context.get_ca_certs())]
        context = api.Context(16)
        found[f"directory {name}"] = [api.attempt(context.load_verify_locations, None, str(files / name)),
                                      context.cert_store_stats()]
    context = api.Context(16)
    found["empty file name"] = api.attempt(context.load_verify_locations, "")
    found["empty directory name"] = api.attempt(context.load_verify_locations, None, "")
    context.load_verify_locations(str(files / "ca.pem"))
    context.load_verify_locations(str(files / "ca.pem"), cadata=(files / "ca.pem").read_text())
    found["three times the same"] = context.cert_store_stats()
    found["dicts"] = context.get_ca_certs()
    found["DER"] = context.get_ca_certs(True)
    return found


@scenario
def authorities_in_memory(api, files):
    ca, inter = (files / "ca.pem").read_text(), (files / "inter.pem").read_text()
    der = (files / "der.pem").read_bytes()
    other = (files / "inter.der").read_bytes()
    cases = {
        "one": ca, "two": ca + inter, "doubled": ca + ca, "no last newline": ca.rstrip(),
        "junk lines": f"head\n{ca}between\n{inter}tail\n",
        "only a key": (files / "ecdsa.key").read_text(), "only a CRL": (files / "crl.pem").read_text(),
        "bad base64 after one": ca + "-----BEGIN CERTIFICATE-----\n####\n-----END CERTIFICATE-----\n",
        "truncated after one": ca + inter[:200],
        "DER": der, "two of DER": der + other, "DER doubled": der + der,
        "junk": b"broken", "DER and junk": der + b"A", "DER and other ASN.1": der + b"\x02\x01\x00",
        "truncated DER": der[:-10],
    }
    found = {}
    for name, data in cases.items():
        context = api.Context(16)
        found[name] = [api.attempt(context.load_verify_locations, cadata=data), context.cert_store_stats()]
    context = api.Context(16)
    found["missing file beside it"] = [
        api.attempt(context.load_verify_locations, str(files / "missing.pem"), None, ca), context.cert_store_stats()]
    return found


@scenario
def certificate_dicts(api, files):
    names = ("rsa", "ecdsa", "ed25519", "client", "expired", "wrong-name", "self-signed", "ca", "inter", "weak", "rich",
             "multi", "negative", "long")
    return {name: api.attempt(api.decode, files / f"{name}.pem") for name in names}
