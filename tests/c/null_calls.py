#!/usr/bin/env python3
"""Generates a C program that calls every function of tlsock.h with NULL and zero arguments.

usage: null_calls.py HEADER > null_calls.c

For each function, read from the header itself:
  - all arguments NULL or 0: TLSOCK_VALUE, or the neutral answer of a getter;
  - the same with real places for the outputs: they are left untouched;
  - handles that are there, and each pointer that must not be NULL missing in its turn: TLSOCK_VALUE, and a message
    that names the argument.
A parameter or result of a kind this script does not know is an error, so that no function goes without.
"""
import re
import sys

HANDLES = ("error context bio object socket session certificate certificate_list cipher_list store_list "
           "verify_paths verification identity identity_request client_hello").split()
STRUCTS = ("bytes slice text part cipher cipher_info ocsp_status session_stats cert_store_stats address name_pair alt_name "
           "store_entry version_info asn1_object pump_result").split()

# Pointers that may be NULL, by the header's comments: by name, or "function.name".
OPTIONAL = set("""
    error server_hostname session sent written leftover password keyfile key cafile capath cadata callback userdata
    free_userdata identity_hint data buffer parts ciphertext_in plaintext_in plaintext_out ciphertext_out protocols
    cert_data incoming outgoing ca_certs digest type pins names
    tlsock_socket_accept.address tlsock_socket_getsockopt.len tlsock_socket_getsockopt.value
    tlsock_socket_setsockopt.value tlsock_socket_bind.host tlsock_context_create_server.host
    tlsock_context_set_keylog_filename.filename tlsock_context_same.other tlsock_session_equal.other
    tlsock_certificate_equal.other tlsock_context_load_cert_chain_data.cert tlsock_context_load_crl_data.crl tlsock_context_set_crl_data.crl tlsock_context_set_ocsp_response.response
    tlsock_context_load_cert_chain_data_asking.cert
    tlsock_identity_new_data.cert tlsock_identity_new_data_asking.cert
    tlsock_identity_request_use.identity tlsock_context_set_client_ca_names.certificates
    tlsock_identity_new_uri.key_uri tlsock_identity_new_pkcs12.data tlsock_identity_new_signer.chain
    tlsock_der_cert_to_pem_cert.der
    tlsock_context_set_ech_configs.configs tlsock_context_load_ech_keys.keys tlsock_context_load_ech_keys.former
    tlsock_object_set_server_name.server_name tlsock_socket_set_server_name.server_name
    tlsock_object_export_keying_material.context tlsock_socket_export_keying_material.context
""".split())

# Functions without a handle for which zeros are no mistake: "any" is any status but VALUE's neighbours in disorder.
FINE_WITH_ZEROS = {"tlsock_rand_bytes", "tlsock_rand_add", "tlsock_set_warning_callback", "tlsock_set_interrupt_callback",
                   "tlsock_set_environment_trusted"}
# Those that succeed or fail otherwise once their outputs are real: not called in the second round.
NO_HANDLE_OUTPUT = {"tlsock_bio_new", "tlsock_get_default_verify_paths", "tlsock_der_cert_to_pem_cert",
                    "tlsock_certificate_new_data", "tlsock_identity_new_data", "tlsock_identity_new_data_asking",
                    "tlsock_identity_new_pkcs12", "tlsock_get_sigalgs"}
# Answers to a NULL handle that are not 0, false or NULL.
NEUTRAL = {"tlsock_error_message": '""', "tlsock_error_alert_sent": "-1", "tlsock_error_alert_received": "-1",
           "tlsock_error_depth": "-1", "tlsock_verification_depth": "-1",
           "tlsock_client_hello_extension_type_at": "-1", "tlsock_socket_fileno": "TLSOCK_INVALID_FD",
           "tlsock_socket_detach": "TLSOCK_INVALID_FD", "tlsock_socket_gettimeout": "-1",
           "tlsock_certificate_not_before_time": "INT64_MIN", "tlsock_certificate_not_after_time": "INT64_MIN"}
