// Key material in any artifact: private keys, certificates, SSH keys, service tokens, JWTs, password
// hashes, and recipients for whom something was encrypted.
// It tries nothing over a network, breaks no passphrase, and never puts secret numbers in evidence.
#include <algorithm>

#include "evidence/reader.h"
#include "examine/keys/part.h"


namespace examine {
namespace key_parts {

std::string context_of(const evidence::View& view) {
  std::string path = "/";
  for (const char c : view.place.path()) path += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const auto any = [&](std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [&](auto p) { return path.find(p) != std::string::npos; });
  };
  if (any({"/test", "test/", "/spec/", "/fixtures/", "/selftest", "_test.", "-test.", "snakeoil"})) return "test";
  if (any({"/example", "/demo", "/sample"})) return "example";
  if (any({"/doc/", "/docs/", "/man/", "readme", "/info/"})) return "doc";
  return "";
}

bool is_live_place(const evidence::View& view) {
  const auto path = view.place.path();
  return path.starts_with("etc/") || path.find("/etc/") != std::string::npos || path.find(".ssh/") != std::string::npos;
}

}  // namespace key_parts

namespace {

using evidence::Facet;

class Keys final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "keys",
        .finds = "private keys, certificates, SSH keys, service tokens, JWTs, password hashes and recipients of encrypted blobs",
        .kinds = {"*"},
        .states = {Facet::key, Facet::trust},
        .blind_spots = {"keys built at run time or stored in parts", "keys inside Java keystores, NSS databases and PKCS#12", "tokens without a form of their own",
                        "password hashes are tried against a short list of defaults only, and not where their cost is high", "a root added to a bundle of 20 or more certificates is not told from the bundle"},
        .version = 2,
        .references = "RFC 7468, RFC 5208, RFC 5280, RFC 4253, RFC 7519, RFC 9580, RFC 5652, crypt(5), age-encryption.org/v1",
        .of_remainder = true,
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    CHECK_OK(sink.spend(4 * view.bytes.size()));
    CHECK_OK(key_parts::find_key_material(view, sink));
    CHECK_OK(key_parts::find_tokens(view, sink));
    CHECK_OK(key_parts::find_password_hashes(view, sink));
    return key_parts::find_recipients(view, sink);
  }
};

}  // namespace

const evidence::Reader& keys() {
  static const Keys reader;
  return reader;
}

}  // namespace examine
