// Encrypted volumes (LUKS1, LUKS2) and dm-verity hash trees: nothing inside can be read without a
// key, or nothing is inside but hashes. Headers are structure, what is encrypted is named as such.
// LUKS On-Disk Format 1.2.3; LUKS2 On-Disk Format 1.1.1; the kernel's dm-verity documentation.
#include <algorithm>
#include <array>
#include <bit>
#include <nlohmann/json.hpp>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;

std::string text_field(base::Bytes raw) {
  const auto text = base::text_of(raw);
  return std::string(text.substr(0, text.find('\0')));
}

class LuksRead {
 public:
  LuksRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(4096));
    base::Cursor at(view_.bytes, std::endian::big);
    at.seek(6);
    const auto version = at.u16();
    CHECK_OK(at.status("the LUKS header"));
    if (version == 1) CHECK_OK(first());
    else if (version == 2) CHECK_OK(second());
    else return base::fail(Trouble::unsupported, "LUKS version {} is not read", version);
    return ledger_.close("LUKS header gap");
  }

 private:
  void state_encrypted(std::string_view how) { state_trouble(sink_, "encrypted", fmt::format("the volume is encrypted with {}", base::printable(how)), {0, 16}); }

  void state_encrypted_from(std::uint64_t offset, std::uint64_t size, std::string_view how) {
    const auto bytes = base::slice(view_.bytes, offset, size);
    if (bytes.empty()) {
      state_trouble(sink_, "encrypted", "the header of a volume that stands elsewhere", {0, 16});
      return;
    }
    ledger_.opaque({offset, bytes.size()}, "encrypted");
    state_encrypted(how);
  }

  // Eight key slots of 48 bytes follow the header; their material is encrypted too.
  base::Result<> first() {
    base::Cursor at(view_.bytes, std::endian::big);
    at.seek(8);
    const auto cipher = text_field(at.take(32)), mode = text_field(at.take(32));
    at.skip(32);
    const std::uint64_t payload = std::uint64_t{at.u32()} * 512, key = at.u32();
    at.seek(208);
    ledger_.structure({0, 592}, "LUKS header");
    for (int slot = 0; slot < 8; ++slot) {
      const bool used = at.u32() == 0x00AC71F3;
      at.skip(36);
      const auto material = std::uint64_t{at.u32()} * 512, stripes = std::uint64_t{at.u32()};
      const auto size = std::min<std::uint64_t>(key * stripes, payload > material ? payload - material : 0);
      if (used && material >= 592) ledger_.opaque({material, size}, "encrypted");
    }
    CHECK_OK(at.status("the LUKS header"));
    if (payload != 0 && payload < 592) return base::fail(Trouble::malformed, "the LUKS payload begins inside its header");
    state_encrypted_from(payload ? payload : view_.bytes.size(), UINT64_MAX, cipher + "-" + mode);
    return {};
  }

  // Two copies of a binary header of 4096 bytes, each with a text behind it.
  base::Result<> second() {
    base::Cursor at(view_.bytes, std::endian::big);
    at.seek(8);
    const auto size = at.u64();
    if (!at.ok() || size < 16384 || size > (4u << 20) || !std::has_single_bit(size)) return base::fail(Trouble::malformed, "a LUKS2 header of {} bytes", size);
    const auto area = base::slice(view_.bytes, 4096, size - 4096);
    const auto text = area.first(static_cast<std::size_t>(std::ranges::find(area, 0) - area.begin()));
    ledger_.structure({0, 512}, "LUKS2 header");
    ledger_.structure({4096, text.size()}, "LUKS2 description");
    const auto copy = base::slice(view_.bytes, size, 4096);
    if (base::starts_with(copy, "SKUL\xBA\xBE")) {
      const auto other = base::slice(view_.bytes, size + 4096, size - 4096);
      const auto copied = other.first(static_cast<std::size_t>(std::ranges::find(other, 0) - other.begin()));
      ledger_.structure({size, 512}, "LUKS2 header");
      ledger_.structure({size + 4096, copied.size()}, "LUKS2 description");
      if (!std::ranges::equal(text, copied)) state_mismatch(sink_, "the two LUKS2 descriptions differ", "readers differ on how the volume is opened", evidence::Confidence::low, {size, 16});
    } else {
      state_trouble(sink_, "malformed", "the second LUKS2 header is missing");
    }
    return described(base::text_of(text));
  }

  static std::optional<std::uint64_t> number(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    std::uint64_t out = 0;
    for (const char c : found->get_ref<const std::string&>()) {
      if (c < '0' || c > '9' || out > UINT64_MAX / 10 - 10) return std::nullopt;
      out = out * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return out;
  }

  base::Result<> described(std::string_view text) {
    const auto tree = nlohmann::json::parse(text, [](int depth, auto, auto&) { return depth <= 16; }, false);
    if (!tree.is_object()) return base::fail(Trouble::malformed, "the LUKS2 description is no JSON");
    if (const auto slots = tree.find("keyslots"); slots != tree.end() && slots->is_object())
      for (const auto& [name, slot] : slots->items()) {
        if (!slot.is_object()) continue;
        const auto area = slot.find("area");
        if (area == slot.end() || !area->is_object()) continue;
        const auto offset = number(*area, "offset"), size = number(*area, "size");
        if (offset && size && *offset >= 8192) ledger_.opaque({*offset, std::min<std::uint64_t>(*size, view_.bytes.size())}, "encrypted");
      }
    bool any = false;
    if (const auto segments = tree.find("segments"); segments != tree.end() && segments->is_object())
      for (const auto& [name, segment] : segments->items()) {
        const auto offset = segment.is_object() ? number(segment, "offset") : std::nullopt;
        if (!offset || *offset < 8192) continue;
        const auto size = number(segment, "size").value_or(UINT64_MAX);  // or "dynamic": to the end
        const auto cipher = segment.find("encryption");
        if (segment.contains("type") && segment["type"] == "linear") continue;  // not encrypted: the ledger hands it on
        state_encrypted_from(*offset, size, cipher != segment.end() && cipher->is_string() ? cipher->get<std::string>() : "an unnamed cipher");
        any = true;
      }
    if (!any) state_trouble(sink_, "malformed", "the LUKS2 description names no encrypted segment");
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
};

// One level of a hash tree holds the digests of the level below; the rest of each block is zero.
class VerityRead {
 public:
  VerityRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    base::Cursor at(view_.bytes);
    at.seek(12);
    const auto type = at.u32();
    at.skip(16);
    const auto algorithm = text_field(at.take(32));
    const std::uint64_t data_block = at.u32(), hash_block = at.u32(), blocks = at.u64();
    CHECK_OK(at.status("the dm-verity superblock"));
    const std::uint64_t digest = algorithm == "sha256" ? 32 : algorithm == "sha1" ? 20 : algorithm == "sha512" ? 64 : algorithm == "sha384" ? 48 : 0;
    if (digest == 0) return base::fail(Trouble::unsupported, "a dm-verity tree of {} is not read", base::printable(algorithm));
    if (!std::has_single_bit(hash_block) || hash_block < 512 || hash_block > 65536 || !std::has_single_bit(data_block) || blocks == 0 || blocks > 1ull << 50)
      return base::fail(Trouble::malformed, "the dm-verity superblock contradicts itself");
    ledger_.structure({0, 512}, "dm-verity superblock");
    const auto each = type == 0 ? digest : std::bit_ceil(digest), in_block = std::bit_floor(hash_block / each);
    std::uint64_t tree = 0;
    for (auto level = blocks; level > 1;) tree += level = (level + in_block - 1) / in_block;
    if (blocks == 1) tree = 1;
    CHECK_OK(sink_.spend(512));
    if (!ledger_.structure({hash_block, tree * hash_block}, "dm-verity hash tree")) state_trouble(sink_, "truncated", "the dm-verity hash tree ends behind the image");
    const auto end = std::min<std::uint64_t>((tree + 1) * hash_block, view_.bytes.size());
    CHECK_OK(ledger_.close(0, end, "dm-verity header gap"));
    return end < view_.bytes.size() ? hand_on_rest(view_, sink_, end, evidence::Confidence::low) : base::Result<>{};
  }

 private:
  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
};

class Luks final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "luks",
        .finds = "Encrypted volumes (LUKS1, LUKS2) and dm-verity hash trees, with what stands in the gaps of their headers.",
        .kinds = {"luks", "verity"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"The content of encrypted volumes can't be read.", "Hashes of a dm-verity tree are not compared with the volume that they belong to."},
        .references = "LUKS On-Disk Format 1.2.3; LUKS2 On-Disk Format 1.1.1; Linux dm-verity documentation",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    return view.kind == "verity" ? VerityRead(view, sink).run() : LuksRead(view, sink).run();
  }
};

}  // namespace

const evidence::Reader& luks() {
  static const Luks reader;
  return reader;
}

}  // namespace unpack
