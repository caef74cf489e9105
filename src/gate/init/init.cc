// `assay-gate init MARKET`: a working configuration, with comments, to begin from.
#include <filesystem>
#include <fstream>

#include "gate/init/templates.h"
#include "gate/market.h"

namespace gate {
namespace {

struct InitOptions {
  std::string market, output;
  init::Filling filling;
};

base::Result<int> command_init(const InitOptions& options) {
  if (options.filling.log_address.empty() != options.filling.log_key.empty()) return base::fail(base::Trouble::usage, "--log-key and --log belong together");
  if (!options.filling.log_key.empty())
    if (const auto key = tlog::NoteKey::parse(options.filling.log_key); !key) return base::fail(base::Trouble::usage, "--log-key: {}", key.error().what);
  const auto files = init::files_for(options.market, options.filling);
  if (options.output.empty()) {
    for (const auto& file : files) fmt::print("# ---- {}\n{}\n", file.path, file.text);
    return 0;
  }
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directories(options.output, error);
  std::vector<fs::path> paths;
  for (const auto& file : files) {
    paths.push_back(fs::path(options.output) / fs::path(file.path).filename());
    if (file.path.ends_with("/assay.conf")) paths.back() = fs::path(options.output) / (fs::path(file.path).parent_path().string().find("squid") == std::string::npos ? (file.path.find("c-icap") == std::string::npos ? "registries.conf" : "c-icap.conf") : "squid.conf");
    if (fs::exists(paths.back(), error)) return base::fail(base::Trouble::usage, "{} is there already; nothing was written", base::printable(paths.back().string()));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::ofstream out(paths[i]);
    out << files[i].text;
    if (!out.flush()) return base::fail(base::Trouble::usage, "{} can't be written", base::printable(paths[i].string()));
    fmt::print("{}  belongs to {}\n", base::printable(paths[i].string()), files[i].path);
  }
  return 0;
}

}  // namespace

void add_init(Door& door) {
  const auto o = std::make_shared<InitOptions>();
  auto* command = door.cli.add_subcommand("init", "Write a working configuration for a market: policy, service, and the market's client");
  std::vector<std::string> names;
  for (const auto name : init::markets()) names.emplace_back(name);
  command->add_option("MARKET", o->market, fmt::format("Which market: {}", fmt::join(names, ", ")))->required()->check(CLI::IsMember(names))->type_name("");
  command->add_option("-o,--output", o->output, "Folder for the files; printed when left out")->type_name("DIR");
  command->add_option("--office-key", o->filling.key, "The office's public key, as the policy shall name it")->type_name("FILE")->capture_default_str();
  command->add_option("--log-key", o->filling.log_key, "A log's key, as `assay log init` prints it")->type_name("KEY");
  command->add_option("--log", o->filling.log_address, "Where that log is read: http://, https://, file://")->type_name("URL");
  command->callback([o, door] { door.result = command_init(*o); });
}

}  // namespace gate
