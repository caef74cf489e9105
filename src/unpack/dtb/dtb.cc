// Flattened device trees, and U-Boot's FIT images, which are device trees with /images.
// Devicetree Specification v0.4; https://fitspec.osfw.foundation. Hashes are compared; signatures
// are named, not verified.
#include "base/checked.h"
#include "base/cursor.h"
#include "parse/fdt/fdt.h"
#include "unpack/firmware.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using parse::fdt::Node;
using parse::fdt::Tree;

constexpr std::uint64_t long_value = 512;  // properties this long are looked at on their own

class TreeWalk {
 public:
  TreeWalk(const evidence::View& view, evidence::Sink& sink, Tree tree) : view_(view), sink_(sink), ledger_(view, sink), tree_(std::move(tree)) {}

  base::Result<> run() {
    const auto& h = tree_.header;
    end_ = h.total;
    if (h.total > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the device tree says it has {} bytes", h.total));
    ledger_.structure({0, 40}, "device tree header");
    ledger_.structure(tree_.reservations, "memory reservations");
    ledger_.structure(tree_.structure, "device tree nodes");
    if (h.strings_size) ledger_.structure({h.strings, h.strings_size}, "names of properties");
    else ledger_.structure({h.strings, h.total - h.strings}, "names of properties");
    if (const auto images = tree_.nodes.empty() ? -1 : tree_.child(0, "images"); images >= 0) CHECK_OK(fit(images));
    else CHECK_OK(ordinary());
    if (!tree_.end) {
      if (tree_.end.error().trouble == base::Trouble::limit) return tree_.end;
      state_trouble(sink_, name_of(tree_.end.error().trouble), tree_.end.error().what);
    }
    end_ = std::min<std::uint64_t>(end_, view_.bytes.size());
    CHECK_OK(ledger_.close(0, end_, "unused"));
    return hand_on_rest(view_, sink_, end_, evidence::Confidence::low);
  }

 private:
  base::Bytes value(const parse::fdt::Property* p) const { return p ? base::slice(view_.bytes, p->value.offset, p->value.size) : base::Bytes{}; }
  std::string text(std::size_t node, std::string_view name) const { return parse::firmware::field_text(value(tree_.property(node, name))); }
  std::optional<std::uint64_t> number(std::size_t node, std::string_view name) const {
    const auto bytes = value(tree_.property(node, name));
    base::Cursor at(bytes, std::endian::big);
    if (bytes.size() == 4) return at.u32();
    if (bytes.size() == 8) return at.u64();
    return std::nullopt;
  }

  // What a plain tree holds besides hardware: the kernel's command line, and blobs.
  base::Result<> ordinary() {
    if (!tree_.nodes.empty()) state_format(sink_, "device tree", {{"model", text(0, "model")}, {"compatible", text(0, "compatible")}});
    for (std::size_t i = 0; i < tree_.nodes.size(); ++i) {
      for (const auto& p : tree_.nodes[i].properties) {
        CHECK_OK(sink_.spend(4));
        const bool chosen = tree_.nodes[i].depth == 1 && tree_.nodes[i].name == "chosen" && (p.name == "bootargs" || p.name == "stdout-path");
        if (p.value.size == 0 || (!chosen && p.value.size < long_value)) continue;
        auto range = p.value;
        if (chosen && value(&p).back() == 0) --range.size;
        if (range.size) CHECK_OK(give_part(ledger_, i ? tree_.path(i) + "/" + std::string(p.name) : std::string(p.name), range, artifact::Origin::embedded, chosen ? "text" : ""));
      }
    }
    return {};
  }

  base::Result<> fit(int images) {
    state_format(sink_, "FIT image", {{"description", text(0, "description")}});
    for (std::size_t i = 0; i < tree_.nodes.size(); ++i) {
      CHECK_OK(sink_.spend(4));
      if (tree_.nodes[i].parent == images) CHECK_OK(image(i));
    }
    return {};
  }

  // Where the data stands: in the tree, at an offset behind it, or at a position of the whole.
  std::optional<base::Range> place(std::size_t node) const {
    if (const auto* inside = tree_.property(node, "data")) return inside->value;
    const auto size = number(node, "data-size");
    if (!size) return std::nullopt;
    if (const auto position = number(node, "data-position")) return base::Range{*position, *size};
    if (const auto offset = number(node, "data-offset")) return base::Range{((static_cast<std::uint64_t>(tree_.header.total) + 3) & ~3ull) + *offset, *size};
    return std::nullopt;
  }

  base::Result<> image(std::size_t node) {
    const std::string name(tree_.nodes[node].name);
    const auto type = text(node, "type");
    const auto range = place(node);
    if (!range) {
      state_trouble(sink_, "malformed", fmt::format("the image {} has no data", base::printable(name)));
      return {};
    }
    if (!base::fits(range->offset, range->size, UINT64_MAX)) {
      state_trouble(sink_, "malformed", fmt::format("the image {} has no place", base::printable(name)));
      return {};
    }
    state_format(sink_, fmt::format("image {}", base::printable(name)),
                 {{"type", type}, {"description", text(node, "description")}, {"architecture", text(node, "arch")}, {"system", text(node, "os")}, {"compression", text(node, "compression")}});
    end_ = std::max(end_, std::min<std::uint64_t>(range->end(), view_.bytes.size()));
    if (range->size) CHECK_OK(give_part(ledger_, name, *range, artifact::Origin::member, type == "script" ? "script/shell" : ""));
    for (std::size_t i = node + 1; i < tree_.nodes.size() && tree_.nodes[i].depth > tree_.nodes[node].depth; ++i) {
      CHECK_OK(sink_.spend(4));
      if (tree_.nodes[i].parent != static_cast<int>(node)) continue;
      if (tree_.nodes[i].name.starts_with("hash")) CHECK_OK(hash(i, name, *range));
      else if (tree_.nodes[i].name.starts_with("signature"))
        state_format(sink_, fmt::format("image {} has a signature", base::printable(name)), {{"algorithm", text(i, "algo")}, {"key", text(i, "key-name-hint")}});
      else if (tree_.nodes[i].name.starts_with("cipher"))
        state_trouble(sink_, "encrypted", fmt::format("the image {} is encrypted with {}", base::printable(name), text(i, "algo")));
    }
    return {};
  }

  base::Result<> hash(std::size_t node, const std::string& image, base::Range over) {
    using parse::firmware::Sum;
    const auto algorithm = text(node, "algo");
    const auto* stated = tree_.property(node, "value");
    if (!stated) return {};
    for (const auto sum : {Sum::md5, Sum::sha1, Sum::sha256, Sum::sha384, Sum::sha512, Sum::crc32}) {
      if (algorithm != (sum == Sum::crc32 ? "crc32" : name_of(sum))) continue;
      const auto bytes = value(stated);
      return compare_sum(view_, sink_, {"image " + base::printable(image), sum, {{over}}, {bytes.begin(), bytes.end()}, stated->value});
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  Tree tree_;
  std::uint64_t end_ = 0;
};

class Dtb final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "dtb",
        .finds = "The images of FIT files with their hashes; the kernel command line and long values of device trees.",
        .kinds = {"dtb", "fit"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"Signatures of FIT images are named, not verified.", "Values below 512 bytes are not looked at on their own.", "Overlays are not applied."},
        .references = "Devicetree Specification v0.4, chapter 5; https://fitspec.osfw.foundation",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return TreeWalk(view, sink, TRY(parse::fdt::read(view.bytes))).run(); }
};

}  // namespace

const evidence::Reader& dtb() {
  static const Dtb reader;
  return reader;
}

}  // namespace unpack
