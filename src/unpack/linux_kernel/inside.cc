// See inside.h. The cpio form is that of Documentation/driver-api/early-userspace/buffer-format.rst.
#include "unpack/linux_kernel/inside.h"

#include <algorithm>

#include "base/cursor.h"

namespace unpack::kernel_format {
namespace {

constexpr std::string_view cpio_magic = "070701";
constexpr int most_attempts = 4096;

std::optional<std::uint64_t> hex(std::string_view digits) {
  std::uint64_t out = 0;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return std::nullopt;
    out = out << 4 | static_cast<std::uint64_t>(digit);
  }
  return out;
}

// The size of a cpio archive up to and with its trailer; nothing when an entry makes no sense.
std::optional<std::uint64_t> cpio_size(base::Bytes bytes) {
  std::uint64_t at = 0;
  for (int entries = 0; entries < 1'000'000; ++entries) {
    const auto head = base::text_of(base::slice(bytes, at, 110));
    if (head.size() < 110 || !head.starts_with(cpio_magic)) return std::nullopt;
    const auto size = hex(head.substr(54, 8)), name_size = hex(head.substr(94, 8));
    if (!size || !name_size || *name_size < 1 || *name_size > 4096) return std::nullopt;
    const auto name = base::text_of(base::slice(bytes, at + 110, *name_size));
    if (name.size() != *name_size || name.back() != 0) return std::nullopt;
    at = (at + 110 + *name_size + 3) & ~3ull;
    at = (at + *size + 3) & ~3ull;
    if (at > bytes.size() + 3) return std::nullopt;
    if (name.starts_with("TRAILER!!!")) return std::min<std::uint64_t>(at, bytes.size());
  }
  return std::nullopt;
}

bool begins_cpio(base::Bytes begin) { return base::starts_with(begin, cpio_magic); }

void find_plain(base::Bytes kernel, std::vector<Carried>& out) {
  const auto text = base::text_of(kernel);
  int attempts = 0;
  for (auto at = text.find(cpio_magic); at != text.npos && ++attempts < most_attempts; at = text.find(cpio_magic, at + 1)) {
    if (at % 4) continue;
    const auto size = cpio_size(kernel.subspan(at));
    if (!size) continue;
    out.push_back({"initramfs.cpio", {at, *size}});
    at += *size - 1;
  }
}

void find_configuration(base::Bytes kernel, std::vector<Carried>& out) {
  const auto text = base::text_of(kernel);
  for (auto at = text.find("IKCFG_ST\x1f\x8b\x08"); at != text.npos; at = text.find("IKCFG_ST\x1f\x8b\x08", at + 1)) {
    const auto end = text.find("IKCFG_ED", at);
    if (end == text.npos) return;
    out.push_back({"config.gz", {at + 8, end - at - 8}});
    at = end;
  }
}

}  // namespace

bool has_banner(base::Bytes kernel) {
  constexpr std::string_view banner = "Linux version ";
  const auto text = base::text_of(kernel);
  for (auto at = text.find(banner); at != text.npos; at = text.find(banner, at + 1)) {
    const auto next = at + banner.size();
    if (next < text.size() && text[next] >= '2' && text[next] <= '9') return true;
  }
  return false;
}

base::Result<Packed> find_packed(base::Bytes bytes, std::uint64_t from, bool (*wanted)(base::Bytes), evidence::Sink& sink) {
  const auto text = base::text_of(bytes);
  Packed best;
  int attempts = 0;
  for (const auto& codec : stream::codecs()) {
    CHECK_OK(sink.spend(bytes.size()));
    for (auto at = text.find(codec.magic, from); at != text.npos && ++attempts < most_attempts; at = text.find(codec.magic, at + 1)) {
      if (best.codec && at > best.offset) break;
      const auto rest = bytes.subspan(at);
      if (!codec.begins(rest)) continue;
      CHECK_OK(sink.spend(1u << 16));
      base::Buffer begin;
      if (!stream::decodes(codec, rest, &begin) || !wanted(begin)) continue;
      best = {&codec, at};
      break;
    }
  }
  return best;
}

base::Result<std::vector<Carried>> carried(base::Bytes kernel, evidence::Sink& sink) {
  std::vector<Carried> out;
  CHECK_OK(sink.spend(2 * kernel.size()));
  find_plain(kernel, out);
  find_configuration(kernel, out);
  if (const auto packed = TRY(find_packed(kernel, 0, begins_cpio, sink)); packed.codec) {
    std::uint64_t produced = 0;
    const auto decoded = packed.codec->decode(kernel.subspan(packed.offset), [&](base::Bytes piece) {
      produced += piece.size();
      return sink.spend(piece.size());
    });
    if (decoded.end && decoded.consumed) out.push_back({"initramfs", {packed.offset, decoded.consumed}});
    else if (!decoded.end && decoded.end.error().trouble == base::Trouble::limit) return std::unexpected(decoded.end.error());
  }
  std::ranges::sort(out, {}, [](const Carried& c) { return c.range.offset; });
  std::vector<Carried> apart;
  for (auto& c : out)
    if (apart.empty() || c.range.offset >= apart.back().range.end()) apart.push_back(std::move(c));
  return apart;
}

}  // namespace unpack::kernel_format
