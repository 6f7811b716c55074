// Errors of the library as JavaScript errors: the facts are gathered here, lib/error.js chooses the class.

#include "addon.h"

static napi_value offered_names(napi_env env, const tlsock_error *error) {
  napi_value names = NULL;
  size_t count = tlsock_error_offered_name_count(error);
  napi_create_array_with_length(env, count, &names);
  for (size_t i = 0; i < count; i++)
    napi_set_element(env, names, (uint32_t)i, from_peer_text(env, tlsock_error_offered_name_at(error, i)));
  return names;
}

static napi_value facts(napi_env env, tlsock_status status, const tlsock_error *error) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "status", from_int(env, status));
  set(env, result, "name", from_text(env, tlsock_status_name(status)));
  if (!error) return result;
  tlsock_slice der = tlsock_certificate_der(tlsock_error_certificate(error));
  set(env, result, "message", from_text(env, tlsock_error_message(error)));
  set(env, result, "library", from_text(env, tlsock_error_library(error)));
  set(env, result, "reason", from_text(env, tlsock_error_reason(error)));
  set(env, result, "errno", from_int(env, tlsock_error_code(error)));
  set(env, result, "osErrno", from_int(env, tlsock_error_os_errno(error)));
  set(env, result, "filename", from_text(env, tlsock_error_filename(error)));
  set(env, result, "phase", from_int(env, tlsock_error_phase(error)));
  set(env, result, "alertSent", from_int(env, tlsock_error_alert_sent(error)));
  set(env, result, "alertReceived", from_int(env, tlsock_error_alert_received(error)));
  set(env, result, "verifyCode", from_int(env, tlsock_error_verify_code(error)));
  set(env, result, "verifyMessage", from_text(env, tlsock_error_verify_message(error)));
  set(env, result, "verifyFlag", from_int(env, (int64_t)tlsock_error_verify_flag(error)));
  set(env, result, "depth", from_int(env, tlsock_error_depth(error)));
  set(env, result, "certificate", from_bytes(env, der.data, der.len));
  set(env, result, "expectedName", from_text(env, tlsock_error_expected_name(error)));
  set(env, result, "offeredNames", offered_names(env, error));
  tlsock_slice configs = tlsock_error_ech_retry_configs(error);
  set(env, result, "echRetryConfigs", from_bytes(env, configs.data, configs.len));
  const tlsock_error *cause = tlsock_error_cause(error);
  if (cause) set(env, result, "cause", facts(env, tlsock_error_status(cause), cause));
  return result;
}

napi_value make_error(napi_env env, addon *addon, tlsock_status status, tlsock_error *error) {
  napi_value undefined = NULL, function = NULL, result = NULL;
  napi_get_undefined(env, &undefined);
  napi_value argument = facts(env, status, error);
  tlsock_error_free(error);
  napi_get_reference_value(env, addon->make_error, &function);
  napi_call_function(env, undefined, function, 1, &argument, &result);
  return result;
}

bool check(const call *c, tlsock_status status, tlsock_error **error) {
  if (status == TLSOCK_OK) return true;
  napi_value made = make_error(c->env, c->addon, status, *error);
  if (made) napi_throw(c->env, made);
  return false;
}

napi_value done(const call *c, tlsock_status status, tlsock_error **error) {
  check(c, status, error);
  return NULL;
}
