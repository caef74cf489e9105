// The parts of the steps examiner: which place is a step, and which files name more steps.
#pragma once

#include <optional>
#include <string>

#include "evidence/reader.h"

namespace examine {
const evidence::Reader& steps();
}

namespace examine::hooks {

struct Found {
  std::string_view word;     ///< install, update, remove, build, start, healthcheck
  std::string value;         ///< as the package system calls it: "postinst"
  std::string_view manager;  ///< dpkg, rpm, npm, pip, ...
  std::string_view when;     ///< one phrase for people
  evidence::Confidence confidence = evidence::Confidence::high;
};

/// A step text that an unpacker or this examiner handed on: told by its name.
Found named_step(std::string_view name, const artifact::Place& place);

/// True for a direct member of a Debian package's control archive.
bool in_control(const artifact::Place& place);
std::optional<Found> control_member(const artifact::Place& place);

/// A file that some tool runs by its name alone: setup.py, sitecustomize.py, Makefile, ...
std::optional<Found> hook_file(const artifact::Place& place, base::Bytes bytes);

base::Result<> npm_scripts(const evidence::View& view, evidence::Sink& sink);
base::Result<> gyp_commands(const evidence::View& view, evidence::Sink& sink);
base::Result<> triggers(const evidence::View& view, evidence::Sink& sink);
base::Result<> build_backend(const evidence::View& view, evidence::Sink& sink);
base::Result<> gem_extensions(const evidence::View& view, evidence::Sink& sink);
/// The commands of a Makefile as one shell text; "" when it has none.
std::string makefile_commands(std::string_view text);
base::Result<> make_commands(const evidence::View& view, evidence::Sink& sink);
base::Result<> pth_lines(const evidence::View& view, evidence::Sink& sink);

}  // namespace examine::hooks
