// SSLContext: its own certificate chain and key.

#include "addon.h"

// loadCertChain(context, certfile, keyfile, password)
static napi_value load_cert_chain(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *certfile = NULL, *keyfile = NULL, *text = NULL;
  password asked;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 1, &certfile) && to_text(&c, 2, &keyfile) && to_text(&c, 3, &text))
    status =
        asks_password(&c, 3, &asked)
            ? tlsock_context_load_cert_chain_asking(to_context(&c, 0), certfile, keyfile, ask_password, &asked, &error)
            : tlsock_context_load_cert_chain(to_context(&c, 0), certfile, keyfile, text, &error);
  text_free(certfile);
  text_free(keyfile);
  text_free(text);
  return done(&c, status, &error);
}

// loadCertChainData(context, cert, key, password)
static napi_value load_cert_chain_data(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied cert, key;
  if (!copy_bytes(&c, 1, &cert)) return NULL;
  if (!copy_bytes(&c, 2, &key)) return copied_free(&cert), NULL;
  char *text;
  password asked;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 3, &text))
    status = asks_password(&c, 3, &asked)
                 ? tlsock_context_load_cert_chain_data_asking(to_context(&c, 0), cert.data, cert.len, key.data, key.len,
                                                              ask_password, &asked, &error)
                 : tlsock_context_load_cert_chain_data(to_context(&c, 0), cert.data, cert.len, key.data, key.len, text,
                                                       &error);
  text_free(text);
  copied_free(&cert);
  copied_free(&key);
  return done(&c, status, &error);
}

void export_chain(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"loadCertChain", load_cert_chain},
      {"loadCertChainData", load_cert_chain_data},
  };
  EXPORT(functions);
}
