// Cuts a product into the scopes that rules look at: functions, files, steps, packages, the product.
//   function  facts of one artifact with the same `unit`
//   file      one artifact and what was decoded out of it (origin decoded, transitively)
//   step      the file of an artifact that runs at install, update, removal, build or start (a service's
//             file is one too), and the files that it runs, loads or includes (references resolved
//             inside the same package)
//   package   everything under Tree::package_of
//   product   everything
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "artifact/tree.h"
#include "evidence/dossier.h"
#include "judge/evaluate.h"

namespace judge {

struct Instance {
  Reach reach = Reach::file;
  artifact::NodeId anchor = 0;
  std::string unit;      ///< of a function
  bool complete = true;
  std::map<AtomId, std::vector<Hit>> hits;
};

inline constexpr std::size_t most_reference_depth = 8;

class Scopes {
 public:
  Scopes(const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers);

  std::vector<Instance> instances;
  /// By atom, a bit for each reach whose rules ask it; others are not recorded. Empty = all.
  std::vector<std::uint8_t> asked;
  /// Instances of a reach that hold a hit of the atom, ascending.
  const std::vector<std::uint32_t>& holding(Reach reach, AtomId atom) const;
  std::vector<std::uint32_t> all(Reach reach) const;

  /// Records a hit that is true at `from` in every scope around it: its own reach and wider.
  /// `unit` is nullptr for what is true of every function of the artifact.
  void add(AtomId atom, const Hit& hit, Reach from, const std::string* unit);
  /// The same for the answer of a rule at an instance.
  void add_match(AtomId atom, const Hit& hit, const Instance& at) { add(atom, hit, at.reach, at.reach == Reach::function ? &at.unit : nullptr); }

  /// The file that a reference of this artifact names, in the same package.
  std::vector<artifact::NodeId> resolve(artifact::NodeId from, std::string_view value) const;
  /// True if some step's scope holds the artifact.
  bool in_step(artifact::NodeId node) const { return !member_[node].steps.empty(); }

 private:
  struct Membership {
    std::uint32_t file = 0, package = 0;
    std::vector<std::uint32_t> steps;
    std::map<std::string, std::uint32_t, std::less<>> functions;
  };
  void make_files(const artifact::Tree& tree);
  void make_packages(const artifact::Tree& tree);
  void index_paths(const artifact::Tree& tree);
  void make_steps(const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers);
  std::uint32_t make(Reach reach, artifact::NodeId anchor, std::string unit = {});
  void put(std::uint32_t instance, AtomId atom, const Hit& hit);
  std::set<artifact::NodeId> reached(artifact::NodeId root, const std::vector<evidence::Dossier>& dossiers) const;

  std::vector<Membership> member_;
  std::vector<std::string> path_;            ///< by node: path in its package
  std::vector<artifact::NodeId> package_;    ///< by node
  std::vector<std::vector<artifact::NodeId>> file_nodes_;  ///< by file root: its artifacts
  std::map<std::pair<artifact::NodeId, std::string>, std::vector<artifact::NodeId>> by_path_;
  std::map<std::pair<Reach, AtomId>, std::vector<std::uint32_t>> holding_;
  std::uint32_t product_ = 0;
};

}  // namespace judge
