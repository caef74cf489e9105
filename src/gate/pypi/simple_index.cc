#include "gate/pypi/simple_index.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/html.h"
#include "gate/proxy/bounded_json.h"
#include "gate/proxy/origins.h"
#include "gate/pypi/html_links.h"

namespace gate {
namespace {

using base::Trouble;
using nlohmann::json;

std::string name_in(const std::string& address) {
  const auto path = std::string_view(address).substr(0, address.find('?'));
  const auto name = unescaped(path.substr(path.rfind('/') + 1));
  if (!name || name->empty() || name->size() > 500) return {};
  for (const unsigned char c : *name)
    if (c <= ' ' || c == 0x7F || c == '/' || c == '"' || c == '<' || c == '>' || c == '&') return {};
  return *name;
}

// "sha256=<hex>" of a fragment; other digests don't name a product.
std::string sha256_in(std::string_view fragment) {
  const auto at = fragment.find("sha256=");
  if (at == fragment.npos) return {};
  const auto digest = base::Digest::from_hex(fragment.substr(at + 7, 64));
  return digest ? digest->hex() : std::string{};
}

base::Result<> add(SimpleIndex& index, IndexFile file, const std::string& base, std::string_view reference) {
  if (index.files.size() >= most_index_files) return base::fail(Trouble::limit, "the index names more than {} files", most_index_files);
  const auto address = resolve(base, reference);
  if (!address) return {};
  file.address = *address;
  file.name = name_in(*address);
  if (!file.name.empty()) index.files.push_back(std::move(file));
  return {};
}

}  // namespace

bool is_project_name(std::string_view text) {
  return !text.empty() && text.size() <= 200 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == text.npos && text.front() != '.' && text.front() != '-';
}

base::Result<SimpleIndex> read_index_html(std::string_view text, const std::string& project, const std::string& address) {
  if (text.size() > most_index_bytes) return base::fail(Trouble::limit, "the index is larger than {} bytes", most_index_bytes);
  const auto page = read_links(text, most_index_files + 1);
  const auto base = page.base.empty() ? address : TRY(resolve(address, page.base));
  SimpleIndex out{project, {}};
  for (const auto& link : page.links) {
    const auto& a = link.attributes;
    const auto href = a.find("href");
    if (href == a.end()) continue;
    IndexFile file;
    const auto hash = href->second.find('#');
    if (hash != std::string::npos) file.sha256 = sha256_in(std::string_view(href->second).substr(hash + 1));
    if (const auto at = a.find("data-requires-python"); at != a.end()) file.requires_python = at->second;
    if (const auto at = a.find("data-yanked"); at != a.end()) file.yanked = at->second;
    CHECK_OK(add(out, std::move(file), base, href->second));
  }
  return out;
}

base::Result<SimpleIndex> read_index_json(std::string_view text, const std::string& project, const std::string& address) {
  const auto page = TRY(read_json(text, most_index_bytes));
  const auto& files = part_in(page, "files");
  if (!files.is_array() || !text_in(part_in(page, "meta"), "api-version").starts_with("1.")) return base::fail(Trouble::malformed, "it is no index of API version 1 (PEP 691)");
  SimpleIndex out{project, {}};
  for (const auto& one : files) {
    IndexFile file;
    if (const auto digest = base::Digest::from_hex(text_in(part_in(one, "hashes"), "sha256"))) file.sha256 = digest->hex();
    file.requires_python = text_in(one, "requires-python");
    const auto& yanked = part_in(one, "yanked");
    if (yanked.is_string()) file.yanked = yanked.get<std::string>();
    else if (yanked.is_boolean() && yanked.get<bool>()) file.yanked = "";
    CHECK_OK(add(out, std::move(file), address, text_in(one, "url")));
  }
  return out;
}

std::string write_index_html(const SimpleIndex& index) {
  const auto name = base::escaped_html(index.project);
  std::string out = fmt::format("<!DOCTYPE html>\n<html>\n<head><meta name=\"pypi:repository-version\" content=\"1.0\"><title>Links for {}</title></head>\n<body>\n<h1>Links for {}</h1>\n", name, name);
  for (const auto& file : index.files) {
    out += fmt::format("<a href=\"{}{}{}\"", base::escaped_html(file.address), file.sha256.empty() ? "" : "#sha256=", file.sha256);
    if (!file.requires_python.empty()) out += fmt::format(" data-requires-python=\"{}\"", base::escaped_html(file.requires_python));
    if (file.yanked) out += fmt::format(" data-yanked=\"{}\"", base::escaped_html(*file.yanked));
    out += fmt::format(">{}</a><br>\n", base::escaped_html(file.name));
  }
  return out + "</body>\n</html>\n";
}

std::string write_index_json(const SimpleIndex& index) {
  json files = json::array();
  for (const auto& file : index.files) {
    json one = {{"filename", file.name}, {"url", file.address}, {"hashes", json::object()}};
    if (!file.sha256.empty()) one["hashes"]["sha256"] = file.sha256;
    if (!file.requires_python.empty()) one["requires-python"] = file.requires_python;
    if (file.yanked) one["yanked"] = file.yanked->empty() ? json(true) : json(*file.yanked);
    files.push_back(std::move(one));
  }
  return write_json({{"meta", {{"api-version", "1.0"}}}, {"name", index.project}, {"files", std::move(files)}});
}

void filter_index(SimpleIndex& index, const RefusalOf& refusal_of, const std::function<std::optional<std::string>(const std::string&)>& path) {
  std::vector<IndexFile> kept;
  std::vector<std::pair<std::size_t, std::string>> refused;
  std::size_t open = 0;
  for (auto& file : index.files) {
    const auto here = path(file.address);
    if (!here) continue;
    const auto why = refusal_of(file);
    file.address = *here;
    if (why) refused.emplace_back(kept.size(), *why);
    else if (!file.yanked) ++open;
    kept.push_back(std::move(file));
  }
  if (open > 0)
    for (auto& [at, why] : refused) kept[at].yanked = base::printable(why);
  index.files = std::move(kept);
}

}  // namespace gate
