#include "artifact/tree.h"

#include <gtest/gtest.h>

using namespace artifact;

namespace {

NodeId add(Tree& t, NodeId parent, std::string name, std::string kind, Origin origin = Origin::member) {
  Node n;
  n.parent = parent;
  n.entry.name = std::move(name);
  n.entry.origin = origin;
  n.kind = std::move(kind);
  t.nodes.push_back(n);
  const auto id = static_cast<NodeId>(t.nodes.size() - 1);
  if (parent != no_node) t.nodes[parent].children.push_back(id);
  return id;
}

}  // namespace

TEST(Tree, SettlesDepthFirstAndPlacesAreKept) {
  Tree t;
  add(t, no_node, "", "");
  const auto deb = add(t, 0, "x.deb", "deb", Origin::product);
  const auto other = add(t, 0, "y", "text", Origin::product);
  const auto layer = add(t, deb, "data.tar.xz", "xz");
  const auto tar = add(t, layer, "", "tar", Origin::layer);
  const auto file = add(t, tar, "./usr/bin/x", "elf");
  const auto renamed = t.settle();
  EXPECT_EQ(renamed[other], 5u);
  EXPECT_EQ(renamed[file], 4u);
  EXPECT_EQ(t.place_text(4), "x.deb//data.tar.xz//(layer)//./usr/bin/x");
  EXPECT_EQ(t.package_of(4), 1u);
  EXPECT_EQ(t.package_of(5), 0u);
  const auto place = t.place(4);
  EXPECT_EQ(place.path(), "usr/bin/x");
  EXPECT_EQ(place.file_name(), "x");
  EXPECT_EQ(place.ancestor(0), "tar");
  EXPECT_TRUE(place.inside("deb"));
  EXPECT_FALSE(place.inside("elf"));
  EXPECT_EQ(t.place(3).path(), "data.tar.xz");  // a layer keeps the path of its compressed form
}

TEST(Entry, PathsAreNormalisedButNotResolved) {
  EXPECT_EQ(normal_path("./usr//bin/./x"), "usr/bin/x");
  EXPECT_EQ(normal_path("/etc/passwd"), "etc/passwd");
  EXPECT_EQ(normal_path("a/../b"), "a/../b");
}

TEST(Tree, PackageKindsAreFound) {
  for (const auto* kind : {"deb", "npm", "oci-image", "xpi", "aab"}) EXPECT_TRUE(is_package_kind(kind)) << kind;
  EXPECT_FALSE(is_package_kind("zip"));
}
