// The tables of a Windows Installer package, printed: a database of columns in streams of a compound file.
// Facts: the Windows Installer SDK's notes on the database; no binary layout is published. Opinion-free.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::msi_format {

struct Action {
  std::string name, source, target;
  unsigned type = 0;
  /// Runs a program, a library or a script, other than setting a property or naming an error.
  bool runs() const;
  /// "js", "vbs" for a script that stands in the table itself.
  std::string_view inline_script() const;
};

struct Database {
  std::string listing;          ///< every table: its name, its columns, a row a line with tabs
  std::vector<Action> actions;
};

/// `streams` are the package's table streams by their decoded names, which begin with '!'. Nothing when
/// there is no string pool.
base::Result<Database> read_database(const std::map<std::string, base::Buffer>& streams);

}  // namespace unpack::msi_format
