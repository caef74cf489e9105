#include "app/log_names.h"

#include <filesystem>

#include "app/file_text.h"

namespace app {

std::string log_address(const std::string& folder_or_url) {
  if (folder_or_url.find("://") != std::string::npos) return folder_or_url;
  std::error_code ignored;
  auto path = std::filesystem::absolute(folder_or_url, ignored).string();
  std::string out = "file://";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7F || c == '%' || c == '?' || c == '#') out += fmt::format("%{:02X}", byte);
    else out += c;
  }
  return out;
}

base::Result<tlog::NoteKey> note_key(const std::string& text_or_file) {
  auto key = tlog::NoteKey::parse(text_or_file);
  std::error_code ignored;
  if (key || !std::filesystem::is_regular_file(text_or_file, ignored)) return key;
  auto text = TRY(file_text(text_or_file, "the verifier key", 16384));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return tlog::NoteKey::parse(text);
}

base::Result<std::vector<sign::PublicKey>> public_keys(const std::vector<std::string>& files) {
  std::vector<sign::PublicKey> out;
  for (const auto& file : files) out.push_back(TRY(sign::PublicKey::load(file)));
  return out;
}

}  // namespace app
