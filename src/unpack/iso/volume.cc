// See volume.h.
#include "unpack/iso/volume.h"

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"

namespace unpack::iso_format {
namespace {

using base::Trouble;

std::uint32_t little(base::Bytes b, std::uint64_t at) { return base::Cursor(base::slice(b, at, 4)).u32(); }

void add_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += static_cast<char>(0xC0 | c >> 6), out += static_cast<char>(0x80 | (c & 0x3F));
  else out += static_cast<char>(0xE0 | c >> 12), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
}

std::string plain_name(base::Bytes raw, bool joliet) {
  std::string name;
  if (joliet) {
    base::Cursor at(raw, std::endian::big);
    while (at.left() >= 2) add_utf8(name, at.u16());
  } else {
    name = base::text_of(raw);
  }
  if (const auto version = name.rfind(';'); version != name.npos) name.resize(version);
  if (name.ends_with('.')) name.pop_back();
  return name;
}

Volume volume_from(base::Bytes d, bool joliet) {
  Volume v;
  v.joliet = joliet;
  v.blocks = little(d, 80);
  v.block_size = base::Cursor(base::slice(d, 128, 2)).u16();
  if (v.block_size < 512 || v.block_size > 2048 || (v.block_size & (v.block_size - 1))) v.block_size = 2048;
  const std::uint64_t table = little(d, 132);
  for (const std::uint64_t at : {140u, 144u}) {
    if (const auto block = little(d, at)) v.path_tables.push_back({block * v.block_size, table});
  }
  base::Cursor big(base::slice(d, 148, 8), std::endian::big);
  for (int i = 0; i < 2; ++i)
    if (const auto block = big.u32()) v.path_tables.push_back({block * v.block_size, table});
  v.root_block = little(d, 156 + 2);
  v.root_size = little(d, 156 + 10);
  return v;
}

// System use fields of one record: names, modes, links.
class SystemUse {
 public:
  SystemUse(base::Bytes image, const Volume& volume, Record& record) : image_(image), volume_(volume), record_(record) {}

  void read(base::Bytes area) {
    for (int turn = 0; turn < 32 && !area.empty(); ++turn) {
      base::Bytes next;
      base::Cursor at(area);
      while (at.left() >= 4) {
        const auto sign = base::text_of(at.take(2));
        const auto size = at.u8();
        at.skip(1);
        if (size < 4) break;
        const auto body = at.take(size - 4u);
        if (!at.ok() || sign == "ST") break;
        if (sign == "CE") next = continuation(body);
        else field(sign, body);
      }
      area = next;
    }
    if (!name_.empty()) record_.entry.name = name_;
    if (link_seen_) record_.entry.link = link_;
  }

 private:
  base::Bytes continuation(base::Bytes body) {
    const base::Range range{std::uint64_t{little(body, 0)} * volume_.block_size + little(body, 8), little(body, 16)};
    if (range.size > 65536 || !base::fits(range.offset, range.size, image_.size())) return {};
    record_.continuations.push_back(range);
    return base::slice(image_, range.offset, range.size);
  }

  void field(std::string_view sign, base::Bytes body) {
    if (sign == "NM" && !body.empty() && !(body[0] & 6)) name_ += base::text_of(body.subspan(1));
    else if (sign == "PX" && body.size() >= 32) mode(body);
    else if (sign == "SL" && !body.empty()) link(body);
    else if (sign == "RE") record_.self = true;
    else if (sign == "CL" && body.size() >= 4) {
      record_.entry.nature = artifact::Nature::directory;
      record_.block = little(body, 0);
      record_.size = 0;
    } else if (sign == "ZF" && base::starts_with(body, "pz") && body.size() >= 8) {
      record_.plain = little(body, 4);
    }
  }

  void mode(base::Bytes body) {
    using enum artifact::Nature;
    const auto mode = little(body, 0);
    auto& e = record_.entry;
    e.mode = mode & 07777;
    e.uid = little(body, 16);
    e.gid = little(body, 24);
    switch (mode & 0170000) {
      case 0120000: e.nature = symlink; break;
      case 0020000: case 0060000: e.nature = device; break;
      case 0010000: e.nature = fifo; break;
      case 0140000: e.nature = socket; break;
      default: break;
    }
  }

  // Components with a flag each; a link may go on in another field.
  void link(base::Bytes body) {
    link_seen_ = true;
    base::Cursor at(body.subspan(1));
    while (at.left() >= 2) {
      const auto flags = at.u8();
      const auto text = base::text_of(at.take(at.u8()));
      if (!component_open_ && !link_.empty() && !link_.ends_with('/')) link_ += '/';
      if (flags & 8) link_ = "/";
      else if (flags & 2) link_ += '.';
      else if (flags & 4) link_ += "..";
      else link_ += text;
      component_open_ = flags & 1;
    }
  }

