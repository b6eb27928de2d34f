/* Puts the clocks of a running process ahead: two numbers of seconds in the file HELPDESK_CLOCK, shared with
   the test that writes them. The first is added to the clock on the wall, the second to the one that only
   grows. Loaded with LD_PRELOAD; Python and SQLite see the same time (MAIL_RULES 5.5). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t none[2];
static volatile int64_t *ahead = none;
static int (*real_clock)(clockid_t, struct timespec *);

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("HELPDESK_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *memory;
    real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (file < 0)
        return;
    memory = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (memory != MAP_FAILED)
        ahead = memory;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    int result;
    if (!real_clock)
        real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    result = real_clock(id, now);
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
        now->tv_sec += ahead[0];
    else if (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_BOOTTIME)
        now->tv_sec += ahead[1];
    return result;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (result)
        *result = exact.tv_sec;
    return exact.tv_sec;
}

/* Python's threads wait until a moment of the clock that they were shown; the kernel knows only its own. */
int sem_clockwait(sem_t *semaphore, clockid_t id, const struct timespec *until)
{
    static int (*real)(sem_t *, clockid_t, const struct timespec *);
    struct timespec moment = *until;
    if (!real)
        real = (int (*)(sem_t *, clockid_t, const struct timespec *))dlsym(RTLD_NEXT, "sem_clockwait");
    moment.tv_sec -= id == CLOCK_MONOTONIC ? ahead[1] : ahead[0];
    return real(semaphore, id, &moment);
}
