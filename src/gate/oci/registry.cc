#include "gate/oci/registry.h"

#include <algorithm>

#include "base/base64.h"
#include "base/bytes.h"
#include "gate/oci/manifest.h"
#include "gate/proxy/bounded_json.h"
#include "gate/proxy/origins.h"
#include "gate/shelf.h"

namespace gate {
namespace {

using base::Trouble;

std::string header_of(const http::Response& answer, const std::string& name) {
  const auto at = answer.headers.find(name);
  return at == answer.headers.end() ? std::string{} : at->second;
}

// key="value" of a WWW-Authenticate header (RFC 9110, section 11.6.1).
std::string parameter(const std::string& challenge, const std::string& key) {
  const auto at = challenge.find(key + "=\"");
  if (at == challenge.npos) return {};
  const auto from = at + key.size() + 2;
  const auto to = challenge.find('"', from);
  return to == challenge.npos ? std::string{} : challenge.substr(from, to - from);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') out += static_cast<char>(c);
    else out += fmt::format("%{:02X}", c);
  }
  return out;
}

}  // namespace

base::Result<Registry> Registry::open(const std::string& host, const std::string& repository, const AttachOptions& options) {
  Registry out;
  out.base_ = (options.plain_http ? "http://" : "https://") + host;
  out.repository_ = repository;
  out.ca_file_ = options.ca_file;
  if (options.username.empty()) return out;
  if (options.password_file.empty()) return base::fail(Trouble::usage, "give the password of {} in a file (--password-file)", base::printable(options.username));
  auto password = TRY(read_file(options.password_file, 4096));
  while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
  out.basic_ = "Basic " + base::to_base64(options.username + ":" + password);
  return out;
}

base::Result<std::string> Registry::token_for(const std::string& challenge) {
  if (challenge.starts_with("Basic")) {
    if (basic_.empty()) return base::fail(Trouble::usage, "the registry asks who you are: give --username and --password-file");
    return basic_;
  }
  const auto realm = parameter(challenge, "realm");
  if (!challenge.starts_with("Bearer") || realm.empty()) return base::fail(Trouble::unsupported, "the registry asks for a kind of login that is not known");
  // Credentials go over TLS, or to where the registry itself was asked without.
  if (!realm.starts_with("https://") && base_.starts_with("https://")) return base::fail(Trouble::usage, "the registry wants credentials sent without TLS");
  http::Request request;
  request.url = realm + (realm.find('?') == realm.npos ? "?" : "&") + "service=" + escaped(parameter(challenge, "service")) + "&scope=" + escaped("repository:" + repository_ + ":pull,push");
  request.ca_file = ca_file_;
  if (!basic_.empty()) request.headers.emplace_back("Authorization", basic_);
  const auto answer = TRY(http::fetch(request));
  const auto value = TRY(read_json(answer.body, 1u << 20));
  auto token = text_in(value, "token");
  if (token.empty()) token = text_in(value, "access_token");
  if (answer.status != 200 || token.empty()) return base::fail(Trouble::io, "the registry's token service answered {}", answer.status);
  return "Bearer " + token;
}

base::Result<http::Response> Registry::ask(http::Request request) {
  request.ca_file = ca_file_;
  const auto plain = request.headers;
  if (!bearer_.empty()) request.headers.emplace_back("Authorization", bearer_);
  auto answer = TRY(http::fetch(request));
  if (answer.status != 401) return answer;
  bearer_ = TRY(token_for(header_of(answer, "www-authenticate")));
  request.headers = plain;
  request.headers.emplace_back("Authorization", bearer_);
  return http::fetch(request);
}

base::Result<std::optional<Registry::Manifest>> Registry::manifest(const std::string& reference) {
  http::Request request;
  request.url = base_ + "/v2/" + repository_ + "/manifests/" + reference;
  request.headers.emplace_back("Accept", manifest_types);
  request.most_bytes = most_manifest;
  auto answer = TRY(ask(std::move(request)));
  if (answer.status == 404) return std::nullopt;
  if (answer.status != 200) return base::fail(Trouble::io, "the registry answered {} when asked for {}", answer.status, base::printable(reference));
  return Manifest{std::move(answer.body), header_of(answer, "content-type")};
}

base::Result<> Registry::push_blob(std::string_view bytes) {
  const auto digest = "sha256:" + base::sha256(bytes).hex();
  http::Request start;
  start.method = "POST";
  start.url = base_ + "/v2/" + repository_ + "/blobs/uploads/";
  const auto begun = TRY(ask(start));
  const auto location = header_of(begun, "location");
  if (begun.status != 202 || location.empty()) return base::fail(Trouble::io, "the registry takes no blobs (it answered {})", begun.status);
  // The upload's own address may carry a query; it must be the registry's, for it is given the credentials.
  const auto at = TRY(resolve(start.url, location));
  if (TRY(http::Url::parse(at)).origin() != TRY(http::Url::parse(base_)).origin()) return base::fail(Trouble::unsupported, "the registry sends uploads to another host");
  http::Request put;
  put.method = "PUT";
  put.url = at + (at.find('?') == at.npos ? "?" : "&") + "digest=" + escaped(digest);
  put.body = bytes;
  put.content_type = "application/octet-stream";
  const auto done = TRY(ask(put));
  if (done.status != 201) return base::fail(Trouble::io, "the registry did not keep a blob (it answered {})", done.status);
  return {};
}

base::Result<bool> Registry::push_manifest(const std::string& reference, const std::string& bytes, const std::string& type) {
  http::Request put;
  put.method = "PUT";
  put.url = base_ + "/v2/" + repository_ + "/manifests/" + reference;
  put.body = bytes;
  put.content_type = type;
  const auto done = TRY(ask(put));
  if (done.status != 201) return base::fail(Trouble::io, "the registry did not keep a manifest (it answered {})", done.status);
  return !header_of(done, "oci-subject").empty();
}

}  // namespace gate
