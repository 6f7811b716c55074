// What the check of a peer has come to, as a verify callback sees it.

#include "addon.h"

static napi_value expected_names(napi_env env, const tlsock_verification *verification) {
  napi_value names = NULL;
  size_t count = tlsock_verification_expected_name_count(verification);
  napi_create_array_with_length(env, count, &names);
  for (size_t i = 0; i < count; i++)
    napi_set_element(env, names, (uint32_t)i, from_text(env, tlsock_verification_expected_name_at(verification, i)));
  return names;
}

static napi_value offered_names(napi_env env, const tlsock_verification *verification) {
  napi_value names = NULL;
  size_t count = tlsock_verification_offered_name_count(verification);
  napi_create_array_with_length(env, count, &names);
  for (size_t i = 0; i < count; i++)
    napi_set_element(env, names, (uint32_t)i,
                     from_peer_text(env, tlsock_verification_offered_name_at(verification, i)));
  return names;
}

napi_value from_verification(napi_env env, const tlsock_verification *verification) {
  tlsock_slice der = tlsock_certificate_der(tlsock_verification_certificate(verification));
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "code", from_int(env, tlsock_verification_code(verification)));
  set(env, result, "message", from_text(env, tlsock_verification_message(verification)));
  set(env, result, "depth", from_int(env, tlsock_verification_depth(verification)));
  set(env, result, "certificate", from_bytes(env, der.data, der.len));
  set(env, result, "chain", from_lent_certificates(env, tlsock_verification_chain(verification)));
  set(env, result, "sentChain", from_lent_certificates(env, tlsock_verification_sent_chain(verification)));
  set(env, result, "expectedNames", expected_names(env, verification));
  set(env, result, "offeredNames", offered_names(env, verification));
  return result;
}
