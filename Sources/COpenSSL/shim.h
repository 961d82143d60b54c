// A libc header comes first, so that its types are those of Glibc's own module.
#include <sys/types.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#if OPENSSL_VERSION_MAJOR < 3
#error "OpenSSL 3.0 or later is needed (Debian 12, Ubuntu 22.04)"
#endif

// Macros, as typed functions.

static inline int copenssl_set_versions(SSL_CTX *context, int least, int most) {
  return SSL_CTX_set_min_proto_version(context, least) && SSL_CTX_set_max_proto_version(context, most);
}

static inline int copenssl_set_groups(SSL_CTX *context, const char *list) {
  return SSL_CTX_set1_groups_list(context, list) == 1;
}

static inline void copenssl_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }
static inline void copenssl_set_cache_mode(SSL_CTX *context, long mode) {
  SSL_CTX_set_session_cache_mode(context, mode);
}

/// Sent as SNI; OpenSSL copies it.
static inline int copenssl_set_server_name(SSL *session, const char *name) {
  return SSL_set_tlsext_host_name(session, name) == 1;
}

static inline void copenssl_set_owner(SSL_CTX *context, void *owner) { SSL_CTX_set_app_data(context, owner); }
static inline void *copenssl_owner(SSL *session) { return SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)); }

typedef int (*copenssl_ticket_function)(SSL *session, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                                        EVP_MAC_CTX *mac, int seals);

static inline int copenssl_set_ticket_function(SSL_CTX *context, copenssl_ticket_function function) {
  return SSL_CTX_set_tlsext_ticket_key_evp_cb(context, function) == 1;
}

/// Gives a ticket's keys (AES-256-CBC and HMAC-SHA-256) to what seals or opens it.
static inline int copenssl_use_ticket_key(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const unsigned char *cipher_key,
                                          unsigned char *mac_key, const unsigned char *iv, int seals) {
  OSSL_PARAM parameters[3];
  parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key, 32);
  parameters[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0);
  parameters[2] = OSSL_PARAM_construct_end();
  return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, cipher_key, iv, seals) && EVP_MAC_CTX_set_params(mac, parameters);
}

// What a session reads from and writes to: memory of its owner's, without a copy in between.

static inline void copenssl_read_again(BIO *bio) {
  BIO_clear_retry_flags(bio);
  BIO_set_retry_read(bio);
}

static inline void copenssl_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

/// Flushing has nothing to do; no other command is known.
static inline long copenssl_wire_control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  return command == BIO_CTRL_FLUSH;
}

// Certificates and keys.

/// Never asks: OpenSSL's own answer to an encrypted key is to stop at the terminal.
static inline int copenssl_no_passphrase(char *buffer, int size, int writes, void *user) {
  (void)buffer, (void)size, (void)writes, (void)user;
  return -1;
}

/// A file's PEM in memory that stays the caller's.
static inline X509 *copenssl_read_certificate(BIO *memory) {
  return PEM_read_bio_X509_AUX(memory, NULL, copenssl_no_passphrase, NULL);
}

static inline EVP_PKEY *copenssl_read_key(BIO *memory) {
  return PEM_read_bio_PrivateKey(memory, NULL, copenssl_no_passphrase, NULL);
}

static inline STACK_OF(X509) *copenssl_new_chain(void) { return sk_X509_new_null(); }
static inline int copenssl_append(STACK_OF(X509) *chain, X509 *certificate) { return sk_X509_push(chain, certificate); }
static inline void copenssl_free_chain(STACK_OF(X509) *chain) { sk_X509_pop_free(chain, X509_free); }

/// Seconds since 1970; false if the certificate's own text of it cannot be read.
static inline int copenssl_seconds(const ASN1_TIME *time, long long *seconds) {
  int days = 0, rest = 0;
  ASN1_TIME *start = ASN1_TIME_set(NULL, 0);
  int isRead = start && ASN1_TIME_diff(&days, &rest, start, time);
  ASN1_TIME_free(start);
  *seconds = days * 86400LL + rest;
  return isRead;
}

/// Copies the DNS name of the given number among a certificate's alternative names: its length, -1 if there are not so
/// many, 0 if it does not fit or is none that could be printed.
static inline int copenssl_copy_name(X509 *certificate, int number, char *text, int capacity) {
  int length = -1;
  GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  for (int index = 0; names && index < sk_GENERAL_NAME_num(names); index++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (name->type != GEN_DNS || number--) continue;
    const unsigned char *bytes = ASN1_STRING_get0_data(name->d.dNSName);
    length = ASN1_STRING_length(name->d.dNSName);
    if (length < 0 || length > capacity) length = 0;
    for (int place = 0; place < length; place++)
      if (bytes[place] <= 0x20 || bytes[place] >= 0x7f) length = 0;
    memcpy(text, bytes, (size_t)length);
    break;
  }
  GENERAL_NAMES_free(names);
  return length;
}

/// What the oldest error of this thread's queue is about, and takes it out; 0 when there is none left.
static inline unsigned long copenssl_next_error(const char **detail) {
  int flags = 0;
  unsigned long code = ERR_get_error_all(NULL, NULL, NULL, detail, &flags);
  if (!(flags & ERR_TXT_STRING)) *detail = NULL;
  return code;
}

static inline int copenssl_error_reason(unsigned long code) { return ERR_GET_REASON(code); }

// What a server's and a client's context have in common, and what not.

static inline void copenssl_set_server_options(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_NO_RENEGOTIATION);
}

static inline void copenssl_set_client_options(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

/// The one protocol that the server speaks (RFC 7301 6), with its length before it.
static const unsigned char copenssl_http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// For SSL_CTX_set_alpn_select_cb. Who offers protocols and not this one is told so: it would not understand the answer.
static inline int copenssl_select_protocol(SSL *session, const unsigned char **chosen, unsigned char *length,
                                           const unsigned char *offered, unsigned int offered_length, void *user) {
  (void)session, (void)user;
  int result = SSL_select_next_proto((unsigned char **)chosen, length, copenssl_http11, sizeof copenssl_http11, offered,
                                     offered_length);
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Offers it; OpenSSL copies it.
static inline int copenssl_offer_protocol(SSL_CTX *context) {
  return SSL_CTX_set_alpn_protos(context, copenssl_http11, sizeof copenssl_http11) == 0;
}

static inline const char *copenssl_cipher_name(SSL *session) { return SSL_CIPHER_get_name(SSL_get_current_cipher(session)); }
