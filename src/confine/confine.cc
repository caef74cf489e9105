#include "confine/confine.h"

#include <linux/filter.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace confine {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;  // shadow memory reserves terabytes of address space
#else
constexpr bool sanitized = false;
#endif

// What parsing needs: memory, its two descriptors, and ways to die.
constexpr std::array allowed = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fstat),
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(sched_yield), SCMP_SYS(exit), SCMP_SYS(exit_group),
    SCMP_SYS(getrusage), SCMP_SYS(restart_syscall)};

// A parser that reaches one of these has been taken over: end it loudly.
constexpr std::array deadly = {
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(clone), SCMP_SYS(clone3),
    SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(ptrace), SCMP_SYS(process_vm_writev), SCMP_SYS(io_uring_setup),
    SCMP_SYS(bpf), SCMP_SYS(mount), SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(keyctl)};

base::Result<> limit(int resource, std::uint64_t soft, std::uint64_t hard, std::string_view name) {
  const rlimit value{soft, hard};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &value) != 0)
    return base::fail(base::Trouble::io, "can't set the limit {}: {}", name, std::strerror(errno));
  return {};
}

std::uint64_t mapped_now() {
  // Second field order of /proc/self/statm: size resident ... in pages.
  std::uint64_t pages = 0;
  if (FILE* f = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(f, "%lu", &pages) != 1) pages = 0;
    std::fclose(f);
  }
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t landlock_rights() {
  const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return 0;
  std::uint64_t rights = (1ull << 13) - 1;  // ABI 1: execute .. make_sym
  if (abi >= 2) rights |= 1ull << 13;       // refer
  if (abi >= 3) rights |= 1ull << 14;       // truncate
  return rights;
}

base::Result<> landlock() {
  struct {
    std::uint64_t handled_access_fs;
  } attributes{landlock_rights()};
  if (attributes.handled_access_fs == 0) return base::fail(base::Trouble::unsupported, "this kernel has no Landlock");
  const int rules = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (rules < 0) return base::fail(base::Trouble::unsupported, "Landlock refused: {}", std::strerror(errno));
  const long done = syscall(SYS_landlock_restrict_self, rules, 0);
  close(rules);
  if (done != 0) return base::fail(base::Trouble::unsupported, "Landlock refused: {}", std::strerror(errno));
  return {};
}

}  // namespace

base::Result<Filter> Filter::compile() {
  const auto bad = [](int code) { return base::fail(base::Trouble::bug, "seccomp filter: {}", std::strerror(-code)); };
  scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (!context) return bad(-ENOMEM);
  int code = 0;
  for (const int call : allowed)
    if (code == 0) code = seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0);
  // The sanitizers look through a pipe whether an address can be read.
  if (sanitized && code == 0) code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(pipe2), 0);
  for (const int call : deadly)
    if (code == 0) code = seccomp_rule_add(context, SCMP_ACT_KILL_PROCESS, call, 0);
  Filter out;
  if (code == 0) {
    const int memory = memfd_create("seccomp", MFD_CLOEXEC);
    code = memory < 0 ? -errno : seccomp_export_bpf(context, memory);
    if (code == 0) {
      const auto size = lseek(memory, 0, SEEK_END);
      out.program_.resize(static_cast<std::size_t>(size));
      if (pread(memory, out.program_.data(), out.program_.size(), 0) != size) code = -EIO;
    }
    if (memory >= 0) close(memory);
  }
  seccomp_release(context);
  if (code != 0) return bad(code);
  return out;
}

base::Result<> enter_namespaces() {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP) != 0)
    return base::fail(base::Trouble::unsupported, "namespaces of its own are denied: {}", std::strerror(errno));
  return {};
}

base::Result<> enter(const Filter& filter, const Walls& walls) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return base::fail(base::Trouble::unsupported, "no-new-privileges refused: {}", std::strerror(errno));
  if (!sanitized) {
    const auto space = mapped_now() + walls.address_space;
    CHECK_OK(limit(RLIMIT_AS, space, space, "address space"));
  }
  CHECK_OK(limit(RLIMIT_CPU, walls.cpu_seconds, walls.cpu_seconds + 1, "processor time"));
  CHECK_OK(limit(RLIMIT_FSIZE, 0, 0, "file size"));
  CHECK_OK(limit(RLIMIT_CORE, 0, 0, "core"));
  CHECK_OK(limit(RLIMIT_NOFILE, 16, 16, "open files"));
  if (auto locked = landlock(); !locked && !walls.allow_weaker) return locked;
  sock_fprog program{static_cast<unsigned short>(filter.program().size() / sizeof(sock_filter)),
                     const_cast<sock_filter*>(reinterpret_cast<const sock_filter*>(filter.program().data()))};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0 && !walls.allow_weaker)
    return base::fail(base::Trouble::unsupported, "seccomp refused: {}", std::strerror(errno));
  return {};
}

std::vector<std::string> missing_layers() {
  std::vector<std::string> out;
  if (landlock_rights() == 0) out.push_back("landlock");
  if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0 && errno == EINVAL) out.push_back("seccomp");
  return out;
}

}  // namespace confine
