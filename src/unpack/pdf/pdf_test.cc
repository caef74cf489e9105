#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& pdf();
namespace {

std::string document() {
  const auto packed = deflated("MZ this is a program", 15), script = deflated("app.launchURL('http://a.invalid')", 15), objects = deflated("7 0 <</S/JavaScript/JS(three\\(\\051)>>", 15);
  return "%PDF-1.7\n1 0 obj\n<</Type/Catalog/OpenAction<</S/JavaScript/JS (one\\n)>>>>\nendobj\n2 0 obj\n<</S/JavaScript/JS 3 0 R>>\nendobj\n3 0 obj\n<</Length 5/Filter/FlateDecode>>stream\n" + script +
         "\nendstream\nendobj\n4 0 obj <</Type /EmbeddedFile /Filter /FlateDecode>>\nstream\r\n" + packed + "\nendstream endobj\n5 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + objects +
         "\nendstream\nendobj\n6 0 obj<</Filter/FlateDecode>>stream\n" + deflated("page", 15) + "\nendstream\nendobj\n%%EOF\n";
}

TEST(Pdf, FilesAndScriptsOnly) {
  const auto r = evidence::read_alone(pdf(), base::bytes_of(document()), "pdf");
  ASSERT_TRUE(r.result) << r.result.error().what;
  std::vector<std::string> contents;
  for (const auto& c : r.sink.children) contents.emplace_back(base::text_of(c.bytes));
  EXPECT_EQ(contents, (std::vector<std::string>{"one\n", "three()", "app.launchURL('http://a.invalid')", "MZ this is a program"}));
  EXPECT_EQ(r.sink.children[0].entry.kind, "script/javascript");
  EXPECT_EQ(r.sink.children[3].entry.name, "embedded-file-0");
}
TEST(Pdf, EncryptionIsATrouble) {
  EXPECT_TRUE(evidence::read_alone(pdf(), base::bytes_of("%PDF-1.4 trailer<</Encrypt 9 0 R>>"), "pdf").sink.has(evidence::Facet::trouble, "encrypted"));
}
TEST(Pdf, Survives) { expect_survives(pdf(), document(), "pdf", 6000); }

}  // namespace
}  // namespace unpack