# Static answers: never NULL, whatever the argument.
STATIC = {"tlsock_version", "tlsock_status_name", "tlsock_get_protocol_name", "tlsock_openssl_version", "tlsock_backend",
          "tlsock_channel_binding_types"}
# Without arguments that could be wrong.
FACTS = {"tlsock_version_number", "tlsock_rand_status", "tlsock_openssl_version_info",
         "tlsock_openssl_version_number", "tlsock_has", "tlsock_handle_count",
         "tlsock_environment_trusted"}
INTEGERS = {"int", "bool", "size_t", "uint32_t", "uint64_t", "int64_t", "double", "tlsock_fd"}


def functions(header):
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", header, flags=re.S)
    text = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.M)
    found = []
    for result, name, parameters in re.findall(r"TLSOCK_API\s+([\w\s*]+?)\b(tlsock_\w+)\s*\(([^;]*)\)\s*;", text):
        parameters = " ".join(parameters.split())
        split = [] if parameters in ("", "void") else [parameter(one.strip()) for one in parameters.split(",")]
        found.append((" ".join(result.split()), name, split))
    declared = set(re.findall(r"\b(tlsock_\w+)\s*\(", re.sub(r"\(\*\w+\)\s*\([^;]*?\)\s*;", "", text)))
    missing = declared - {name for _, name, _ in found}
    if missing or not found:
        sys.exit("null_calls.py cannot read these declarations: " + ", ".join(sorted(missing)))
    return found


def parameter(text):
    match = re.fullmatch(r"(.*?)(\w+)", text)
    return " ".join(match[1].replace("*", " * ").split()), match[2]


def kind(declared):
    """handle, output, text, input, callback or number."""
    plain = declared.replace("const ", "").replace(" const", "")
    if declared in INTEGERS:
        return "number"
    if re.fullmatch(r"tlsock_\w+_callback|tlsock_free_userdata", plain):
        return "callback"
    if re.fullmatch(r"tlsock_(%s) \*" % "|".join(HANDLES), plain):
        return "handle"
    if plain == "tlsock_error * *":
        return "error"
    if plain == "char * *" and "const char * const" in declared:
        return "input"
    if plain == "char *" and "const" in declared:
        return "text"
    if plain in ("void *", "char *", "uint8_t *") and ("const" in declared or plain == "void *"):
        return "input"
    if plain == "tlsock_part *":
        return "input"
    if plain.endswith("*"):
        return "output"
    sys.exit(f"null_calls.py does not know parameters of type '{declared}'")


def optional(name, parameter_name):
    return parameter_name in OPTIONAL or f"{name}.{parameter_name}" in OPTIONAL


def zero(declared):
    return "0" if kind(declared) == "number" else "NULL"


def call(name, arguments):
    return f"{name}({', '.join(arguments)})"


def all_null(result, name, parameters):
    return refusal(result, name, call(name, [zero(declared) for declared, _ in parameters]))


def refusal(result, name, expression):
    """What a call answers to a handle that it cannot use."""
    if result == "void":
        return f"  {expression};"
    if result == "tlsock_status" and name != "tlsock_error_status":
        expected = "TLSOCK_OK" if name in FINE_WITH_ZEROS else "TLSOCK_VALUE"
        return f"  EQUAL({expression}, {expected});"
    if name in NEUTRAL and NEUTRAL[name].startswith('"'):
        return f"  SAME_TEXT({expression}, {NEUTRAL[name]});"
    if name in NEUTRAL:
        return f"  EQUAL({expression}, {NEUTRAL[name]});"
    if name in STATIC:
        return f"  CHECK({expression} != NULL);"
    if name in FACTS:
        return f"  (void){expression};"
    if result.startswith("tlsock_") and result.split()[-1][7:] in STRUCTS:
        return f"  {{ {result} got = {expression}, none; memset(&none, 0, sizeof none); " \
               f"CHECK(memcmp(&got, &none, sizeof got) == 0); }}"
    if result.endswith("*"):
        return f"  CHECK({expression} == NULL);"
    if result in INTEGERS or result in ("tlsock_status", "tlsock_phase"):
        return f"  CHECK({expression} == 0);"
    sys.exit(f"null_calls.py does not know results of type '{result}'")


