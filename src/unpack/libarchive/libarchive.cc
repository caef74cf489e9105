// The archives that libarchive reads best: 7z, RAR 4 and 5, LHA.
// https://www.libarchive.org/. One format is enabled at a time, from memory, without filters.
// What libarchive does not tell: where a member's bytes stand; so the bytes between members are
// not told apart (see the blind spots). Runs in a worker with limits, for it loops on hostile input.
#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;

using Open = std::unique_ptr<struct archive, decltype(&archive_read_free)>;

bool enable(struct archive* a, std::string_view kind) {
  if (kind == "7z") return archive_read_support_format_7zip(a) == ARCHIVE_OK;
  if (kind == "rar") return archive_read_support_format_rar(a) == ARCHIVE_OK && archive_read_support_format_rar5(a) == ARCHIVE_OK;
  if (kind == "lha") return archive_read_support_format_lha(a) == ARCHIVE_OK;
  return false;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += static_cast<char>(0xC0 | c >> 6), out += static_cast<char>(0x80 | (c & 0x3F));
  else if (c < 0x10000) out += static_cast<char>(0xE0 | c >> 12), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
  else out += static_cast<char>(0xF0 | c >> 18), out += static_cast<char>(0x80 | (c >> 12 & 0x3F)), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
}

// In the C locale the plain name is missing when it isn't ASCII; the wide one is there then.
std::string either(const char* narrow, const char* utf8, const wchar_t* wide) {
  if (utf8) return utf8;
  if (narrow) return narrow;
  std::string out;
  if (wide)
    for (; *wide; ++wide) append_utf8(out, static_cast<std::uint32_t>(*wide));
  return out;
}

artifact::Entry entry_from(struct archive_entry* e) {
  using enum artifact::Nature;
  artifact::Entry out;
  out.name = either(archive_entry_pathname(e), archive_entry_pathname_utf8(e), archive_entry_pathname_w(e));
  out.mode = archive_entry_perm(e) & 07777;
  out.uid = static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_uid(e)));
  out.gid = static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_gid(e)));
  switch (archive_entry_filetype(e)) {
    case AE_IFDIR: out.nature = directory; break;
    case AE_IFLNK: out.nature = symlink; break;
    case AE_IFCHR: case AE_IFBLK: out.nature = device; break;
    case AE_IFIFO: out.nature = fifo; break;
    case AE_IFSOCK: out.nature = socket; break;
    default: out.nature = file;
  }
  if (out.nature == symlink) out.link = either(archive_entry_symlink(e), archive_entry_symlink_utf8(e), archive_entry_symlink_w(e));
  const auto hard = either(archive_entry_hardlink(e), archive_entry_hardlink_utf8(e), archive_entry_hardlink_w(e));
  if (!hard.empty()) {
    out.nature = hardlink;
    out.link = hard;
  }
  return out;
}

// Where the format says that it ends; the file's size where it doesn't say.
std::uint64_t stated_end(base::Bytes bytes, std::string_view kind) {
  std::uint64_t end = bytes.size();
  base::Cursor at(bytes);
  if (kind == "7z") {
    at.skip(12);
    const auto offset = at.u64(), size = at.u64();
    end = base::checked_add(base::checked_add(offset, size).value_or(UINT64_MAX), 32).value_or(UINT64_MAX);
  }
  return at.ok() ? std::min<std::uint64_t>(end, bytes.size()) : bytes.size();
}

