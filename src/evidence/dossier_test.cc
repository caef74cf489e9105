#include "evidence/dossier.h"

#include <gtest/gtest.h>

using namespace evidence;

namespace {

Item url(std::string value) {
  Item i;
  i.facet = Facet::endpoint;
  i.word = "url";
  i.value = std::move(value);
  return i;
}

}  // namespace

TEST(Dossier, EqualItemsAreKeptOnceWithACountInOneOrder) {
  Dossier a, b;
  a.items = {url("2"), url("1"), url("2")};
  b.items = {url("1"), url("2"), url("2")};
  settle(a);
  settle(b);
  ASSERT_EQ(a.items.size(), 2u);
  EXPECT_EQ(a.items[1].count, 2u);
  EXPECT_EQ(a.items, b.items);
  EXPECT_TRUE(a.complete);
}

TEST(Dossier, WhatIsDroppedMakesItIncomplete) {
  Dossier d;
  for (int i = 0; i < 10; ++i) d.items.push_back(url(std::to_string(i)));
  settle(d, 4);
  EXPECT_FALSE(d.complete);
  ASSERT_EQ(d.items.size(), 5u);
  EXPECT_EQ(d.items.back().facet, Facet::trouble);
  EXPECT_EQ(d.items.back().attributes.at("dropped"), "6");
}
