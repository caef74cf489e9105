// Capsules, and lists of signatures. UEFI 2.10, 8.5.3 (capsules), 23.3 (capsules of the firmware
// management protocol) and 32.4.1 (signature lists).
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/uefi/firmware.h"
#include "unpack/uefi/guid.h"

namespace unpack::uefi_format {
namespace {

using artifact::Origin;
using base::Trouble;

// EFI_FIRMWARE_IMAGE_AUTHENTICATION in front of a payload: a counter and a WIN_CERTIFICATE. Its size, or 0.
std::uint64_t authentication(base::Bytes payload) {
  base::Cursor at(payload);
  at.skip(8);
  const std::uint64_t length = at.u32();
  const auto revision = at.u16(), type = at.u16();
  return at.ok() && length >= 24 && length <= payload.size() - 8 && revision == 0x0200 && type == 0x0EF1 ? 8 + length : 0;
}

// One payload: EFI_FIRMWARE_MANAGEMENT_CAPSULE_IMAGE_HEADER, image, vendor's code.
base::Result<> payload(Walk& walk, std::uint64_t from, unsigned number) {
  base::Cursor at(base::slice(walk.bytes(), from));
  const auto version = at.u32();
  const auto type = guid_text(at.take(16));
  at.skip(4);
  const std::uint64_t image = at.u32(), vendor = at.u32();
  if (version >= 2) at.skip(8);
  if (version >= 3) at.skip(8);
  if (!at.ok() || version < 1 || version > 3) {
    walk.trouble("malformed", fmt::format("the head of payload {} of the capsule is damaged", number), {});
    return {};
  }
  const auto head = at.position();
  walk.ledger.structure({from, head}, "capsule header");
  auto body = from + head;
  if (image + vendor > at.left()) walk.trouble("truncated", fmt::format("payload {} of the capsule ends behind it", number), {from, head});
  const auto end = body + image;
  const auto stem = fmt::format("payload-{}-{}", number, type);
  if (const auto signature = authentication(base::slice(walk.bytes(), body, image))) {
    walk.ledger.structure({body, 32}, "capsule header");
    CHECK_OK(walk.give({body + 32, signature - 32}, stem + ".p7", Origin::embedded));
    body += signature;
  }
  CHECK_OK(walk.give({body, end - body}, stem + ".bin"));
  return walk.give({end, vendor}, stem + ".vendor-code");
}

// EFI_FIRMWARE_MANAGEMENT_CAPSULE_HEADER: offsets of drivers, then of payloads.
base::Result<> management(Walk& walk, std::uint64_t from, std::uint64_t end) {
  base::Cursor at(base::slice(walk.bytes(), from, end - from));
  at.skip(4);
  const unsigned drivers = at.u16(), payloads = at.u16();
  std::vector<std::uint64_t> offsets;
  for (unsigned i = 0; i < drivers + payloads && at.ok(); ++i) offsets.push_back(at.u64());
  CHECK_OK(at.status("the list of a capsule's items"));
  walk.ledger.structure({from, at.position()}, "capsule header");
  for (unsigned i = 0; i < offsets.size(); ++i) {
    CHECK_OK(walk.sink.spend(64));
    const auto next = i + 1 < offsets.size() ? offsets[i + 1] : end - from;
    if (offsets[i] < at.position() || offsets[i] >= next || next > end - from) {
      walk.trouble("malformed", fmt::format("item {} of the capsule lies outside it", i), {from, at.position()});
      continue;
    }
    if (i < drivers) CHECK_OK(walk.give({from + offsets[i], next - offsets[i]}, fmt::format("driver-{}.efi", i)));
    else CHECK_OK(payload(walk, from + offsets[i], i - drivers));
  }
  return {};
}

}  // namespace

base::Result<> capsule(Walk& walk) {
  base::Cursor at(walk.bytes());
  const auto guid = guid_text(at.take(16));
  const std::uint64_t header = at.u32();
  at.skip(4);
  const std::uint64_t size = at.u32();
  CHECK_OK(at.status("the capsule's header"));
  if (header < 28 || header > size) return base::fail(Trouble::malformed, "a capsule of {} bytes with a header of {}", size, header);
  const auto end = std::min<std::uint64_t>(size, walk.bytes().size());
  if (end < size) walk.trouble("truncated", fmt::format("the capsule says that it is {} bytes long", size), {0, 28});
  walk.ledger.structure({0, header}, "capsule header");
  if (end <= header) return {};
  if (guid == "6DCBD5ED-E82D-4C44-BDA1-7194199AD92A") CHECK_OK(management(walk, header, end));
  else CHECK_OK(walk.give({header, end - header}, "capsule-body", Origin::member, holds_volume(walk.bytes(), header, end) ? "uefi-image" : ""));
  CHECK_OK(walk.ledger.close(0, end, "capsule-slack"));
  return hand_on_rest(walk.view, walk.sink, end, evidence::Confidence::low);
}

base::Result<> signature_lists(Walk& walk) {
  std::uint64_t at = 0;
  for (unsigned list = 0; at < walk.bytes().size(); ++list) {
    base::Cursor in(base::slice(walk.bytes(), at));
    const auto type = guid_text(in.take(16));
    const std::uint64_t size = in.u32(), header = in.u32(), each = in.u32();
    if (!in.ok() || size < 28 || size > walk.bytes().size() - at || header > size - 28 || each <= 16) {
      walk.trouble("malformed", fmt::format("signature list {} is damaged", list), {at, std::min<std::uint64_t>(28, walk.bytes().size() - at)});
      break;
    }
    walk.ledger.structure({at, 28 + header}, "signature list");
    const auto end = at + size;
    const bool certificates = type == "A5C059A1-94E4-4AA7-87B5-AB155C2BF072";
    unsigned number = 0;
    for (auto one = at + 28 + header; one + each <= end; one += each) {
      CHECK_OK(walk.sink.spend(64));
      const auto owner = guid_text(base::slice(walk.bytes(), one, 16));
      walk.ledger.structure({one, certificates ? 16 : each}, certificates ? "signature list" : "hash in a signature list");
      if (certificates) CHECK_OK(walk.give({one + 16, each - 16}, fmt::format("certificate-{}-{}-{}.der", list, number++, owner), Origin::embedded));
    }
    at = end;
  }
  return walk.ledger.close("signature-list-slack");
}

}  // namespace unpack::uefi_format
