// xar archives, which Apple's installer packages are: a compressed table of contents in XML, and a
// heap. https://github.com/mackyle/xar/wiki/xarformat. Own bounded reader. Signatures are handed on,
// not checked; sums of SHA-1 and SHA-256 are compared.
#include <algorithm>
#include <set>

#include "base/checked.h"
#include "base/cursor.h"
#include "base/digest.h"
#include "parse/xml/xml.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/stream.h"
#include "unpack/xar/sha1.h"

namespace unpack {
namespace {

using artifact::Nature;
using base::Trouble;
using parse::xml::base64_of;
using parse::xml::decimal_of;
using parse::xml::Element;

struct XarHead {
  std::uint64_t header = 0, packed = 0, unpacked = 0;
  std::uint64_t heap() const { return header + packed; }
};

std::string hex_sum(std::string_view style, base::Bytes bytes) {
  if (style == "sha1" || style == "SHA1") return base::to_hex(xar_format::sha1(bytes));
  if (style == "sha256" || style == "SHA256") return base::sha256(bytes).hex();
  return {};
}

class XarRead {
 public:
  XarRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    base::Cursor at(view_.bytes, std::endian::big);
    at.skip(4);
    head_.header = at.u16();
    at.skip(2);
    head_.packed = at.u64();
    head_.unpacked = at.u64();
    CHECK_OK(at.status("the header of the archive"));
    if (head_.header < 28) return base::fail(Trouble::malformed, "a xar header of {} bytes", head_.header);
    if (!base::fits(head_.header, head_.packed, view_.bytes.size())) return base::fail(Trouble::truncated, "the table of contents ends behind the archive");
    const auto table = TRY(contents());
    ledger_.structure({0, head_.header}, "archive header");
    CHECK_OK(give_contents(table));
    const auto root = TRY(parse::xml::read(base::text_of(table)));
    const auto* toc = root.child("toc");
    if (!toc) return base::fail(Trouble::malformed, "the table of contents is missing");
    CHECK_OK(sink_.spend(4 * table.size()));
    check_contents(*toc);
    CHECK_OK(signatures(*toc));
    for (const auto& c : toc->children)
      if (c.name == "file") CHECK_OK(file(c, "", 0));
    return ledger_.close(0, view_.bytes.size(), "unused-heap");
  }

 private:
  base::Result<base::Buffer> contents() {
    if (head_.unpacked > (64u << 20)) return base::fail(Trouble::limit, "a table of contents of {} bytes", head_.unpacked);
    base::Buffer out;
    const auto done = stream::zlib(base::slice(view_.bytes, head_.header, head_.packed), [&](base::Bytes b) -> base::Result<> {
      CHECK_OK(sink_.spend(b.size()));
      if (b.size() > (64u << 20) - out.size()) return base::fail(Trouble::limit, "a table of contents of more than 64 MiB");
      out.insert(out.end(), b.begin(), b.end());
      return {};
    });
    if (!done.end) return std::unexpected(done.end.error());
    if (out.size() != head_.unpacked) state_trouble(sink_, "malformed", fmt::format("the table of contents holds {} bytes and says {}", out.size(), head_.unpacked));
    return out;
  }

  base::Result<> give_contents(base::Bytes table) {
    artifact::Entry entry;
    entry.name = "toc.xml";
    entry.origin = artifact::Origin::embedded;
    ledger_.content({head_.header, head_.packed}, "table of contents");
    return sink_.child(entry, table);
  }

  // A place in the heap; cut to the archive, and an error where nothing of it is there.
  base::Result<base::Range> place(const Element& e, std::string_view size_name) {
    const auto offset = decimal_of(e.text_of("offset")), size = decimal_of(e.text_of(size_name));
    if (!offset || !size) return base::fail(Trouble::malformed, "a place in the heap is no number");
    const auto at = base::checked_add(head_.heap(), *offset);
    if (!at || !base::fits(*at, *size, view_.bytes.size())) return base::fail(Trouble::truncated, "a place in the heap lies outside the archive");
    return base::Range{*at, *size};
  }

