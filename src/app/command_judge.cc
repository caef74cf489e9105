#include "app/command_judge.h"

#include <filesystem>

#include "app/changes.h"
#include "app/command_store.h"
#include "app/exit_codes.h"
#include "app/office.h"
#include "app/outputs.h"
#include "app/progress_bar.h"
#include "app/version.h"
#include "report/json.h"

namespace app {
namespace {

std::atomic<bool> never{false};

base::Result<std::unique_ptr<Vetting>> vet_quietly(const Office& office, const Request& request) {
  vet::Progress progress;
  const ProgressBar bar(progress, "vetting", true);
  return vet_product(office, request, progress, never);
}

judge::Case case_of(const Vetting& v, const std::string& at) {
  return {v.tree, v.dossiers, v.declaration, v.waivers, v.product_digest, at, v.changes ? &v.changes->update : nullptr};
}

std::string section(std::string_view title, const std::string& text) {
  return text.empty() ? std::string() : fmt::format("\n{}\n  {}\n", title, [&] {
    std::string out;
    for (const char c : text) {
      out += c;
      if (c == '\n') out += "  ";
    }
    return out;
  }());
}

}  // namespace

base::Result<int> command_explain(const ExplainOptions& options) {
  const auto office = TRY(open_office(options.office));
  Request request;
  request.stored_report = TRY(find_report(*office->store, options.report));
  request.declaration_file = options.declaration;
  const auto stored = TRY(report::from_json(TRY(office->store->report(request.stored_report))));
  request.stored_files = stored.product.files;
  request.at = stored.used.at;
  std::unique_ptr<Version> before;
  if (stored.baseline) {
    vet::Progress progress;
    auto opened = open_version(*office, stored.baseline->product.digest, Request{.at = request.at, .record = false}, progress, never);
    if (!opened) return base::fail(base::Trouble::usage, "the report was compared with {} {}, which the store does not hold any more", base::printable(stored.baseline->product.name), base::printable(stored.baseline->product.version));
    before = std::move(*opened);
    request.before = before.get();
  }
  const auto vetting = TRY(vet_quietly(*office, request));
  const auto e = TRY(judge::explain(options.finding, case_of(*vetting, request.at), *office->rules, *office->policy));
  std::string text = fmt::format("Finding {} of {} {}\n", base::printable(options.finding), base::printable(stored.product.name), base::printable(stored.product.version));
  text += section("Cause", e.cause) + section("Remedy", e.remedy) + section("Declaration that would answer it", e.declaration) + section("Effect", e.effect);
  CHECK_OK(write_output("-", text));
  return exit_pass;
}

base::Result<int> command_declare(const DeclareOptions& options) {
  const auto office = TRY(open_office(options.office));
  Request request;
  request.paths = options.products;
  request.at = TRY(vetting_date(""));
  const auto vetting = TRY(vet_quietly(*office, request));
  CHECK_OK(write_output(options.output, judge::draft_declaration(case_of(*vetting, request.at), vetting->report.product)));
  return exit_pass;
}

base::Result<int> command_rules_check(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<judge::Lint> wrong;
  std::size_t looked = 0;
  const auto append = [&](std::vector<judge::Lint> more) { wrong.insert(wrong.end(), more.begin(), more.end()); };
  std::vector<std::string> all = paths;
  if (all.empty()) {
    all.push_back(home_folder() + "/rules");
    for (const auto& entry : fs::directory_iterator(home_folder() + "/policies"))
      if (entry.path().extension() == ".yaml") all.push_back(entry.path().string());
    std::ranges::sort(all);
  }
  for (const auto& path : all) {
    std::error_code error;
    if (!fs::exists(path, error)) return base::fail(base::Trouble::usage, "there is no {}", base::printable(path));
    ++looked;
    if (fs::is_directory(path, error)) append(judge::check_rules(path));
    else append(judge::check_policy(path));
  }
  std::string text;
  for (const auto& lint : wrong) text += fmt::format("{}:{}: {}\n", base::printable(lint.file), lint.line, lint.text);
  text += wrong.empty() ? fmt::format("{} places checked, nothing wrong\n", looked) : fmt::format("{} places checked, {} things wrong\n", looked, wrong.size());
  CHECK_OK(write_output("-", text));
  return wrong.empty() ? exit_pass : exit_fail;
}

base::Result<int> command_catalogue(bool known_misses) {
  const auto readers = vet::all_readers({});
  std::string text = known_misses ? "# Known misses\n\nWhat Assay is known not to see, gathered from the cards of its readers. Printed by `assay catalogue --known-misses`.\n"
                                  : "# Catalogue\n\nEvery reader, printed from its card by `assay catalogue`.\n";
  for (const auto& [title, list] : {std::pair{"Unpackers", &readers.unpackers}, std::pair{"Examiners", &readers.examiners}}) {
    text += fmt::format("\n## {}\n", title);
    for (const auto* reader : *list) {
      const auto& card = reader->card();
      if (known_misses && card.blind_spots.empty()) continue;
      text += fmt::format("\n### {}\n\n", card.name);
      if (!known_misses) {
        text += fmt::format("{}\n\n- reads: {}\n", card.finds, fmt::join(card.kinds, ", "));
        std::vector<std::string_view> facets;
        for (const auto f : card.states) facets.push_back(evidence::name_of(f));
        if (!facets.empty()) text += fmt::format("- states: {}\n", fmt::join(facets, ", "));
        if (!card.references.empty()) text += fmt::format("- follows: {}\n", card.references);
      } else {
        for (const auto spot : card.blind_spots) text += fmt::format("- {}\n", spot);
      }
    }
  }
  CHECK_OK(write_output("-", text));
  return exit_pass;
}

}  // namespace app
