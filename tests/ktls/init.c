// The first and only process of a virtual machine: loads the modules of the kernel, in the order of their names, runs
// /test /certs and switches off.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(const char *what, int done) {
  if (!done) printf("init: %s: %s\n", what, strerror(errno));
}

static void load_modules(const char *folder) {
  struct dirent **names;
  int count = scandir(folder, &names, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
    int module = open(path, O_RDONLY);
    if (names[i]->d_name[0] != '.') must(path, syscall(SYS_finit_module, module, "", 0) == 0);
    close(module);
  }
}

int main(void) {
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int status = 0;
  must("/proc", mount("proc", "/proc", "proc", 0, NULL) == 0);
  must("/dev", mount("dev", "/dev", "devtmpfs", 0, NULL) == 0);
  must("/tmp", mount("tmp", "/tmp", "tmpfs", 0, NULL) == 0);
  load_modules("/modules");
  must("loopback", ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &loopback) == 0);
  pid_t test = fork();
  if (test == 0) {
    setenv("TLSOCK_TEST_KTLS", "1", 1);
    setenv("TLSOCK_TEST_SECONDS", "300", 1);
    execl("/test", "test", "/certs", (char *)NULL);
    _exit(127);
  }
  waitpid(test, &status, 0);
  printf("the test ended with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  fflush(stdout);
  reboot(RB_POWER_OFF);
  return 1;
}
