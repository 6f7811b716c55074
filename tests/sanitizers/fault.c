// One fault each, for a tool to prove that it sees it.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if defined(RACE)
int shared;

void *add(void *ignored) {
  shared++;
  return ignored;
}

int main(void) {
  pthread_t other;
  pthread_create(&other, NULL, add, NULL);
  shared++;
  return pthread_join(other, NULL);
}
#elif defined(OVERFLOW)
int main(int argc, char **argv) {
  volatile char *block = malloc((size_t)argc);
  (void)argv;
  block[argc] = 1;
  free((char *)block);
  return 0;
}
#else
int main(void) {
  char *volatile block = malloc(10);
  memset(block, 1, 10);
  block = NULL;
  return 0;
}
#endif
