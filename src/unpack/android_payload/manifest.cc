// See manifest.h.
#include "unpack/android_payload/manifest.h"

namespace unpack::payload_format {
namespace {

using base::Trouble;

base::Result<Step> step(base::Bytes bytes) {
  Step out;
  Message message(bytes);
  while (const auto field = message.next()) {
    if (field->number == 1) out.type = static_cast<std::uint32_t>(field->value);
    if (field->number == 2) out.data.offset = field->value;
    if (field->number == 3) out.data.size = field->value;
    if (field->number != 6) continue;
    Blocks blocks;
    Message extent(field->bytes);
    while (const auto part = extent.next()) (part->number == 1 ? blocks.first : blocks.count) = part->value;
    if (!extent.ok()) return base::fail(Trouble::malformed, "an extent of the payload's manifest");
    out.to.push_back(blocks);
  }
  if (!message.ok()) return base::fail(Trouble::malformed, "an operation of the payload's manifest");
  return out;
}

base::Result<Partition> partition(base::Bytes bytes) {
  Partition out;
  Message message(bytes);
  while (const auto field = message.next()) {
    if (field->number == 1) out.name = base::text_of(field->bytes);
    if (field->number == 8) out.steps.push_back(TRY(step(field->bytes)));
    if (field->number != 7) continue;
    Message about(field->bytes);
    while (const auto part = about.next()) {
      if (part->number == 1) out.size = part->value;
      if (part->number == 2) out.hash.assign(part->bytes.begin(), part->bytes.end());
    }
  }
  if (!message.ok()) return base::fail(Trouble::malformed, "a partition of the payload's manifest");
  return out;
}

}  // namespace

std::optional<std::uint64_t> Message::number() {
  std::uint64_t out = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ >= bytes_.size()) return std::nullopt;
    const auto b = bytes_[at_++];
    out |= static_cast<std::uint64_t>(b & 0x7f) << shift;
    if (!(b & 0x80)) return out;
  }
  return std::nullopt;
}

std::optional<Field> Message::next() {
  if (!ok_ || at_ >= bytes_.size()) return std::nullopt;
  ok_ = false;
  const auto key = number();
  if (!key || *key >> 3 == 0 || *key >> 3 > (1u << 29)) return std::nullopt;
  Field out{static_cast<std::uint32_t>(*key >> 3), 0, {}};
  std::uint64_t size = 0;
  switch (*key & 7) {
    case 0: {
      const auto value = number();
      if (!value) return std::nullopt;
      out.value = *value;
      break;
    }
    case 1: size = 8; break;
    case 2: {
      const auto value = number();
      if (!value) return std::nullopt;
      size = *value;
      break;
    }
    case 5: size = 4; break;
    default: return std::nullopt;
  }
  if (size > bytes_.size() - at_) return std::nullopt;
  out.bytes = bytes_.subspan(at_, size);
  at_ += size;
  ok_ = true;
  return out;
}

base::Result<Manifest> manifest(base::Bytes bytes) {
  Manifest out;
  Message message(bytes);
  while (const auto field = message.next()) {
    if (field->number == 3) out.block = field->value;
    if (field->number == 4) out.signatures.offset = field->value;
    if (field->number == 5) out.signatures.size = field->value;
    if (field->number == 13) out.partitions.push_back(TRY(partition(field->bytes)));
  }
  if (!message.ok()) return base::fail(Trouble::malformed, "the payload's manifest");
  if (out.block < 512 || out.block > (1u << 20)) return base::fail(Trouble::malformed, "payload blocks of {} bytes", out.block);
  return out;
}

}  // namespace unpack::payload_format
