#include "app/pipeline.h"

#include <unistd.h>

#include <fstream>

#include "app/changes.h"
#include "app/conclude.h"
#include "app/limits.h"
#include "app/waivers.h"
#include "evidence/frozen.h"
#include "intake/intake.h"
#include "report/declaration_yaml.h"
#include "report/json.h"
#include "report/redact.h"

namespace app {
namespace {

using base::Trouble;

constexpr std::string_view declaration_name = "assay.declaration.yaml";

class StoreCache final : public vet::Cache {
 public:
  explicit StoreCache(store::Store& store) : store_(store) {}
  std::optional<base::Buffer> find(const base::Digest& key) override { return store_.evidence(key); }
  void keep(const base::Digest& key, base::Bytes result) override { store_.keep_evidence(key, result); }
  void flush() override { store_.flush(); }

 private:
  store::Store& store_;
};

base::Result<std::string> file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::fail(Trouble::usage, "{} can't be read", base::printable(path));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// Only the declaration at the product's root counts: of the folder handed in, or of the one package.
bool at_root(const artifact::Tree& tree, artifact::NodeId id) {
  const auto place = tree.place(id);
  const auto path = artifact::normal_path(place.links.back().name);
  if (path != declaration_name && path != "package/" + std::string(declaration_name)) return false;
  if (place.links.size() == 1) return true;
  if (tree.nodes[0].children.size() != 1) return false;
  for (std::size_t i = 1; i + 1 < place.links.size(); ++i)
    if (place.links[i].origin != artifact::Origin::layer) return false;
  return true;
}

struct DeclarationText {
  bool there = false, submitted = false;
  std::string text, source;
};

base::Result<DeclarationText> find_declaration(const Request& request, const vet::Vetted& vetted) {
  if (!request.declaration_file.empty()) return DeclarationText{true, true, TRY(file_text(request.declaration_file)), request.declaration_file};
  for (const auto& [id, bytes] : vetted.kept)
    if (at_root(vetted.tree, id)) return DeclarationText{true, false, std::string(base::text_of(bytes)), std::string(declaration_name)};
  return DeclarationText{};
}

base::Result<report::Declaration> read_declaration(const DeclarationText& found) {
  if (!found.there) return report::Declaration{};
  return found.submitted ? report::parse_declaration(found.text, found.source) : declaration_in_product(found.text, found.source);
}

base::Result<base::Buffer> frozen_evidence(const Office& office, const Request& request, const std::vector<std::string>& files, const DeclarationText& declaration, const vet::Vetted& vetted) {
  evidence::Frozen f;
  f.engine = office.engine.digest;
  f.engine_version = office.engine.version;
  f.user_rules = office.user_rules;
  f.policy_name = judge::name_of(*office.policy);
  f.at = request.at;
  f.limits = as_map(office.readers.limits);
  f.weaker = office.weaker;
  f.files = files;
  f.has_declaration = declaration.there;
  f.declaration = declaration.text;
  f.declaration_source = declaration.source;
  f.tree = vetted.tree;
  f.dossiers = vetted.dossiers;
  return evidence::freeze(f);
}

struct Descriptors {  // closes the frozen files when the run is over
  std::vector<int> files;
  ~Descriptors() {
    for (const int f : files) close(f);
  }
};

// Handed in now, and frozen; or frozen by an earlier run.
base::Result<intake::Product> take(const Office& office, const Request& request, Descriptors& open) {
  if (request.stored_report == 0) {
    const intake::Freeze freeze = [&](int descriptor) -> base::Result<intake::FrozenFile> {
      const auto frozen = TRY(office.store->freeze(descriptor, office.readers.limits.total_bytes));
      open.files.push_back(frozen.file);
      return intake::FrozenFile{frozen.file, frozen.digest, frozen.size};
    };
    return intake::take(request.paths, freeze);
  }
  intake::Product out;
  for (auto& piece : TRY(office.store->pieces(request.stored_report))) {
    intake::FrozenFile frozen{-1, piece.digest, piece.size};
    if (piece.entry.nature == artifact::Nature::file) {
      frozen.file = TRY(office.store->open_frozen(piece.digest)).file;
      open.files.push_back(frozen.file);
    }
    out.pieces.push_back({std::move(piece.entry), frozen});
  }
  out.files = request.stored_files;
  intake::complete(out);
  return out;
}

}  // namespace

report::Declaration declaration_in_product(std::string_view text, const std::string& source) {
  if (auto read = report::parse_declaration(text, source)) return std::move(*read);
  else {
    // The maker's broken declaration is no reason to stop: it declares nothing, and the report says so.
    report::Declaration none;
    none.digest = base::sha256(text).hex();
    report::DeclarationLine line;
    line.is_void = true;
    line.note = read.error().to_string();
    line.source = source;
    none.lines.push_back(std::move(line));
    return none;
  }
}

base::Digest rules_digest(const Office& office) {
  return base::Sha256().add(judge::digest_of(*office.rules).bytes).add(office.user_rules.bytes).finish();
}

void judge_evidence(const Office& office, const Request& request, const intake::Product& product, Vetting& v) {
  judge::label_known(*office.policy, v.tree, v.dossiers);
  v.product_digest = product.digest.hex();
  // Compare: what the version before had not is written into the evidence. After this, it is const.
  if (request.before) v.changes = compare_with(*request.before, request.before_is_source, v);
  const judge::Case c{v.tree, v.dossiers, v.declaration, v.waivers, v.product_digest, request.at, v.changes ? &v.changes->update : nullptr};
  auto outcome = judge::judge(c, *office.rules, *office.policy);
  // Report: redacted here, once, for every renderer.
  v.report = conclude(office, request, v, intake::identity_of(product, v.tree, v.dossiers), std::move(outcome));
}

base::Digest evidence_engine(const Office& office) {
  const auto& l = office.readers.limits;
  return base::Sha256()
      .add(office.engine.evidence.bytes)
      .add(office.user_rules.bytes)
      .add(fmt::format("{} {} {} {} {} {} {}", l.artifact_bytes, l.ratio, l.ratio_free_bytes, l.steps_base, l.steps_per_byte, l.items, l.depth))
      .finish();
}

base::Result<std::unique_ptr<Vetting>> vet_product(const Office& office, const Request& request, vet::Progress& progress, const std::atomic<bool>& stop) {
  // Take in: after this, only frozen bytes are read.
  Descriptors open;
  const auto product = TRY(take(office, request, open));
  auto out = std::make_unique<Vetting>();
  out->waivers = TRY(load_waivers(request.waiver_files, request.waiver_keys, *office.policy, request.signed_waivers));

  // Vet: unpack and examine in workers. After this, nothing reads bytes.
  std::vector<vet::Source> sources;
  for (const auto& piece : product.pieces) {
    sources.push_back({piece.entry, piece.frozen.digest, {piece.frozen.file, 0, piece.frozen.size}});
  }
  StoreCache cache(*office.store);
  vet::Settings settings;
  settings.limits = office.readers.limits;
  settings.lanes = office.threads;
  settings.depot_folder = office.store->temporary_folder();
  settings.engine = evidence_engine(office);
  settings.cache = office.use_cache ? &cache : nullptr;
  settings.stop = &stop;
  settings.keep_name = declaration_name;
  auto vetted = TRY(vet::run(sources, *office.zygote, office.readers, settings, progress));

  // Judge: from evidence to verdict.
  const auto declaration = TRY(find_declaration(request, vetted));
  out->declaration = TRY(read_declaration(declaration));
  if (request.freeze) out->frozen = TRY(frozen_evidence(office, request, product.files, declaration, vetted));
  out->tree = std::move(vetted.tree);
  out->dossiers = std::move(vetted.dossiers);
  judge_evidence(office, request, product, *out);
  const store::ReportRow row{0, out->report.product.name, out->report.product.version, out->product_digest,
                             std::string(report::name_of(out->report.verdict)), out->report.used.policy_name, request.at};
  out->id = request.stored_report;
  if (out->id == 0 && request.record) {
    std::vector<store::Piece> pieces;
    for (const auto& piece : product.pieces) pieces.push_back({piece.entry, piece.frozen.digest, piece.frozen.size});
    out->id = TRY(office.store->add_report(row, report::to_json(out->report), pieces));
  }
  return out;
}

}  // namespace app
