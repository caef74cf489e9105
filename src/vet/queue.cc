// Depth of the fences here: a generation's results are final before the next one is planned.
#include "vet/queue.h"

#include <unistd.h>

#include <algorithm>

#include "base/checked.h"
#include "evidence/reader.h"
#include "vet/asking.h"
#include "vet/batches.h"
#include "vet/lanes.h"

namespace vet {
namespace {

using artifact::NodeId;
using base::Trouble;
using evidence::Item;

constexpr std::uint64_t most_kept = 1 << 20;

class Run {
 public:
  Run(confine::Zygote& zygote, const Readers& readers, const Settings& settings, Progress& progress)
      : asking_(zygote, readers), settings_(settings), progress_(progress) {}

  base::Result<Vetted> all(const std::vector<Source>& product) {
    lanes_.emplace(TRY(Lanes::open(settings_.lanes, settings_.depot_folder)));
    plant(product);
    std::vector<NodeId> generation = out_.tree.nodes[0].children;
    for (std::uint32_t depth = 0; !generation.empty(); ++depth) {
      if (depth >= settings_.limits.depth) {
        for (const auto id : generation) refuse(id, "containers are nested deeper than the limit of " + std::to_string(depth));
        break;
      }
      CHECK_OK(examine(generation));
      generation = grow(generation);
    }
    CHECK_OK(keep_named());
    finish();
    return std::move(out_);
  }

 private:
  NodeId add(NodeId parent, artifact::Entry entry, const base::Digest& digest, std::uint64_t size, Blob blob) {
    const auto id = static_cast<NodeId>(out_.tree.nodes.size());
    artifact::Node node;
    node.parent = parent;
    node.entry = std::move(entry);
    node.digest = digest;
    node.size = size;
    out_.tree.nodes.push_back(std::move(node));
    out_.dossiers.emplace_back();
    out_.details.emplace_back();
    blobs_.push_back(blob);
    pending_.emplace_back();
    if (parent != artifact::no_node) out_.tree.nodes[parent].children.push_back(id);
    progress_.artifacts_known += 1;
    progress_.bytes_known += size;
    return id;
  }

  void plant(const std::vector<Source>& product) {
    artifact::Entry root;
    root.nature = artifact::Nature::directory;
    root.origin = artifact::Origin::product;
    add(artifact::no_node, root, {}, 0, {});
    for (const auto& source : product) add(0, source.entry, source.digest, source.blob.size, source.blob);
    entries_left_ = settings_.limits.entries;
    // A small product may not claim the whole budget: layers of archives multiply their ratios.
    std::uint64_t handed_in = 0;
    for (const auto& source : product) handed_in += source.blob.size;
    const auto& l = settings_.limits;
    bytes_left_ = std::min(l.total_bytes, std::max(16 * l.ratio_free_bytes, base::checked_mul(handed_in, l.ratio).value_or(UINT64_MAX)));
  }

  bool has_content(NodeId id) const { return out_.tree.nodes[id].entry.nature == artifact::Nature::file; }

  // A node that is not read at all: opaque, and the verdict knows why.
  void refuse(NodeId id, const std::string& why) {
    auto& dossier = out_.dossiers[id];
    dossier.items.push_back(trouble("limit", why));
    dossier.complete = false;
    const auto size = out_.tree.nodes[id].size;
    if (size) dossier.tiles = {{{0, size}, evidence::Label::opaque, "limit"}};
  }

  Job job_for(NodeId id) const {
    Job job;
    job.place = out_.tree.place(id);
    if (job.place.links.size() > 1) job.place.links.front().name.clear();
    job.entry = out_.tree.nodes[id].entry;
    job.most_output = std::min(bytes_left_, settings_.limits.total_bytes);
    job.most_children = static_cast<std::uint32_t>(std::min<std::uint64_t>(entries_left_, UINT32_MAX));
    return job;
  }

  base::Digest key_of(NodeId id, const Job& job) const {
    // The budgets left are no part of the key: a result that was cut short by them is incomplete,
    // and incomplete results are never kept.
    Job context = job;
    context.most_output = 0;
    context.most_children = 0;
    return base::Sha256().add(settings_.engine.bytes).add(out_.tree.nodes[id].digest.bytes).add(encode(context)).finish();
  }

