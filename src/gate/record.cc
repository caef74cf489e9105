#include "gate/record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace gate {
namespace {

constexpr std::size_t most_waiting = 65'536;

}  // namespace

base::Result<std::unique_ptr<Record>> Record::open(const std::string& file, std::string gate) {
  std::unique_ptr<Record> out(new Record(file, std::move(gate)));
  if (file.empty()) return out;
  CHECK_OK(out->open_file());
  out->writer_ = std::jthread([raw = out.get()](const std::stop_token& stop) { raw->run(stop); });
  return out;
}

Record::~Record() {
  if (writer_.joinable()) {
    writer_.request_stop();
    changed_.notify_all();
    writer_.join();
  }
  if (file_ > STDERR_FILENO) ::close(file_);
}

base::Result<> Record::open_file() {
  if (path_ == "-") {
    file_ = STDERR_FILENO;
    return {};
  }
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
  struct stat about{};
  if (file < 0 || ::fstat(file, &about) != 0) {
    const int error = errno;
    if (file >= 0) ::close(file);
    return base::fail(base::Trouble::usage, "the decisions can't be recorded: {}: {}", base::printable(path_), std::strerror(error));
  }
  if (file_ > STDERR_FILENO) ::close(file_);
  file_ = file;
  inode_ = about.st_ino;
  return {};
}

void Record::add(const Decision& decision, const base::Digest& product, std::string_view market, bool dry_run, Time now, bool may_wait) {
  if (path_.empty()) return;
  nlohmann::ordered_json line = {{"time", hallmark::print_time(now)}, {"gate", gate_}, {"market", market}, {"product", product.hex()}, {"answer", name_of(decision.answer)}, {"why", name_of(decision.why)}};
  if (decision.hallmark != base::Digest{}) line["hallmark"] = decision.hallmark.hex();
  if (dry_run) line["dry_run"] = true;
  add_line(line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace), may_wait);
}

void Record::add_line(std::string json, bool may_wait) {
  if (path_.empty()) return;
  json += '\n';
  std::unique_lock lock(mutex_);
  if (queue_.size() >= most_waiting) {
    if (!may_wait) {
      ++lost_;
      return;
    }
    changed_.wait(lock, [&] { return queue_.size() < most_waiting; });
  }
  queue_.push_back(std::move(json));
  const bool first = queue_.size() == 1;  // the writer sleeps only while there is nothing
  lock.unlock();
  if (first) changed_.notify_all();
}

base::Result<> Record::settle() {
  if (path_.empty()) return {};
  std::unique_lock lock(mutex_);
  settling_ = true;
  changed_.wait(lock, [&] { return queue_.empty() && !busy_; });
  settling_ = false;
  if (failed_ != 0 || (path_ != "-" && ::fsync(file_) != 0 && errno != EINVAL)) return base::fail(base::Trouble::io, "{} can't be written", base::printable(path_));
  return {};
}

void Record::write_all(std::string_view text) {
  struct stat about{};
  if (path_ != "-" && (::stat(path_.c_str(), &about) != 0 || about.st_ino != inode_)) (void)open_file();
  while (!text.empty()) {
    const auto put = ::write(file_, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      ++failed_;
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

void Record::run(const std::stop_token& stop) {
  for (;;) {
    std::string text;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return !queue_.empty(); });
      if (queue_.empty()) return;
      busy_ = true;
      if (!settling_) {  // a moment for company: one write for many decisions
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        lock.lock();
      }
      while (!queue_.empty() && text.size() < (1u << 20)) {
        text += queue_.front();
        queue_.pop_front();
      }
    }
    changed_.notify_all();
    write_all(text);
    {
      const std::lock_guard lock(mutex_);
      busy_ = false;
    }
    changed_.notify_all();
  }
}

}  // namespace gate
