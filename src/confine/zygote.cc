#include "confine/zygote.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

namespace confine {
namespace {

constexpr std::size_t most_job = 100'000;

struct Head {
  std::uint64_t offset;
  std::uint64_t size;
};

// Sends bytes with two descriptors (input, output pipe) over the control socket.
bool send_job(int socket, const Head& head, base::Bytes job, std::array<int, 2> files) {
  std::array<iovec, 2> parts = {{{const_cast<Head*>(&head), sizeof head}, {const_cast<std::uint8_t*>(job.data()), job.size()}}};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof files)] = {};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof files);
  std::memcpy(CMSG_DATA(header), files.data(), sizeof files);
  return sendmsg(socket, &message, MSG_NOSIGNAL) > 0;
}

struct Received {
  Head head{};
  std::size_t size = 0;
  int input = -1, output = -1;
};

bool receive_job(int socket, base::Buffer& job, Received& got) {
  std::array<iovec, 2> parts = {{{&got.head, sizeof got.head}, {job.data(), job.size()}}};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n;
  do n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < static_cast<ssize_t>(sizeof got.head)) return false;
  const auto* header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(2 * sizeof(int))) return false;
  std::array<int, 2> files{};
  std::memcpy(files.data(), CMSG_DATA(header), sizeof files);
  got.size = static_cast<std::size_t>(n) - sizeof got.head;
  got.input = files[0];
  got.output = files[1];
  return true;
}

// Exit codes of a worker that never came to its job.
constexpr int exit_no_walls = 97, exit_no_input = 98;

[[noreturn]] void work(const Zygote::Body& body, const Filter& filter, Walls walls, base::Bytes job, const Received& got) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const auto start = got.head.offset / page * page;
  const auto lead = got.head.offset - start;
  base::Bytes input;
  if (got.head.size) {
    void* at = mmap(nullptr, got.head.size + lead, PROT_READ, MAP_PRIVATE, got.input, static_cast<off_t>(start));
    if (at == MAP_FAILED) _exit(exit_no_input);
    input = {static_cast<const std::uint8_t*>(at) + lead, got.head.size};
  }
  close(got.input);
  if (auto confined = enter(filter, walls); !confined) _exit(exit_no_walls);
  _exit(body(job, input, got.output));
}

// The zygote's whole life. Workers are made as children of the zygote's own parent (CLONE_PARENT),
// which can then wait for exactly the one it asked for.
[[noreturn]] void serve(int socket, const Zygote::Body& body, const Filter& filter, const Walls& walls) {
  prctl(PR_SET_NAME, "assay-zygote");
  // What a library has to say on a standard stream goes nowhere: a worker has one way to speak.
  if (const int nowhere = open("/dev/null", O_RDWR); nowhere >= 0)
    for (int standard = 0; standard <= 2; ++standard) dup2(nowhere, standard);
  signal(SIGINT, SIG_IGN);   // the parent decides what an interrupt means
  signal(SIGPIPE, SIG_DFL);
  const auto apart = enter_namespaces();
  const std::string lack = apart ? "." : "." + apart.error().what;
  if (send(socket, lack.data(), lack.size(), MSG_NOSIGNAL) < 0) _exit(0);
  base::Buffer job(most_job);
  for (;;) {
    Received got;
    if (!receive_job(socket, job, got)) _exit(0);
    const long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (pid == 0) {
      close(socket);
      work(body, filter, walls, base::slice(job, 0, got.size), got);
    }
    close(got.input);
    close(got.output);
    const std::int64_t answer = pid < 0 ? -errno : pid;
    if (send(socket, &answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer) _exit(0);
  }
}

}  // namespace

Worker::~Worker() {
  if (pid_ > 0) {
    kill();
    wait();
  }
  if (pipe_ >= 0) close(pipe_);
}

base::Result<std::size_t> Worker::read(std::uint8_t* to, std::size_t most, int patience_ms) {
  for (;;) {
    pollfd wanted{pipe_, POLLIN, 0};
    const int ready = poll(&wanted, 1, patience_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return base::fail(base::Trouble::limit, "the worker was silent for {} s", patience_ms / 1000);
    const auto n = ::read(pipe_, to, most);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(base::Trouble::io, "reading from a worker: {}", std::strerror(errno));
    return static_cast<std::size_t>(n);
  }
}

void Worker::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

Ending Worker::wait() {
  int status = 0;
  pid_t got;
  do got = waitpid(pid_, &status, 0);
  while (got < 0 && errno == EINTR);
  pid_ = -1;
  if (got < 0) return {false, fmt::format("lost: {}", std::strerror(errno))};
  if (WIFSIGNALED(status)) return {false, fmt::format("killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)))};
  const int code = WEXITSTATUS(status);
  if (code == 0) return {true, {}};
  if (code == exit_no_walls) return {false, "the kernel refused a layer of confinement"};
  if (code == exit_no_input) return {false, "its input could not be mapped"};
  return {false, fmt::format("exit code {}", code)};
}

struct Zygote::State {
  pid_t pid = -1;
  int socket = -1;
  std::mutex one_at_a_time;
  std::string without_namespaces;
};

Zygote::Zygote(std::unique_ptr<State> state) : state_(std::move(state)) {}

Zygote::~Zygote() {
  close(state_->socket);
  int status;
  waitpid(state_->pid, &status, 0);
}

base::Result<std::unique_ptr<Zygote>> Zygote::start(Body body, Walls walls) {
  const auto filter = TRY(Filter::compile());
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return base::fail(base::Trouble::io, "can't make a socket pair: {}", std::strerror(errno));
  const pid_t pid = fork();
  if (pid < 0) return base::fail(base::Trouble::io, "can't fork: {}", std::strerror(errno));
  if (pid == 0) {
    close(pair[0]);
    serve(pair[1], body, filter, walls);
  }
  close(pair[1]);
  auto state = std::make_unique<State>();
  state->pid = pid;
  state->socket = pair[0];
  std::unique_ptr<Zygote> out(new Zygote(std::move(state)));
  // Its first words, behind a dot: which layer the kernel denied.
  std::array<char, 512> words{};
  pollfd wanted{pair[0], POLLIN, 0};
  if (poll(&wanted, 1, 60'000) != 1 || !(wanted.revents & POLLIN)) return base::fail(base::Trouble::io, "the process that starts workers did not come up");
  const auto n = recv(pair[0], words.data(), words.size(), 0);
  if (n < 1) return base::fail(base::Trouble::io, "the process that starts workers did not come up");
  out->state_->without_namespaces.assign(words.data() + 1, static_cast<std::size_t>(n) - 1);
  return out;
}

const std::string& Zygote::without_namespaces() const { return state_->without_namespaces; }

base::Result<Worker> Zygote::spawn(base::Bytes job, const Input& input) {
  if (job.size() > most_job) return base::fail(base::Trouble::limit, "a job of {} bytes is too long", job.size());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return base::fail(base::Trouble::io, "can't make a pipe: {}", std::strerror(errno));
  (void)fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
  std::int64_t answer = -EPIPE;
  {
    const std::lock_guard lock(state_->one_at_a_time);
    if (send_job(state_->socket, {input.offset, input.size}, job, {input.file, ends[1]}))
      if (recv(state_->socket, &answer, sizeof answer, 0) != sizeof answer) answer = -EPIPE;
  }
  close(ends[1]);
  if (answer <= 0) {
    close(ends[0]);
    return base::fail(base::Trouble::io, "no worker could be started: {}", std::strerror(static_cast<int>(-answer)));
  }
  return Worker(static_cast<pid_t>(answer), ends[0]);
}

}  // namespace confine