  void check_contents(const Element& toc) {
    const auto* sum = toc.child("checksum");
    if (!sum) return;
    const auto range = place(*sum, "size");
    if (!range) {
      state_trouble(sink_, base::name_of(range.error().trouble), fmt::format("the sum of the table of contents: {}", range.error().what));
      return;
    }
    ledger_.structure(*range, "sum of the table of contents");
    const auto ours = hex_sum(sum->attribute("style"), base::slice(view_.bytes, head_.header, head_.packed));
    if (!ours.empty() && ours != base::to_hex(base::slice(view_.bytes, range->offset, range->size))) state_trouble(sink_, "malformed", "the sum of the table of contents does not hold", *range);
  }

  base::Result<> signatures(const Element& toc) {
    unsigned number = 0;
    for (const auto& c : toc.children) {
      if (c.name != "signature" && c.name != "x-signature") continue;
      if (const auto range = place(c, "size")) {
        if (c.name == "signature") {
          ledger_.structure(*range, "signature");
        } else {
          artifact::Entry entry;
          entry.name = fmt::format("signature-{}.p7", number);
          entry.origin = artifact::Origin::embedded;
          const Extent whole{range->offset, range->size};
          CHECK_OK(ledger_.give(entry, {&whole, 1}, range->size));
        }
      }
      unsigned certificate = 0;
      if (const auto* info = c.child("KeyInfo"))
        if (const auto* data = info->child("X509Data"))
          for (const auto& x : data->children) {
            if (x.name != "X509Certificate") continue;
            artifact::Entry entry;
            entry.name = fmt::format("signature-{}-certificate-{}.der", number, certificate++);
            entry.origin = artifact::Origin::embedded;
            CHECK_OK(sink_.child(entry, base64_of(x.text)));
          }
      ++number;
    }
    return {};
  }

  base::Result<> file(const Element& f, const std::string& folder, int depth) {
    CHECK_OK(sink_.spend(200));
    artifact::Entry entry;
    const auto* name = f.child("name");
    std::string own = name ? name->text : "unnamed";
    if (name && name->attribute("enctype") == "base64") own = base::text_of(base64_of(name->text));
    entry.name = folder.empty() ? own : folder + "/" + own;
    if (const auto mode = f.text_of("mode"); mode.size() < 12)
      for (const char c : mode)
        if (c >= '0' && c <= '7') entry.mode = entry.mode << 3 | static_cast<std::uint32_t>(c - '0');
    entry.mode &= 07777;
    entry.uid = decimal_of(f.text_of("uid")).value_or(0);
    entry.gid = decimal_of(f.text_of("gid")).value_or(0);
    const auto type = f.text_of("type");
    if (type == "directory") entry.nature = Nature::directory;
    else if (type == "symlink") entry.nature = Nature::symlink, entry.link = f.text_of("link");
    else if (type == "fifo") entry.nature = Nature::fifo;
    else if (type == "socket") entry.nature = Nature::socket;
    else if (type == "character special" || type == "block special") entry.nature = Nature::device;
    else if (type == "hardlink") link(f, entry);
    if (type != "hardlink" || entry.nature == Nature::file) paths_[std::string(f.attribute("id"))] = entry.name;
    names_.see(entry, {});
    const auto* data = f.child("data");
    if (entry.nature != Nature::file) CHECK_OK(sink_.child(entry, {}));
    else if (data) CHECK_OK(content(*data, entry));
    else CHECK_OK(sink_.child(entry, {}));
    unsigned number = 0;
    for (const auto& c : f.children) {
      if (c.name == "ea") CHECK_OK(attribute(c, entry, number++));
      if (c.name == "file") CHECK_OK(file(c, entry.name, depth + 1));
    }
    return {};
  }

