// What stands behind an InstallShield program: files one behind the other, plain with four lines of text in
// front, or turned and deflated behind the mark "InstallShield"; and InstallShield's own cabinets.
// Facts: the unshield project's notes, and the layout of installers themselves.
#include <algorithm>
#include <charconv>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/installshield/cabinet.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using installshield_format::CabinetFile;

struct Appendix {
  std::string name;
  base::Range range;
};

class InstallshieldRead {
 public:
  InstallshieldRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), ledger_(view, sink), names_(sink, std::nullopt) {}

  base::Result<> run() {
    if (view_.kind == "iscab") return cabinet_alone();
    const auto end = TRY(base::starts_with(bytes_, "InstallShield") ? turned() : plain());
    CHECK_OK(ledger_.close(0, end, "unused"));
    return hand_on_rest(view_, sink_, end, evidence::Confidence::low);
  }

 private:
  // A cabinet that holds its own header can be read; one that does not needs a file beside it.
  base::Result<> cabinet_alone() {
    const auto files = installshield_format::listed_files(bytes_);
    const bool own = files && std::ranges::any_of(*files, [&](const CabinetFile& f) { return !f.gone() && base::fits(f.offset, f.compressed() ? f.packed : f.plain, bytes_.size()); });
    if (!own) {
      ledger_.opaque({0, bytes_.size()}, "unsupported");
      return base::fail(Trouble::unsupported, "an InstallShield cabinet whose list of files stands in another file");
    }
    for (const auto& f : *files)
      if (!f.gone()) CHECK_OK(cabinet_file(f, {0, bytes_.size()}));
    return ledger_.close("InstallShield tables");
  }

  // name, path, version and size as texts, then the bytes.
  base::Result<std::uint64_t> plain() {
    std::vector<Appendix> all;
    std::uint64_t end = 0;
    while (end < bytes_.size()) {
      CHECK_OK(sink_.spend(64));
      base::Cursor at(base::slice(bytes_, end));
      const auto name = at.c_string(260), path = at.c_string(1024);
      (void)at.c_string(64);  // version
      const auto digits = at.c_string(20);
      std::uint64_t size = 0;
      const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
      if (!at.ok() || name.empty() || error != std::errc() || stop != digits.data() + digits.size() || !base::fits(end + at.position(), size, bytes_.size())) break;
      ledger_.structure({end, at.position()}, "name of a file");
      all.push_back({std::string(path.empty() ? name : path), {end + at.position(), size}});
      end += at.position() + size;
    }
    CHECK_OK(give_all(all));
    return end;
  }

  base::Result<> give_all(std::vector<Appendix>& all) {
    const auto header = std::ranges::find_if(all, [&](const Appendix& a) { return a.name.ends_with(".hdr") && base::starts_with(base::slice(bytes_, a.range.offset), "ISc("); });
    std::string stem;
    if (header != all.end()) {
      stem = header->name.substr(0, header->name.size() - 5);  // "data1.hdr": cabinets are "data1.cab", "data2.cab"...
      const auto files = installshield_format::listed_files(base::slice(bytes_, header->range.offset, header->range.size));
      if (!files) {
        state_trouble(sink_, name_of(files.error().trouble), files.error().what, header->range);
        stem.clear();
      } else {
        for (const auto& f : *files) {
          if (f.gone()) continue;
          const auto volume = std::ranges::find(all, fmt::format("{}{}.cab", stem, f.volume), &Appendix::name);
          if (volume == all.end()) state_trouble(sink_, "truncated", fmt::format("{}: its cabinet {} is not there", base::printable(f.name), f.volume));
          else CHECK_OK(cabinet_file(f, volume->range));
        }
      }
    }
    for (auto& a : all) {
      if (!stem.empty() && a.name.starts_with(stem) && base::starts_with(base::slice(bytes_, a.range.offset), "ISc(")) {
        const bool list = a.name.ends_with(".hdr");
        ledger_.structure({a.range.offset, list ? a.range.size : std::min<std::uint64_t>(a.range.size, 512)}, "InstallShield header");
        continue;  // its files were handed on
      }
      artifact::Entry entry;
      entry.name = a.name;
      std::ranges::replace(entry.name, '\\', '/');
      names_.see(entry, {});
      const Extent piece{a.range.offset, a.range.size};
      CHECK_OK(ledger_.give(entry, {&piece, 1}, piece.size));
    }
    return {};
  }

  base::Result<> cabinet_file(const CabinetFile& f, base::Range volume) {
    CHECK_OK(sink_.spend(64));
    artifact::Entry entry;
    entry.name = f.name;
    names_.see(entry, {});
    const base::Range range{volume.offset + std::min(f.offset, volume.size), std::min<std::uint64_t>(f.compressed() ? f.packed : f.plain, volume.size - std::min(f.offset, volume.size))};
    if (f.plain > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(f.name), f.plain));
      return {};
    }
    if (f.split()) state_trouble(sink_, "truncated", fmt::format("{} spans several cabinets", base::printable(f.name)), range);
    base::Result<> done;
    {
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      done = installshield_format::extract(base::slice(bytes_, volume.offset, volume.size), f, [&](base::Bytes b) { return child.give(b); });
    }
    if (done) {
      ledger_.content(range, "InstallShield file");
      return {};
    }
    if (done.error().trouble == Trouble::limit) return done;
    ledger_.opaque(range, "damaged");
    state_trouble(sink_, name_of(done.error().trouble), fmt::format("{}: {}", base::printable(f.name), done.error().what), range);
    return {};
  }

  // 46 bytes, then a record of 312 bytes in front of each file, whose bytes are turned by its name.
  base::Result<std::uint64_t> turned() {
    base::Cursor head(bytes_);
    head.skip(14);
    const auto count = head.u16();
    std::uint64_t end = 46;
    ledger_.structure({0, 46}, "InstallShield header");
    for (unsigned i = 0; i < count; ++i) {
      CHECK_OK(sink_.spend(512));
      base::Cursor at(base::slice(bytes_, end));
      const auto field = base::text_of(at.take(260));
      artifact::Entry entry;
      entry.name = field.substr(0, field.find('\0'));
      const auto flags = at.u32();
      at.skip(4);
      const std::uint64_t size = at.u32();
      at.skip(40);
      if (!at.ok() || entry.name.empty()) {
        state_trouble(sink_, "truncated", fmt::format("{} of {} files are there", i, count));
        break;
      }
      names_.see(entry, {end, 312});
      ledger_.structure({end, 312}, "name of a file");
      CHECK_OK(turned_file(entry, {end + 312, std::min<std::uint64_t>(size, at.left())}, flags));
      end += 312 + size;
    }
    return std::min<std::uint64_t>(end, bytes_.size());
  }

  base::Result<> turned_file(const artifact::Entry& entry, base::Range range, std::uint32_t flags) {
    static constexpr std::array<std::uint8_t, 4> mask = {0xEC, 0xCA, 0x79, 0xF8};
    const auto packed = base::slice(bytes_, range.offset, range.size);
    CHECK_OK(sink_.spend(packed.size()));
    base::Buffer clear(packed.begin(), packed.end());
    if (flags & 2) {
      for (std::size_t i = 0; i < clear.size(); ++i) {
        const auto at = (flags & 4 ? i % 1024 : i) % entry.name.size();
        const auto swapped = static_cast<std::uint8_t>(clear[i] << 4 | clear[i] >> 4);
        clear[i] = static_cast<std::uint8_t>(swapped ^ static_cast<std::uint8_t>(entry.name[at]) ^ mask[at & 3]);
      }
    }
    ledger_.content(range, "InstallShield file");
    const bool packed_too = clear.size() > 2 && clear[0] == 0x78 && (clear[0] << 8 | clear[1]) % 31 == 0;
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    if (!packed_too) return child.give(clear);
    const auto done = stream::zlib(clear, [&](base::Bytes b) { return child.give(b); });
    if (done.end || done.end.error().trouble == Trouble::limit) return done.end;
    state_trouble(sink_, name_of(done.end.error().trouble), fmt::format("{}: {}", base::printable(entry.name), done.end.error().what), range);
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  Ledger ledger_;
  NameWatch names_;
};

class Installshield final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "installshield",
        .finds = "Files of InstallShield installers and of the cabinets in them.",
        .kinds = {"installshield", "iscab"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Cabinets of versions up to 5, and those apart from their header file, are not read.", "Files that span several cabinets are cut.", "Compiled setup scripts (.inx) are handed on as they stand."},
        .references = "https://github.com/twogood/unshield",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return InstallshieldRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& installshield() {
  static const Installshield reader;
  return reader;
}

}  // namespace unpack