  base::Result<> examine(const std::vector<NodeId>& generation) {
    std::vector<NodeId> todo;
    for (const auto id : generation) {
      if (!has_content(id)) {
        progress_.artifacts_done += 1;
        continue;
      }
      if (settings_.cache)
        if (auto kept = settings_.cache->find(key_of(id, job_for(id)))) {
          auto result = decode_result(*kept);
          if (result && fits_budget(*result)) {
            pending_[id].result = std::move(*result);
            pending_[id].blobs.assign(pending_[id].result.children.size(), {});
            pending_[id].done = true;
            ++out_.cached;
            progress_.from_cache += 1;
            progress_.artifacts_done += 1;
            progress_.bytes_done += out_.tree.nodes[id].size;
            continue;
          }
        }
      todo.push_back(id);
    }
    CHECK_OK(reopen(todo));
    CHECK_OK(read_all(generation, todo));
    if (settings_.cache) {
      for (const auto id : todo)
        if (pending_[id].done && pending_[id].result.dossier.complete) settings_.cache->keep(key_of(id, job_for(id)), encode(pending_[id].result));
      settings_.cache->flush();
    }
    return {};
  }

  static std::uint64_t output_of(const JobResult& r) {
    std::uint64_t sum = 0;
    for (const auto& child : r.children) sum += child.size;
    return sum;
  }
  bool fits_budget(const JobResult& r) const { return r.children.size() <= entries_left_ && output_of(r) <= bytes_left_; }

  // All at once, each with the whole budget; when together they need more than there is, once more
  // in tree order, each with what the ones before it left: the same answer on every machine, and
  // never more on disk than the budget and one artifact for each lane.
  base::Result<> read_all(const std::vector<NodeId>& generation, const std::vector<NodeId>& todo) {
    std::atomic<std::uint64_t> bytes{0}, entries{0};
    for (const auto id : generation) bytes += output_of(pending_[id].result), entries += pending_[id].result.children.size();
    const auto mark = lanes_->mark();
    CHECK_OK(in_lanes(batches(todo, settings_.lanes, [this](NodeId id) { return blobs_[id]; }), [&](const Batch& batch, Depot& depot) -> base::Result<> {
      if (bytes > bytes_left_ || entries > entries_left_) return {};
      CHECK_OK(read_batch(batch, depot));
      for (const auto id : batch) bytes += output_of(pending_[id].result), entries += pending_[id].result.children.size();
      return {};
    }));
    if (bytes <= bytes_left_ && entries <= entries_left_) return {};
    CHECK_OK(lanes_->drop(mark));
    for (const auto id : todo) pending_[id] = {};
    auto bytes_left = bytes_left_, entries_left = entries_left_;
    std::size_t next = 0;
    for (const auto id : generation) {
      if (settings_.stop && settings_.stop->load()) return base::fail(Trouble::io, "stopped");
      if (next < todo.size() && todo[next] == id) {
        ++next;
        auto job = job_for(id);
        job.most_output = bytes_left;
        job.most_children = static_cast<std::uint32_t>(std::min<std::uint64_t>(entries_left, UINT32_MAX));
        CHECK_OK(read({{id, std::move(job), blobs_[id]}}, lanes_->first()));
      }
      bytes_left -= std::min(bytes_left, output_of(pending_[id].result));
      entries_left -= std::min<std::uint64_t>(entries_left, pending_[id].result.children.size());
    }
    return {};
  }

  // Nodes whose parent came from the cache have no bytes: read the parents again, for their
  // children's bytes only. Parents first, up to the product, whose bytes are always there.
  base::Result<> reopen(const std::vector<NodeId>& nodes) {
    std::vector<NodeId> parents;
    for (const auto id : nodes)
      if (!blobs_[id].there()) parents.push_back(out_.tree.nodes[id].parent);
    if (parents.empty()) return {};
    std::ranges::sort(parents);
    parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
    CHECK_OK(reopen(parents));
    std::vector<Batch> alone;
    for (const auto id : parents) alone.push_back({id});
    return in_lanes(std::move(alone), [this](const Batch& batch, Depot& depot) -> base::Result<> {
      const auto id = batch.front();
      std::string blame;
      auto got = TRY(asking_.one({id, job_for_reopening(id), blobs_[id]}, depot, blame));
      const auto& children = out_.tree.nodes[id].children;
      if (got.result.children.size() != children.size()) return base::fail(Trouble::bug, "an artifact read twice has other members");
      for (std::size_t i = 0; i < children.size(); ++i) {
        if (got.result.children[i].digest != out_.tree.nodes[children[i]].digest && has_content(children[i]))
          return base::fail(Trouble::bug, "an artifact read twice has other content");
        blobs_[children[i]] = got.blobs[i];
      }
      return {};
    });
  }

  Job job_for_reopening(NodeId id) const {
    auto job = job_for(id);
    job.most_output = settings_.limits.total_bytes;
    job.most_children = static_cast<std::uint32_t>(settings_.limits.entries);
    return job;
  }

