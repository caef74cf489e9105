// Text under a single-byte XOR key, in any bytes: the differences between neighbouring bytes do not
// depend on the key, so one pass finds every key. Only signs that matter are looked for.
#include <array>
#include <bitset>

#include "examine/concealment/part.h"
#include "examine/concealment/recognise.h"

namespace examine::concealment_parts {
namespace {

using namespace std::string_view_literals;

constexpr std::array signs = {"http://"sv, "https://"sv, "/bin/sh"sv, "/bin/bash"sv, "/dev/tcp/"sv, "This program cannot be run"sv, "powershell"sv, "cmd.exe"sv, "/etc/shadow"sv, "/etc/passwd"sv, "LD_PRELOAD"sv, "/.ssh/"sv};

// The differences of the first three characters of the signs, as a set: most bytes end here.
const std::bitset<65536> starts = [] {
  std::bitset<65536> out;
  for (const auto sign : signs) out.set(static_cast<std::uint8_t>(sign[0] ^ sign[1]) << 8 | static_cast<std::uint8_t>(sign[1] ^ sign[2]));
  return out;
}();

bool printable(std::uint8_t b) { return (b >= 0x20 && b < 0x7f) || b == '\n' || b == '\t' || b == '\r'; }

}  // namespace

base::Result<> find_xored_text(const evidence::View& view, evidence::Sink& sink) {
  const auto bytes = view.bytes;
  std::size_t found = 0, past = 0;
  if (bytes.size() < 8) return {};
  unsigned last = bytes[0] ^ bytes[1];
  for (std::size_t i = 0; i + 8 < bytes.size() && found < 100; ++i) {
    const unsigned next = bytes[i + 1] ^ bytes[i + 2];
    const auto pair = last << 8 | next;
    last = next;
    if (!starts[pair] || i < past) continue;
    for (std::size_t s = 0; s < signs.size(); ++s) {
      const auto sign = signs[s];
      if (i + sign.size() > bytes.size()) continue;
      const auto key = static_cast<std::uint8_t>(bytes[i] ^ static_cast<std::uint8_t>(sign[0]));
      if (key == 0 || key == 0x20) continue;  // 0x20 only swaps the case of letters
      std::size_t k = 1;
      while (k < sign.size() && (bytes[i + k] ^ key) == static_cast<std::uint8_t>(sign[k])) ++k;
      if (k < sign.size()) continue;
      std::size_t begin = i, end = i + sign.size();
      while (begin > 0 && i - begin < 65536 && printable(bytes[begin - 1] ^ key)) --begin;
      while (end < bytes.size() && end - i < 65536 && printable(bytes[end] ^ key)) ++end;
      CHECK_OK(sink.spend(end - begin));
      base::Buffer plain;
      for (std::size_t p = begin; p < end; ++p) plain.push_back(bytes[p] ^ key);
      const base::Range range{begin, end - begin};
      ++found;
      past = end;
      state(sink, "decoded-string", std::string(sign), range, evidence::Confidence::medium, {{"layer", "xor"}, {"key", fmt::format("0x{:02x}", key)}, {"what", std::string(sign)}});
      artifact::Entry entry;
      entry.name = fmt::format("xor-{:02x}@{}", key, begin);
      entry.origin = artifact::Origin::decoded;
      CHECK_OK(sink.child(entry, plain));
      break;
    }
  }
  return {};
}

}  // namespace examine::concealment_parts
