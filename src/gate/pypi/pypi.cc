// The PyPI market: a simple index that hands on only what may enter. The index names SHA-256 digests, so
// refused files are known before they are fetched; each file's own bytes are hashed all the same.
#include <fmt/format.h>

#include "base/bytes.h"
#include "gate/market.h"
#include "gate/proxy/hand_on.h"
#include "gate/proxy/keeper.h"
#include "gate/proxy/listener.h"
#include "gate/pypi/simple_index.h"

namespace gate {
namespace {

constexpr std::string_view root = "/simple";
constexpr std::string_view json_type = "application/vnd.pypi.simple.v1+json", html_type = "application/vnd.pypi.simple.v1+html";

struct Options {
  UpstreamOptions upstream;
  ListenOptions listen;
  int wait = 0;
};

class PythonIndex {
 public:
  PythonIndex(const Options& options, Upstream upstream, Front& front) : options_(options), upstream_(std::move(upstream)), keeper_(upstream_.keep()), front_(front) {}

  void respond(const httplib::Request& request, httplib::Response& answer) {
    if (request.method != "GET" && request.method != "HEAD") return error(answer, 405, "Assay's gate only hands out packages");
    const auto cleaned = clean_path(request.target);
    if (!cleaned) return error(answer, 404, "there is no such page");
    const std::string_view path = std::string_view(*cleaned).substr(0, cleaned->find('?'));
    if (path.starts_with("/-/from/")) return file(*cleaned, request, answer);
    if (path == root) return moved(std::string(root) + "/", answer);
    if (!path.starts_with(std::string(root) + "/")) return error(answer, 404, "the index of this gate is at /simple/");
    auto rest = path.substr(root.size());
    if (rest == "/") return listing(request, answer);
    const bool slash = rest.ends_with('/');
    const auto project = std::string(rest.substr(1, rest.size() - 1 - (slash ? 1 : 0)));
    if (project.find('/') != project.npos) return file(cleaned->substr(root.size()), request, answer);
    if (!is_project_name(project)) return error(answer, 404, "there is no such project");
    if (!slash) return moved(std::string(path) + "/", answer);
    index(project, request, answer);
  }

 private:
  static void error(httplib::Response& answer, int status, const std::string& text) {
    answer.status = status;
    set_reason(answer, text);
    answer.set_content(text + "\n", "text/plain; charset=utf-8");
  }
  static void moved(const std::string& to, httplib::Response& answer) {
    answer.status = 301;
    answer.set_header("Location", to);
  }
  static bool takes_json(const httplib::Request& request) { return request.get_header_value("Accept").find(json_type) != std::string::npos; }
  static std::string accepted() { return fmt::format("{}, {};q=0.2, text/html;q=0.01", json_type, html_type); }

  // Names of projects only; no software, and pip does not ask for it.
  void listing(const httplib::Request& request, httplib::Response& answer) {
    const auto type = takes_json(request) ? std::string(json_type) : std::string("text/html");
    auto fetched = upstream_.get(upstream_.origins().upstream() + "/", {{"Accept", type}}, request.get_header_value("Authorization"), most_index_bytes);
    if (!fetched) return say_upstream_failed(answer, fetched.error());
    if (fetched->status != 200) return pass_status(answer, *fetched);
    const auto got = std::string(fetched->header("content-type"));
    hand_on(answer, std::move(*fetched), got.starts_with(json_type) ? std::string(json_type) : std::string("text/html"));
  }

  void index(const std::string& project, const httplib::Request& request, httplib::Response& answer) {
    const auto fetched = upstream_.get(upstream_.origins().upstream() + "/" + project + "/", {{"Accept", accepted()}}, request.get_header_value("Authorization"), most_index_bytes);
    if (!fetched) return say_upstream_failed(answer, fetched.error());
    if (fetched->status != 200) return pass_status(answer, *fetched);
    const auto text = fetched->body.text(most_index_bytes);
    if (!text) return say_upstream_failed(answer, text.error());
    auto read = fetched->header("content-type").starts_with(json_type) ? read_index_json(*text, project, fetched->address) : read_index_html(*text, project, fetched->address);
    if (!read) return say_upstream_failed(answer, read.error());
    filter_index(*read, [this](const IndexFile& file) { return refusal(file); }, [this](const std::string& address) -> std::optional<std::string> {
      auto path = upstream_.origins().path_of(address);
      if (path && !path->starts_with("/-/from/")) path = std::string(root) + *path;
      return path;
    });
    answer.status = 200;
    answer.set_header("Cache-Control", "no-cache");   // a revocation must not wait for a cache
    answer.set_header("Vary", "Accept");
    if (takes_json(request)) answer.set_content(write_index_json(*read), std::string(json_type));
    else answer.set_content(write_index_html(*read), "text/html; charset=utf-8");
  }

  std::optional<std::string> refusal(const IndexFile& file) {
    const auto digest = base::Digest::from_hex(file.sha256);
    if (!digest) return std::nullopt;   // the door at the file decides
    const auto decision = front_.ask(*digest, "pypi-metadata");
    return decision.answer == Answer::allow ? std::nullopt : std::optional(refusal_of(decision));
  }

  void file(const std::string& path, const httplib::Request& request, httplib::Response& answer) {
    const auto address = upstream_.origins().address_of(path);
    if (!address) return error(answer, 404, "Assay's gate does not pass this on");
    const auto fetched = keeper_.get(upstream_, *address, request.get_header_value("Authorization"));
    if (!fetched) return say_upstream_failed(answer, fetched.error());
    if ((*fetched)->status != 200) return pass_status(answer, **fetched);
    const auto decision = decide(front_, (*fetched)->body, "pypi", options_.wait);
    if (decision.answer != Answer::allow) return refuse(answer, decision);
    hand_on(answer, *fetched, "application/octet-stream");
  }

  const Options& options_;
  Upstream upstream_;
  Keeper keeper_;
  Front& front_;
};

base::Result<int> run(const Options& options, Door& door) {
  auto upstream = TRY(Upstream::make(options.upstream));
  const auto front = TRY(door.open_following());
  PythonIndex index(options, std::move(upstream), *front);
  return serve(options.listen, [&](const httplib::Request& request, const std::string&, httplib::Response& answer) { index.respond(request, answer); });
}

}  // namespace

void add_pypi(Door& door) {
  auto options = std::make_shared<Options>();
  auto* command = door.cli.add_subcommand("pypi", "Stand before a Python package index and hand on only what may enter");
  add_upstream_options(*command, options->upstream, "https://pypi.org/simple --also https://files.pythonhosted.org");
  add_listen_options(*command, options->listen);
  command->add_option("--wait", options->wait, "Give an unknown file to vetting and wait so long")->type_name("SECONDS");
  command->callback([&door, options] { door.result = run(*options, door); });
}

}  // namespace gate
