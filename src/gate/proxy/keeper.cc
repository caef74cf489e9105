#include "gate/proxy/keeper.h"

#include <algorithm>

namespace gate {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kept_for = std::chrono::minutes(10);

base::Result<std::shared_ptr<const Fetched>> fetched(const Upstream& upstream, const std::string& address, const std::string& authorization) {
  auto one = TRY(upstream.get(address, {}, authorization, upstream.most_bytes()));
  (void)one.body.digest();   // taken before it is shared
  return std::make_shared<const Fetched>(std::move(one));
}

}  // namespace

void Keeper::make_room() {
  const auto now = Clock::now();
  std::erase_if(files_, [&](const auto& one) { return one.second.file && now - one.second.used > kept_for; });
  for (;;) {
    std::uint64_t total = 0;
    auto oldest = files_.end();
    for (auto at = files_.begin(); at != files_.end(); ++at) {
      if (!at->second.file) continue;
      total += at->second.file->body.size();
      if (oldest == files_.end() || at->second.used < oldest->second.used) oldest = at;
    }
    if (total <= most_ || oldest == files_.end()) return;
    files_.erase(oldest);
  }
}

base::Result<std::shared_ptr<const Fetched>> Keeper::get(const Upstream& upstream, const std::string& address, const std::string& authorization) {
  if (!authorization.empty()) return fetched(upstream, address, authorization);
  std::unique_lock lock(lock_);
  for (;;) {
    const auto at = files_.find(address);
    if (at == files_.end()) break;
    if (at->second.file && Clock::now() - at->second.used <= kept_for) {
      auto file = at->second.file;
      at->second.used = Clock::now();
      return file;
    }
    if (at->second.file) break;
    changed_.wait(lock);   // whoever fetches ends in bounded time
  }
  files_[address] = {};
  lock.unlock();
  base::Result<std::shared_ptr<const Fetched>> file = nullptr;
  try {
    file = fetched(upstream, address, {});
  } catch (const std::exception& e) {   // no memory, say: those who wait must not wait for ever
    file = base::fail(base::Trouble::io, "it can't be fetched: {}", e.what());
  }
  lock.lock();
  if (file && (*file)->status == 200) files_[address] = {*file, Clock::now()};
  else files_.erase(address);
  make_room();
  lock.unlock();
  changed_.notify_all();
  return file;
}

}  // namespace gate
