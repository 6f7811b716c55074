"""What is deprecated warns, once and only when it is used; a program that refuses the warning changes nothing."""

from twins import Pair, client_context, scenario, server_context

NO_SSLV3, NO_TLSV1 = 1 << 25, 1 << 26
SSLV3, TLSV1, TLSV1_1, TLSV1_2 = 768, 769, 770, 771


@scenario
def warned_protocols(api, files):
    found = {}
    for number in (2, 5, 16, 17):
        with api.watch() as warned:
            api.Context(number)
        found[str(number)] = warned
    return found


@scenario
def warned_settings(api, files):
    context, found = api.Context(16), {}

    def assign(step, name, value):
        with api.watch() as warned:
            outcome = api.attempt(setattr, context, name, value)
        found[step] = [outcome, warned, getattr(context, name), context.options]

    assign("an old version off", "options", context.options | NO_TLSV1)
    assign("again", "options", context.options)
    assign("another bit beside it", "options", context.options | 1 << 14)
    assign("on again", "options", context.options & ~NO_TLSV1)
    assign("SSLv3 on", "options", context.options & ~NO_SSLV3)
    assign("SSLv3 off", "options", context.options | NO_SSLV3)
    for version in (TLSV1, TLSV1_1, TLSV1_2, SSLV3, -1, -2):
        assign(f"minimum {version}", "minimum_version", version)
        assign(f"maximum {version}", "maximum_version", version)
    return found


@scenario
def warned_next_protocols(api, files):
    context, found = api.Context(16), {}
    for name, protocols in (("empty", [""]), ("long", ["a" * 256])):
        with api.watch() as warned:
            outcome = api.attempt(context.set_npn_protocols, protocols)
        found[name] = [outcome, warned]
    pair = Pair(api, client_context(api, files), server_context(api, files)).established()
    with api.watch() as warned:
        found["selected"] = [pair.client.selected_npn_protocol(), warned]
    return found


@scenario
def refused_warnings(api, files):
    context = api.Context(16)
    before = context.options
    with api.refuse_warnings():
        for name, value in (("options", before | NO_TLSV1), ("minimum_version", TLSV1)):
            try:
                setattr(context, name, value)
            except Exception:
                continue
            raise AssertionError(f"{name} was not refused")
    return {"unchanged": [context.options == before, context.options, context.minimum_version]}


@scenario
def refused_versions_of_a_fixed_protocol(api, files):
    """The version is refused, but by then SSLv3 is no longer switched off."""
    context = api.Context(5)
    with api.watch() as warned:
        outcome = api.attempt(setattr, context, "minimum_version", SSLV3)
    return {"outcome": [outcome, warned, context.options]}
