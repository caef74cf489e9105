#include "app/each.h"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "app/exit_codes.h"
#include "app/outputs.h"
#include "app/progress_bar.h"
#include "app/waivers.h"
#include "render/text/text.h"
#include "report/json.h"

namespace app {
namespace {

namespace fs = std::filesystem;

base::Result<std::vector<std::string>> read_list(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file);
    if (!opened) return base::fail(base::Trouble::usage, "the list {} can't be read", base::printable(file));
  }
  std::istream& in = file == "-" ? std::cin : opened;
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty() && line[0] != '#') out.push_back(line);
  }
  if (out.empty()) return base::fail(base::Trouble::usage, "the list {} names no product", base::printable(file));
  return out;
}

// A file name that any file system takes, the same for the same product path.
std::string report_file(const std::string& folder, const std::string& path) {
  std::string name;
  for (const char c : fs::path(path).filename().string()) name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' || c == '+' ? c : '_';
  return folder + "/" + name.substr(0, 150) + "." + base::sha256(path).brief() + ".json";
}

std::optional<base::Digest> digest_of_file(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  base::Sha256 sha;
  std::vector<char> chunk(1 << 20);
  while (in) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    sha.add(std::string_view(chunk.data(), static_cast<std::size_t>(in.gcount())));
  }
  return in.bad() ? std::nullopt : std::optional(sha.finish());
}

// The report of an earlier run, if it would come out the same now.
std::optional<report::Report> earlier(const std::string& file, const std::string& path, const Office& office, const Request& request, const std::vector<std::string>& waivers) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  const std::string text(std::istreambuf_iterator<char>(in), {});
  auto read = report::from_json(text);
  const auto digest = digest_of_file(path);
  if (!read || !digest || read->product.digest != digest->hex()) return std::nullopt;
  const auto rules = rules_digest(office).hex();
  if (read->used.engine != office.engine.digest.hex() || read->used.rules != rules || read->used.policy != judge::digest_of(*office.policy).hex() || read->used.at != request.at || read->used.waivers != waivers)
    return std::nullopt;
  return std::move(*read);
}

// fail is worse than inconclusive, which is worse than conditional.
int worse(int a, int b) {
  const auto rank = [](int code) { return code == exit_trouble ? 4 : code == exit_fail ? 3 : code == exit_inconclusive ? 2 : code == exit_conditional ? 1 : 0; };
  return rank(b) > rank(a) ? b : a;
}

}  // namespace

base::Result<int> vet_each(const Office& office, const VetOptions& options, Request request, const std::atomic<bool>& stop) {
  const auto list = TRY(read_list(options.each));
  std::error_code error;
  fs::create_directories(options.reports, error);
  if (error) return base::fail(base::Trouble::io, "the folder {} can't be made: {}", base::printable(options.reports), error.message());
  std::vector<std::string> waivers;
  for (const auto& waiver : TRY(load_waivers(request.waiver_files, request.waiver_keys, *office.policy))) waivers.push_back(waiver.digest);
  std::vector<render::SummaryRow> rows;
  int code = exit_pass;
  std::size_t number = 0, kept = 0;
  for (const auto& path : list) {
    ++number;
    const auto file = report_file(options.reports, path);
    auto report = earlier(file, path, office, request, waivers);
    if (report) {
      ++kept;
    } else {
      request.paths = {path};
      vet::Progress progress;
      base::Result<std::unique_ptr<Vetting>> vetting;
      {
        const ProgressBar bar(progress, fmt::format("{} of {}: {}", number, list.size(), path), !options.quiet);
        vetting = vet_product(office, request, progress, stop);
      }
      if (stop) {
        fmt::print(stderr, "assay: stopped after {} of {} products; the same command goes on from here\n", number - 1, list.size());
        return exit_stopped;
      }
      if (!vetting) {
        fmt::print(stderr, "assay: {}\n", vetting.error().to_string());
        rows.push_back({path, report::Verdict::inconclusive, vetting.error().to_string()});
        code = worse(code, exit_trouble);
        continue;
      }
      report = std::move((*vetting)->report);
      CHECK_OK(write_output(file, report::to_json(*report)));
    }
    code = worse(code, exit_of(report->verdict));
    rows.push_back({path, report->verdict, report->reasons.empty() ? "" : report->reasons[0].text});
  }
  render::Options look;
  look.colour = wants_colour(options.colour);
  CHECK_OK(write_output("-", render::summary_table(rows, look)));
  fmt::print(stderr, "assay: {} reports in {}{}\n", rows.size(), base::printable(options.reports), kept ? fmt::format(", {} of them from an earlier run", kept) : "");
  return code;
}

}  // namespace app
