#include "app/outputs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "render/gitlab/gitlab.h"
#include "render/html/html.h"
#include "render/sarif/sarif.h"
#include "render/text/text.h"
#include "render/update/update.h"
#include "report/json.h"

namespace app {
namespace {

using base::Trouble;

std::string format_of(const std::string& file) {
  const auto dot = file.rfind('.');
  const auto ending = dot == std::string::npos ? "" : file.substr(dot + 1);
  if (ending == "json" || ending == "html" || ending == "sarif") return ending;
  return "text";
}

base::Result<> put_all(int file, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const auto n = ::write(file, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) return {};  // the reader has seen enough
    if (n <= 0) return base::fail(Trouble::io, "{} can't be written: {}", base::printable(name), std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

base::Result<std::vector<Output>> pair_outputs(const std::vector<std::string>& formats, const std::vector<std::string>& files) {
  std::vector<Output> out;
  for (std::size_t i = 0; i < std::max(formats.size(), files.size()); ++i) {
    Output o;
    o.file = i < files.size() ? files[i] : "-";
    o.format = i < formats.size() ? formats[i] : format_of(o.file);
    out.push_back(std::move(o));
  }
  if (out.empty()) out.push_back({"text", "-"});
  if (std::ranges::count(out, "-", &Output::file) > 1)
    return base::fail(Trouble::usage, "two formats would go to standard output; give each --format a -o FILE of its own");
  return out;
}

bool wants_colour(const std::string& choice) {
  if (choice != "auto") return choice == "always";
  const char* no = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return !(no && *no) && isatty(STDOUT_FILENO) && !(term && std::string_view(term) == "dumb");
}

std::string render_as(const std::string& format, const report::Report& report, const Look& look) {
  render::Options options;
  options.colour = look.colour;
  options.product = look.product;
  if (format == "json") return report::to_json(report);
  if (format == "sarif") return render::sarif(report, options);
  if (format == "gitlab") return render::gitlab(report, options);
  if (format == "html") return look.changes ? render::update_html(report, options) : render::html(report, options);
  return look.changes ? render::update_text(report, options) : render::text(report, options);
}

base::Result<> write_output(const std::string& file, std::string_view text) {
  if (file == "-") return put_all(STDOUT_FILENO, text, "standard output");
  struct stat status{};
  if (stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {  // a device or pipe is written to, never replaced
    const int to = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (to < 0) return base::fail(Trouble::io, "{} can't be written: {}", base::printable(file), std::strerror(errno));
    auto put = put_all(to, text, file);
    close(to);
    return put;
  }
  const auto temporary = file + ".part";
  const int to = ::open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (to < 0) return base::fail(Trouble::io, "{} can't be written: {}", base::printable(file), std::strerror(errno));
  auto put = put_all(to, text, file);
  if (put && fsync(to) != 0) put = base::fail(Trouble::io, "{} can't be written: {}", base::printable(file), std::strerror(errno));
  close(to);
  if (put && rename(temporary.c_str(), file.c_str()) != 0) put = base::fail(Trouble::io, "{} can't be written: {}", base::printable(file), std::strerror(errno));
  if (!put) unlink(temporary.c_str());
  return put;
}

base::Result<> write_all(const std::vector<Output>& outputs, const report::Report& report, const std::string& product, const std::string& colour, bool changes) {
  for (const auto& output : outputs)
    CHECK_OK(write_output(output.file, render_as(output.format, report, {output.file == "-" && wants_colour(colour), product, changes})));
  return {};
}

}  // namespace app
