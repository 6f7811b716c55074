// The module: the data of each environment, and the list of exports.

#include <stdlib.h>

#include "addon.h"

call begin(napi_env env, napi_callback_info info) {
  call c = {.env = env};
  size_t count = MAX_ARGUMENTS;
  void *data = NULL;
  napi_get_cb_info(env, info, &count, c.argv, NULL, &data);
  c.addon = data;
  return c;
}

void export_functions(napi_env env, napi_value exports, addon *addon, const function *functions, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value value = NULL;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].run, addon, &value);
    napi_set_named_property(env, exports, functions[i].name, value);
  }
}

// setup(makeError): once, before anything else.
static napi_value setup(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  napi_create_reference(env, c.argv[0], 1, &c.addon->make_error);
  return NULL;
}

static void addon_free(napi_env env, void *data, void *hint) {
  (void)hint;
  addon *addon = data;
  if (addon->make_error) napi_delete_reference(env, addon->make_error);
  scratch_free(addon->spare);
  free(addon);
}

NAPI_MODULE_INIT() {
  addon *addon = calloc(1, sizeof *addon);
  if (!addon || napi_set_instance_data(env, addon, addon_free, NULL) != napi_ok) {
    free(addon);
    napi_throw_error(env, NULL, "tlsock: out of memory");
    return NULL;
  }
  const function functions[] = {{"setup", setup}};
  EXPORT(functions);
  napi_value count = from_int(env, CONTROL_COUNT);
  set(env, exports, "CONTROL_COUNT", count);
  export_handle(env, exports, addon);
  export_constants(env, exports);
  export_context(env, exports, addon);
  export_callback(env, exports, addon);
  export_ciphers(env, exports, addon);
  export_sigalgs(env, exports, addon);
  export_chain(env, exports, addon);
  export_identity(env, exports, addon);
  export_tickets(env, exports, addon);
  export_ocsp(env, exports, addon);
  export_scts(env, exports, addon);
  export_ech(env, exports, addon);
  export_client_hello(env, exports, addon);
  export_trust(env, exports, addon);
  export_bio(env, exports, addon);
  export_connection(env, exports, addon);
  export_kept(env, exports, addon);
  export_object(env, exports, addon);
  export_pump(env, exports, addon);
  export_session_cache(env, exports, addon);
  export_session(env, exports, addon);
  export_certificate(env, exports, addon);
  export_module(env, exports, addon);
  return exports;
}
