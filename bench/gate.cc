// The gate's speed: decisions out of memory, and a raw client of the clamd protocol. Driven by bench/gate.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "gate/front.h"

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

/// A folder with `count` signed hallmarks and a policy that trusts them.
int fill(const std::filesystem::path& folder, int count) {
  const auto signer = sign::signer_from_pem(sign::generate(sign::Algorithm::ed25519, "").value(), "bench").value();
  std::filesystem::create_directories(folder / "marks");
  std::ofstream(folder / "office.pub.pem") << signer->public_key().pem();
  std::ofstream(folder / "gate.yaml") << "gate:\n  name: bench\n  hallmarks: marks\n  trust:\n    need-log: false\n    offices:\n      - {name: north, keys: [{file: office.pub.pem}]}\n";
  const hallmark::Time now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto some = base::sha256("some").hex();
  for (int i = 0; i < count; ++i) {
    hallmark::VerdictStatement v;
    v.verdict = i % 10 == 0 ? report::Verdict::fail : report::Verdict::pass;
    v.office = "https://office.example/north";
    const auto product = base::sha256(fmt::format("product {}", i));
    v.product.name = fmt::format("product-{}", i);
    v.product.digest = product.hex();
    v.issued = now - 60;
    v.expires = now + 86400;
    v.at = "2026-01-01";
    v.engine = v.rules = v.policy = v.report = some;
    v.engine_version = "0";
    v.policy_name = "default";
    hallmark::Statement statement;
    statement.subjects.push_back({v.product.name, product});
    statement.predicate = v;
    std::filesystem::create_directories(folder / "marks" / fmt::format("{:03}", i % 256));
    std::ofstream(folder / "marks" / fmt::format("{:03}", i % 256) / fmt::format("{}.hallmark", i)) << hallmark::Envelope::seal(statement.to_json(), *signer).value().to_json() << "\n";
  }
  return 0;
}

/// Prints: seconds to read and verify, decisions a second on one core, median and 99th percentile in microseconds.
int decide(const std::filesystem::path& folder, int count, double seconds) {
  const auto policy = gate::load_policy((folder / "gate.yaml").string()).value();
  auto began = Clock::now();
  gate::Front::Options options;
  options.log_file = (folder / "decisions.jsonl").string();
  const auto front = gate::Front::open(policy, (folder / "state").string(), std::move(options)).value();
  const auto load = seconds_since(began);
  std::vector<base::Digest> products;
  for (int i = 0; i < count; ++i) products.push_back(base::sha256(fmt::format("product {}", i)));
  std::ranges::shuffle(products, std::mt19937(1));
  for (const auto& p : products) (void)front->preview(p);
  std::vector<float> took;
  took.reserve(1 << 23);
  std::uint64_t allowed = 0;
  std::size_t at = 0;
  began = Clock::now();
  while (seconds_since(began) < seconds) {
    const auto one = Clock::now();
    allowed += front->ask(products[at], "bench").answer == gate::Answer::allow;
    took.push_back(std::chrono::duration<float, std::micro>(Clock::now() - one).count());
    at = (at + 1) % products.size();
  }
  const auto rate = static_cast<double>(took.size()) / seconds_since(began);
  if (allowed == 0 || allowed == took.size()) return 1;
  std::ranges::sort(took);
  fmt::print("{} {} {} {}\n", load, rate, took[took.size() / 2], took[took.size() * 99 / 100]);
  return 0;
}

/// Asks about each file by FILDES in one session; prints files a second. `rounds` times over all files.
int client(const std::string& path, int rounds, std::vector<std::string> files) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  const int s = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (::connect(s, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
  if (::write(s, "zIDSESSION", 11) != 11) return 1;
  std::string pending;
  std::uint64_t asked = 0;
  const auto began = Clock::now();
  for (int r = 0; r < rounds; ++r)
    for (const auto& name : files) {
      const int file = ::open(name.c_str(), O_RDONLY);
      char text[] = "zFILDES\0";
      iovec part{text, 9};
      alignas(cmsghdr) char control[CMSG_SPACE(sizeof file)] = {};
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      auto* c = CMSG_FIRSTHDR(&message);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN(sizeof file);
      std::memcpy(CMSG_DATA(c), &file, sizeof file);
      if (::sendmsg(s, &message, 0) != 9) return 1;
      ::close(file);
      char reply[512];
      while (pending.find('\0') == pending.npos) {
        const auto got = ::read(s, reply, sizeof reply);
        if (got <= 0) return 1;
        pending.append(reply, static_cast<std::size_t>(got));
      }
      if (pending.find(": OK") == pending.npos) {
        fmt::print(stderr, "{}: {}\n", name, pending.c_str());
        return 1;
      }
      pending.erase(0, pending.find('\0') + 1);
      ++asked;
    }
  fmt::print("{}\n", static_cast<double>(asked) / seconds_since(began));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> a(argv + 1, argv + argc);
  if (a.size() == 3 && a[0] == "fill") return fill(a[1], std::stoi(a[2]));
  if (a.size() == 4 && a[0] == "decide") return decide(a[1], std::stoi(a[2]), std::stod(a[3]));
  if (a.size() > 3 && a[0] == "client") return client(a[1], std::stoi(a[2]), {a.begin() + 3, a.end()});
  fmt::print(stderr, "bench_gate fill DIR N | decide DIR N SECONDS | client SOCKET ROUNDS FILE...\n");
  return 2;
}
