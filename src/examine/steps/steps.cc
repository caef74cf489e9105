// What runs when a package is installed, updated, removed, built or started. A step is stated on
// the artifact that is its code: a control script, a hook file, or a command text that is handed on
// as a child (Origin::step), so that the other examiners read it like any script.
// Debian policy chapter 6: https://www.debian.org/doc/debian-policy/ch-maintainerscripts.html
// npm scripts: https://docs.npmjs.com/cli/v10/using-npm/scripts
// Python startup: https://docs.python.org/3/library/site.html
// It doesn't read what a step does; see examine/scripts.
#include "examine/steps/steps.h"

#include <algorithm>

namespace examine {
namespace {

using evidence::Facet;
using hooks::Found;

class Steps final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "steps",
        .finds = "everything that runs at install, update, removal, build and start",
        .kinds = {"*"},
        .states = {Facet::step, Facet::reference},
        .blind_spots = {"hooks that a build tool's plug-ins add are not known", "Maven, Gradle, NuGet and Cargo plug-ins run at build time and are not listed",
                        "which configuration a step is run with is not known"},
        .references = "https://www.debian.org/doc/debian-policy/ch-maintainerscripts.html",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (!view.has_content()) return {};
    if (view.entry.origin == artifact::Origin::step) {
      state(view, sink, hooks::named_step(view.entry.name, view.place));
      return {};
    }
    if (const auto found = hooks::control_member(view.place)) state(view, sink, *found);
    if (const auto found = hooks::hook_file(view.place, view.bytes)) state(view, sink, *found);
    const auto file = view.place.file_name();
    if (file == "package.json") return hooks::npm_scripts(view, sink);
    if (file == "binding.gyp") return hooks::gyp_commands(view, sink);
    if (file == "triggers" && hooks::in_control(view.place)) return hooks::triggers(view, sink);
    if (file == "pyproject.toml") return hooks::build_backend(view, sink);
    if (file == "metadata" || file.ends_with(".gemspec")) return hooks::gem_extensions(view, sink);
    const bool make = file == "Makefile" || file == "makefile" || file == "GNUmakefile" || file == "Makefile.am" || file == "Makefile.in" || file.ends_with(".mk");
    if (make && !view.place.inside("deb") && !view.place.inside("rpm")) return hooks::make_commands(view, sink);  // an installed package is not built again
    if (file.ends_with(".pth")) return hooks::pth_lines(view, sink);
    return {};
  }

 private:
  static void state(const evidence::View&, evidence::Sink& sink, const Found& found) {
    evidence::Item item;
    item.facet = Facet::step;
    item.word = found.word;
    item.value = found.value;
    item.confidence = found.confidence;
    item.attributes["when"] = found.when;
    if (!found.manager.empty()) item.attributes["package manager"] = found.manager;
    sink.state(std::move(item));
  }
};

}  // namespace

const evidence::Reader& steps() {
  static const Steps reader;
  return reader;
}

}  // namespace examine
