#include "gate/npm/digest_map.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/bytes.h"

namespace gate {
namespace {

constexpr std::size_t most_pairs = 2'000'000;

}  // namespace

base::Result<std::unique_ptr<DigestMap>> DigestMap::open(const std::string& file) {
  auto out = std::make_unique<DigestMap>();
  if (file.empty()) return out;
  out->file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out->file_ < 0) return base::fail(base::Trouble::usage, "{} can't be written: {}", base::printable(file), std::strerror(errno));
  std::ifstream in(file);
  std::string line;
  while (out->known_.size() < most_pairs && std::getline(in, line)) {
    const auto space = line.find(' ');
    const auto digest = space == line.npos ? std::nullopt : base::Digest::from_hex(std::string_view(line).substr(space + 1));
    if (digest && space < 200) out->known_[line.substr(0, space)] = *digest;
  }
  return out;
}

DigestMap::~DigestMap() {
  if (file_ >= 0) close(file_);
}

std::optional<base::Digest> DigestMap::find(const std::string& integrity) const {
  const std::lock_guard lock(lock_);
  const auto at = known_.find(integrity);
  return at == known_.end() ? std::nullopt : std::optional(at->second);
}

void DigestMap::add(const std::string& integrity, const base::Digest& digest) {
  if (integrity.size() >= 200 || integrity.find_first_of(" \n\r") != integrity.npos) return;
  const std::lock_guard lock(lock_);
  if (known_.size() >= most_pairs || !known_.emplace(integrity, digest).second || file_ < 0) return;
  const auto line = integrity + " " + digest.hex() + "\n";
  [[maybe_unused]] const auto written = write(file_, line.data(), line.size());   // a lost line is learnt again
}

}  // namespace gate
