#!/usr/bin/env python3
"""Generates a C program that calls every function of tlsock.h that takes a handle with one that was freed, with one of
another kind and with a pointer that is no handle. It needs a library with the feature `checked`.

usage: misuse.py HEADER > misuse.c

A call that can fail gives VALUE and names the argument and what is wrong with it; a getter gives the answer it has for
NULL; _free does nothing. Getters and _free give a warning.
"""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "c"))
import null_calls  # noqa: E402

# No Windows, so no list of a store that lives or was freed.
NEVER_MADE = {"store_list"}
# These live while a callback runs.
ONLY_LENT = {"verification", "identity_request", "client_hello"}
# NPN is no more: these answer without a look at the handle.
NEVER_LOOKS = {"tlsock_object_selected_npn_protocol", "tlsock_socket_selected_npn_protocol"}


def held(declared):
    return re.search(r"tlsock_(\w+)", declared)[1]


def bad_pointers(kind):
    """A word for the test, the pointer, what the message says."""
    if kind not in NEVER_MADE | ONLY_LENT:
        yield "freed", f"dead_{kind}", "it was freed already"
    other = "context" if kind == "bio" else "bio"
    yield "other", f"(void *)some_{other}", f"it is a tlsock_{other}"
    yield "foreign", "(void *)no_handle", "it is not a handle of this library"


def arguments_with(parameters, name, at, pointer):
    lines, arguments = [], []
    for index, (declared, label) in enumerate(parameters):
        what = null_calls.kind(declared)
        if index == at:
            arguments.append(pointer)
        elif what == "error":
            arguments.append("E")
        elif what == "output":
            lines.append(f"    {declared[:-1].strip()} {label}; memset((void *)&{label}, 0, sizeof {label});")
            arguments.append("&" + label)
        elif null_calls.optional(name, label):
            arguments.append(null_calls.zero(declared))
        elif what == "handle":
            arguments.append("some_" + held(declared))
        elif what == "text":
            arguments.append('"x"')
        elif what == "input":
            arguments.append(null_calls.some_input(declared))
        else:
            arguments.append(null_calls.zero(declared))
    return lines, arguments


def needs_lent(parameters, at):
    """Whether a call needs a handle, beside the one that is misused, that only a callback has."""
    others = [declared for index, (declared, _) in enumerate(parameters) if index != at]
    return any(null_calls.kind(declared) == "handle" and held(declared) in ONLY_LENT for declared in others)


def misused(result, name, parameters):
    for at, (declared, label) in enumerate(parameters):
        if null_calls.kind(declared) != "handle" or name in NEVER_LOOKS or needs_lent(parameters, at):
            continue
        for word, pointer, fault in bad_pointers(held(declared)):
            lines, arguments = arguments_with(parameters, name, at, pointer)
            expression = null_calls.call(name, arguments)
            text = f"is not a live tlsock_{held(declared)}: {fault}"
            lines.append("    size_t handles = tlsock_handle_count(); warned = 0;")
            if result == "tlsock_status" and name != "tlsock_error_status":
                lines.append(f'    FAILS(TLSOCK_VALUE, "{label} {text}", {expression});')
                lines.append("    test_free_slot(NULL);")
            else:
                lines.append("  " + null_calls.refusal(result, name, expression))
                lines.append(f'    EQUAL(warned, 1); SAME_TEXT(warning, "the handle {text}");')
            lines.append("    EQUAL(tlsock_handle_count(), handles);")
            yield f"{word}_{label}_{name}", lines


def main():
    with open(sys.argv[1], encoding="utf-8") as header:
        found = null_calls.functions(header.read())
    print('// Made by misuse.py.\n#include "misuse.h"\n')
    cases = []
    for result, name, parameters in found:
        for test, lines in misused(result, name, parameters):
            print(f"static void {test}(void) {{")
            print("\n".join(lines) + "\n}\n")
            cases.append(f"CASE({test})")
    print("static const test_case cases[] = {CASE(bytes_twice), CASE(lent_is_not_freed), CASE(lent_ends_with_its_lender),")
    print("    " + ",\n    ".join(cases) + "};")
    print("int main(int argc, char **argv) {\n  test_set_up(argc, argv);\n  make_some();")
    print("  int failed = test_run(cases, sizeof cases / sizeof *cases);\n  free_some();\n  return failed;\n}")


if __name__ == "__main__":
    main()
