// Which renderings go where: --format and -o in pairs.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "report/report.h"

namespace app {

struct Output {
  std::string format;  ///< text json sarif html gitlab
  std::string file;    ///< "-" = standard output
};

/// Pairs formats with files: the n-th --format goes to the n-th -o; one format without -o goes to
/// standard output; -o alone takes its format from the file's ending. Error: usage.
base::Result<std::vector<Output>> pair_outputs(const std::vector<std::string>& formats, const std::vector<std::string>& files);

struct Look {
  bool colour = false;
  std::string product = "PRODUCT";  ///< as the user named it, for the commands suggested at the end
  bool changes = false;             ///< text and HTML show what changed (assay diff), not the whole report
};

std::string render_as(const std::string& format, const report::Report& report, const Look& look);

/// Writes a whole file or none: temporary file beside it, then rename. "-" = standard output.
base::Result<> write_output(const std::string& file, std::string_view text);

/// Whether standard output wants colour: `choice` is auto, always or never (see no-color.org).
bool wants_colour(const std::string& choice);

base::Result<> write_all(const std::vector<Output>& outputs, const report::Report& report, const std::string& product, const std::string& colour, bool changes = false);

}  // namespace app