  // <type link="original"> has the content; <type link="17"> names the file of that number.
  void link(const Element& f, artifact::Entry& entry) {
    const auto to = f.child("type")->attribute("link");
    if (to == "original" || to.empty()) return;
    const auto found = paths_.find(std::string(to));
    if (found == paths_.end()) return;
    entry.nature = Nature::hardlink;
    entry.link = found->second;
  }

  base::Result<> attribute(const Element& ea, const artifact::Entry& of, unsigned number) {
    artifact::Entry entry;
    const auto name = ea.text_of("name");
    entry.name = fmt::format("{}:{}", of.name, name.empty() ? std::to_string(number) : std::string(name));
    entry.origin = artifact::Origin::embedded;
    return content(ea, entry);
  }

  // Compressed pieces in the heap. A file that is stated twice has one piece.
  base::Result<> content(const Element& data, const artifact::Entry& entry) {
    const auto range = place(data, "length");
    if (!range) {
      state_trouble(sink_, base::name_of(range.error().trouble), fmt::format("{}: {}", base::printable(entry.name), range.error().what));
      return {};
    }
    const auto bytes = base::slice(view_.bytes, range->offset, range->size);
    const auto size = decimal_of(data.text_of("size")).value_or(0);
    if (size > sink_.room()) {
      ledger_.opaque(*range, "limit");
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(entry.name), size));
      return {};
    }
    CHECK_OK(sink_.spend(bytes.size()));
    if (const auto* sum = data.child("archived-checksum")) {
      const auto ours = hex_sum(sum->attribute("style"), bytes);
      if (!ours.empty() && ours != sum->text) state_trouble(sink_, "malformed", fmt::format("{}: its sum does not hold", base::printable(entry.name)), range->size ? *range : base::Range{});
    }
    const auto* encoding = data.child("encoding");
    const auto style = encoding ? encoding->attribute("style") : std::string_view{};
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    std::uint64_t made = 0;
    const stream::Take take = [&](base::Bytes b) -> base::Result<> {
      made += b.size();
      return child.give(b);
    };
    base::Result<> done;
    if (style.empty() || style == "application/octet-stream") {
      done = take(bytes);
    } else if (style == "application/x-gzip") {
      done = stream::zlib(bytes, take).end;
    } else if (style == "application/x-bzip2") {
      done = stream::bzip2(bytes, take).end;
    } else if (style == "application/x-xz") {
      done = stream::xz(bytes, take).end;
    } else if (style == "application/x-lzma") {
      done = base::starts_with(bytes, "\xFD" "7zXZ") ? stream::xz(bytes, take).end : stream::lzma_alone(bytes, take).end;
    } else {
      ledger_.opaque(*range, "unsupported");
      state_trouble(sink_, "unsupported", fmt::format("{}: the encoding {}", base::printable(entry.name), base::printable(style)));
      return {};
    }
    if (!done && done.error().trouble == Trouble::limit) return done;
    if (!done) {
      ledger_.opaque(*range, "damaged");
      state_trouble(sink_, base::name_of(done.error().trouble), fmt::format("{}: {}", base::printable(entry.name), done.error().what));
      return {};
    }
    if (made != size) state_trouble(sink_, "malformed", fmt::format("{} holds {} bytes and says {}", base::printable(entry.name), made, size));
    ledger_.content(*range, "archive member");
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  XarHead head_;
  std::map<std::string, std::string> paths_;  ///< of the files, by their numbers
};

class Xar final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "xar",
        .finds = "Files, extended attributes and certificates of xar archives, and bytes of the heap that no file uses.",
        .kinds = {"xar"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Signatures are not checked; MD5 sums are not compared."},
        .references = "https://github.com/mackyle/xar/wiki/xarformat",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return XarRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& xar() {
  static const Xar reader;
  return reader;
}

}  // namespace unpack
