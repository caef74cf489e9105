#include "gate/clamd/request.h"

#include <gtest/gtest.h>

namespace gate::clamd {
namespace {

using namespace std::string_literals;

std::pair<Parsed, Request> take(std::string bytes, bool no_more = false) {
  Request out;
  const auto parsed = take_request(bytes, out, no_more);
  return {parsed, out};
}

// What clamdscan, c-icap, npm's clamscan and clamdjs were seen to send.
TEST(ClamdRequest, RealClients) {
  EXPECT_EQ(take("zPING\0"s).second.verb, Verb::ping);
  EXPECT_EQ(take("zPING\0"s).second.ending, '\0');
  EXPECT_EQ(take("nVERSION\n").second.verb, Verb::version);
  EXPECT_EQ(take("zVERSIONCOMMANDS\0"s).second.verb, Verb::version_commands);
  EXPECT_EQ(take("zINSTREAM\0"s).second.verb, Verb::instream);
  EXPECT_EQ(take("nFILDES\n").second.verb, Verb::fildes);
  EXPECT_EQ(take("zIDSESSION\0zFILDES\0"s).second.verb, Verb::session);
  EXPECT_EQ(take("zCONTSCAN /a b\nc\0"s).second.argument, "/a b\nc") << "a NUL ends it, not a newline";
  EXPECT_EQ(take("PING").second.verb, Verb::ping) << "one client sends no end at all: waiting for one hangs it";
  EXPECT_EQ(take("PING\n").second.ending, '\n');
  EXPECT_EQ(take("SCAN /a/b").second.argument, "/a/b");
  EXPECT_EQ(take("STATS\r\n").second.verb, Verb::stats);
}

TEST(ClamdRequest, WaitsOnlyForWhatMayStillCome) {
  EXPECT_EQ(take("").first, Parsed::need_more);
  EXPECT_EQ(take("zPING").first, Parsed::need_more);
  EXPECT_EQ(take("PI").first, Parsed::need_more);
  EXPECT_EQ(take("VERSION").first, Parsed::need_more);
  EXPECT_EQ(take("VERSION", true).second.verb, Verb::version);
  EXPECT_EQ(take("GET / HTTP/1.1\r\n").second.verb, Verb::unknown);
  EXPECT_EQ(take(std::string(most_request_bytes + 2, 'z')).first, Parsed::too_long);
  EXPECT_EQ(take(std::string(most_request_bytes + 2, 'A')).first, Parsed::too_long);
}

TEST(ClamdRequest, WhatIsNoCommandIsUnknown) {
  for (const auto* text : {"nPING x\n", "nSCAN\n", "nSCAN \n", "nping\n", "n\n", "nINSTREAMS\n", "nn\n"}) EXPECT_EQ(take(text).second.verb, Verb::unknown) << text;
  EXPECT_EQ(take("nSCAN /a\0b\n"s).second.verb, Verb::unknown) << "the system would open /a";
}

TEST(ClamdRequest, TakesOneAndLeavesTheRest) {
  auto bytes = "zIDSESSION\0zFILDES\0.zEND\0"s;
  Request out;
  EXPECT_EQ(take_request(bytes, out, false), Parsed::request);
  EXPECT_EQ(take_request(bytes, out, false), Parsed::request);
  EXPECT_EQ(bytes, ".zEND\0"s);
}

std::string content(std::string_view sent, std::uint64_t most, Chunks::State& state) {
  Chunks chunks(most);
  std::string out;
  auto rest = base::bytes_of(sent);
  for (;;) {
    std::size_t taken = 0;
    base::Bytes part;
    state = chunks.take(rest, taken, part);
    out += base::text_of(part);
    rest = rest.subspan(taken);
    if (state != Chunks::State::more || taken == 0) return out;
  }
}

TEST(ClamdRequest, ChunksCutAnywhere) {
  const auto sent = "\0\0\0\3abc\0\0\0\2de\0\0\0\0"s;
  Chunks::State state;
  for (std::size_t cut = 0; cut <= sent.size(); ++cut) {
    const auto got = content(std::string_view(sent).substr(0, cut), 100, state);
    EXPECT_TRUE(std::string_view("abcde").starts_with(got));
    EXPECT_EQ(state, cut == sent.size() ? Chunks::State::end : Chunks::State::more);
  }
}

TEST(ClamdRequest, TooLargeIsToldBeforeItIsTaken) {
  Chunks::State state;
  content("\0\0\0\3abc\0\0\0\3"s, 5, state);
  EXPECT_EQ(state, Chunks::State::too_large);
  EXPECT_EQ(content("\xff\xff\xff\xff"s, 5, state), "");
  EXPECT_EQ(state, Chunks::State::too_large);
  EXPECT_EQ(content("\0\0\0\5abcde\0\0\0\0"s, 5, state), "abcde");
  EXPECT_EQ(state, Chunks::State::end);
}

}  // namespace
}  // namespace gate::clamd
