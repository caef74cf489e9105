#include "sign/pkcs11_uri.h"

#include <charconv>
#include <cstdlib>
#include <set>

#include "base/bytes.h"

namespace sign {

using base::Trouble;

namespace {

constexpr std::size_t most_uri_bytes = 4096;

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      // RFC 3986: what is neither reserved nor unreserved is written with a percent sign.
      if (text[i] <= ' ' || text[i] >= 0x7F || std::string_view("\"<>\\^`{|}#").find(text[i]) != std::string_view::npos) return std::nullopt;
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

base::Result<> take(TokenUri& out, std::string_view name, std::string value) {
  if (name == "token") out.token = std::move(value);
  else if (name == "serial") out.serial = std::move(value);
  else if (name == "manufacturer") out.manufacturer = std::move(value);
  else if (name == "model") out.model = std::move(value);
  else if (name == "object") out.object = std::move(value);
  else if (name == "id") out.id = std::move(value);
  else if (name == "slot-id") {
    unsigned long slot = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), slot);
    if (error != std::errc() || end != value.data() + value.size()) return base::fail(Trouble::usage, "slot-id in the pkcs11 URI is no number");
    out.slot = slot;
  } else if (name == "type") {
    if (value != "private" && value != "public") return base::fail(Trouble::usage, "the pkcs11 URI names a {}; a private key is wanted", base::printable(value));
  } else if (name != "library-manufacturer" && name != "library-description" && name != "library-version" && name != "slot-description" && name != "slot-manufacturer") {
    // RFC 7512, section 2.3: an attribute that is not understood matches nothing.
    return base::fail(Trouble::usage, "'{}' in the pkcs11 URI is not known", base::printable(name));
  }
  return {};
}

base::Result<> take_query(TokenUri& out, std::string_view name, std::string value) {
  if (name == "module-path") out.module_path = std::move(value);
  else if (name == "module-name") out.module_name = std::move(value);
  else if (name == "pin-value") out.pin_value = std::move(value);
  else if (name == "pin-source") {
    if (value.starts_with('|')) return base::fail(Trouble::usage, "pin-source in the pkcs11 URI names a command; name a file");
    if (value.starts_with("file://")) value.erase(0, value.find('/', 7) == std::string::npos ? 7 : value.find('/', 7));
    else if (value.starts_with("file:")) value.erase(0, 5);
    out.pin_source = std::move(value);
  }
  return {};   // others may be passed over (section 2.4)
}

}  // namespace

base::Result<TokenUri> TokenUri::parse(std::string_view uri) {
  constexpr std::string_view scheme = "pkcs11:";
  if (!uri.starts_with(scheme) || uri.size() > most_uri_bytes) return base::fail(Trouble::usage, "this is no pkcs11 URI; write pkcs11:token=NAME;object=KEY?module-path=/path/module.so");
  uri.remove_prefix(scheme.size());
  TokenUri out;
  std::set<std::string, std::less<>> seen;
  const auto question = std::min(uri.find('?'), uri.size());
  const auto each = [&](std::string_view part, char between, auto&& into) -> base::Result<> {
    while (!part.empty()) {
      const auto end = std::min(part.find(between), part.size());
      const auto pair = part.substr(0, end);
      part.remove_prefix(std::min(end + 1, part.size()));
      const auto equals = pair.find('=');
      const auto name = pair.substr(0, std::min(equals, pair.size()));
      auto value = equals == std::string_view::npos ? std::nullopt : percent_decoded(pair.substr(equals + 1));
      if (!value) return base::fail(Trouble::usage, "'{}' in the pkcs11 URI has no value that can be read", base::printable(name.substr(0, 40)));
      if (name != "id" && value->find('\0') != std::string::npos) return base::fail(Trouble::usage, "'{}' in the pkcs11 URI holds a zero byte", base::printable(name.substr(0, 40)));
      if (!seen.emplace(name).second) return base::fail(Trouble::usage, "'{}' stands twice in the pkcs11 URI", base::printable(name));
      CHECK_OK(into(out, name, std::move(*value)));
    }
    return {};
  };
  CHECK_OK(each(uri.substr(0, question), ';', take));
  if (question < uri.size()) CHECK_OK(each(uri.substr(question + 1), '&', take_query));
  if (out.pin_value && !out.pin_source.empty()) return base::fail(Trouble::usage, "the pkcs11 URI has both pin-value and pin-source");
  if (out.module_name.find('/') != std::string::npos) return base::fail(Trouble::usage, "module-name in the pkcs11 URI is a path; write module-path");
  return out;
}

std::string TokenUri::module() const {
  if (!module_path.empty()) return module_path;
  if (!module_name.empty()) return "lib" + module_name + ".so";
  if (const char* given = std::getenv("ASSAY_PKCS11_MODULE")) return given;
  return "p11-kit-proxy.so";
}

std::string TokenUri::shown() const {
  std::string out = "the token";
  if (token) out += " '" + base::printable(*token) + "'";
  else if (serial) out += " with serial number " + base::printable(*serial);
  else if (slot) out += fmt::format(" in slot {}", *slot);
  return out;
}

}  // namespace sign
