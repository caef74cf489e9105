// What a worker can and can't do, tried for real in real workers.
#include "confine/zygote.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

using namespace confine;

namespace {

std::string network_namespace(pid_t pid) {
  char text[128] = {};
  const auto n = readlink(fmt::format("/proc/{}/ns/net", pid).c_str(), text, sizeof text - 1);
  return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : "";
}

int body(base::Bytes job, base::Bytes input, int out) {
  const auto order = base::text_of(job);
  std::string answer = "done";
  if (order == "echo") answer = std::string(base::text_of(input));
  if (order == "open") answer = open("/etc/passwd", O_RDONLY) < 0 ? "refused" : "opened";
  if (order == "create") answer = open("/tmp/assay-confine-test", O_CREAT | O_WRONLY, 0600) < 0 ? "refused" : "opened";
  if (order == "socket") answer = socket(AF_INET, SOCK_STREAM, 0) < 0 ? "refused" : "opened";
  if (order == "exec") execl("/bin/true", "true", nullptr);
  if (order == "fork") answer = fork() < 0 ? "refused" : "forked";
  if (order == "crash") abort();
  if (order == "wait")
    for (;;) sched_yield();
  if (order == "swell") {
    std::size_t got = 0;
    for (int i = 0; i < 64; ++i) {
      void* more = mmap(nullptr, 256 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (more == MAP_FAILED) break;
      ++got;
    }
    answer = got < 64 ? "refused" : "opened";
  }
  return write(out, answer.data(), answer.size()) < 0 ? 1 : 0;
}

struct Answer {
  std::string text;
  Ending ending;
};

Answer ask(std::string_view order, std::string_view input = "") {
  auto zygote = Zygote::start(body, {});
  EXPECT_TRUE(zygote);
  const int memory = memfd_create("input", 0);
  EXPECT_EQ(write(memory, input.data(), input.size()), static_cast<ssize_t>(input.size()));
  auto worker = (*zygote)->spawn(base::bytes_of(order), {memory, 0, input.size()});
  close(memory);
  EXPECT_TRUE(worker);
  Answer out;
  std::uint8_t buffer[4096];
  for (;;) {
    const auto n = worker->read(buffer, sizeof buffer, 20000);
    if (!n || *n == 0) break;
    out.text.append(reinterpret_cast<char*>(buffer), *n);
  }
  out.ending = worker->wait();
  return out;
}

}  // namespace

TEST(Zygote, AWorkerReadsItsInputAndAnswers) {
  const auto a = ask("echo", "some bytes");
  EXPECT_EQ(a.text, "some bytes");
  EXPECT_TRUE(a.ending.clean);
}

TEST(Zygote, AWorkerOpensNoFile) {
  EXPECT_EQ(ask("open").text, "refused");
  EXPECT_EQ(ask("create").text, "refused");
}

TEST(Zygote, SocketsProgramsAndProcessesKill) {
  for (const auto order : {"socket", "exec", "fork"}) {
    const auto a = ask(order);
    EXPECT_FALSE(a.ending.clean) << order;
    EXPECT_EQ(a.text, "") << order;
    EXPECT_NE(a.ending.reason.find("signal 31"), std::string::npos) << a.ending.reason;
  }
}

TEST(Zygote, WorkersShareNoNetworkWithTheMachine) {
  auto zygote = Zygote::start(body, {});
  ASSERT_TRUE(zygote);
  if (!(*zygote)->without_namespaces().empty()) GTEST_SKIP() << (*zygote)->without_namespaces();
  const int memory = memfd_create("input", 0);
  auto worker = (*zygote)->spawn(base::bytes_of("wait"), {memory, 0, 0});
  close(memory);
  ASSERT_TRUE(worker);
  const auto theirs = network_namespace(worker->pid());
  EXPECT_FALSE(theirs.empty());
  EXPECT_NE(theirs, network_namespace(getpid()));
}

TEST(Zygote, ACrashIsReportedWithItsSignal) {
  const auto a = ask("crash");
  EXPECT_FALSE(a.ending.clean);
  EXPECT_NE(a.ending.reason.find("signal 6"), std::string::npos) << a.ending.reason;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Zygote, AWorkerCantSwell) { EXPECT_EQ(ask("swell").text, "refused"); }
#endif
