// Bytes behind the end of a picture: PNG (ISO/IEC 15948), JPEG (ITU-T T.81), GIF89a. The structure
// is walked to find where the picture ends; pixels are not decoded, so they stay only scanned.
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "examine/concealment/part.h"
#include "examine/concealment/recognise.h"

namespace examine {
namespace {

using concealment_parts::recognise;
using concealment_parts::state;
using namespace std::string_view_literals;
using evidence::Confidence;
using evidence::Label;

// Each returns where the picture ends; 0 when it does not end inside the bytes.
std::uint64_t end_of_png(base::Bytes bytes, evidence::Sink& sink) {
  base::Cursor in(bytes, std::endian::big);
  in.skip(8);
  if (!in.ok()) return 0;
  sink.label({0, 8}, Label::structure, "PNG signature");
  for (int chunks = 0; chunks < 1'000'000 && in.ok() && !in.at_end(); ++chunks) {
    const auto at = in.position();
    const auto size = in.u32();
    const auto type = base::text_of(in.take(4));
    in.skip(size);
    in.skip(4);
    if (!in.ok()) return 0;
    if (chunks < 10'000) {
      if (type == "IHDR" || type == "PLTE" || type == "IEND" || type == "pHYs" || type == "tRNS" || type == "gAMA" || type == "cHRM" || type == "sRGB" || type == "bKGD" || type == "tIME" || type == "sBIT")
        sink.label({at, 12 + std::uint64_t{size}}, Label::structure, "PNG chunk");
      else sink.label({at, 8}, Label::structure, "PNG chunk header"), sink.label({at + 8 + size, 4}, Label::structure, "PNG chunk checksum");
    }
    if (type == "IEND") return in.position();
  }
  return 0;
}

std::uint64_t end_of_jpeg(base::Bytes bytes) {
  base::Cursor in(bytes, std::endian::big);
  in.skip(2);
  for (int segments = 0; segments < 1'000'000 && in.ok() && in.left() >= 2; ++segments) {
    if (in.u8() != 0xff) return 0;
    auto marker = in.u8();
    while (marker == 0xff && !in.at_end()) marker = in.u8();
    if (marker == 0xd9) return in.position();
    if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const auto size = in.u16();
    if (size < 2) return 0;
    in.skip(size - 2u);
    if (marker != 0xda || !in.ok()) continue;
    // Entropy-coded data: up to a marker that is neither stuffing nor a restart.
    auto at = in.position();
    while (at + 1 < bytes.size() && !(bytes[at] == 0xff && bytes[at + 1] != 0 && !(bytes[at + 1] >= 0xd0 && bytes[at + 1] <= 0xd7))) ++at;
    if (at + 1 >= bytes.size()) return 0;
    in.seek(at);
  }
  return 0;
}

std::uint64_t end_of_gif(base::Bytes bytes) {
  base::Cursor in(bytes);
  in.skip(10);
  const auto flags = in.u8();
  in.skip(2);
  if (flags & 0x80) in.skip(3u << ((flags & 7) + 1));
  const auto skip_blocks = [&] {
    for (auto size = in.u8(); in.ok() && size; size = in.u8()) in.skip(size);
  };
  for (int blocks = 0; blocks < 1'000'000 && in.ok() && !in.at_end(); ++blocks) {
    const auto kind = in.u8();
    if (kind == 0x3b) return in.position();
    if (kind == 0x21) {
      in.skip(1);
      skip_blocks();
    } else if (kind == 0x2c) {
      in.skip(8);
      const auto local = in.u8();
      if (local & 0x80) in.skip(3u << ((local & 7) + 1));
      in.skip(1);
      skip_blocks();
    } else {
      return 0;
    }
  }
  return 0;
}

bool is_padding(base::Bytes bytes) {
  return std::ranges::all_of(bytes, [&](auto b) { return b == bytes[0]; }) || std::ranges::all_of(bytes, [](auto b) { return b == 0 || b == '\n' || b == '\r' || b == ' '; });
}

base::Result<> state_trailer(const evidence::View& view, evidence::Sink& sink, std::uint64_t end, std::string_view picture) {
  const auto rest = base::slice(view.bytes, end);
  if (rest.empty()) return {};
  const base::Range range{end, rest.size()};
  if (is_padding(rest)) {
    sink.label(range, Label::padding, "constant bytes after the picture");
    return {};
  }
  const auto text = base::text_of(rest);
  if (picture == "jpeg" && text.find("\xff\xd8\xff"sv) < 64) return {};  // a second picture: multi-picture format
  const auto seen = recognise(rest);
  state(sink, "steganography", fmt::format("bytes after the end of a {} picture", picture), range, seen ? Confidence::medium : Confidence::low,
        {{"bytes", std::to_string(rest.size())}, {"what", seen ? seen->what : "unknown"}, {"runs", seen && seen->runs ? "yes" : ""}});
  artifact::Entry entry;
  entry.name = fmt::format("after-the-picture@{}", end);
  entry.origin = artifact::Origin::embedded;
  sink.label(range, Label::handed_on, "bytes after the picture");
  return sink.child(entry, rest);
}

class Pictures final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "pictures",
        .finds = "bytes behind the end of pictures, code inside them",
        .kinds = {"png", "jpeg", "gif"},
        .states = {evidence::Facet::concealment},
        .blind_spots = {"information in the pixels themselves", "other forms of pictures, sound and film"},
        .version = 1,
        .references = "ISO/IEC 15948 (PNG), ITU-T T.81 (JPEG), GIF89a",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    CHECK_OK(sink.spend(2 * view.bytes.size()));
    const auto bytes = view.bytes;
    std::uint64_t end = 0;
    if (view.kind == "png") end = end_of_png(bytes, sink);
    else if (view.kind == "jpeg") end = end_of_jpeg(bytes);
    else end = end_of_gif(bytes);
    if (const auto php = base::text_of(bytes).find("<?php"); php != std::string_view::npos && (end == 0 || php < end))
      state(sink, "steganography", "PHP code inside a picture", {php, std::min<std::uint64_t>(bytes.size() - php, 200)}, Confidence::medium, {{"what", "PHP"}, {"runs", "yes"}});
    if (end == 0 || end >= bytes.size()) return {};
    return state_trailer(view, sink, end, view.kind);
  }
};

}  // namespace

const evidence::Reader& pictures() {
  static const Pictures reader;
  return reader;
}

}  // namespace examine
