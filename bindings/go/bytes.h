// The functions of the library that take or fill bytes of Go. The header has void pointers there, which are unsafe.Pointer to Go:
// cgo then looks for Go pointers in the whole of the object that the bytes lie in, such as a struct with an array in it, and
// panics where it finds one. It knows that bytes refer to nothing.
#ifndef TLSOCK_GO_BYTES_H
#define TLSOCK_GO_BYTES_H

#include <tlsock.h>

static inline tlsock_status tlsock_go_bio_read(tlsock_bio *bio, uint8_t *buffer, size_t size, size_t *len,
                                               tlsock_error **error) {
  return tlsock_bio_read(bio, buffer, size, len, error);
}

static inline tlsock_status tlsock_go_bio_write(tlsock_bio *bio, const uint8_t *data, size_t len,
                                                tlsock_error **error) {
  return tlsock_bio_write(bio, data, len, error);
}

static inline tlsock_status tlsock_go_certificate_new_data(const uint8_t *data, size_t data_len,
                                                           tlsock_certificate **certificate, tlsock_error **error) {
  return tlsock_certificate_new_data(data, data_len, certificate, error);
}

static inline tlsock_status tlsock_go_context_load_cert_chain_data(tlsock_context *context, const uint8_t *cert,
                                                                   size_t cert_len, const uint8_t *key, size_t key_len,
                                                                   const char *password, tlsock_error **error) {
  return tlsock_context_load_cert_chain_data(context, cert, cert_len, key, key_len, password, error);
}

static inline tlsock_status tlsock_go_context_load_crl_data(tlsock_context *context, const uint8_t *crl, size_t crl_len,
                                                            tlsock_error **error) {
  return tlsock_context_load_crl_data(context, crl, crl_len, error);
}

static inline tlsock_status tlsock_go_context_load_ech_keys(tlsock_context *context, const uint8_t *keys,
                                                            size_t keys_len, const uint8_t *former, size_t former_len,
                                                            tlsock_error **error) {
  return tlsock_context_load_ech_keys(context, keys, keys_len, former, former_len, error);
}

static inline tlsock_status tlsock_go_context_load_verify_locations(tlsock_context *context, const char *cafile,
                                                                    const char *capath, const uint8_t *cadata,
                                                                    size_t cadata_len, tlsock_error **error) {
  return tlsock_context_load_verify_locations(context, cafile, capath, cadata, cadata_len, error);
}

static inline tlsock_status tlsock_go_context_set_client_ca_names(tlsock_context *context, const uint8_t *certificates,
                                                                  size_t certificates_len, tlsock_error **error) {
  return tlsock_context_set_client_ca_names(context, certificates, certificates_len, error);
}

static inline tlsock_status tlsock_go_context_set_crl_data(tlsock_context *context, const uint8_t *crl, size_t crl_len,
                                                           tlsock_error **error) {
  return tlsock_context_set_crl_data(context, crl, crl_len, error);
}

static inline tlsock_status tlsock_go_context_set_ech_configs(tlsock_context *context, const uint8_t *configs,
                                                              size_t configs_len, tlsock_error **error) {
  return tlsock_context_set_ech_configs(context, configs, configs_len, error);
}

static inline tlsock_status tlsock_go_context_set_ocsp_response(tlsock_context *context, const uint8_t *response,
                                                                size_t response_len, tlsock_error **error) {
  return tlsock_context_set_ocsp_response(context, response, response_len, error);
}

static inline tlsock_status tlsock_go_context_set_ticket_keys(tlsock_context *context, const uint8_t *keys,
                                                              size_t keys_len, size_t key_len, tlsock_error **error) {
  return tlsock_context_set_ticket_keys(context, keys, keys_len, key_len, error);
}

static inline tlsock_status tlsock_go_create_default_context(int purpose, const char *cafile, const char *capath,
                                                             const uint8_t *cadata, size_t cadata_len,
                                                             tlsock_context **context, tlsock_error **error) {
  return tlsock_create_default_context(purpose, cafile, capath, cadata, cadata_len, context, error);
}

static inline tlsock_status tlsock_go_der_cert_to_pem_cert(const uint8_t *der, size_t der_len, tlsock_bytes *pem,
                                                           tlsock_error **error) {
  return tlsock_der_cert_to_pem_cert(der, der_len, pem, error);
}

static inline tlsock_status tlsock_go_identity_new_data(const uint8_t *cert, size_t cert_len, const uint8_t *key,
                                                        size_t key_len, const char *password,
                                                        tlsock_identity **identity, tlsock_error **error) {
  return tlsock_identity_new_data(cert, cert_len, key, key_len, password, identity, error);
}

static inline tlsock_status tlsock_go_identity_new_pkcs12(const uint8_t *data, size_t data_len, const char *password,
                                                          tlsock_identity **identity, tlsock_error **error) {
  return tlsock_identity_new_pkcs12(data, data_len, password, identity, error);
}

static inline tlsock_status tlsock_go_identity_with_ocsp_response(const tlsock_identity *identity,
                                                                  const uint8_t *response, size_t response_len,
                                                                  tlsock_identity **made, tlsock_error **error) {
  return tlsock_identity_with_ocsp_response(identity, response, response_len, made, error);
}

static inline tlsock_status tlsock_go_identity_with_scts(const tlsock_identity *identity, const uint8_t *scts,
                                                         size_t scts_len, tlsock_identity **made,
                                                         tlsock_error **error) {
  return tlsock_identity_with_scts(identity, scts, scts_len, made, error);
}

static inline tlsock_status tlsock_go_object_export_keying_material(const tlsock_object *object, const char *label,
                                                                    const uint8_t *context, size_t context_len,
                                                                    uint8_t *out, size_t out_len,
                                                                    tlsock_error **error) {
  return tlsock_object_export_keying_material(object, label, context, context_len, out, out_len, error);
}

static inline tlsock_status tlsock_go_object_read(tlsock_object *object, uint8_t *buffer, size_t size, size_t *len,
                                                  tlsock_error **error) {
  return tlsock_object_read(object, buffer, size, len, error);
}

static inline tlsock_status tlsock_go_object_write(tlsock_object *object, const uint8_t *data, size_t data_len,
                                                   size_t *written, tlsock_error **error) {
  return tlsock_object_write(object, data, data_len, written, error);
}

static inline tlsock_status tlsock_go_rand_add(const uint8_t *data, size_t data_len, double entropy,
                                               tlsock_error **error) {
  return tlsock_rand_add(data, data_len, entropy, error);
}

static inline tlsock_status tlsock_go_rand_bytes(uint8_t *buffer, size_t size, tlsock_error **error) {
  return tlsock_rand_bytes(buffer, size, error);
}

static inline tlsock_status tlsock_go_session_new_data(tlsock_context *context, const uint8_t *data, size_t data_len,
                                                       tlsock_session **session, tlsock_error **error) {
  return tlsock_session_new_data(context, data, data_len, session, error);
}

#endif
