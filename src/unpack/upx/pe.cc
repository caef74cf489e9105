// Windows programs. The unpacked image ends with the original headers and with what is needed to
// rebuild the tables that were taken apart.
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "parse/pe/pe.h"
#include "unpack/upx/nrv.h"
#include "unpack/upx/program.h"

namespace unpack::upx_format {
namespace {

using base::Trouble;

std::uint32_t get32(base::Bytes b, std::uint64_t at) { return base::Cursor(base::slice(b, at)).u32(); }

void put(base::Buffer& to, std::uint64_t at, base::Bytes bytes) {
  if (at < to.size()) std::copy_n(bytes.begin(), std::min<std::uint64_t>(bytes.size(), to.size() - at), to.begin() + static_cast<std::ptrdiff_t>(at));
}
void put_word(base::Buffer& to, std::uint64_t at, std::uint64_t value, unsigned size) {
  base::Buffer raw;
  for (unsigned i = 0; i < size; ++i) raw.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  put(to, at, raw);
}

struct Original {
  base::Bytes header;    ///< "PE", COFF and optional header, with 16 directories
  base::Bytes sections;
  bool wide = false;
  std::uint64_t after = 0;  ///< in the image: what else is kept
  std::uint64_t first = 0;  ///< address of the first section: where the image begins
  std::uint32_t at(std::uint64_t offset) const { return get32(header, offset); }
  std::uint32_t directory(unsigned i) const { return at((wide ? 136 : 120) + 8 * i); }
};

// Import tables: for each library its name's place in the packed file's imports, the address of its
// slots, and a list of names (1), ordinals (0xFF) or slots of the packed file. Names go back to where
// they were, or to a place kept for all of them.
class Imports {
 public:
  Imports(base::Buffer& image, base::Bytes packed_imports, const Original& original, evidence::Sink& sink) : image_(image), packed_(packed_imports), original_(original), sink_(sink) {}

  base::Result<> run(std::uint64_t list, std::uint64_t names) {
    const auto start = list;
    std::uint64_t library_names = names;
    names_ = names;
    if (names) {
      for (auto at = start; get32(image_, at);) {
        CHECK_OK(sink_.spend(64));
        names_ += text(packed_, get32(image_, at)).size() + 1;
        at = pass(at);
      }
      names_ += (names_ - names) & 1;
    }
    std::uint64_t entry = original_.directory(1) - original_.first;
    for (auto at = start; get32(image_, at); entry += 20) {
      CHECK_OK(sink_.spend(64));
      const auto library = std::string(text(packed_, get32(image_, at)));
      const std::uint64_t slots = get32(image_, at + 4);
      if (names) {
        put_text(library_names, library);
        put_word(image_, entry + 12, library_names + original_.first, 4);
        library_names += library.size() + 1;
      } else {
        put_text(get32(image_, entry + 12) - original_.first, library);
      }
      put_word(image_, entry + 16, slots + original_.first, 4);
      at = TRY(functions(at + 8, slots, names != 0));
    }
    return {};
  }

 private:
  static std::string_view text(base::Bytes bytes, std::uint64_t at) {
    const auto window = base::text_of(base::slice(bytes, at, 512));
    return window.substr(0, window.find('\0'));
  }
  void put_text(std::uint64_t at, std::string_view text) { put(image_, at, base::bytes_of(std::string(text) + '\0')); }
  std::uint8_t kind(std::uint64_t at) const { return at < image_.size() ? image_[at] : 0; }

  std::uint64_t pass(std::uint64_t at) const {
    for (at += 8; const auto k = kind(at);) at += k == 1 ? 2 + text(image_, at + 1).size() : k == 0xFF ? 3 : 5;
    return at + 1;
  }

  base::Result<std::uint64_t> functions(std::uint64_t at, std::uint64_t slot, bool new_names) {
    const unsigned width = original_.wide ? 8 : 4;
    for (; const auto k = kind(at); slot += width) {
      CHECK_OK(sink_.spend(16));
      if (k == 1) {
        const auto name = std::string(text(image_, at + 1));
        at += 2 + name.size();
        if (new_names) {
          names_ -= names_ & 1;
          put_text(names_ + 2, name);
          put_word(image_, slot, names_ + original_.first, width);
          names_ += 3 + name.size();
        } else {
          put_text(get32(image_, slot) - original_.first + 2, name);
        }
      } else if (k == 0xFF) {
        put_word(image_, slot, (get32(image_, at + 1) & 0xFFFF) | (original_.wide ? 1ull << 63 : 1ull << 31), width);
        at += 3;
      } else {
        put_word(image_, slot, get32(packed_, get32(image_, at + 1)), width);
        at += 5;
      }
    }
    put_word(image_, slot, 0, width);
    return at + 1;
  }

