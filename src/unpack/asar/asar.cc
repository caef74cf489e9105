// Electron's asar archives: a Pickle with a JSON tree, then the files one behind the other.
// https://github.com/electron/asar#format. Files marked as unpacked stand beside the archive and are named only.
#include <nlohmann/json.hpp>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using nlohmann::json;

constexpr int most_asar_depth = 200;

std::uint64_t asar_number(const json& from, const char* key) {
  const auto found = from.find(key);
  if (found == from.end()) return UINT64_MAX;
  if (found->is_number_unsigned()) return found->get<std::uint64_t>();
  if (!found->is_string()) return UINT64_MAX;
  std::uint64_t value = 0;
  for (const char c : found->get_ref<const std::string&>()) {
    if (c < '0' || c > '9' || value > UINT64_MAX / 10 - 1) return UINT64_MAX;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

class AsarRead {
 public:
  AsarRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    base::Cursor at(view_.bytes);
    at.skip(4);
    const std::uint64_t header = at.u32();
    at.skip(4);
    const auto size = at.u32();
    const auto text = at.take(size);
    CHECK_OK(at.status("the asar header"));
    start_ = 8 + header;
    ledger_.structure({0, 16}, "asar header");
    CHECK_OK(sink_.spend(text.size()));
    const auto tree = json::parse(text.begin(), text.end(), nullptr, false);
    if (!tree.is_object()) return base::fail(Trouble::malformed, "the asar header is no JSON object");
    // The list itself is text that may say more than names: integrity hashes, unknown keys.
    artifact::Entry entry;
    entry.name = "asar-header.json";
    entry.origin = artifact::Origin::embedded;
    ledger_.content({16, size}, "asar header");
    CHECK_OK(sink_.child(entry, text));
    CHECK_OK(folder(tree, "", 0));
    return ledger_.close("unused");
  }

 private:
  base::Result<> folder(const json& node, const std::string& path, int depth) {
    if (depth > most_asar_depth) return base::fail(Trouble::limit, "asar folders nest deeper than {}", most_asar_depth);
    const auto files = node.find("files");
    if (files == node.end() || !files->is_object()) return {};
    for (const auto& [name, item] : files->items()) {
      CHECK_OK(sink_.spend(64));
      if (!item.is_object()) continue;
      artifact::Entry entry;
      entry.name = path.empty() ? name : path + "/" + name;
      CHECK_OK(one(item, entry, depth));
    }
    return {};
  }

  base::Result<> one(const json& item, artifact::Entry& entry, int depth) {
    if (item.contains("files")) {
      entry.nature = artifact::Nature::directory;
      CHECK_OK(sink_.child(entry, {}));
      return folder(item, entry.name, depth + 1);
    }
    if (const auto link = item.find("link"); link != item.end() && link->is_string()) {
      entry.nature = artifact::Nature::symlink;
      entry.link = link->get<std::string>();
      names_.see(entry, {});
      return sink_.child(entry, {});
    }
    if (const auto run = item.find("executable"); run != item.end() && run->is_boolean() && run->get<bool>()) entry.mode = 0755;
    names_.see(entry, {});
    if (const auto beside = item.find("unpacked"); beside != item.end() && beside->is_boolean() && beside->get<bool>()) return {};
    const auto size = asar_number(item, "size"), offset = asar_number(item, "offset");
    if (size == 0) return sink_.child(entry, {});
    const auto at = base::checked_add(start_, offset);
    if (!at || !base::fits(*at, size, view_.bytes.size())) {
      state_trouble(sink_, "truncated", fmt::format("{} lies outside the archive", base::printable(entry.name)));
      if (!at || *at >= view_.bytes.size()) return {};
    }
    const Extent piece{*at, std::min<std::uint64_t>(size, view_.bytes.size() - *at)};
    return ledger_.give(entry, {&piece, 1}, piece.size);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  std::uint64_t start_ = 0;
};

class Asar final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "asar",
        .finds = "Files of Electron's asar archives, and bytes that no file owns.",
        .kinds = {"asar"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"The integrity hashes of the header are not checked."},
        .references = "https://github.com/electron/asar",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return AsarRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& asar() {
  static const Asar reader;
  return reader;
}

}  // namespace unpack
