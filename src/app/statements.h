// Signed statements as commands read and make them: one bundle in a file, logged or not.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/log_client.h"
#include "hallmark/bundle.h"
#include "report/report.h"

namespace app {

inline constexpr std::uint64_t most_statement_file = 48u << 20;

/// The clock's time, or the one given (hallmark::parse_time). Error: usage.
base::Result<hallmark::Time> time_or_now(const std::string& given);
/// The last second of a day given as 2027-01-31. Error: usage.
base::Result<hallmark::Time> end_of_day(const std::string& day, std::string_view option);

struct IssueOptions {
  std::string key, output;
  LogOptions log;
  std::string now;
};

/// Signs, logs where asked for, writes the file, and says so on standard error.
base::Result<> issue(const hallmark::Statement& statement, std::string_view what, const IssueOptions& options);

/// A statement as its file says it; whose it is has not been checked.
struct Loaded {
  std::string file;
  hallmark::Bundle bundle;
  hallmark::Statement statement;
  base::Digest id;               ///< payload digest
};
/// Error: usage: `what` FILE ..., one sentence.
base::Result<Loaded> load_statement(const std::string& file, std::string_view what);
/// The same, of one kind of predicate.
template <class Predicate>
base::Result<std::pair<Loaded, Predicate>> load_as(const std::string& file, std::string_view what) {
  auto loaded = TRY(load_statement(file, what));
  const auto* predicate = std::get_if<Predicate>(&loaded.statement.predicate);
  if (!predicate) return base::fail(base::Trouble::usage, "{} is not {}", base::printable(file), what);
  auto copy = *predicate;
  return std::pair<Loaded, Predicate>{std::move(loaded), std::move(copy)};
}

base::Result<std::vector<sign::PublicKey>> load_keys(const std::vector<std::string>& files);
/// The one of these keys under which the envelope's signature holds. Error: usage: none does.
base::Result<sign::PublicKey> signer_of(const Loaded& loaded, std::span<const sign::PublicKey> keys, std::string_view what);

/// A report: a JSON file, or one in the store. The text is as it stood.
struct LoadedReport {
  std::string text;
  report::Report report;
  std::int64_t stored = 0;       ///< its number in the store; 0 = it came as a file
};
base::Result<LoadedReport> load_report(const std::string& wanted, const std::string& store_folder);

/// A person's or an office's name as statements carry it. Error: usage: empty, too long or not printable.
base::Result<std::string> name_given(const std::string& name, std::string_view option);
/// Whether a person would take these names for the same.
bool same_name(std::string_view a, std::string_view b);

}  // namespace app