  template <class Work>
  base::Result<> in_lanes(std::vector<Batch> work_list, Work work) {
    const auto size_of = [this](const Batch& batch) {
      std::uint64_t sum = 0;
      for (const auto id : batch) sum += out_.tree.nodes[id].size;
      return sum;
    };
    return lanes_->each(std::move(work_list), size_of, [&](const Batch& batch, Depot& depot) -> base::Result<> {
      if (settings_.stop && settings_.stop->load()) return base::fail(Trouble::io, "stopped");
      return work(batch, depot);
    });
  }

  base::Result<> read_batch(const Batch& batch, Depot& depot) {
    std::vector<Asked> asked;
    for (const auto id : batch) asked.push_back({id, job_for(id), blobs_[id]});
    return read(std::move(asked), depot);
  }

  base::Result<> read(std::vector<Asked> asked, Depot& depot) {
    progress_.set_current(out_.tree.place_text(asked.front().id));
    return asking_.all(std::move(asked), depot, [this](const Asked& a, Received&& got) {
      pending_[a.id] = std::move(got);
      progress_.artifacts_done += 1;
      progress_.bytes_done += a.blob.size;
    });
  }

  // Takes a generation's results into the tree, in tree order, and deals out the budgets.
  std::vector<NodeId> grow(const std::vector<NodeId>& generation) {
    std::vector<NodeId> next;
    for (const auto id : generation) {
      if (!has_content(id)) continue;
      auto pending = std::move(pending_[id]);
      pending_[id] = {};
      out_.tree.nodes[id].kind = pending.result.kind;
      out_.details[id] = pending.result.detail;
      out_.dossiers[id] = std::move(pending.result.dossier);
      bool over = false;
      for (std::size_t i = 0; i < pending.result.children.size(); ++i) {
        auto& child = pending.result.children[i];
        if (entries_left_ == 0 || child.size > bytes_left_) {
          over = true;
          break;
        }
        --entries_left_;
        bytes_left_ -= child.size;
        next.push_back(add(id, std::move(child.entry), child.digest, child.size, pending.blobs[i]));
      }
      if (over) {
        out_.dossiers[id].items.push_back(trouble("limit", "the product's budget of entries or bytes is used up; later members were not read"));
        out_.dossiers[id].complete = false;
      }
    }
    return next;
  }

  // Content that a later phase reads: the declaration inside the product.
  base::Result<> keep_named() {
    if (settings_.keep_name.empty()) return {};
    std::vector<NodeId> wanted;
    for (NodeId id = 0; id < out_.tree.nodes.size(); ++id) {
      const auto& node = out_.tree.nodes[id];
      if (has_content(id) && node.size <= most_kept && artifact::Place{{{node.entry.name, "", node.entry.origin}}}.file_name() == settings_.keep_name) wanted.push_back(id);
    }
    CHECK_OK(reopen(wanted));
    for (const auto id : wanted) {
      base::Buffer bytes(out_.tree.nodes[id].size);
      if (pread(blobs_[id].file, bytes.data(), bytes.size(), static_cast<off_t>(blobs_[id].offset)) != static_cast<ssize_t>(bytes.size()))
        return base::fail(Trouble::io, "a member can't be read back");
      out_.kept[id] = std::move(bytes);
    }
    return {};
  }

  void finish() {
    for (auto& dossier : out_.dossiers) evidence::settle(dossier);
    const auto renamed = out_.tree.settle();
    std::vector<evidence::Dossier> dossiers(out_.dossiers.size());
    std::vector<std::string> details(out_.details.size());
    for (std::size_t i = 0; i < renamed.size(); ++i) {
      dossiers[renamed[i]] = std::move(out_.dossiers[i]);
      details[renamed[i]] = std::move(out_.details[i]);
    }
    out_.dossiers = std::move(dossiers);
    out_.details = std::move(details);
    std::map<NodeId, base::Buffer> kept;
    for (auto& [id, bytes] : out_.kept) kept[renamed[id]] = std::move(bytes);
    out_.kept = std::move(kept);
    out_.workers = asking_.workers();
  }

  Asking asking_;
  const Settings& settings_;
  Progress& progress_;
  std::optional<Lanes> lanes_;
  Vetted out_;
  std::vector<Blob> blobs_;        // by node, before settling
  std::vector<Received> pending_;  // by node: a generation's results on their way into the tree
  std::uint64_t entries_left_ = 0, bytes_left_ = 0;
};

}  // namespace

base::Result<Vetted> run(const std::vector<Source>& product, confine::Zygote& zygote, const Readers& readers, const Settings& settings, Progress& progress) {
  return Run(zygote, readers, settings, progress).all(product);
}

}  // namespace vet
