// Calls of the system that fail when told to. Linked into a program these functions stand before the C library's, for
// libtlsock and libcrypto too. Only calls of a thread that is armed count and fail.
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>

#define SITES(X) \
  X(recv) X(send) X(ppoll) X(connect) X(accept4) X(getsockopt) X(setsockopt) X(fcntl) X(getpeername) X(getsockname) \
  X(socket) X(bind) X(listen) X(shutdown) X(open64) X(read) X(write) X(lseek64) X(fstat64) X(statx) X(pread64) \
  X(mmap64) X(close) X(fopen64) X(fread) X(fgets)

#define SITE_NAME(name) AT_##name,
typedef enum site { SITES(SITE_NAME) SITE_COUNT } site;
#undef SITE_NAME

extern const char *const site_names[SITE_COUNT];

// In place of an error number: one byte only.
#define SHORT (-1)

typedef struct fault {
  site at;
  int error;
  unsigned first, count;  // the calls that fail: `count` of them, from number `first` on
} fault;

typedef struct calls {
  unsigned of[SITE_COUNT];  // made by this thread while armed
  unsigned failed;
} calls;

// Arms this thread; NULL counts only. Calls add up until `shim_reset`.
void shim_arm(const fault *which);
void shim_disarm(void);
void shim_reset(void);
const calls *shim_calls(void);

#endif