  base::Buffer& image_;
  base::Bytes packed_;
  const Original& original_;
  evidence::Sink& sink_;
  std::uint64_t names_ = 0;
};

base::Result<Original> read_original(base::Bytes image, bool wide) {
  Original out;
  out.wide = wide;
  const std::uint64_t at = get32(image, image.size() - 4), size = wide ? 264 : 248;
  out.header = base::slice(image, at, size);
  if (out.header.size() < size || !base::starts_with(out.header, std::string_view("PE\0\0", 4))) return base::fail(Trouble::malformed, "the unpacked image does not hold the original headers");
  const std::uint64_t count = base::Cursor(out.header.subspan(6)).u16();
  out.sections = base::slice(image, at + size, 40 * count);
  if (count == 0 || out.sections.size() < 40 * count) return base::fail(Trouble::malformed, "the unpacked image does not hold the original sections");
  out.first = get32(out.sections, 12);
  out.after = at + size + 40 * count;
  return out;
}

}  // namespace

std::optional<PackHeader> find_pack_header(base::Bytes bytes, std::uint64_t end) {
  const auto text = base::text_of(base::slice(bytes, 0, end));
  for (std::size_t at = 0; (at = text.find("UPX!", at)) != text.npos; ++at) {
    base::Cursor in(base::slice(bytes, at, 32));
    unsigned sum = 0;
    const auto whole = base::slice(bytes, at, 32);
    if (whole.size() < 32) return std::nullopt;
    for (std::size_t i = 4; i < 31; ++i) sum += whole[i];
    PackHeader h;
    in.skip(4);
    h.at = at;
    h.version = in.u8();
    h.format = in.u8();
    h.method = in.u8();
    in.skip(1);
    if (h.format >= 128) {
      in.set_endian(std::endian::big);
      h.unpacked = in.u32();
      h.packed = in.u32();
      h.unpacked_sum = in.u32();
      h.packed_sum = in.u32();
    } else {
      h.unpacked_sum = in.u32();
      h.packed_sum = in.u32();
      h.unpacked = in.u32();
      h.packed = in.u32();
    }
    h.file = in.u32();
    h.filter = in.u8();
    h.mark = in.u8();
    if (sum % 251 == whole[31] && h.version >= 10 && h.version <= 20 && h.method >= 2 && h.method <= 15 && h.packed && h.unpacked) return h;
  }
  return std::nullopt;
}

base::Result<std::optional<Program>> unpack_pe(base::Bytes bytes, const PackHeader& header, evidence::Sink& sink) {
  const auto packed = base::slice(bytes, header.data(), header.packed);
  if (packed.size() < header.packed) return std::optional<Program>();
  Program out;
  out.method = method_name(header.method);
  out.packed.push_back({header.data(), header.packed});
  out.structure.push_back({header.at, 32});
  CHECK_OK(sink.spend(packed.size()));
  const bool sound = adler32_of(packed) == header.packed_sum;
  if (!sound) out.missing.push_back("a checksum that holds");
  auto unpacked = unpack_block(header.method, packed, header.unpacked, sink);
  // Neither a sum nor a stream: the four letters and a sum of one byte came about by chance.
  if (!unpacked && !sound && unpacked.error().trouble != Trouble::limit) return std::optional<Program>();
  if (!unpacked) return std::unexpected(unpacked.error());
  auto& image = *unpacked;
  if (adler32_of(image) != header.unpacked_sum) out.missing.push_back("a checksum of what was unpacked that holds");
  const auto pe_at = get32(bytes, 0x3C);
  const auto wide = base::Cursor(base::slice(bytes, std::uint64_t{pe_at} + 24)).u16() == 0x20B;
  const auto original = image.size() < 4 ? base::Result<Original>(base::fail(Trouble::malformed, "the unpacked image is empty")) : read_original(image, wide);
  if (!original) {
    out.missing.push_back(original.error().what);
    out.extra = std::move(image);
    return std::optional(std::move(out));
  }
  // The headers are copied, since the image they stand in is written to.
  const base::Buffer head(original->header.begin(), original->header.end()), sections(original->sections.begin(), original->sections.end());
  auto o = *original;
  o.header = head;
  o.sections = sections;
  const std::uint64_t code = o.at(44) - o.first, code_size = o.at(28);
  if (header.filter) {
    const bool known = base::fits(code, code_size, image.size()) && unfilter(header.filter, header.mark, std::span(image).subspan(code, code_size), static_cast<std::uint32_t>(code));
    if (!known) out.missing.push_back(fmt::format("branches that the filter 0x{:02x} rewrote", header.filter));
  }
  std::uint64_t end_of_sections = 0;
  for (std::size_t i = 0; i + 40 <= sections.size(); i += 40) end_of_sections = std::max<std::uint64_t>(end_of_sections, get32(sections, i + 12) - o.first + get32(sections, i + 16));
  if (o.directory(1)) {
    const auto packed_image = parse::pe::read(bytes);
    const auto address = get32(bytes, pe_at + (wide ? 136ull : 120ull) + 8);
    std::uint64_t imports_at = bytes.size();
    if (packed_image)
      for (const auto& s : packed_image->sections)
        if (address >= s.address && address - s.address < s.file_size) imports_at = std::uint64_t{s.offset} + address - s.address;
    CHECK_OK(Imports(image, base::slice(bytes, imports_at), o, sink).run(get32(image, o.after), get32(image, o.after + 4)));
  }
  out.file.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(pe_at, bytes.size())));
  out.file.insert(out.file.end(), head.begin(), head.end());
  out.file.insert(out.file.end(), sections.begin(), sections.end());
  const auto most = 2 * image.size() + 65536;
  for (std::size_t i = 0; i + 40 <= sections.size(); i += 40) {
    const std::uint64_t address = get32(sections, i + 12) - o.first, size = get32(sections, i + 16), at = get32(sections, i + 20);
    if (at == 0 || size == 0) continue;
    if (at + size > most) {
      out.missing.push_back("a section that says it lies far behind the others");
      continue;
    }
    if (out.file.size() < at + size) out.file.resize(at + size);
    put(out.file, at, base::slice(image, address, size));
  }
  const auto extra = base::slice(image, std::min<std::uint64_t>(end_of_sections, image.size()));
  out.extra.assign(extra.begin(), extra.end());
  return std::optional(std::move(out));
}

}  // namespace unpack::upx_format
