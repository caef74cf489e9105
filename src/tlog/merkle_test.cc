// Other people's proofs, good and bad (transparency-dev/merkle testdata), and trees of our own.
#include "tlog/merkle.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/base64.h"

using namespace tlog;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

bool is_hash(const json& value) { return !value.is_null() && base::from_base64(value.get<std::string>()).value_or(base::Buffer()).size() == 32; }

/// Some roots of the consistency tests are short words that stand for "any root": equal words become equal hashes.
Hash hash_of(const json& value) {
  const auto bytes = base::from_base64(value.is_null() ? "" : value.get<std::string>());
  if (!bytes || bytes->size() != 32) return base::sha256(bytes ? base::Bytes(*bytes) : base::Bytes());
  Hash out;
  std::copy(bytes->begin(), bytes->end(), out.bytes.begin());
  return out;
}

std::vector<Hash> hashes_of(const json& value) {
  std::vector<Hash> out;
  if (value.is_array())
    for (const auto& one : value) out.push_back(hash_of(one));
  return out;
}

bool holds(const std::string& kind, const json& test) {
  const auto proof = hashes_of(test["proof"]);
  if (kind.ends_with("inclusion") && !(is_hash(test["leafHash"]) && is_hash(test["root"]))) return false;  // no Hash can be of another size
  if (kind == "inclusion") return check_inclusion(test["leafIdx"], test["treeSize"], hash_of(test["leafHash"]), proof, hash_of(test["root"])).has_value();
  if (kind == "subtreeinclusion") return check_subtree_inclusion(test["leafIdx"], {test["start"], test["end"]}, hash_of(test["leafHash"]), proof, hash_of(test["root"])).has_value();
  const auto root1 = hash_of(test["root1"]), root2 = hash_of(test["root2"]);
  if (kind == "consistency") return check_consistency(test["size1"], test["size2"], proof, root1, root2).has_value();
  return check_subtree_consistency({test["start"], test["end"]}, test["size"], proof, root1, root2).has_value();
}

/// The data calls a proof from the empty tree meaningless, and so an error; here it holds, and proves nothing.
bool is_from_empty_tree(const std::string& kind, const json& test) { return kind == "consistency" && test["size1"] == 0 && test["size2"] != 0 && test["proof"].empty() && hash_of(test["root1"]) == empty_root(); }

int try_all(const std::string& kind) {
  const char* shared = std::getenv("ASSAY_SHARED");
  const auto folder = fs::path(shared ? shared : ASSAY_SOURCE_DIR "/../shared") / "data/signing/merkle/testdata" / kind;
  int tried = 0;
  if (!fs::exists(folder)) return -1;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path());
    const auto test = json::parse(in);
    EXPECT_EQ(holds(kind, test), !test["wantErr"].get<bool>() || is_from_empty_tree(kind, test)) << entry.path() << ": " << test["desc"];
    ++tried;
  }
  return tried;
}

}  // namespace

TEST(Merkle, OtherPeoplesProofs) {
  for (const auto& [kind, count] : std::initializer_list<std::pair<const char*, int>>{{"inclusion", 98}, {"consistency", 98}, {"subtreeinclusion", 204}, {"subtreeconsistency", 118}}) {
    const auto tried = try_all(kind);
    if (tried < 0) GTEST_SKIP() << "the shared data is not here";
    EXPECT_EQ(tried, count) << kind;
  }
}

TEST(Merkle, TheEmptyTreeAndTheLimits) {
  EXPECT_EQ(empty_root().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const auto leaf = leaf_hash({});
  EXPECT_EQ(leaf.hex(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");  // RFC 6962's test tree
  EXPECT_FALSE(check_inclusion(0, 0, leaf, {}, empty_root()));
  EXPECT_TRUE(check_inclusion(0, 1, leaf, {}, leaf));
  const std::vector<Hash> many(70, leaf);
  EXPECT_FALSE(check_inclusion(UINT64_MAX - 1, UINT64_MAX, leaf, many, leaf)) << "a proof longer than any tree is high";
  EXPECT_FALSE(check_consistency(UINT64_MAX - 1, UINT64_MAX, many, leaf, leaf));
}
