// The same intake, workers, budgets and temporary blobs as a vetting, but no examiner, no rule, no
// kept evidence and no report: what `assay vet` would look at, before anybody has looked.
#include "app/command_members.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <thread>

#include <nlohmann/json.hpp>

#include "app/exit_codes.h"
#include "app/office.h"
#include "app/outputs.h"
#include "intake/intake.h"
#include "vet/depot.h"
#include "vet/worker.h"

namespace app {
namespace {

using Json = nlohmann::ordered_json;

struct Listing {
  vet::Vetted vetted;
  std::vector<evidence::Tally> labels;  ///< index = node id
};

// The product, frozen for this run only: unlike a vetting's it doesn't stay in the store. One file
// holds all of it, so that a folder of many files takes one descriptor.
struct Frozen {
  vet::Depot depot;
  std::map<base::Digest, vet::Blob> blobs;
};

base::Result<intake::FrozenFile> freeze(int descriptor, std::uint64_t most, Frozen& frozen) {
  const auto start = frozen.depot.end();
  base::Sha256 sum;
  base::Buffer buffer(1 << 18);
  for (;;) {
    const auto n = ::read(descriptor, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(base::Trouble::io, "can't be read: {}", std::strerror(errno));
    if (n == 0) break;
    const auto bytes = base::slice(buffer, 0, static_cast<std::uint64_t>(n));
    if (frozen.depot.end() + bytes.size() > most) return base::fail(base::Trouble::usage, "the product is larger than the limit of {} bytes", most);
    CHECK_OK(frozen.depot.append(bytes));
    sum.add(bytes);
  }
  const auto digest = sum.finish();
  const auto blob = frozen.depot.blob_from(start);
  frozen.blobs.emplace(digest, blob);
  return intake::FrozenFile{blob.file, digest, blob.size};
}

unsigned lanes(unsigned wanted) { return wanted ? std::min(wanted, 256u) : std::max(1u, std::thread::hardware_concurrency()); }

base::Result<Listing> list(const MembersOptions& options) {
  auto readers = vet::all_readers({});
  readers.examiners.clear();
  std::vector<std::string> weaker;
  const auto zygote = TRY(start_workers(readers, options.allow_weaker, weaker));
  const auto store = TRY(open_store(options.store));
  Frozen frozen{TRY(vet::Depot::open(store.temporary_folder())), {}};
  const auto product = TRY(intake::take(options.products, [&](int descriptor) { return freeze(descriptor, readers.limits.total_bytes, frozen); }));
  std::vector<vet::Source> sources;
  for (const auto& piece : product.pieces) {
    const auto blob = frozen.blobs.find(piece.frozen.digest);
    sources.push_back({piece.entry, piece.frozen.digest, blob == frozen.blobs.end() ? vet::Blob{} : blob->second});
  }
  vet::Settings settings;
  settings.limits = readers.limits;
  settings.lanes = lanes(options.threads);
  settings.depot_folder = store.temporary_folder();
  vet::Progress progress;
  Listing out;
  out.vetted = TRY(vet::run(sources, *zygote, readers, settings, progress));
  for (const auto& dossier : out.vetted.dossiers) out.labels.push_back(evidence::tally(dossier.tiles));
  return out;
}

/// A name: escaped, with its bytes beside it where escaping changed them; as in a report.
void put(Json& object, const std::string& key, std::string_view raw) {
  auto shown = base::printable(raw);
  if (shown != raw) object[key + "_bytes"] = base::to_hex(base::bytes_of(raw));
  object[key] = std::move(shown);
}

Json of(const evidence::Tally& tally) {
  Json out = Json::object();
  for (std::size_t i = 0; i < evidence::label_count; ++i)
    if (tally.bytes[i]) out[std::string(evidence::name_of(static_cast<evidence::Label>(i)))] = tally.bytes[i];
  return out;
}

Json json_of(const Listing& listing, artifact::NodeId id) {
  const auto& node = listing.vetted.tree.nodes[id];
  const auto& dossier = listing.vetted.dossiers[id];
  Json out = Json::object();
  put(out, "place", listing.vetted.tree.place_text(id));
  put(out, "name", node.entry.name);
  out["nature"] = artifact::name_of(node.entry.nature);
  out["origin"] = artifact::name_of(node.entry.origin);
  out["depth"] = listing.vetted.tree.place(id).links.size();
  if (!node.entry.link.empty()) put(out, "link", node.entry.link);
  if (node.entry.nature == artifact::Nature::file) {
    put(out, "kind", node.kind);
    out["size"] = node.size;
    out["sha256"] = node.digest.hex();
    out["labels"] = of(listing.labels[id]);
    Json opaque = Json::object();
    for (const auto& tile : dossier.tiles)
      if (tile.label == evidence::Label::opaque) {
        const auto why = base::printable(tile.why);
        opaque[why] = opaque.value(why, std::uint64_t{0}) + tile.range.size;
      }
    if (!opaque.empty()) out["opaque"] = std::move(opaque);
  }
  out["complete"] = dossier.complete;
  out["trouble"] = Json::array();
  for (const auto& item : dossier.items)
    if (item.facet == evidence::Facet::trouble) {
      Json trouble = {{"word", item.word}, {"reader", item.examiner}};
      put(trouble, "what", item.value);
      out["trouble"].push_back(std::move(trouble));
    }
  return out;
}

std::string text_of(const Listing& listing, artifact::NodeId id) {
  const auto& node = listing.vetted.tree.nodes[id];
  const auto place = base::printable(listing.vetted.tree.place_text(id));
  std::string out;
  if (node.entry.nature == artifact::Nature::file) {
    out = fmt::format("{:<22} {:>12} {} {}\n", base::printable(node.kind), node.size, node.digest.hex(), place);
    std::string shares;
    for (std::size_t i = 0; i < evidence::label_count; ++i)
      if (const auto n = listing.labels[id].bytes[i]) shares += fmt::format(" {} {:.1f} %", evidence::name_of(static_cast<evidence::Label>(i)), 100.0 * static_cast<double>(n) / static_cast<double>(node.size));
    if (!shares.empty()) out += "  labels:" + shares + "\n";
  } else {
    out = fmt::format("{:<22} {:>12} {:<64} {}\n", artifact::name_of(node.entry.nature), "", node.entry.link.empty() ? "" : "-> " + base::printable(node.entry.link), place);
  }
  for (const auto& item : listing.vetted.dossiers[id].items)
    if (item.facet == evidence::Facet::trouble) out += fmt::format("  trouble: {}: {} ({})\n", item.word, base::printable(item.value), item.examiner);
  return out;
}

// One artifact a line, so that a listing of a large product can be read line by line.
std::string as_json(const Listing& listing) {
  evidence::Tally all;
  for (const auto& labels : listing.labels) all.add(labels);
  const auto line = [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
  std::string out = fmt::format("{{\"engine\": {},\n\"labels\": {},\n\"workers\": {},\n\"artifacts\": [", line(engine().version), line(of(all)), listing.vetted.workers);
  for (artifact::NodeId id = 1; id < listing.vetted.tree.nodes.size(); ++id) out += (id > 1 ? ",\n" : "\n") + line(json_of(listing, id));
  return out + "\n]}\n";
}

std::string as_text(const Listing& listing) {
  std::string out;
  for (artifact::NodeId id = 1; id < listing.vetted.tree.nodes.size(); ++id) out += text_of(listing, id);
  return out;
}

}  // namespace

base::Result<int> command_members(const MembersOptions& options) {
  if (options.products.empty()) return base::fail(base::Trouble::usage, "name a product to take apart");
  const auto listing = TRY(list(options));
  CHECK_OK(write_output("-", options.format == "json" ? as_json(listing) : as_text(listing)));
  return exit_pass;
}

}  // namespace app
