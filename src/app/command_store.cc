#include "app/command_store.h"

#include <algorithm>

#include "app/exit_codes.h"
#include "app/office.h"
#include "app/outputs.h"
#include "report/json.h"

namespace app {

base::Result<std::int64_t> find_report(store::Store& store, const std::string& wanted) {
  const auto rows = TRY(store.reports());
  if (rows.empty()) return base::fail(base::Trouble::usage, "the store at {} holds no report yet; 'assay vet PRODUCT' makes one", store.folder());
  if (wanted.empty()) return rows.back().id;
  const bool number = wanted.size() < 8 && std::ranges::all_of(wanted, [](char c) { return c >= '0' && c <= '9'; });
  for (auto row = rows.rbegin(); row != rows.rend(); ++row)
    if (number ? std::to_string(row->id) == wanted : row->digest.starts_with(wanted)) return row->id;
  return base::fail(base::Trouble::usage, "there is no report '{}'; 'assay list' names them", base::printable(wanted));
}

base::Result<int> command_list(const std::string& store_folder) {
  auto store = TRY(open_store(store_folder));
  const auto rows = TRY(store.reports());
  std::string text;
  if (!rows.empty()) text = fmt::format("{:>6}  {:<12}  {:<10}  {:<8}  {}\n", "report", "verdict", "at", "sha256", "product");
  for (const auto& row : rows)
    text += fmt::format("{:>6}  {:<12}  {:<10}  {:<8}  {} {}\n", row.id, row.verdict, row.at, row.digest.substr(0, 8), base::printable(row.product), base::printable(row.version));
  if (rows.empty()) text = "no report yet\n";
  CHECK_OK(write_output("-", text));
  return exit_pass;
}

base::Result<int> command_show(const ShowOptions& options) {
  const auto outputs = TRY(pair_outputs(options.formats, options.outputs));
  auto store = TRY(open_store(options.store));
  const auto id = TRY(find_report(store, options.report));
  const auto report = TRY(report::from_json(TRY(store.report(id))));
  CHECK_OK(write_all(outputs, report, "PRODUCT", options.colour));
  return exit_of(report.verdict);
}

base::Result<int> command_gc(const std::string& store_folder, std::int64_t keep_runs) {
  auto store = TRY(open_store(store_folder));
  const auto swept = TRY(store.sweep(keep_runs));
  CHECK_OK(write_output("-", fmt::format("dropped {} files ({} bytes) that no report names, and {} kept results\n", swept.blobs, swept.bytes, swept.results)));
  return exit_pass;
}

}  // namespace app
