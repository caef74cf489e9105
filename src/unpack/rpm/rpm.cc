// RPM packages: lead, signature header, header, payload. The payload is handed on as it stands
// (a compressed cpio); every script of the header is handed on as a step.
// https://rpm.org/docs/latest/manual/format_v4.html. Signatures are not checked.
#include <array>

#include "unpack/member.h"
#include "unpack/rpm/header.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Facet;
using evidence::Label;
using rpm_format::Header;

struct ScriptTags {
  std::uint32_t body, program;
  std::string_view name;
};
constexpr std::array<ScriptTags, 9> single_scripts = {{{1023, 1085, "%prein"}, {1024, 1086, "%postin"}, {1025, 1087, "%preun"}, {1026, 1088, "%postun"},
    {1079, 1091, "%verifyscript"}, {1151, 1153, "%pretrans"}, {1152, 1154, "%posttrans"}, {5104, 5106, "%preuntrans"}, {5105, 5107, "%postuntrans"}}};
constexpr std::array<ScriptTags, 3> trigger_scripts = {{{1065, 1092, "%trigger"}, {5066, 5067, "%filetrigger"}, {5076, 5077, "%transfiletrigger"}}};

std::string kind_of_program(std::string_view program) {
  if (program.empty()) return "script/shell";
  if (program == "<lua>") return "script/lua";
  const auto slash = program.rfind('/');
  const auto name = slash == program.npos ? program : program.substr(slash + 1);
  if (name.starts_with("python")) return "script/python";
  if (name.starts_with("perl")) return "script/perl";
  if (name.starts_with("ruby")) return "script/ruby";
  if (name == "sh" || name.ends_with("sh")) return "script/shell";
  return "script/other";
}

class RpmRead {
 public:
  RpmRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink) {}

  base::Result<> run() {
    if (!base::starts_with(view_.bytes, "\xED\xAB\xEE\xDB")) return base::fail(Trouble::malformed, "the RPM lead is missing");
    const auto signature = rpm_format::read_header(base::slice(view_.bytes, 96));
    if (!signature) return std::unexpected(signature.error());
    const std::uint64_t header_at = 96 + (signature->size + 7) / 8 * 8;
    const auto header = rpm_format::read_header(base::slice(view_.bytes, header_at));
    if (!header) return std::unexpected(header.error());
    const auto payload = header_at + header->size;
    CHECK_OK(sink_.spend(payload));
    sink_.label({0, payload}, Label::structure, "RPM headers");
    identity(*header, {header_at, header->size});
    for (const auto& script : single_scripts) CHECK_OK(give_script(*header, script));
    for (const auto& script : trigger_scripts) CHECK_OK(give_triggers(*header, script));
    return give_payload(*header, payload);
  }

 private:
  void identity(const Header& h, base::Range at) {
    const auto state = [&](std::string_view word, std::string value) {
      if (value.empty()) return;
      evidence::Item item;
      item.facet = Facet::identity;
      item.word = word;
      item.value = std::move(value);
      item.attributes["ecosystem"] = "rpm";
      item.range = {at.offset, 0};
      if (word == "package")
        for (const auto& [tag, name] : {std::pair{1022u, "architecture"}, {1004u, "summary"}, {1020u, "homepage"}, {1014u, "licence"}})
          if (const auto text = h.text(tag); !text.empty()) item.attributes[name] = base::printable(text);
      sink_.state(std::move(item));
    };
    state("package", h.text(1000));
    auto version = h.text(1001);
    if (const auto release = h.text(1002); !release.empty()) version += "-" + release;
    if (const auto epoch = h.number(1003)) version = fmt::format("{}:{}", *epoch, version);
    state("version", version);
    state("maker", h.has(1011) ? h.text(1011) : h.text(1015));
  }

  base::Result<> give(std::string name, std::string_view program, std::string_view body) {
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = artifact::Origin::step;
    // A program without a body is run as it is: the same as a one-line shell script.
    entry.kind = body.empty() ? "script/shell" : kind_of_program(program);
    CHECK_OK(sink_.spend(body.size() + 64));
    return sink_.child(entry, base::bytes_of(body.empty() ? program : body));
  }

  base::Result<> give_script(const Header& h, const ScriptTags& tags) {
    if (!h.has(tags.body) && !h.has(tags.program)) return {};
    std::string program;
    for (const auto part : h.texts(tags.program)) program += (program.empty() ? "" : " ") + std::string(part);
    const auto first = program.substr(0, program.find(' '));
    const auto body = h.text(tags.body);
    if (body.empty() && (program.empty() || kind_of_program(first) == "script/shell")) return {};
    return give(std::string(tags.name), body.empty() ? program : first, body);
  }

  base::Result<> give_triggers(const Header& h, const ScriptTags& tags) {
    const auto bodies = h.texts(tags.body), programs = h.texts(tags.program);
    for (std::size_t i = 0; i < bodies.size(); ++i)
      if (!bodies[i].empty()) CHECK_OK(give(fmt::format("{}-{}", tags.name, i), i < programs.size() ? programs[i] : std::string_view{}, bodies[i]));
    return {};
  }

  base::Result<> give_payload(const Header& h, std::uint64_t at) {
    const auto content = base::slice(view_.bytes, at);
    if (content.empty()) return h.has(1116) || h.has(1117) ? base::fail(Trouble::truncated, "the RPM has no payload") : base::Result<>{};
    const auto compressor = h.text(1125);
    artifact::Entry entry;
    entry.name = "payload.cpio";
    for (const auto& [name, end] : {std::pair{"gzip", ".gz"}, {"bzip2", ".bz2"}, {"xz", ".xz"}, {"lzma", ".lzma"}, {"zstd", ".zst"}})
      if (compressor == name) entry.name += end;
    entry.origin = artifact::Origin::layer;
    sink_.label({at, content.size()}, Label::handed_on, "RPM payload");
    return sink_.child(entry, content);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
};

class Rpm final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "rpm",
        .finds = "Name, version and maker of an RPM, its scripts and triggers, and its payload.",
        .kinds = {"rpm"},
        .states = {Facet::identity, Facet::trouble},
        .blind_spots = {"Signatures and digests of the package are not checked.", "File capabilities, ghost files and configuration flags of the header are not compared with the payload.",
                        "Delta RPMs are not read."},
        .references = "https://rpm.org/docs/latest/manual/format_v4.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return RpmRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& rpm() {
  static const Rpm reader;
  return reader;
}

}  // namespace unpack
