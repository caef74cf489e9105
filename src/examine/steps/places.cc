// Which places are steps: data tables, and the walk from a control archive's member to its package.
#include <algorithm>
#include <array>

#include "examine/steps/steps.h"

namespace examine::hooks {
namespace {

using evidence::Confidence;

struct Named {
  std::string_view name;
  std::string_view word;
  std::string_view manager;
  std::string_view when;
};

constexpr std::array<Named, 5> debian = {{
    {"preinst", "install", "dpkg", "before the files are unpacked"},
    {"postinst", "install", "dpkg", "after the files are unpacked, and when a trigger fires"},
    {"config", "install", "dpkg", "before the package is configured"},
    {"prerm", "remove", "dpkg", "before the files are removed or replaced"},
    {"postrm", "remove", "dpkg", "after the files are removed or replaced"},
}};

// Prefixes of handed-on step texts; the longest that fits wins by order.
constexpr std::array<Named, 25> handed = {{
    {"make:", "build", "make", "when the source is built"},
    {"%preun", "remove", "rpm", "before removal"},
    {"%postun", "remove", "rpm", "after removal"},
    {"%pretrans", "install", "rpm", "before the transaction"},
    {"%posttrans", "install", "rpm", "after the transaction"},
    {"%pre", "install", "rpm", "before installation"},
    {"%post", "install", "rpm", "after installation"},
    {"%triggerun", "remove", "rpm", "when another package is removed"},
    {"%triggerpostun", "remove", "rpm", "after another package is removed"},
    {"%trigger", "install", "rpm", "when another package is installed"},
    {"%filetrigger", "install", "rpm", "when a file is installed"},
    {"%transfiletrigger", "install", "rpm", "when a file is installed"},
    {"%verify", "update", "rpm", "when the package is verified"},
    {"npm:preinstall", "install", "npm", "before npm installs the package"},
    {"npm:install", "install", "npm", "when npm installs the package"},
    {"npm:postinstall", "install", "npm", "after npm installs the package"},
    {"npm:prepare", "build", "npm", "when npm installs the package from its repository"},
    {"npm:", "build", "npm", "when npm packs or publishes the package"},
    {"gyp:", "install", "npm", "when node-gyp configures the add-on"},
    {"pth:", "start", "python", "whenever Python starts"},
    {"entrypoint", "start", "oci", "when the container starts"},
    {"cmd", "start", "oci", "when the container starts"},
    {"healthcheck", "healthcheck", "oci", "while the container runs"},
    {"onbuild", "build", "oci", "when an image is built on this one"},
    {"history", "build", "oci", "when the image was built"},
}};

struct File {
  std::string_view name;  ///< whole file name, or a suffix after '*'
  std::string_view word;
  std::string_view manager;
  std::string_view when;
};

constexpr std::array<File, 28> files = {{
    {"sitecustomize.py", "start", "python", "whenever Python starts"},
    {"usercustomize.py", "start", "python", "whenever Python starts"},
    {"extconf.rb", "install", "gem", "when the gem is installed"},
    {"Makefile", "build", "make", "when the source is built"},
    {"GNUmakefile", "build", "make", "when the source is built"},
    {"makefile", "build", "make", "when the source is built"},
    {"Makefile.am", "build", "automake", "when the source is built"},
    {"Makefile.in", "build", "make", "when the source is built"},
    {"configure", "build", "autoconf", "when the source is configured"},
    {"configure.ac", "build", "autoconf", "when the source is configured"},
    {"configure.in", "build", "autoconf", "when the source is configured"},
    {"autogen.sh", "build", "autoconf", "when the source is configured"},
    {"bootstrap.sh", "build", "autoconf", "when the source is configured"},
    {"*.m4", "build", "autoconf", "when the source is configured"},
    {"*.mk", "build", "make", "when the source is built"},
    {"CMakeLists.txt", "build", "cmake", "when the source is configured"},
    {"*.cmake", "build", "cmake", "when the source is configured"},
    {"meson.build", "build", "meson", "when the source is configured"},
    {"SConstruct", "build", "scons", "when the source is built"},
    {"wscript", "build", "waf", "when the source is built"},
    {"BUILD.bazel", "build", "bazel", "when the source is built"},
    {"build.gradle", "build", "gradle", "when the source is built"},
    {"build.gradle.kts", "build", "gradle", "when the source is built"},
    {"Rakefile", "build", "rake", "when the source is built"},
    {"Makefile.PL", "build", "perl", "when the module is installed from source"},
    {"Build.PL", "build", "perl", "when the module is installed from source"},
    {"Dockerfile", "build", "oci", "when the image is built"},
    {"Containerfile", "build", "oci", "when the image is built"},
}};

/// Files of an installed distribution package are not built again there.
bool in_distribution_package(const artifact::Place& place) { return place.inside("deb") || place.inside("rpm"); }

std::size_t depth_of(std::string_view path) { return static_cast<std::size_t>(std::ranges::count(path, '/')); }

}  // namespace

Found named_step(std::string_view name, const artifact::Place& place) {
  for (const auto& row : handed)
    if (name.starts_with(row.name)) return {row.word, std::string(name), row.manager, row.when};
  const std::string_view manager = place.inside("rpm") ? "rpm" : place.inside("deb") ? "dpkg" : std::string_view();
  return {"start", std::string(name), manager, "as the package says"};
}

bool in_control(const artifact::Place& place) {
  const auto& links = place.links;
  if (links.size() < 3) return false;
  for (std::size_t i = 0; i + 2 < links.size(); ++i) {
    if (links[i].kind != "deb" || !artifact::normal_path(links[i + 1].name).starts_with("control.tar")) continue;
    const bool layers = std::all_of(links.begin() + static_cast<std::ptrdiff_t>(i) + 2, links.end() - 1,
                                    [](const artifact::Link& l) { return l.origin == artifact::Origin::layer || l.name.empty(); });
    if (layers && artifact::normal_path(links.back().name).find('/') == std::string::npos) return true;
  }
  return false;
}

std::optional<Found> control_member(const artifact::Place& place) {
  if (!in_control(place)) return std::nullopt;
  const auto name = place.file_name();
  for (const auto& row : debian)
    if (name == row.name) return Found{row.word, std::string(name), row.manager, row.when};
  return std::nullopt;
}

std::optional<Found> hook_file(const artifact::Place& place, base::Bytes bytes) {
  const auto name = place.file_name();
  const auto path = place.path();
  const bool installed = in_distribution_package(place);
  if (name == "setup.py" && base::text_of(bytes).find("setup") != std::string_view::npos) {
    const bool root = !installed && depth_of(path) <= 1;
    return Found{"install", "setup.py", "pip", "when pip installs or builds from source", root ? Confidence::high : Confidence::low};
  }
  if (name == "build.rs" && depth_of(path) <= 1 && !installed) return Found{"build", "build.rs", "cargo", "when cargo builds the crate"};
  if (name == "rules" && path.ends_with("debian/rules")) return Found{"build", "debian/rules", "dpkg", "when the package is built"};
  for (const auto& row : files) {
    const bool fits = row.name.starts_with('*') ? name.ends_with(row.name.substr(1)) && name.size() >= row.name.size() : name == row.name;
    if (!fits) continue;
    const bool sure = row.word == "start" || (row.manager == "gem" ? place.inside("gem") : !installed);
    return Found{row.word, std::string(name), row.manager, row.when, sure ? Confidence::high : Confidence::low};
  }
  return std::nullopt;
}

}  // namespace examine::hooks
