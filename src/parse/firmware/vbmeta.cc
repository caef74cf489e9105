// Metadata of Android Verified Boot 2.0: libavb/avb_vbmeta_image.h, avb_footer.h and the
// descriptors' headers. The hash is compared; the signature over it is not verified.
#include <array>

#include <fmt/format.h>

#include "base/checked.h"
#include "base/cursor.h"
#include "parse/firmware/android.h"

namespace parse::firmware {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t header_size = 256;
constexpr std::array algorithms = {"none"sv, "SHA256_RSA2048"sv, "SHA256_RSA4096"sv, "SHA256_RSA8192"sv, "SHA512_RSA2048"sv, "SHA512_RSA4096"sv, "SHA512_RSA8192"sv};
enum Tag : std::uint64_t { property = 0, hash_tree = 1, hash = 2, command_line = 3, chain = 4 };

class Descriptors {
 public:
  Descriptors(Layout& out, base::Bytes bytes) : out_(out), bytes_(bytes) {}
  void run(base::Range where) {
    base::Cursor at(base::slice(bytes_, where.offset, where.size), std::endian::big);
    for (int i = 0; i < 1024 && at.left() >= 16; ++i) {
      const auto tag = at.u64(), size = at.u64();
      const auto start = where.offset + at.position();
      const auto body = at.take(size);
      if (!at.ok()) return;
      one(tag, body, start);
    }
  }

 private:
  void one(std::uint64_t tag, base::Bytes body, std::uint64_t start) {
    base::Cursor at(body, std::endian::big);
    if (tag == property) {
      const auto key = at.u64(), value = at.u64();
      const auto name = at.take(key);
      at.skip(1);
      const auto text = at.take(value);
      if (at.ok()) out_.facts["property " + base::printable(base::text_of(base::slice(name, 0, 64)))] = base::printable(base::text_of(base::slice(text, 0, 256)));
    } else if (tag == hash_tree || tag == hash) {
      at.skip(tag == hash ? 8 : 56);
      if (tag == hash_tree) at.seek(4 + 8 * 3 + 4 * 3 + 8 * 2);
      const auto method = field_text(at.take(32));
      const std::uint64_t name_size = at.u32(), salt_size = at.u32(), digest_size = at.u32();
      at.skip(4 + 60);
      const auto name = at.take(name_size);
      at.skip(salt_size);
      const auto digest = at.take(digest_size);
      if (at.ok()) out_.facts[fmt::format("{} of {}", tag == hash ? "hash" : "hash tree", base::printable(base::text_of(base::slice(name, 0, 64))))] = method + " " + base::to_hex(base::slice(digest, 0, 64));
    } else if (tag == command_line) {
      at.skip(4);
      const std::uint64_t size = at.u32();
      if (at.ok() && size && size <= at.left()) out_.parts.push_back({"kernel-cmdline", {start + at.position(), size}, Part::Role::member, "text"});
    } else if (tag == chain) {
      at.skip(4);
      const std::uint64_t name_size = at.u32(), key_size = at.u32();
      at.skip(4 + 60);
      const auto name = base::printable(base::text_of(at.take(name_size)));
      if (at.ok() && key_size && key_size <= at.left()) out_.parts.push_back({"public-key-of-" + name, {start + at.position(), key_size}});
    }
  }

  Layout& out_;
  base::Bytes bytes_;
};

}  // namespace

std::optional<Layout> vbmeta(base::Bytes bytes) {
  if (!base::starts_with(bytes, "AVB0") || bytes.size() < header_size) return std::nullopt;
  base::Cursor at(bytes, std::endian::big);
  at.seek(4);
  const auto major = at.u32(), minor = at.u32();
  const auto authentication = at.u64(), auxiliary = at.u64();
  const auto algorithm = at.u32();
  std::array<base::Range, 5> places;  // hash, signature; key, key's metadata, descriptors
  for (auto& p : places) p.offset = at.u64(), p.size = at.u64();
  const auto rollback = at.u64();
  const auto flags = at.u32();
  if (major != 1 || minor > 99 || authentication % 64 || auxiliary % 64 || authentication > (1u << 20) || auxiliary > (16u << 20)) return std::nullopt;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (!base::fits(places[i].offset, places[i].size, i < 2 ? authentication : auxiliary)) return std::nullopt;
  const auto auth_at = header_size, aux_at = header_size + authentication;
  Layout out{.kind = "vbmeta", .detail = fmt::format("Android Verified Boot metadata {}.{}", major, minor), .strength = 96, .end = aux_at + auxiliary};
  out.facts = {{"algorithm", algorithm < algorithms.size() ? std::string(algorithms[algorithm]) : fmt::format("{}", algorithm)},
               {"made by", field_text(bytes.subspan(128, 48))}, {"rollback index", fmt::format("{}", rollback)}, {"flags", fmt::format("{}", flags)}};
  if (flags & 1) out.facts["hash tree"] = "disabled";
  if (flags & 2) out.facts["verification"] = "disabled";
  out.parts.push_back({"verified boot header", {0, header_size}, Part::Role::structure});
  out.parts.push_back({"verified boot hash and signature", {auth_at, authentication}, Part::Role::structure});
  out.parts.push_back({"verified boot descriptors", {aux_at, auxiliary}, Part::Role::structure});
  if (places[2].size) out.parts.push_back({"public-key", {aux_at + places[2].offset, places[2].size}});
  if (places[3].size) out.parts.push_back({"public-key-metadata", {aux_at + places[3].offset, places[3].size}});
  const auto stated = base::slice(bytes, auth_at + places[0].offset, places[0].size);
  if (algorithm >= 1 && algorithm <= 6 && stated.size() == (algorithm <= 3 ? 32u : 64u))
    out.checks.push_back({"verified boot metadata", algorithm <= 3 ? Sum::sha256 : Sum::sha512, {{{0, header_size}}, {{aux_at, auxiliary}}}, {stated.begin(), stated.end()}, {auth_at + places[0].offset, places[0].size}});
  Descriptors(out, bytes).run({aux_at + places[4].offset, places[4].size});
  return out;
}

std::optional<base::Range> vbmeta_by_footer(base::Bytes bytes) {
  if (bytes.size() < avb_footer_size + header_size) return std::nullopt;
  base::Cursor at(bytes.subspan(bytes.size() - avb_footer_size), std::endian::big);
  if (base::text_of(at.take(4)) != "AVBf") return std::nullopt;
  const auto major = at.u32();
  at.skip(4 + 8);
  const base::Range where{at.u64(), at.u64()};
  if (major != 1 || where.size < header_size || !base::fits(where.offset, where.size, bytes.size() - avb_footer_size)) return std::nullopt;
  if (!base::starts_with(bytes.subspan(where.offset), "AVB0")) return std::nullopt;
  return where;
}

}  // namespace parse::firmware
