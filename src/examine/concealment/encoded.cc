// Long encoded strings in texts, scripts and programs: what decodes to a program, a script, an
// archive or an address is stated and handed on as a child, where its own layers are opened again.
// What decodes to a picture, a certificate or plain data is what it claims and is not stated.
#include <algorithm>
#include <array>

#include "examine/concealment/decode.h"
#include "examine/concealment/part.h"
#include "examine/concealment/recognise.h"
#include "examine/encodings/find_text.h"

namespace examine::concealment_parts {
namespace {

using namespace std::string_view_literals;
using evidence::Confidence;

constexpr std::size_t most_children = 200;
constexpr std::size_t least_short = 20;  // of base64; below 64 only what reads as a command or address
constexpr std::size_t least_long = 64;

enum Class : std::uint8_t { is_other = 0, is_base64 = 1, is_hex = 2, is_upper32 = 4 };

constexpr std::array<std::uint8_t, 256> classes = [] {
  std::array<std::uint8_t, 256> out{};
  for (int c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9', up = c >= 'A' && c <= 'Z', down = c >= 'a' && c <= 'z';
    std::uint8_t k = 0;
    if (digit || up || down || c == '+' || c == '/' || c == '-' || c == '_') k |= is_base64;
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) k |= is_hex;
    if (up || (c >= '2' && c <= '7')) k |= is_upper32;
    out[static_cast<std::size_t>(c)] = k;
  }
  return out;
}();

class Search {
 public:
  Search(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), text_(base::text_of(view.bytes)), code_(is_code(view)) {}

  base::Result<> run() {
    for (std::size_t at = 0; at < text_.size();) {
      const char c = text_[at];
      if (c == '\\' || c == '%') {
        const auto used = escapes(at);
        if (!used) return std::unexpected(used.error());
        at += *used;
        continue;
      }
      if (!(class_of(at) & is_base64)) {
        ++at;
        continue;
      }
      std::size_t end = at;
      std::uint8_t common = 0xff;
      while (end < text_.size() && (class_of(end) & is_base64)) common &= class_of(end++);
      if (end - at < least_short) {
        if (code_ && c >= '0' && c <= '9' && end - at <= 4 && end < text_.size() && (text_[end] == ',' || text_[end] == ' ')) {
          const auto used = numbers(at);
          if (!used) return std::unexpected(used.error());
          end = std::max(end, at + *used);
        }
        at = end;
        continue;
      }
      const auto past = run_of_letters(at, end, common);
      if (!past) return std::unexpected(past.error());
      at = *past;
    }
    CHECK_OK(turned("uggc://"sv, "rot13"));
    return turned("uggcf://"sv, "rot13");
  }

 private:
  std::uint8_t class_of(std::size_t i) const { return classes[static_cast<std::uint8_t>(text_[i])]; }

  // The piece [at, end) and the pieces that follow after a line end or a joining sign.
  std::size_t joined_end(std::size_t at, std::size_t end) const {
    const auto width = end - at;
    if (width < 32) return end;
    while (end < text_.size()) {
      std::size_t next = end;
      while (next < text_.size() && next - end < 40 && "\"' \t\r\n+.,\\&_="sv.find(text_[next]) != std::string_view::npos) ++next;
      if (next == end || next - end >= 40) break;
      std::size_t stop = next;
      while (stop < text_.size() && (class_of(stop) & is_base64)) ++stop;
      const auto piece = stop - next;
      if (piece == 0) break;
      const bool framed = text_[next - 1] == '"' || text_[next - 1] == '\'';
      const bool line = text_.substr(end, next - end).find('\n') != std::string_view::npos;
      if (!framed && !line) break;
      // A following piece is as wide as the first, or the last one of the body.
      if (piece > width + 4 || (piece < width && stop < text_.size() && (text_[stop] == ' ' || text_[stop] == ':' || text_[stop] == '('))) break;
      if (piece < 4) break;
      end = stop;
      if (piece < width) break;
    }
    return end;
  }

