// Names that a newer LLVM calls and an older libtsan lacks: the C library's functions, which libtsan watches.
#include <string.h>

void *__tsan_memcpy(void *to, const void *from, size_t size) { return memcpy(to, from, size); }
void *__tsan_memmove(void *to, const void *from, size_t size) { return memmove(to, from, size); }
void *__tsan_memset(void *at, int byte, size_t size) { return memset(at, byte, size); }
