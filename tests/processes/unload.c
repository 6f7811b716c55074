// Loads the library, uses it in a thread, unloads it and ends the thread.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static pthread_barrier_t step;
static int (*rand_bytes)(void *, size_t, void *);

static void *use(void *failed) {
  char bytes[16];
  *(int *)failed = rand_bytes(bytes, sizeof bytes, NULL);
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t thread;
  int failed = 1;
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
  *(void **)&rand_bytes = dlsym(library, "tlsock_rand_bytes");
  pthread_barrier_init(&step, NULL, 2);
  pthread_create(&thread, NULL, use, &failed);
  pthread_barrier_wait(&step);
  dlclose(library);
  pthread_barrier_wait(&step);
  pthread_join(thread, NULL);
  puts("done");
  return failed;
}