class LibarchiveRead {
 public:
  LibarchiveRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), names_(sink) {}

  base::Result<> run() {
    const Open a(archive_read_new(), &archive_read_free);
    if (!a || !enable(a.get(), view_.kind)) return base::fail(Trouble::bug, "libarchive does not read {}", view_.kind);
    if (archive_read_open_memory(a.get(), view_.bytes.data(), view_.bytes.size()) != ARCHIVE_OK) return failed(a.get());
    const auto end = stated_end(view_.bytes, view_.kind);
    auto done = members(a.get());
    if (!done) return done;
    label(end);
    return hand_on_rest(view_, sink_, end, evidence::Confidence::low);
  }

 private:
  // Where a member's bytes stand is not known; so one that could not be read makes all of them opaque.
  // Of a 7z the header and the list of members stand apart from the content.
  void label(std::uint64_t end) {
    base::Range content{0, end};
    if (view_.kind == "7z") {
      base::Cursor at(view_.bytes);
      at.skip(12);
      const std::uint64_t list = base::checked_add(at.u64(), 32).value_or(UINT64_MAX);
      if (at.ok() && list >= 32 && list <= end) {
        sink_.label({0, 32}, Label::structure, "7z header");
        sink_.label({list, end - list}, Label::structure, "7z list of members");
        content = {32, list - 32};
      }
    }
    if (unread_.empty()) sink_.label(content, Label::handed_on, "read by libarchive");
    else sink_.label(content, Label::opaque, unread_);
  }

  base::Result<> members(struct archive* a) {
    for (unsigned count = 0;; ++count) {
      CHECK_OK(sink_.spend(1000));
      struct archive_entry* e = nullptr;
      const int state = archive_read_next_header(a, &e);
      if (state == ARCHIVE_EOF) return {};
      if (state == ARCHIVE_RETRY && count < 100'000) continue;
      if (state < ARCHIVE_WARN || !e) return failed(a);
      const auto entry = entry_from(e);
      names_.see(entry, {});
      if (entry.nature != artifact::Nature::file) {
        CHECK_OK(sink_.child(entry, {}));
      } else if (archive_entry_is_data_encrypted(e) || archive_entry_is_metadata_encrypted(e)) {
        state_trouble(sink_, "encrypted", base::printable(entry.name));
        unread_ = "encrypted";
      } else {
        CHECK_OK(content(a, entry));
      }
    }
  }

  base::Result<> content(struct archive* a, const artifact::Entry& entry) {
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    static constexpr std::array<std::uint8_t, 65536> zeros{};
    std::uint64_t made = 0;
    for (unsigned idle = 0; idle < 10'000;) {
      const void* data = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int state = archive_read_data_block(a, &data, &size, &offset);
      if (state == ARCHIVE_EOF) return {};
      if (state < ARCHIVE_WARN) {
        const char* said = archive_error_string(a);
        const std::string what = said ? said : "no detail";
        const bool missing = what.find("nsupported") != what.npos || what.find("not supported") != what.npos || what.find("ncrypted") != what.npos;
        state_trouble(sink_, missing ? "unsupported" : "malformed", fmt::format("{}: {}", base::printable(entry.name), base::printable(what)));
        if (unread_.empty()) unread_ = missing ? "unsupported" : "damaged";
        return {};
      }
      if (offset < 0 || static_cast<std::uint64_t>(offset) < made) return base::fail(Trouble::malformed, "{}: blocks overlap", base::printable(entry.name));
      while (made < static_cast<std::uint64_t>(offset)) {
        const auto n = std::min<std::uint64_t>(zeros.size(), static_cast<std::uint64_t>(offset) - made);
        CHECK_OK(child.give(base::Bytes(zeros).first(n)));
        made += n;
      }
      if (size) CHECK_OK(child.give({static_cast<const std::uint8_t*>(data), size}));
      made += size;
      idle = size ? 0 : idle + 1;
    }
    return base::fail(Trouble::malformed, "{}: the content does not go on", base::printable(entry.name));
  }

  base::Result<> failed(struct archive* a) {
    const char* said = archive_error_string(a);
    const std::string what = said ? said : "no detail";
    const bool secret = what.find("ncrypt") != what.npos;
    const bool missing = what.find("nsupported") != what.npos || what.find("not supported") != what.npos;
    const bool cut = what.find("runcated") != what.npos;
    if (secret) state_trouble(sink_, "encrypted", "the list of members");
    if (secret || missing) sink_.label({0, view_.bytes.size()}, Label::opaque, secret ? "encrypted" : "unsupported");
    return base::fail(secret || missing ? Trouble::unsupported : cut ? Trouble::truncated : Trouble::malformed, "{}", base::printable(what));
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  NameWatch names_;
  std::string_view unread_;  ///< why the first member that was not read was not
};

class Libarchive final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "libarchive",
        .finds = "Members of 7z, RAR and LHA archives, and bytes behind their end.",
        .kinds = {"7z", "rar", "lha"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Bytes between the members of these archives are not told apart from the members.", "Archives split over several files are not joined.",},
        .references = "https://www.libarchive.org/",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return LibarchiveRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& libarchive() {
  static const Libarchive reader;
  return reader;
}

}  // namespace unpack
