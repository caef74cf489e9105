#include "gate/clamd/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "gate/descriptor.h"

namespace gate::clamd {
namespace {

constexpr std::size_t most_depth = 64;
constexpr std::uint64_t most_walked = 5'000'000;

struct Sight {
  std::uint64_t size;
  timespec changed, modified;
  explicit Sight(const struct stat& s) : size(static_cast<std::uint64_t>(s.st_size)), changed(s.st_ctim), modified(s.st_mtim) {}
  bool operator==(const Sight& o) const {
    return size == o.size && changed.tv_sec == o.changed.tv_sec && changed.tv_nsec == o.changed.tv_nsec && modified.tv_sec == o.modified.tv_sec && modified.tv_nsec == o.modified.tv_nsec;
  }
};

Reply error(std::string text) { return {false, true, std::move(text) + ". ERROR"}; }

}  // namespace

std::string virus_name(const Decision& decision) {
  std::string out = "Hallmark.";
  if (decision.answer == Answer::wait) return out + "Pending";
  bool upper = true;
  for (const char c : name_of(decision.why)) {
    if (c == '-') upper = true;
    else out += upper ? static_cast<char>(c - ('a' - 'A')) : c;
    if (c != '-') upper = false;
  }
  return out;
}

Reply Scanner::digest(const base::Digest& product, int bytes) const {
  const bool vet = how_.unknown != Unknown::deny && bytes >= 0;
  const auto decision = vet ? front_.ask_or_vet(product, bytes, "clamd", how_.unknown == Unknown::wait ? how_.wait_seconds : 0) : front_.ask(product, "clamd");
  if (decision.answer == Answer::allow) return {false, false, "OK"};
  return {true, false, virus_name(decision) + " FOUND"};
}

Reply Scanner::file(int descriptor) const {
  struct stat before{}, after{};
  if (::fstat(descriptor, &before) != 0) return error("fstat() failed");
  if (!S_ISREG(before.st_mode)) return error("Not supported file type");
  if (static_cast<std::uint64_t>(before.st_size) > how_.most_bytes) return error("Size limit exceeded");
  const auto product = digest_of_file(descriptor, how_.most_bytes);
  if (!product) return error(product.error().trouble == base::Trouble::limit ? "Size limit exceeded" : "Can't read file");
  // What was answered for is what was read; a file that moved under the reading has no one content.
  if (::fstat(descriptor, &after) != 0 || !(Sight(before) == Sight(after))) {
    const auto refused = front_.note(refuse_changed(*product), *product, "clamd");
    if (refused.answer != Answer::allow) return {true, false, virus_name(refused) + " FOUND"};
    return {false, false, "OK"};
  }
  return digest(*product, descriptor);
}

struct Scanner::Walk {
  bool all;
  const std::function<bool(std::string)>& line;
  bool quiet = true;         // nothing was said yet
  std::uint64_t files = 0;
  bool say(const std::string& path, const Reply& reply) {
    quiet = false;
    return line(path + ": " + reply.text) && (all || !reply.found);
  }
};

bool Scanner::walk(Walk& walk, int folder, const std::string& name, const std::string& path, int depth) const {
  const bool top = depth == 0;
  const Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (top ? 0 : O_NOFOLLOW)));
  struct stat about{};
  if (!file || ::fstat(file.get(), &about) != 0) {
    if (errno == ELOOP && !top) return true;  // a link: what it points to has a place of its own
    if (errno == ENXIO && !top) return true;
    return walk.say(path, error(errno == ENOENT ? "File path check failure: No such file or directory" : errno == EACCES ? "Access denied" : "Can't open file or directory"));
  }
  if (S_ISREG(about.st_mode)) {
    if (++walk.files > most_walked) return walk.say(path, error("Too many files"));
    const auto reply = this->file(file.get());
    return !reply.found && !reply.error ? true : walk.say(path, reply);
  }
  if (!S_ISDIR(about.st_mode)) return top ? walk.say(path, error("Not supported file type")) : true;
  if (static_cast<std::size_t>(depth) >= most_depth) return walk.say(path, error("Directory recursion limit exceeded"));
  const int again = ::fcntl(file.get(), F_DUPFD_CLOEXEC, 0);
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(again), closedir);
  if (!open) {
    if (again >= 0) ::close(again);
    return walk.say(path, error("Can't open file or directory"));
  }
  while (const auto* entry = ::readdir(open.get())) {
    const std::string child = entry->d_name;
    if (child == "." || child == "..") continue;
    if (!this->walk(walk, file.get(), child, path + (path.ends_with('/') ? "" : "/") + child, depth + 1)) return false;
  }
  return true;
}

void Scanner::path(const std::string& path, bool all, const std::function<bool(std::string)>& line) const {
  Walk state{all, line};
  if (!path.starts_with('/')) {
    (void)state.say(path, error("File path check failure: a full path is needed"));
    return;
  }
  if (walk(state, AT_FDCWD, path, path, 0) && state.quiet) (void)line(path + ": OK");
}

}  // namespace gate::clamd