def outputs_untouched(result, name, parameters):
    """NULL handles and real outputs, filled with a pattern."""
    places = [(declared, label) for declared, label in parameters if kind(declared) == "output"]
    if not places or name in NO_HANDLE_OUTPUT or name.endswith("_pump") or name == "tlsock_bytes_free":
        return None
    lines = ["  {"]
    for declared, label in places:
        held = declared[:-1].strip()
        lines.append(f"    {held} {label}; memset((void *)&{label}, 0x5a, sizeof {label});")
    arguments = [f"&{label}" if kind(declared) == "output" else zero(declared) for declared, label in parameters]
    if result == "bool":
        lines.append(f"    CHECK(!{call(name, arguments)});")
    else:
        arguments[-1] = "&error"
        lines.append(f"    tlsock_error *error = NULL;\n    EQUAL({call(name, arguments)}, TLSOCK_VALUE);")
        lines.append("    CHECK(tlsock_error_message(error)[0]);\n    tlsock_error_free(error);")
    lines += [f"    CHECK(untouched(&{label}, sizeof {label}));" for _, label in places]
    return "\n".join(lines + ["  }"])


def some_input(declared):
    return '(const char *const[]){"x"}' if "const char * const" in declared else '"x"'


def one_missing(result, name, parameters):
    """Handles that are there, one pointer missing at a time."""
    if result != "tlsock_status" or name == "tlsock_error_status":
        return
    for missing, (declared, label) in enumerate(parameters):
        if kind(declared) in ("number", "callback", "error") or optional(name, label):
            continue
        lines, arguments = ["  {"], []
        for index, (other, place) in enumerate(parameters):
            what = kind(other)
            if index == missing:
                arguments.append("NULL")
            elif what == "handle" and not optional(name, place):
                arguments.append("some_" + re.search(r"tlsock_(\w+)", other)[1])
            elif what == "text" and not optional(name, place):
                arguments.append('"x"')
            elif what == "input" and not optional(name, place):
                arguments.append(some_input(other))
            elif what == "output":
                lines.append(f"    {other[:-1].strip()} {place}; memset((void *)&{place}, 0x5a, sizeof {place});")
                arguments.append("&" + place)
            elif what == "error":
                arguments.append("&error")
            else:
                arguments.append(zero(other))
        lines.append(f"    tlsock_error *error = NULL;\n    EQUAL({call(name, arguments)}, TLSOCK_VALUE);")
        lines.append(f'    CHECK(strstr(tlsock_error_message(error), "{label}"));\n    tlsock_error_free(error);')
        yield "\n".join(lines + ["  }"])


def main():
    with open(sys.argv[1], encoding="utf-8") as header:
        found = functions(header.read())
    print('// Made by null_calls.py.\n#include "null_fixture.h"\n')
    for result, name, parameters in found:
        print(f"static void test_{name}(void) {{")
        print(all_null(result, name, parameters))
        print("}\n")
        more = [outputs_untouched(result, name, parameters), *one_missing(result, name, parameters)]
        if any(more):
            print(f"static void more_{name}(void) {{")
            print("\n".join(part for part in more if part))
            print("}\n")
    cases = [f"CASE(test_{name})" for _, name, _ in found]
    cases += [f"CASE(more_{name})" for result, name, parameters in found
              if outputs_untouched(result, name, parameters) or any(one_missing(result, name, parameters))]
    print("static const test_case cases[] = {" + ",\n    ".join(cases) + "};")
    print("int main(int argc, char **argv) {\n  test_set_up(argc, argv);\n  make_handles();")
    print("  int failed = test_run(cases, sizeof cases / sizeof *cases);\n  free_handles();\n  return failed;\n}")


if __name__ == "__main__":
    main()
