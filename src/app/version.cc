#include "app/version.h"

#include <filesystem>
#include <fstream>

#include "app/command_store.h"
#include "app/file_text.h"
#include "app/thawed.h"
#include "evidence/frozen.h"
#include "report/json.h"

namespace app {
namespace {

using artifact::Nature;
using artifact::Origin;
using base::Trouble;

constexpr std::uint64_t most_report = 1u << 30;

/// The first bytes of a regular file; "" of anything else.
std::string beginning(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  std::ifstream in(path, std::ios::binary);
  std::string out(32, '\0');
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

base::Result<std::unique_ptr<Version>> vetted(const Office& office, Request request, vet::Progress& progress, const std::atomic<bool>& stop) {
  auto out = std::make_unique<Version>();
  out->vetting = TRY(vet_product(office, request, progress, stop));
  return out;
}

base::Result<std::unique_ptr<Version>> stored(const Office& office, std::int64_t id, Request request, vet::Progress& progress, const std::atomic<bool>& stop) {
  const auto text = TRY(office.store->report(id));
  const auto report = TRY(report::from_json(text));
  request.stored_report = id;
  request.stored_files = report.product.files;
  auto out = TRY(vetted(office, std::move(request), progress, stop));
  out->report = base::sha256(text).hex();
  return out;
}

/// A report's own evidence, judged again against another version: all that its findings rest on is listed.
void judge_listed(const Office& office, const Request& like, const report::Report& listed, Vetting& v) {
  intake::Product product;
  for (const auto id : v.tree.nodes[0].children) product.pieces.push_back({v.tree.nodes[id].entry, {-1, v.tree.nodes[id].digest, v.tree.nodes[id].size}});
  product.files = listed.product.files;
  intake::complete(product);
  judge_evidence(office, like, product, v);
  v.report.product = listed.product;
  v.report.used.engine = listed.used.engine;
  v.report.not_covered.push_back("Judged from what a report lists: a program's imports, exports, sections and strings beyond the first were not there.");
}

base::Result<std::unique_ptr<Version>> from_report(const Office& office, const std::string& file, const std::string& text, const Request& like, vet::Progress& progress,
                                                   const std::atomic<bool>& stop) {
  auto read = report::from_json(text);
  if (!read) return base::fail(Trouble::usage, "{} is no report that can be compared with: {}", base::printable(file), read.error().to_string());
  if (const auto id = office.store->newest_of(read->product.digest))
    if (auto whole = stored(office, *id, like, progress, stop)) {
      (*whole)->report = base::sha256(text).hex();
      return whole;
    }
  auto out = std::make_unique<Version>();
  out->vetting = vetting_of(*read);
  out->whole = false;
  if (like.before) judge_listed(office, like, *read, *out->vetting);
  out->report = base::sha256(text).hex();
  return out;
}

std::optional<Nature> nature_from(std::string_view name) {
  for (const auto n : {Nature::file, Nature::directory, Nature::symlink, Nature::hardlink, Nature::device, Nature::fifo, Nature::socket})
    if (artifact::name_of(n) == name) return n;
  return std::nullopt;
}

std::optional<Origin> origin_from(std::string_view name) {
  for (const auto o : {Origin::product, Origin::member, Origin::layer, Origin::embedded, Origin::decoded, Origin::step, Origin::hidden})
    if (artifact::name_of(o) == name) return o;
  return std::nullopt;
}

/// Claims with the tally's sizes, one behind the other: where in the file they stood is not known any more.
std::vector<evidence::Claim> tiles_of(const evidence::Tally& tally) {
  std::vector<evidence::Claim> out;
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < evidence::label_count; ++i)
    if (const auto size = tally.bytes[i]; size && size <= UINT64_MAX - at) {
      out.push_back({{at, size}, static_cast<evidence::Label>(i), {}});
      at += size;
    }
  return out;
}

}  // namespace

std::unique_ptr<Vetting> vetting_of(const report::Report& report) {
  auto out = std::make_unique<Vetting>();
  out->report = report;
  out->product_digest = report.product.digest;
  auto& nodes = out->tree.nodes;
  for (const auto& line : report.artifacts) {
    artifact::Node node;
    node.parent = line.parent;
    node.entry.name = line.name;
    node.entry.nature = nature_from(line.nature).value_or(Nature::file);
    node.entry.origin = origin_from(line.origin).value_or(Origin::member);
    node.entry.mode = line.mode;
    node.entry.link = line.link;
    node.kind = line.kind;
    node.digest = base::Digest::from_hex(line.digest).value_or(base::Digest{});
    node.size = line.size;
    if (line.parent < nodes.size()) nodes[line.parent].children.push_back(static_cast<artifact::NodeId>(nodes.size()));
    nodes.push_back(std::move(node));
    evidence::Dossier dossier;
    dossier.tiles = tiles_of(line.tally);
    dossier.complete = line.complete;
    out->dossiers.push_back(std::move(dossier));
  }
  for (const auto& exhibit : report.evidence) {
    auto item = exhibit.item;
    std::erase_if(item.attributes, [](const auto& a) { return evidence::tells_of_change(a.first); });
    out->dossiers[exhibit.node].items.push_back(std::move(item));
  }
  out->declaration.lines = report.declaration;
  return out;
}

base::Result<std::unique_ptr<Version>> open_version(const Office& office, const std::string& wanted, const Request& like, vet::Progress& progress, const std::atomic<bool>& stop) {
  std::error_code error;
  if (!std::filesystem::exists(wanted, error)) {
    auto id = find_report(*office.store, wanted);
    if (!id) return base::fail(Trouble::usage, "there is no product and no report '{}'", base::printable(wanted));
    return stored(office, *id, like, progress, stop);
  }
  const auto head = beginning(wanted);
  if (head.starts_with("assay evidence ")) {
    auto out = std::make_unique<Version>();
    auto frozen = TRY(thaw_file(wanted, ""));
    const auto engine = frozen.engine.hex();
    auto [vetting, product] = vetting_of(std::move(frozen));
    judge_evidence(office, like, product, *vetting);
    vetting->report.used.engine = engine;
    out->vetting = std::move(vetting);
    return out;
  }
  if (head.starts_with("{\n\"schema\": ")) return from_report(office, wanted, TRY(file_text(wanted, "the report", most_report)), like, progress, stop);
  auto request = like;
  request.paths = {wanted};
  return vetted(office, std::move(request), progress, stop);
}

}  // namespace app
