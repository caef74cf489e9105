#include "gate/proxy/origins.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"

namespace gate {
namespace {

using base::Trouble;
constexpr std::size_t most_address = 4096;
constexpr std::string_view from = "/-/from/";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view without(std::string_view text, char mark) { return text.substr(0, text.find(mark)); }

bool has_scheme(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos || colon == 0) return false;
  for (std::size_t i = 0; i < colon; ++i) {
    const char c = text[i] | 0x20;
    const bool letter = c >= 'a' && c <= 'z';
    if (!letter && (i == 0 || !((text[i] >= '0' && text[i] <= '9') || text[i] == '+' || text[i] == '-' || text[i] == '.'))) return false;
  }
  return true;
}

// The address with its host and scheme in lower case, as origins are compared.
base::Result<http::Url> parsed(std::string_view address) {
  auto url = TRY(http::Url::parse(address));
  if (url.scheme != "http" && url.scheme != "https") return base::fail(Trouble::malformed, "only http and https are asked");
  url.host = lower(url.host);
  return url;
}

}  // namespace

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::optional<std::string> clean_path(std::string_view path) {
  if (!path.starts_with('/') || path.size() > most_address) return std::nullopt;
  for (const unsigned char c : path)
    if (c <= ' ' || c >= 0x7F || c == '\\' || c == '"' || c == '<' || c == '>') return std::nullopt;
  const auto query_at = std::min(path.find('?'), path.size());
  const auto query = path.substr(query_at);
  path = path.substr(0, query_at);
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    const auto plain = unescaped(segment);
    // A server that decodes before it splits would climb: %2e%2e and %2f../ as well.
    if (!plain || plain->find('\0') != plain->npos) return std::nullopt;
    if (*plain == ".." || plain->find("../") != plain->npos || plain->find("/..") != plain->npos || plain->find('\\') != plain->npos) {
      if (segment != ".." || segments.empty()) return std::nullopt;
      segments.pop_back();
      if (end == path.size()) segments.emplace_back();
    } else if (*plain == ".") {
      if (end == path.size()) segments.emplace_back();
    } else {
      segments.push_back(segment);
    }
    path = path.substr(end);
  }
  std::string out;
  for (const auto s : segments) out.append("/").append(s);
  if (out.empty()) out = "/";
  return out.append(query);
}

base::Result<std::string> resolve(std::string_view base, std::string_view reference) {
  if (reference.size() > most_address) return base::fail(Trouble::malformed, "an address is longer than {} bytes", most_address);
  for (const unsigned char c : reference)
    if (c <= ' ' || c >= 0x7F) return base::fail(Trouble::malformed, "an address holds bytes that addresses don't have");
  reference = without(reference, '#');
  const auto whole = TRY(parsed(base));
  std::string path;
  auto target = whole;
  if (has_scheme(reference)) {
    target = TRY(parsed(reference));
    path = target.path;
  } else if (reference.starts_with("//")) {
    target = TRY(parsed(whole.scheme + ":" + std::string(reference)));
    path = target.path;
  } else if (reference.starts_with('/')) {
    path = reference;
  } else {
    const auto stem = without(whole.path, '?');
    if (reference.empty()) path = whole.path;
    else if (reference.starts_with('?')) path = std::string(stem).append(reference);
    else path = std::string(stem.substr(0, stem.rfind('/') + 1)).append(reference);
  }
  const auto cleaned = clean_path(path);
  if (!cleaned) return base::fail(Trouble::malformed, "an address has a path that leaves its root");
  return target.origin() + *cleaned;
}

base::Result<Origins> Origins::make(const std::string& upstream, const std::vector<std::string>& also) {
  Origins out;
  auto add = [&](const std::string& address) -> base::Result<http::Url> {
    const auto url = parsed(address);
    if (!url) return base::fail(Trouble::usage, "{} is no upstream: write http://host/path or https://host/path", base::printable(address));
    if (std::find(out.origins_.begin(), out.origins_.end(), url->origin()) == out.origins_.end()) out.origins_.push_back(url->origin());
    return *url;
  };
  const auto url = TRY(add(upstream));
  auto path = clean_path(url.path);
  if (!path || path->find('?') != path->npos) return base::fail(Trouble::usage, "{} is no upstream: its path is none", base::printable(upstream));
  while (path->ends_with('/')) path->pop_back();
  out.base_ = url.origin() + *path;
  for (const auto& address : also) (void)TRY(add(address));
  return out;
}

bool Origins::knows(std::string_view address) const {
  const auto url = parsed(address);
  return url && std::find(origins_.begin(), origins_.end(), url->origin()) != origins_.end();
}

bool Origins::is_upstream(std::string_view address) const {
  const auto url = parsed(address);
  return url && url->origin() == origins_.front();
}

std::optional<std::string> Origins::path_of(std::string_view address) const {
  const auto url = parsed(address);
  if (!url) return std::nullopt;
  const auto path = clean_path(url->path);
  if (!path) return std::nullopt;
  const auto plain = url->origin() + *path;
  if (plain.starts_with(base_ + "/")) {
    const auto rest = plain.substr(base_.size());
    if (!rest.starts_with("/-/from/") && !rest.starts_with("/-/assay/")) return rest;
  }
  for (std::size_t i = 0; i < origins_.size(); ++i)
    if (origins_[i] == url->origin()) return fmt::format("{}{}{}", from, i, *path);
  return std::nullopt;
}

std::optional<std::string> Origins::address_of(std::string_view path) const {
  const auto cleaned = clean_path(path);
  if (!cleaned) return std::nullopt;
  path = *cleaned;
  if (!path.starts_with(from)) return base_ + *cleaned;
  path.remove_prefix(from.size());
  std::size_t n = 0, digits = 0;
  while (digits < path.size() && digits < 4 && path[digits] >= '0' && path[digits] <= '9') n = n * 10 + static_cast<std::size_t>(path[digits++] - '0');
  path.remove_prefix(digits);
  if (digits == 0 || n >= origins_.size() || !path.starts_with('/')) return std::nullopt;
  return origins_[n] + std::string(path);
}

}  // namespace gate
