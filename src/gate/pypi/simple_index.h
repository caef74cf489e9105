// Python's simple repository index of one project: HTML (PEP 503, 592, 658, 700) and JSON (PEP 691),
// read into one form and written in either. Pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gate {

inline constexpr std::size_t most_index_bytes = 128u << 20;
inline constexpr std::size_t most_index_files = 100'000;

struct IndexFile {
  std::string name;                    ///< the last part of the address, unescaped: what pip goes by
  std::string address;                 ///< absolute, without fragment
  std::string sha256;                  ///< hex, "" = the index names none
  std::string requires_python;
  std::optional<std::string> yanked;   ///< the reason, may be ""
};

struct SimpleIndex {
  std::string project;
  std::vector<IndexFile> files;
};

/// `address`: where the index was fetched, for relative links. Links that can't be resolved are left out.
/// Error: malformed, limit.
base::Result<SimpleIndex> read_index_html(std::string_view text, const std::string& project, const std::string& address);
base::Result<SimpleIndex> read_index_json(std::string_view text, const std::string& project, const std::string& address);

/// Sidecars (metadata, signatures, provenance) are not listed: nobody vetted those bytes, so a client has
/// to take everything from the file itself.
std::string write_index_html(const SimpleIndex& index);
std::string write_index_json(const SimpleIndex& index);

/// Why a file is refused; nothing: it may be had, or its digest is not known.
using RefusalOf = std::function<std::optional<std::string>(const IndexFile& file)>;
/// Refused files are marked as yanked with the reason (PEP 592): pip then picks another release unless that
/// very version is demanded, shows the reason, and meets the door at the file. When none is left that
/// could be picked, nothing is marked: pip then fetches one and shows the door's reason. `path`: where
/// clients of the gate fetch an address; files that the gate can't fetch are left out.
void filter_index(SimpleIndex& index, const RefusalOf& refusal_of, const std::function<std::optional<std::string>(const std::string&)>& path);

/// [A-Za-z0-9._-]+, as PEP 508 has names.
bool is_project_name(std::string_view text);

}  // namespace gate
