// Recipients for whom something is or will be encrypted: OpenPGP public-key encrypted session keys
// (RFC 4880, 5.1), CMS EnvelopedData (RFC 5652), age (age-encryption.org/v1). The escrow pattern is
// seen by what uses them; here is only who the recipient is. Nothing is decrypted.
#include <array>
#include <set>

#include "base/cursor.h"
#include "examine/encodings/bech32.h"
#include "examine/encodings/find_text.h"
#include "examine/keys/part.h"
#include "parse/der/der.h"
#include "parse/pem/pem.h"
#include "parse/x509/x509.h"

namespace examine::key_parts {
namespace {

using namespace std::string_view_literals;

struct Out {
  const evidence::View& view;
  evidence::Sink& sink;
  std::set<std::string> seen;

  void state(std::string value, std::string form, base::Range range) {
    if (!seen.insert(value).second) return;
    evidence::Item item;
    item.facet = evidence::Facet::key;
    item.word = "recipient";
    item.value = std::move(value);
    item.attributes = {{"form", std::move(form)}};
    if (const auto context = context_of(view); !context.empty()) item.attributes["context"] = context;
    item.range = range;
    sink.state(std::move(item));
  }
};

// Key ids of the leading packets of tag 1; empty unless the bytes are an OpenPGP message.
std::vector<std::string> openpgp_recipients(base::Bytes bytes) {
  std::vector<std::string> out;
  base::Cursor in(bytes, std::endian::big);
  for (int packets = 0; packets < 64 && !in.at_end(); ++packets) {
    const auto head = in.u8();
    if (!(head & 0x80)) return {};
    unsigned tag;
    std::uint64_t size;
    if (head & 0x40) {
      tag = head & 0x3f;
      size = in.u8();
      if (size >= 192 && size < 224) size = ((size - 192) << 8) + in.u8() + 192;
      else if (size == 255) size = in.u32();
      else if (size >= 224) size = UINT64_MAX;  // partial: only the data packet may have it
    } else {
      tag = head >> 2 & 15;
      const auto type = head & 3;
      size = type == 0 ? in.u8() : type == 1 ? in.u16() : type == 2 ? in.u32() : UINT64_MAX;
    }
    if (tag == 9 || tag == 18 || tag == 20) return in.ok() ? out : std::vector<std::string>{};  // the encrypted data
    if (tag != 1 && tag != 3 && tag != 10) return {};
    if (size > 4096) return {};
    const auto body = in.take(size);
    if (!in.ok()) return {};
    if (tag != 1) continue;
    if (body.size() < 12 || body[0] != 3 || body[9] == 0 || body[9] > 27) return {};
    const auto id = base::to_hex(body.subspan(1, 8));
    out.push_back(id == "0000000000000000" ? "OpenPGP hidden recipient" : "OpenPGP key id " + id);
  }
  return {};
}

std::vector<std::string> cms_recipients(base::Bytes der) {
  static constexpr std::array<std::uint8_t, 11> enveloped = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03};
  std::vector<std::string> out;
  const auto outer = parse::der::first(der);
  if (!outer || !outer->is(parse::der::sequence)) return out;
  if (outer->content.size() < enveloped.size() || !std::equal(enveloped.begin(), enveloped.end(), outer->content.begin())) return out;
  (void)parse::der::walk(outer->content, [&](const parse::der::Element& e, unsigned) {
    // IssuerAndSerialNumber: a Name, then an INTEGER.
    if (!e.is(parse::der::sequence)) return true;
    const auto parts = parse::der::all(e.content, 8);
    if (parts && parts->size() == 2 && (*parts)[0].is(parse::der::sequence) && (*parts)[1].is(parse::der::integer) && out.size() < 64) {
      const auto name = parse::x509::name_text((*parts)[0]);
      if (!name.empty()) out.push_back(fmt::format("CMS {} serial {}", name, base::to_hex((*parts)[1].content)));
    }
    return true;
  });
  if (out.empty()) out.push_back("CMS recipient by key identifier");
  return out;
}

bool is_age_recipient(std::string_view text) {
  return text.size() == 62 && text.starts_with("age1") && bech32_remainder("age", text.substr(4)) == bech32_constant;
}

void age(Out& out) {
  const auto text = base::text_of(out.view.bytes);
  std::size_t count = 0;
  for (auto at = find_text(text, "age1"); at != std::string_view::npos && count < 1000; at = find_text(text, "age1", at + 4))
    if (is_age_recipient(text.substr(at, 62))) out.state(std::string(text.substr(at, 62)), "age", {at, 62}), ++count;
  if (!text.starts_with("age-encryption.org/v1\n")) return;
  const auto header = text.substr(0, std::min<std::size_t>(text.find("\n---"), 65536));
  for (auto at = header.find("\n-> "); at != std::string_view::npos && count < 1000; at = header.find("\n-> ", at + 4), ++count) {
    const auto line = header.substr(at + 4, header.find('\n', at + 4) - at - 4);
    out.state("age " + std::string(line.substr(0, 60)), "age", {at + 1, line.size() + 3});
  }
}

}  // namespace

base::Result<> find_recipients(const evidence::View& view, evidence::Sink& sink) {
  Out out{view, sink, {}};
  age(out);
  const base::Range whole{0, std::min<std::uint64_t>(view.bytes.size(), 512)};
  if (view.bytes.size() > 16 && view.kind != "elf") {
    const auto head = view.bytes[0];
    if (head == 0x84 || head == 0x85 || head == 0x86 || head == 0xc1)
      for (auto& r : openpgp_recipients(view.bytes)) out.state(std::move(r), "OpenPGP", whole);
    if (head == 0x30)
      for (auto& r : cms_recipients(view.bytes)) out.state(std::move(r), "CMS", whole);
  }
  if (find_text(base::text_of(view.bytes), "-----BEGIN ") == std::string_view::npos) return {};
  for (const auto& block : parse::pem::find(view.bytes, 256)) {
    if (block.type == "PGP MESSAGE")
      for (auto& r : openpgp_recipients(block.content)) out.state(std::move(r), "OpenPGP", block.range);
    if (block.type == "CMS" || block.type == "PKCS7" || block.type == "PKCS #7 SIGNED DATA")
      for (auto& r : cms_recipients(block.content)) out.state(std::move(r), "CMS", block.range);
  }
  return {};
}

}  // namespace examine::key_parts
