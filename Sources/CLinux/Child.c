#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

// As they were when the process began: threads of the runtime block signals, and we ignore or handle some.
static sigset_t first_mask;
static sigset_t first_ignored;

__attribute__((constructor)) static void remember_signals(void) {
    pthread_sigmask(SIG_SETMASK, NULL, &first_mask);
    sigemptyset(&first_ignored);
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) sigaddset(&first_ignored, number);
    }
}

static atomic_int child_id;
// Never stands for another process, unlike a number. -1 where the kernel has no such thing.
static atomic_int child_descriptor = -1;
static atomic_int has_ended;
static atomic_int exit_code;
static atomic_int signals_after_end;
static atomic_int pending[NSIG];

static void pass_on(int number) {
    int descriptor = atomic_load(&child_descriptor);
    if (descriptor >= 0 && syscall(SYS_pidfd_send_signal, descriptor, number, NULL, 0) == 0) return;
    if (!atomic_load(&has_ended)) kill(atomic_load(&child_id), number);
}

static void handle(int number, siginfo_t *info, void *context) {
    int error = errno;
    (void)context;
    if (atomic_load(&has_ended)) {
        if (atomic_fetch_add(&signals_after_end, 1) > 0) _exit(atomic_load(&exit_code));
    } else if (info->si_code != SI_KERNEL) {
        atomic_store(&pending[number], 1);
        if (atomic_load(&child_id) && atomic_exchange(&pending[number], 0)) pass_on(number);
    }
    errno = error;
}

void clinux_forward_signals(void) {
    // A reader of ours that goes away is an error of write(2), not our end.
    signal(SIGPIPE, SIG_IGN);
    const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGALRM};
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigfillset(&action.sa_mask);
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        if (!sigismember(&first_ignored, numbers[index])) sigaction(numbers[index], &action, NULL);
    }
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) sigaction(number, &action, NULL);
}

int clinux_spawn(char *const *words, char *const *environment, int *output, int *errors, pid_t *child) {
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0) return errno;
    if (pipe2(err, O_CLOEXEC) != 0) {
        int code = errno;
        close(out[0]);
        close(out[1]);
        return code;
    }
    // Room for bursts. More than the limit of the system is refused, and then it stays as it is.
    fcntl(out[0], F_SETPIPE_SZ, 1 << 20);
    fcntl(err[0], F_SETPIPE_SZ, 1 << 20);

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err[1], STDERR_FILENO);
    sigset_t defaults;
    sigfillset(&defaults);
    for (int number = 1; number < NSIG; number++) {
        if (sigismember(&first_ignored, number) == 1) sigdelset(&defaults, number);
    }
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &first_mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int code = posix_spawnp(child, words[0], &files, &attributes, words, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    close(out[1]);
    close(err[1]);
    if (code != 0) {
        close(out[0]);
        close(err[0]);
        return code;
    }
    *output = out[0];
    *errors = err[0];
    atomic_store(&child_descriptor, (int)syscall(SYS_pidfd_open, *child, 0));
    atomic_store(&child_id, *child);
    for (int number = 1; number < NSIG; number++) {
        if (atomic_exchange(&pending[number], 0)) pass_on(number);
    }
    return 0;
}

int clinux_wait(pid_t child) {
    while (1) {
        siginfo_t info = {0};
        // Left as it is at first, so that its number is not given to another while a signal is passed on.
        if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) != 0) {
            if (errno == EINTR) continue;
            return 125;
        }
        if (info.si_pid == child) {
            atomic_store(&exit_code, info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status);
            atomic_store(&has_ended, 1);
        }
        while (waitpid(info.si_pid, NULL, 0) < 0 && errno == EINTR) {}
        if (info.si_pid == child) return atomic_load(&exit_code);
    }
}
