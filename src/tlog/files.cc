#include "tlog/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace tlog {
namespace {

using base::Trouble;

constexpr const char* temporary = ".new";

std::string reason() { return std::generic_category().message(errno); }

struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, slash);
}

/// Does work(0) ... work(count - 1) on several threads: fsyncs that wait together share the disk's commit.
base::Result<> in_parallel(std::size_t count, const std::function<base::Result<>(std::size_t)>& work) {
  constexpr std::size_t most_threads = 16;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  base::Result<> done;
  const auto take = [&] {
    for (auto i = next++; i < count; i = next++) {
      auto one = work(i);
      const std::lock_guard lock(mutex);
      if (!one && done) done = std::move(one);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t t = 1; t < std::min(count, most_threads); ++t) threads.emplace_back(take);
  take();
  for (auto& t : threads) t.join();
  return done;
}

void sync(int file, const std::string& name) {
  if (::fsync(file) != 0) end_after_lost_write(fmt::format("{}: fsync failed: {}", name, reason()));
}

}  // namespace

void end_after_lost_write(const std::string& what) {
  fmt::print(stderr, "assay: {}; what is on disk is unknown now, so the log stops here. Check the disk, then start again: nothing acknowledged depends on what was being written\n", base::printable(what));
  std::fflush(stderr);
  std::_Exit(70);
}

base::Result<Files> Files::open(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return base::fail(Trouble::usage, "{} can't be opened as a log's folder: {}", base::printable(folder), reason());
  Files out(std::move(folder), directory);
  if (::flock(directory, LOCK_EX | LOCK_NB) != 0) return base::fail(Trouble::usage, "another process writes the log {}; a log has one writer at a time", base::printable(out.folder_));
  if (::mkdirat(directory, temporary, 0700) != 0 && errno != EEXIST) return base::fail(Trouble::io, "{}: no folder can be made in it: {}", base::printable(out.folder_), reason());
  for (const auto& name : out.list(temporary)) out.drop(std::string(temporary) + "/" + name);
  return out;
}

Files::Files(Files&& other) noexcept : folder_(std::move(other.folder_)), directory_(std::exchange(other.directory_, -1)), wanted_(std::move(other.wanted_)), known_folders_(std::move(other.known_folders_)) {}
Files::~Files() {
  if (directory_ >= 0) ::close(directory_);
}

void Files::put(std::string path, std::string content) { wanted_.emplace_back(std::move(path), std::move(content)); }

base::Result<> Files::make_folders(const std::string& path, std::set<std::string>& touched) {
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    const auto folder = path.substr(0, slash);
    if (known_folders_.contains(folder)) continue;
    if (::mkdirat(directory_, folder.c_str(), 0755) != 0 && errno != EEXIST) return base::fail(Trouble::io, "{}/{}: {}", base::printable(folder_), folder, reason());
    // Also one that was there: who made it may have died before its name was on disk.
    touched.insert(parent_of(folder));
    if (known_folders_.size() > 100'000) known_folders_.clear();
    known_folders_.insert(folder);
  }
  return {};
}

base::Result<> Files::write_temporary(const std::string& name, const std::string& content) const {
  Descriptor file{::openat(directory_, name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)};
  const auto wrong = [&] { return base::fail(Trouble::io, "{}/{} can't be written: {}", base::printable(folder_), name, reason()); };
  if (file.value < 0) return wrong();
  for (std::size_t done = 0; done < content.size();) {
    const auto n = ::write(file.value, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return wrong();
    done += static_cast<std::size_t>(n);
  }
  sync(file.value, name);
  return {};
}

base::Result<> Files::commit() {
  const auto wanted = std::exchange(wanted_, {});
  std::set<std::string> touched;
  for (const auto& [path, content] : wanted) {
    auto made = make_folders(path, touched);
    if (!made) {
      known_folders_.clear();
      return made;
    }
  }
  CHECK_OK(in_parallel(wanted.size(), [&](std::size_t i) { return write_temporary(fmt::format("{}/{}", temporary, i), wanted[i].second); }));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& path = wanted[i].first;
    if (::renameat(directory_, fmt::format("{}/{}", temporary, i).c_str(), directory_, path.c_str()) != 0) return base::fail(Trouble::io, "{}/{} can't be given its name: {}", base::printable(folder_), path, reason());
    touched.insert(parent_of(path));
  }
  const std::vector<std::string> folders(touched.begin(), touched.end());
  auto synced = in_parallel(folders.size(), [&](std::size_t i) -> base::Result<> {
    Descriptor one{::openat(directory_, folders[i].c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (one.value < 0) return base::fail(Trouble::io, "{}/{}: {}", base::printable(folder_), folders[i], reason());
    sync(one.value, folders[i]);
    return {};
  });
  if (!synced) known_folders_.clear();
  return synced;
}

base::Result<std::string> Files::read(const std::string& path, std::size_t most_bytes) const {
  const auto name = fmt::format("{}/{}", base::printable(folder_), path);
  Descriptor file{::openat(directory_, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct ::stat look {};
  if (file.value < 0) return base::fail(Trouble::io, "{}: {}", name, errno == ENOENT || errno == ENOTDIR ? "404 not found" : reason());
  if (::fstat(file.value, &look) != 0 || !S_ISREG(look.st_mode)) return base::fail(Trouble::io, "{}: 404 not found: this is no file", name);
  if (static_cast<std::uint64_t>(look.st_size) > most_bytes) return base::fail(Trouble::limit, "{}: larger than {} bytes", name, most_bytes);
  std::string out(static_cast<std::size_t>(look.st_size), 0);
  for (std::size_t done = 0; done < out.size();) {
    const auto n = ::read(file.value, out.data() + done, out.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(Trouble::io, "{}: {}", name, reason());
    if (n == 0) out.resize(done);
    else done += static_cast<std::size_t>(n);
  }
  return out;
}

bool Files::has(const std::string& path) const {
  struct ::stat look {};
  return ::fstatat(directory_, path.c_str(), &look, 0) == 0;
}

void Files::drop(const std::string& path) const {
  if (::unlinkat(directory_, path.c_str(), 0) != 0 && (errno == EISDIR || errno == EPERM)) ::unlinkat(directory_, path.c_str(), AT_REMOVEDIR);
}

std::vector<std::string> Files::list(const std::string& path) const {
  std::vector<std::string> out;
  const int one = ::openat(directory_, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (one < 0) return out;
  const std::unique_ptr<::DIR, int (*)(::DIR*)> opened(::fdopendir(one), ::closedir);
  while (const auto* entry = opened ? ::readdir(opened.get()) : nullptr) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") out.push_back(name);
  }
  return out;
}

}  // namespace tlog