  base::Result<std::size_t> run_of_letters(std::size_t at, std::size_t end, std::uint8_t common) {
    if (at >= 8 && text_.substr(0, at).substr(at > 64 ? at - 64 : 0).find("-----BEGIN") != std::string_view::npos) return skip_armour(at, end);
    if (end - at > least_long && (text_.substr(at, 2) == "0x" || text_.substr(at, 2) == "0X")) {
      CHECK_OK(offer(from_hex(text_.substr(at + 2, end - at - 2)), "hex", at, end));
      return end;
    }
    if ((common & is_hex) && end - at >= least_long && (end - at) % 2 == 0) {
      CHECK_OK(offer(from_hex(text_.substr(at, end - at)), "hex", at, end));
      return end;
    }
    if ((common & is_upper32) && end - at >= least_long) {
      CHECK_OK(offer(from_base32(text_.substr(at, end - at)), "base32", at, end));
    }
    const auto whole = joined_end(at, end);
    if (whole - at < least_short) return end;
    CHECK_OK(sink_.spend(whole - at));
    const auto layer = text_.substr(at, whole - at);
    auto decoded = from_base64(layer);
    if (decoded && recognise(*decoded)) {
      CHECK_OK(offer(std::move(decoded), "base64", at, whole));
    } else if (whole - at >= least_long) {
      // The two usual disguises of base64 itself.
      CHECK_OK(offer(from_base64(reversed(layer)), "reversed base64", at, whole));
      CHECK_OK(offer(from_base64(rot13(layer)), "rot13 base64", at, whole));
    }
    return whole;
  }

  std::size_t skip_armour(std::size_t at, std::size_t end) const {
    const auto stop = find_text(text_, "-----END", at);
    return stop == std::string_view::npos ? end : std::max(end, stop);
  }

  base::Result<std::size_t> escapes(std::size_t at) {
    std::size_t used = 0;
    auto bytes = from_escapes(text_.substr(at, 1 << 20), 16, used);
    if (bytes.empty()) return std::max<std::size_t>(used, 1);
    CHECK_OK(offer(std::move(bytes), "escapes", at, at + used));
    return used;
  }

  base::Result<std::size_t> numbers(std::size_t at) {
    std::size_t used = 0;
    auto bytes = from_numbers(text_.substr(at, 1 << 20), 24, used);
    if (bytes.empty()) return used;
    CHECK_OK(sink_.spend(used));
    CHECK_OK(offer(std::move(bytes), "numbers", at, at + used));
    return used;
  }

  // Text in which "http" reads "uggc": the surrounding word is turned back.
  base::Result<> turned(std::string_view sign, std::string layer) {
    for (auto at = find_text(text_, sign); at != std::string_view::npos && children_ < most_children; at = find_text(text_, sign, at + sign.size())) {
      std::size_t end = at;
      while (end < text_.size() && text_[end] > ' ' && text_[end] < 0x7f && "\"'`<>"sv.find(text_[end]) == std::string_view::npos) ++end;
      const auto plain = rot13(text_.substr(at, end - at));
      CHECK_OK(offer(base::Buffer(plain.begin(), plain.end()), layer, at, end));
    }
    return {};
  }

  base::Result<> offer(std::optional<base::Buffer> decoded, std::string layer, std::size_t at, std::size_t end) {
    if (!decoded || decoded->size() < 12) return {};
    const auto seen = recognise(*decoded);
    if (!seen) return {};
    if (end - at < least_long && !seen->runs && seen->what != "URL") return {};
    if (seen->what == "zlib" && end - at < 2 * least_long) return {};
    const auto sure = seen->runs && code_ ? Confidence::medium : Confidence::low;
    const base::Range range{at, end - at};
    state(sink_, "decoded-string", seen->what, range, sure, {{"layer", layer}, {"what", seen->what}, {"runs", seen->runs ? "yes" : "no"}, {"bytes", std::to_string(decoded->size())}});
    if (++children_ > most_children) return {};
    artifact::Entry entry;
    entry.name = fmt::format("{}@{}", layer, at);
    entry.origin = artifact::Origin::decoded;
    return sink_.child(entry, *decoded);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  std::string_view text_;
  bool code_;
  std::size_t children_ = 0;
};

}  // namespace

base::Result<> find_encoded_text(const evidence::View& view, evidence::Sink& sink) { return Search(view, sink).run(); }

}  // namespace examine::concealment_parts
