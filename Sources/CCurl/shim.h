// A libc header comes first, so that its types are those of Glibc's own module.
#include <sys/types.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
// The checks of the macros would need constants; the functions below have types of their own.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// CURLOPT_QUICK_EXIT: without it a broken name server stops the caller's thread.
#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or later is needed (Debian 12, Ubuntu 23.04)"
#endif

static inline const curl_version_info_data *ccurl_version(void) { return curl_version_info(CURLVERSION_NOW); }

// Variadic calls, as typed functions.

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

/// libcurl copies the text; NULL restores the default.
static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *text) {
  return curl_easy_setopt(easy, option, text);
}

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

/// Copies the content, whose length must have been set before. Without an address it is empty.
static inline CURLcode ccurl_set_content(CURL *easy, const void *bytes) {
  return curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes ? bytes : "");
}

/// The list stays the caller's and must outlive the transfer.
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *list) {
  return curl_easy_setopt(easy, option, list);
}

typedef size_t (*ccurl_bytes_function)(char *bytes, size_t size, size_t count, void *user);

/// For CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION and CURLOPT_READFUNCTION, which have one shape.
static inline CURLcode ccurl_set_bytes_function(CURL *easy, CURLoption option, ccurl_bytes_function function) {
  return curl_easy_setopt(easy, option, function);
}

typedef int (*ccurl_before_request_function)(void *user, char *peer, char *local, int peer_port, int local_port);

static inline CURLcode ccurl_set_before_request(CURL *easy, ccurl_before_request_function function) {
  return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

typedef curl_socket_t (*ccurl_open_function)(void *user, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode ccurl_set_open_function(CURL *easy, ccurl_open_function function) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}

typedef int (*ccurl_close_function)(void *user, curl_socket_t descriptor);

static inline CURLcode ccurl_set_close_function(CURL *easy, ccurl_close_function function) {
  return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, function);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode ccurl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
  return curl_multi_setopt(multi, option, value);
}

typedef int (*ccurl_socket_function)(CURL *easy, curl_socket_t descriptor, int what, void *user, void *per_socket);

static inline CURLMcode ccurl_multi_set_socket_function(CURLM *multi, ccurl_socket_function function) {
  return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
}

typedef int (*ccurl_timer_function)(CURLM *multi, long milliseconds, void *user);

static inline CURLMcode ccurl_multi_set_timer_function(CURLM *multi, ccurl_timer_function function) {
  return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
}

/// 0 if libcurl does not say.
static inline long ccurl_info_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

/// 0 if libcurl does not say.
static inline curl_off_t ccurl_info_offset(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline void *ccurl_info_private(CURL *easy) {
  char *value = NULL;
  return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

/// The next transfer that has ended, and how; NULL when there is none left.
static inline CURL *ccurl_next_ended(CURLM *multi, CURLcode *result) {
  int left = 0;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));)
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  return NULL;
}

// Sockets that libcurl asks its owner to open and close.

/// -1 if there is none to be had.
static inline int ccurl_open_socket(const struct curl_sockaddr *address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline int ccurl_close_socket(int descriptor) { return close(descriptor); }

/// The port that a socket is bound to, 0 if none.
static inline int ccurl_local_port(int descriptor) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getsockname(descriptor, (struct sockaddr *)&address, &length)) return 0;
  switch (address.ss_family) {
    case AF_INET: return ntohs(((struct sockaddr_in *)&address)->sin_port);
    case AF_INET6: return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    default: return 0;
  }
}

/// Where a socket is to be connected to, as libcurl writes it when it tells of a connection: the port is returned, the
/// address written to `text` (of INET6_ADDRSTRLEN bytes).
static inline int ccurl_peer(const struct curl_sockaddr *address, char *text) {
  text[0] = 0;
  if (address->family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)&address->addr;
    inet_ntop(AF_INET, &four->sin_addr, text, INET6_ADDRSTRLEN);
    return ntohs(four->sin_port);
  }
  if (address->family == AF_INET6) {
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->addr;
    inet_ntop(AF_INET6, &six->sin6_addr, text, INET6_ADDRSTRLEN);
    return ntohs(six->sin6_port);
  }
  return 0;
}

/// Whether nothing has come in: no byte, no end, no error.
static inline int ccurl_is_silent(int descriptor) {
  char byte;
  ssize_t count = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/// Whether the peer has ended the connection, with nothing before that to be read.
static inline int ccurl_has_ended(int descriptor) {
  char byte;
  ssize_t count = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/// Ends a connection that must not be used again, so that libcurl's own look at it finds it dead: what has come in is
/// thrown away, the next read finds the end.
static inline void ccurl_condemn(int descriptor) {
  char bytes[4096];
  shutdown(descriptor, SHUT_RDWR);
  // No more than a receive buffer can hold.
  for (int rounds = 0; rounds < 4096; rounds++)
    if (recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT) <= 0) return;
}

/// Whether the path names a file (or, if asked for, a directory) that this process may read.
static inline int ccurl_can_read(const char *path, int directory) {
  struct stat status;
  if (stat(path, &status) || access(path, R_OK)) return 0;
  return directory ? S_ISDIR(status.st_mode) : S_ISREG(status.st_mode);
}
