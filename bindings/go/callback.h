// The setters of callbacks for the Go files, with a handle of Go as userdata; 0 clears the callback.
#ifndef TLSOCK_GO_CALLBACK_H
#define TLSOCK_GO_CALLBACK_H

#include <tlsock.h>

tlsock_status tlsock_go_set_sni(tlsock_context *context, uintptr_t handle, bool strict, tlsock_error **error);
tlsock_status tlsock_go_set_client_hello(tlsock_context *context, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_alpn(tlsock_context *context, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_password(tlsock_context *context, uintptr_t handle, tlsock_error **error);
// Load with the callback of a handle that lives for the time of the call.
tlsock_status tlsock_go_load_cert_chain(tlsock_context *context, const char *certfile, const char *keyfile,
                                        uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_load_cert_chain_data(tlsock_context *context, const uint8_t *cert, size_t cert_len,
                                             const uint8_t *key, size_t key_len, uintptr_t handle,
                                             tlsock_error **error);
tlsock_status tlsock_go_set_psk_client(tlsock_context *context, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_psk_server(tlsock_context *context, uintptr_t handle, const char *identity_hint,
                                       tlsock_error **error);
tlsock_status tlsock_go_set_message(tlsock_context *context, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_keylog(tlsock_context *context, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_session(tlsock_context *context, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_session_cache(tlsock_context *context, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_warning(uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_identity(tlsock_context *context, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_set_verify(tlsock_context *context, uint32_t flags, uintptr_t handle, tlsock_error **error);
tlsock_status tlsock_go_new_signer(const uint8_t *chain, size_t chain_len, uintptr_t handle, tlsock_identity **identity,
                                   tlsock_error **error);
// Notes for which connection this thread is about to call the library, by the handle of its record, and returns what was
// noted: signers are asked without it. 0: no connection.
uintptr_t tlsock_go_work_for(uintptr_t owner);
void tlsock_go_set_userdata(tlsock_object *object, uintptr_t handle);

#endif
