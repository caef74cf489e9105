// Sections that hold others in compressed or signed form. UEFI Platform Initialization 1.7, volume 3,
// 3.2.5.2 and 3.2.5.7; the GUIDs of LZMA, Tiano, Brotli and gzip are those that makers share.
#include <lzma.h>

#include <algorithm>

#include "base/cursor.h"
#include "unpack/stream.h"
#include "unpack/uefi/firmware.h"
#include "unpack/uefi/guid.h"
#include "unpack/uefi/tiano.h"

namespace unpack::uefi_format {
namespace {

using base::Trouble;

constexpr std::uint64_t most_memory = 256u << 20;

// LZMA of a known size behind which an x86 branch filter stands (its end is known by the size).
stream::Decoded lzma_f86(base::Bytes bytes, const stream::Take& take) {
  stream::Decoded out;
  base::Cursor head(bytes);
  const auto properties = head.u8();
  const auto dictionary = head.u32();
  const auto size = head.u64();
  if (!head.ok() || properties >= 225) {
    out.end = base::fail(Trouble::malformed, "an LZMA head is damaged");
    return out;
  }
  lzma_options_lzma options{};
  options.dict_size = std::max<std::uint32_t>(dictionary, LZMA_DICT_SIZE_MIN);
  options.lc = properties % 9;
  options.lp = properties / 9 % 5;
  options.pb = properties / 45;
  options.ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
  options.ext_size_low = static_cast<std::uint32_t>(size);
  options.ext_size_high = static_cast<std::uint32_t>(size >> 32);
  lzma_filter filters[] = {{LZMA_FILTER_X86, nullptr}, {LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  lzma_stream z = LZMA_STREAM_INIT;
  if (options.dict_size > most_memory || lzma_raw_decoder(&z, filters) != LZMA_OK) {
    lzma_end(&z);
    out.end = base::fail(Trouble::unsupported, "an LZMA stream asks for what is not given");
    return out;
  }
  base::Buffer buffer(256 * 1024);
  z.next_in = bytes.data() + 13;
  z.avail_in = bytes.size() - 13;
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK && out.end) {
    z.next_out = buffer.data();
    z.avail_out = buffer.size();
    state = lzma_code(&z, z.avail_in ? LZMA_RUN : LZMA_FINISH);
    const auto made = buffer.size() - z.avail_out;
    out.produced += made;
    if (made) out.end = take(base::Bytes(buffer).first(made));
  }
  out.consumed = bytes.size() - z.avail_in;
  if (out.end && state != LZMA_STREAM_END) out.end = base::fail(state == LZMA_BUF_ERROR ? Trouble::truncated : Trouble::malformed, "the LZMA stream is damaged");
  lzma_end(&z);
  return out;
}

using Decode = stream::Decoded (*)(base::Bytes, const stream::Take&);

artifact::Entry sections_entry(std::string name) {
  artifact::Entry entry;
  entry.name = std::move(name);
  entry.kind = "uefi-sections";
  return entry;
}

void state_failure(Walk& walk, base::Range packed, const std::string& stem, const base::Error& error) {
  const bool limit = error.trouble == Trouble::limit;
  walk.ledger.opaque(packed, limit ? "limit" : error.trouble == Trouble::unsupported ? "unsupported" : "damaged");
  walk.trouble(base::name_of(error.trouble), fmt::format("{}: {}", base::printable(stem), error.what), packed);
}

// `size`: what the stream says that comes out; all ones where it doesn't say.
base::Result<> give_decoded(Walk& walk, base::Range packed, const std::string& stem, Decode decode, std::uint64_t size) {
  if (size != UINT64_MAX && size > walk.sink.room()) {
    state_failure(walk, packed, stem, base::fail(Trouble::limit, "a compressed section of {} bytes", size).error());
    return {};
  }
  Child child(walk.sink, sections_entry(walk.name(stem, ".sections")));
  CHECK_OK(child.begun());
  const auto done = decode(base::slice(walk.bytes(), packed.offset, packed.size), [&](base::Bytes b) { return child.give(b); });
  if (done.end) {
    walk.ledger.content({packed.offset, done.consumed}, "compressed sections");
    return {};
  }
  if (done.end.error().trouble == Trouble::limit) return done.end;
  state_failure(walk, packed, stem, done.end.error());
  return {};
}

base::Result<> give_tiano(Walk& walk, base::Range packed, const std::string& stem) {
  const auto stream = base::slice(walk.bytes(), packed.offset, packed.size);
  const auto content = tiano_either(stream, walk.sink, are_sections);
  if (!content) {
    state_failure(walk, packed, stem, content.error());
    return {};
  }
  walk.ledger.content({packed.offset, 8 + std::uint64_t{tiano_head(stream)->packed}}, "compressed sections");
  return walk.sink.child(sections_entry(walk.name(stem, ".sections")), *content);
}

std::uint64_t lzma_size(base::Bytes stream) {
  base::Cursor at(stream);
  at.skip(5);
  return at.u64();
}

base::Result<> give_lzma(Walk& walk, base::Range packed, const std::string& stem, Decode decode) {
  return give_decoded(walk, packed, stem, decode, lzma_size(base::slice(walk.bytes(), packed.offset, packed.size)));
}

base::Result<> give_brotli(Walk& walk, base::Range packed, const std::string& stem) {
  base::Cursor head(base::slice(walk.bytes(), packed.offset, packed.size));
  const auto size = head.u64();
  head.u64();  // scratch memory that the maker's decoder needs
  if (!head.ok()) {
    state_failure(walk, packed, stem, base::fail(Trouble::truncated, "a Brotli section without its head").error());
    return {};
  }
  walk.ledger.structure({packed.offset, 16}, "firmware section header");
  return give_decoded(walk, {packed.offset + 16, packed.size - 16}, stem, stream::brotli, size);
}

void check_crc(Walk& walk, const Section& section, const std::string& stem) {
  const auto body = base::slice(walk.bytes(), section.body().offset, section.body().size);
  base::Cursor at(base::slice(walk.bytes(), section.range.offset + section.header - 4, 4));
  if (at.u32() != crc32_of(body)) walk.trouble("malformed", fmt::format("{}: the CRC-32 of a section does not hold", base::printable(stem)), section.body());
}

}  // namespace

base::Result<> compressed_section(Walk& walk, const Section& section, const std::string& stem) {
  const auto body = section.body();
  const auto content = base::slice(walk.bytes(), body.offset, body.size);
  if (section.compression == 1) return give_tiano(walk, body, stem);
  if (section.compression != 2) {
    state_failure(walk, body, stem, base::fail(Trouble::unsupported, "compression {} of a section", section.compression).error());
    return {};
  }
  // "Customised" is LZMA with the usual head, or with 4 bytes in front of it.
  const std::uint64_t skip = lzma_size(content) != section.uncompressed && lzma_size(base::slice(content, 4)) == section.uncompressed ? 4 : 0;
  walk.ledger.structure({body.offset, skip}, "firmware section header");
  return give_lzma(walk, {body.offset + skip, body.size - skip}, stem, stream::lzma_alone);
}

base::Result<bool> guided_section(Walk& walk, const Section& section, const std::string& stem) {
  const auto body = section.body();
  const auto content = base::slice(walk.bytes(), body.offset, body.size);
  const auto& guid = section.guid;
  base::Result<> done;
  if (guid == "EE4E5898-3914-4259-9D6E-DC7BD79403CF") done = give_lzma(walk, body, stem, stream::lzma_alone);
  else if (guid == "D42AE6BD-1352-4BFB-909A-CA72A6EAE889") done = give_lzma(walk, body, stem, lzma_f86);
  else if (guid == "A31280AD-481E-41B6-95E8-127F4C984779") done = give_tiano(walk, body, stem);
  else if (guid == "3D532050-5CDA-4FD0-879E-0F7F630D5AFB") done = give_brotli(walk, body, stem);
  else if (guid == "1D301FE9-BE79-4353-91C2-D23BC959AE0C") done = give_decoded(walk, body, stem, stream::gzip_member, 0);
  else if (guid == "FC1BCDB0-7D31-49AA-936A-A4600D9DD083") {
    if (section.header >= 28) check_crc(walk, section, stem);
    return true;
  } else if (!(section.attributes & 1) || are_sections(content)) {
    // Signed, or of a form that only adds a head: the sections stand as they are.
    if (section.header > 24) CHECK_OK(walk.give({section.range.offset + 24, section.header - 24}, walk.name(stem, ".signature"), artifact::Origin::embedded));
    return true;
  } else {
    walk.trouble("unsupported", fmt::format("{}: a section of the form {}", base::printable(stem), guid), {section.range.offset, section.header});
    done = walk.give(body, walk.name(stem, ".section"));
  }
  CHECK_OK(done);
  return false;
}

}  // namespace unpack::uefi_format
