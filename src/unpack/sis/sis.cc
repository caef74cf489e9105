// Symbian installation packages of the first form (EPOC 5 to 8): files, compressed by zlib or not.
// Facts: the public notes on the SIS format by A. Lanin. Packages of Symbian 9 (SISX) are named unsupported.
#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

using base::Trouble;

std::string narrow(base::Bytes wide, bool unicode) {
  std::string out;
  if (!unicode) return std::string(base::text_of(wide));
  base::Cursor at(wide);
  while (at.left() >= 2) {
    const auto c = at.u16();
    if (c < 0x80) out += static_cast<char>(c);
    else if (c < 0x800) out += static_cast<char>(0xC0 | c >> 6), out += static_cast<char>(0x80 | (c & 0x3F));
    else out += static_cast<char>(0xE0 | c >> 12), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

class SisRead {
 public:
  SisRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    base::Cursor at(bytes_);
    at.skip(18);
    languages_ = at.u16();
    const auto files = at.u16();
    at.seek(36);
    options_ = at.u16();
    at.seek(48);
    const auto languages_at = at.u32(), files_at = at.u32();
    CHECK_OK(at.status("the SIS header"));
    ledger_.structure({0, std::min<std::uint64_t>(files_at, 100)}, "SIS header");
    ledger_.structure({languages_at, 2u * languages_}, "languages");
    at.seek(files_at);
    if (languages_ == 0 || languages_ > 100) return base::fail(Trouble::malformed, "the package names {} languages", languages_);
    for (unsigned i = 0; i < files; ++i) {
      CHECK_OK(sink_.spend(64));
      const auto start = at.position();
      const auto type = at.u32();
      if (type > 1) {
        state_trouble(sink_, "unsupported", fmt::format("a record of type {} ends the list of files", type), {std::min<std::uint64_t>(start, bytes_.size()), 0});
        break;
      }
      CHECK_OK(file(at, type == 1));
      ledger_.structure({start, at.position() - start}, "SIS file record");
    }
    return ledger_.close("unnamed");
  }

 private:
  base::Result<> file(base::Cursor& at, bool by_language) {
    const auto kind = at.u32();
    at.skip(4);
    const std::uint64_t source_size = at.u32(), source = at.u32(), target_size = at.u32(), target = at.u32();
    const unsigned copies = by_language ? languages_ : 1;
    std::vector<std::uint64_t> sizes, places, plain;
    for (unsigned i = 0; i < copies; ++i) sizes.push_back(at.u32());
    for (unsigned i = 0; i < copies; ++i) places.push_back(at.u32());
    for (unsigned i = 0; i < copies; ++i) plain.push_back(at.u32());
    at.skip(8);
    CHECK_OK(at.status("a SIS file record"));
    ledger_.structure({source, source_size}, "name at its maker's");
    ledger_.structure({target, target_size}, "name");
    auto name = narrow(base::slice(bytes_, target, target_size), options_ & 1);
    if (name.empty()) name = narrow(base::slice(bytes_, source, source_size), options_ & 1);
    for (auto& c : name)
      if (c == '\\') c = '/';
    for (unsigned i = 0; i < copies; ++i) {
      artifact::Entry entry;
      entry.name = by_language ? fmt::format("language-{}/{}", i, name) : name;
      names_.see(entry, {});
      CHECK_OK(content(entry, {places[i], sizes[i]}, plain[i], kind));
    }
    return {};
  }

  base::Result<> content(const artifact::Entry& entry, base::Range range, std::uint64_t plain, unsigned kind) {
    if (kind == 5) return {};  // a file that the package only removes
    const auto packed = base::slice(bytes_, range.offset, range.size);
    const bool stored = options_ & 8;
    if (stored || packed.empty()) {
      const Extent piece{range.offset, range.size};
      return ledger_.give(entry, {&piece, 1}, range.size);
    }
    if (plain > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(entry.name), plain));
      return {};
    }
    stream::Decoded done;
    {
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      done = stream::zlib(packed, [&](base::Bytes b) { return child.give(b); });
    }
    if (!done.end && done.end.error().trouble == Trouble::limit) return done.end;
    if (!done.end) {
      ledger_.opaque(range, "damaged");
      state_trouble(sink_, name_of(done.end.error().trouble), fmt::format("{}: {}", base::printable(entry.name), done.end.error().what));
    } else {
      ledger_.content(range, "SIS file");
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  Ledger ledger_;
  NameWatch names_;
  unsigned languages_ = 1, options_ = 0;
};

class Sis final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "sis",
        .finds = "Files of Symbian installation packages of the first form.",
        .kinds = {"sis"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Packages of Symbian 9 and later (SISX) are not read.", "Conditions and options of the package are not followed: all files are handed on."},
        .references = "Public notes on the SIS format, EPOC 5 to 8",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return SisRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& sis() {
  static const Sis reader;
  return reader;
}

}  // namespace unpack
