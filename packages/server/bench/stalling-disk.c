/* Loaded before the C library into a server of the benchmark: while the file that STALL_FILE names exists, nothing gets to the disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static void wait_for_disk(void) {
  const char *file = getenv("STALL_FILE");
  const struct timespec moment = {0, 1000000};
  while (file != NULL && access(file, F_OK) == 0) nanosleep(&moment, NULL);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  wait_for_disk();
  return ((ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64"))(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  wait_for_disk();
  return ((ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite"))(fd, bytes, count, offset);
}

int fdatasync(int fd) {
  wait_for_disk();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
