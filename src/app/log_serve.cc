// A log over HTTP: its files, read-only, with the headers that tlog-tiles asks for; and the write
// endpoint of Rekor v2. What the published checkpoint does not cover is not there.
#include "app/command_log.h"
#include "app/exit_codes.h"
#include "app/listening.h"
#include "app/log_access.h"
#include "hallmark/fields.h"
#include "tlog/statement.h"
#include "tlog/tiles.h"

namespace app {
namespace {

using base::Trouble;

constexpr std::size_t most_request_bytes = 24u << 20;
constexpr unsigned threads = 64;   // writers wait for their batch

void refuse(httplib::Response& response, int status, std::string_view sentence) {
  response.status = status;
  response.set_content(hallmark::print_json({{"code", status}, {"message", base::printable(sentence)}}) + "\n", "application/json");
}

/// What a file of the log is served as; nothing for paths that are no file of it, or not yet.
struct Served {
  std::string type;
  bool mutable_file = false;
};
std::optional<Served> served_as(const std::string& path, std::uint64_t size) {
  if (path == "checkpoint") return Served{"text/plain; charset=utf-8", true};
  if (const auto tile = tlog::TileName::parse(path)) {
    const auto least = tile->least_size();
    if (!least || *least > size) return std::nullopt;
    return Served{"application/octet-stream"};
  }
  constexpr std::string_view folder = "statement/";
  if (path.starts_with(folder) && base::Digest::from_hex(path.substr(folder.size())) && path == base::printable(path)) return Served{"application/vnd.dsse.envelope.v1+json"};
  return std::nullopt;
}

void serve_file(const tlog::Writer& writer, const tlog::GetFile& files, const std::string& path, httplib::Response& response) {
  const auto checkpoint = writer.checkpoint();
  const auto as = served_as(path, checkpoint.checkpoint.size);
  const auto text = !as ? base::Result<std::string>("") : path == "checkpoint" ? base::Result<std::string>(checkpoint.note) : files(path);
  if (!as || !text) {
    response.status = 404;
    response.set_header("Cache-Control", "no-store");
    response.set_content("not found\n", "text/plain; charset=utf-8");
    return;
  }
  response.set_header("Cache-Control", as->mutable_file ? "no-cache" : "public, max-age=31536000, immutable");
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Access-Control-Allow-Origin", "*");
  response.set_content(*text, as->type);
}

void take_entry(tlog::Writer& writer, std::span<const sign::PublicKey> accepted, const std::string& body, httplib::Response& response) {
  const auto submission = hallmark::Submission::from_json(body);
  if (!submission) return refuse(response, 400, submission.error().what);
  // The verifiers say under which key the entry stands; only accepted ones count.
  std::vector<sign::PublicKey> keys;
  for (const auto& key : accepted)
    if (submission->verifiers.empty() || std::find(submission->verifiers.begin(), submission->verifiers.end(), key) != submission->verifiers.end()) keys.push_back(key);
  if (keys.empty()) return refuse(response, 403, "this log does not take statements by that key");
  auto entry = hallmark::new_entry(submission->envelope, keys);
  if (!entry) return refuse(response, entry.error().trouble == Trouble::usage ? 403 : 400, entry.error().what);
  const auto added = writer.append(*entry);
  if (!added) return refuse(response, 503, added.error().what);
  const auto proven = hallmark::logged_entry(*entry, *added, writer.key().full_id);
  if (!proven) return refuse(response, 500, proven.error().what);
  response.status = added->was_there ? 200 : 201;
  response.set_content(hallmark::answer_json(*proven), "application/json");
}

}  // namespace

base::Result<int> command_log_serve(const LogServeOptions& o) {
  const auto accepted = TRY(public_keys(o.write.accept));
  const auto writer = TRY(writer_of(o.write));
  const auto files = tlog::files_at(log_address(o.write.folder));
  httplib::Server server;
  bound(server, most_request_bytes, threads);
  server.Get("/healthz", [](const httplib::Request&, httplib::Response& r) { r.set_content("ok\n", "text/plain"); });
  server.Get(R"((?:/api/v2)?/(checkpoint|tile/[0-9a-z/.]{1,80}|statement/[0-9a-f]{64}))", [&](const httplib::Request& request, httplib::Response& response) { serve_file(*writer, files, request.matches[1], response); });
  server.Post("/api/v2/log/entries", [&](const httplib::Request& request, httplib::Response& response) { take_entry(*writer, accepted, request.body, response); });
  CHECK_OK(listen_until_interrupted(server, o.listen, fmt::format("log {} is served at", writer->key().name)));
  return exit_pass;
}

}  // namespace app
