#include "gate/shelf.h"

#include <dirent.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

namespace gate {
namespace {

constexpr std::size_t most_files = 5'000'000;

std::int64_t nanoseconds(const timespec& t) { return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec; }

std::optional<Revoked> read_revocation(std::string_view text, const hallmark::Trust& trust, Time now) {
  const auto envelope = hallmark::Envelope::from_json(text.substr(0, text.find_last_not_of(" \r\n") + 1));
  if (!envelope) return std::nullopt;
  std::string office;
  const auto statement = hallmark::verify_statement(*envelope, trust, now, &office);
  if (!statement) return std::nullopt;
  const auto* revocation = std::get_if<hallmark::Revocation>(&statement->predicate);
  if (!revocation) return std::nullopt;
  return Revoked{office, revocation->hallmark, revocation->reason};
}

}  // namespace

bool Shelf::list(const std::string& folder, int depth, std::vector<Found>& found) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  if (!open) {
    trouble_ = fmt::format("{}: {}", base::printable(folder), std::strerror(errno));
    return false;
  }
  for (;;) {
    errno = 0;
    const auto* entry = readdir(open.get());
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name.starts_with('.')) continue;  // also what another program is still writing
    const auto path = fmt::format("{}/{}", folder, name);
    struct stat about{};
    if (fstatat(dirfd(open.get()), entry->d_name, &about, 0) != 0) continue;  // gone meanwhile
    if (S_ISDIR(about.st_mode)) {
      if (depth > 0 && !list(path, depth - 1, found)) return false;
    } else if (S_ISREG(about.st_mode) && (name.ends_with(".hallmark") || name.ends_with(".revocation"))) {
      found.push_back({path, {about.st_dev, about.st_ino, static_cast<std::uint64_t>(about.st_size), nanoseconds(about.st_ctim), nanoseconds(about.st_mtim)}});
    }
    if (found.size() > most_files) {
      trouble_ = fmt::format("{} holds more than {} hallmarks", base::printable(folder_), most_files);
      return false;
    }
  }
  if (errno != 0) trouble_ = fmt::format("{}: {}", base::printable(folder), std::strerror(errno));
  return errno == 0;
}

void Shelf::read(const std::string& path, const hallmark::Trust& trust, Time now, Item& item) {
  item.heard.reset();
  item.revoked.reset();
  const auto text = read_file(path, most_hallmark_bytes);
  if (!text) return;
  if (path.ends_with(".revocation")) {
    item.revoked = read_revocation(*text, trust, now);
    return;
  }
  const auto file = hallmark::HallmarkFile::parse(*text);
  if (!file) return;
  try {
    item.heard = hear(*file, trust, now);
  } catch (const std::exception&) {  // of a library, on hostile text
  }
}

bool Shelf::refresh(const hallmark::Trust& trust, Time now) {
  if (folder_.empty()) return false;
  const auto before = trouble_;
  trouble_.clear();
  std::vector<Found> found;
  if (!list(folder_, 3, found)) return trouble_ != before;
  ++round_;
  std::vector<std::pair<const std::string*, Item*>> fresh;
  for (auto& f : found) {
    auto& item = items_[f.path];
    const bool known = item.round != 0 && item.stamp == f.stamp;
    item.round = round_;
    item.stamp = f.stamp;
    if (!known) fresh.emplace_back(nullptr, &item);
    if (!known) fresh.back().first = &items_.find(f.path)->first;
  }
  const auto gone = std::erase_if(items_, [&](const auto& pair) { return pair.second.round != round_; });
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (auto i = next++; i < fresh.size(); i = next++) read(*fresh[i].first, trust, now, *fresh[i].second);
  };
  {
    std::vector<std::jthread> others;
    const auto cores = std::max(1u, std::thread::hardware_concurrency());
    for (unsigned i = 1; i < cores && fresh.size() > 64; ++i) others.emplace_back(work);
    work();
  }
  unreadable_ = static_cast<std::size_t>(std::ranges::count_if(items_, [](const auto& p) { return !p.second.heard && !p.second.revoked; }));
  return !fresh.empty() || gone > 0 || trouble_ != before;
}

void Shelf::collect(std::vector<Heard>& heard, std::vector<Revoked>& revoked) const {
  for (const auto& [path, item] : items_) {
    if (item.heard) heard.push_back(*item.heard);
    if (item.revoked) revoked.push_back(*item.revoked);
  }
}

}  // namespace gate