  base::Bytes image_;
  const Volume& volume_;
  Record& record_;
  std::string name_, link_;
  bool link_seen_ = false, component_open_ = false;
};

}  // namespace

base::Result<Image> read_image(base::Bytes bytes) {
  Image out;
  for (std::uint64_t i = 0; i < 64; ++i) {
    const auto offset = 0x8000 + i * 2048;
    const auto d = base::slice(bytes, offset, 2048);
    if (d.size() < 2048 || base::text_of(d.subspan(1, 5)) != "CD001") break;
    out.descriptors.push_back({offset, 2048});
    const bool joliet = d[88] == '%' && d[89] == '/' && (d[90] == '@' || d[90] == 'C' || d[90] == 'E');
    if (d[0] == 1 || (d[0] == 2 && joliet)) out.volumes.push_back(volume_from(d, d[0] == 2));
    if (d[0] == 0 && base::text_of(d.subspan(7, 23)) == "EL TORITO SPECIFICATION") out.boot_catalog = std::uint64_t{little(d, 71)} * 2048;
    if (d[0] == 255) break;
  }
  if (out.volumes.empty() || out.volumes[0].joliet) return base::fail(Trouble::malformed, "the ISO image has no primary volume");
  for (auto& v : out.volumes) {
    if (v.joliet) continue;
    // SUSP says it is there in the first record of the root.
    const auto root = base::slice(bytes, v.root_block * v.block_size, 255);
    if (root.size() < 41) continue;
    const auto use = base::slice(root, 34, root[0] > 34 ? root[0] - 34u : 0);
    for (const std::uint64_t shift : {0u, 14u}) {
      const auto sp = base::slice(use, shift, 7);
      if (sp.size() == 7 && base::starts_with(sp, "SP") && sp[4] == 0xBE && sp[5] == 0xEF) v.rock_ridge = true, v.skip = sp[6];
    }
  }
  return out;
}

std::vector<BootEntry> boot_entries(base::Bytes bytes, std::uint64_t offset, std::uint64_t& size) {
  std::vector<BootEntry> out;
  base::Cursor at(base::slice(bytes, offset, 2048));
  size = 0;
  if (at.u8() != 1) return out;
  at.seek(32);
  const auto one = [&] {
    const auto entry = at.take(32);
    if (entry.size() == 32 && (entry[0] == 0x88 || entry[0] == 0)) out.push_back({little(entry, 8), std::uint64_t{entry[6]} | std::uint64_t{entry[7]} << 8, entry[1] & 15u});
  };
  one();
  while (at.left() >= 32) {
    const auto header = at.take(32);
    if (header[0] != 0x90 && header[0] != 0x91) {
      at.seek(at.position() - 32);
      break;
    }
    for (unsigned n = header[2] | header[3] << 8; n && at.left() >= 32; --n) one();
    if (header[0] == 0x91) break;
  }
  size = at.position();
  return out;
}

std::optional<Record> record(base::Bytes image, base::Bytes directory, const Volume& volume, std::uint64_t& next) {
  while (next < directory.size()) {
    const auto length = directory[next];
    if (length == 0) {  // the rest of this block is empty: records don't cross blocks
      next = (next / volume.block_size + 1) * volume.block_size;
      continue;
    }
    const auto raw = base::slice(directory, next, length);
    next += length;
    if (raw.size() < 34) return std::nullopt;
    Record r;
    base::Cursor big(base::slice(raw, 6, 4), std::endian::big), big_size(base::slice(raw, 14, 4), std::endian::big);
    r.block = little(raw, 2);
    r.size = little(raw, 10);
    r.endians_disagree = big.u32() != r.block || big_size.u32() != r.size;
    r.block += raw[1];  // an extended attribute record stands in front of the content
    const auto flags = raw[25];
    r.goes_on = flags & 0x80;
    r.interleaved = raw[26] || raw[27];
    if (flags & 2) r.entry.nature = artifact::Nature::directory;
    const auto name = base::slice(raw, 33, raw[32]);
    r.self = name.size() == 1 && name[0] < 2;
    r.entry.name = plain_name(name, volume.joliet);
    const std::uint64_t use = 33u + raw[32] + (raw[32] % 2 == 0 ? 1 : 0);
    if (volume.rock_ridge && !r.self) SystemUse(image, volume, r).read(base::slice(raw, use + volume.skip));
    else if (volume.rock_ridge) SystemUse(image, volume, r).read(base::slice(raw, use)), r.self = true;
    return r;
  }
  return std::nullopt;
}

}  // namespace unpack::iso_format
