#include "tlog/note.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "tlog/checkpoint.h"
#include "tlog/proof.h"
#include "tlog/testing.h"

using namespace tlog;
using namespace tlog::testing;

namespace {

// Another implementation's key and note (the example of Go's sumdb/note).
constexpr auto foreign_vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr auto foreign_note =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
// The examples of signed-note and tlog-cosignature; their keys are not published.
constexpr auto note_with_gap =
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
constexpr auto cosigned_note =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

std::string signed_by(std::string text, std::initializer_list<std::pair<const NoteKey*, const sign::Signer*>> keys, std::int64_t time = 1'800'000'000) {
  Note note{std::move(text), {}};
  for (const auto& [key, signer] : keys) note.signatures.push_back(sign_note(note.text, *key, *signer, time).value());
  return note.print();
}

}  // namespace

TEST(Note, AnothersNoteAndKeyHold) {
  const auto key = NoteKey::parse(foreign_vkey);
  ASSERT_TRUE(key) << key.error().to_string();
  EXPECT_EQ(key->vkey(), foreign_vkey);
  EXPECT_EQ(key->id, 0xc74f20a3u);
  const auto note = Note::parse(foreign_note);
  ASSERT_TRUE(note) << note.error().to_string();
  EXPECT_EQ(note->print(), foreign_note);
  EXPECT_EQ(check_note(*note, *key), 0);
  EXPECT_TRUE(NoteKey::parse("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"));
}

TEST(Note, TheSpecificationsExamplesAreRead) {
  const auto gap = Note::parse(note_with_gap);
  ASSERT_TRUE(gap);
  EXPECT_TRUE(gap->text.ends_with("sole:\n\ned è subito sera.\n"));
  EXPECT_EQ(gap->signatures.at(0).name, "quasimodo.example/salvatore");
  const auto cosigned = Note::parse(cosigned_note);
  ASSERT_TRUE(cosigned);
  EXPECT_EQ(cosigned->signatures.at(1).bytes.size(), 72u);
  const auto checkpoint = Checkpoint::parse(cosigned->text);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->size, 20852163u);
  EXPECT_EQ(checkpoint->print(), cosigned->text);
}

TEST(Note, EverySingleBitCounts) {
  const auto key = NoteKey::parse(foreign_vkey).value();
  const std::string good = foreign_note;
  for (std::size_t i = 0; i < good.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      const auto note = Note::parse(bad);
      EXPECT_FALSE(note && check_note(*note, key)) << "byte " << i << ", bit " << bit;
    }
  for (std::size_t i = 0; i < good.size(); ++i) {
    const auto note = Note::parse(good.substr(0, i));
    EXPECT_FALSE(note && check_note(*note, key)) << "cut at " << i;
  }
}

TEST(Note, WhatIsNoNoteIsRefused) {
  for (const std::string bad : {"", "text\n", "text\n\n", "text\n\n— name\n", "text\n\n— name AAAA\n", "text\n\n- name AAAAAAAA\n", "text\n\n— na+me AAAAAAAA\n", "text\n\n— n AAAAAAAA", "te\rxt\n\n— n AAAAAAAA\n",
                                "te\xFFxt\n\n— n AAAAAAAA\n", "te\xC0\x80xt\n\n— n AAAAAAAA\n", "te\xED\xA0\x80xt\n\n— n AAAAAAAA\n", "text\n\n— n\xC2\xA0m AAAAAAAA\n"})
    EXPECT_FALSE(Note::parse(bad)) << base::printable(bad);
  std::string many = "text\n\n";
  for (int i = 0; i < 100; ++i) many += "— n AAAAAAA=\n";
  EXPECT_TRUE(Note::parse(many));
  EXPECT_EQ(Note::parse(many + "— n AAAAAAA=\n").error().trouble, base::Trouble::limit);
  EXPECT_EQ(Note::parse(std::string(2 << 20, 'x')).error().trouble, base::Trouble::limit);
}

TEST(Note, KeysThatDontFitTheirNameAreRefused) {
  for (const std::string bad : {"", "a", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                "PeterNeumann+c74f20a3+AhpcARpc", "PeterNeumann+c74f20a3+", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA==", "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"})
    EXPECT_FALSE(NoteKey::parse(bad)) << bad;
}

TEST(Note, EachKindOfSignatureGoesRound) {
  const auto ed = new_signer(), ec = new_signer(sign::Algorithm::ecdsa_p256);
  const auto log = key_of(*ed, "log.example/1"), other = key_of(*ec, "log.example/1", NoteType::ecdsa), witness = key_of(*ed, "witness.example", NoteType::cosignature);
  EXPECT_NE(log.id, witness.id);
  for (const auto* key : {&log, &other, &witness}) EXPECT_EQ(NoteKey::parse(key->vkey())->full_id, key->full_id);
  const auto note = Note::parse(signed_by("some text\n", {{&log, ed.get()}, {&other, ec.get()}, {&witness, ed.get()}}));
  ASSERT_TRUE(note);
  EXPECT_EQ(check_note(*note, log), 0);
  EXPECT_EQ(check_note(*note, other), 0);
  EXPECT_EQ(check_note(*note, witness), 1'800'000'000);
  const auto stranger = new_signer();
  EXPECT_FALSE(check_note(*note, key_of(*stranger, "log.example/1")));
  EXPECT_FALSE(sign_note("text\n", log, *stranger, 0)) << "a key must not sign under another's name";
  EXPECT_FALSE(NoteKey::make("w", NoteType::cosignature, ec->public_key())) << "cosignature/v1 is Ed25519";
}

TEST(Note, ACosignaturesTimeIsSigned) {
  const auto ed = new_signer();
  const auto witness = key_of(*ed, "witness.example", NoteType::cosignature);
  auto note = Note::parse(signed_by("some text\n", {{&witness, ed.get()}})).value();
  note.signatures[0].bytes[7] ^= 1;
  EXPECT_FALSE(check_note(note, witness));
  note.signatures[0].bytes[7] ^= 1;
  note.signatures[0].bytes.resize(71);
  EXPECT_FALSE(check_note(note, witness));
}

TEST(Checkpoint, FormsThatArentOne) {
  const std::string root = base::to_base64(empty_root().bytes);
  EXPECT_TRUE(Checkpoint::parse("o\n0\n" + root + "\n"));
  EXPECT_TRUE(Checkpoint::parse("o\n1\n" + root + "\nextension\n"));
  for (const std::string& bad : std::vector<std::string>{"", "o\n", "o\n1\n", "\n1\n" + root + "\n", "o\n01\n" + root + "\n", "o\n-1\n" + root + "\n", "o\n+1\n" + root + "\n", "o\n 1\n" + root + "\n", "o\n9223372036854775808\n" + root + "\n",
                                "o\n99999999999999999999\n" + root + "\n", "o\n1\n" + root, "o\n1\nAAAA\n", "o\n1\n" + root + "\n\n", "o\n1\n" + root + "\n\nx\n", "o\n0x1\n" + root + "\n", "o\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"})
    EXPECT_FALSE(Checkpoint::parse(bad)) << base::printable(bad);
}

TEST(Checkpoint, TrustAsksForTheLogTheOriginAndTheQuorum) {
  const auto s = new_signer(), w1 = new_signer(), w2 = new_signer();
  const auto log = key_of(*s, "log.example");
  const auto k1 = key_of(*w1, "w1", NoteType::cosignature), again = key_of(*w1, "w1-again", NoteType::cosignature), k2 = key_of(*w2, "w2", NoteType::cosignature);
  const auto text = Checkpoint{"log.example", 1, leaf_hash({}), {}}.print();
  const auto note = signed_by(text, {{&log, s.get()}, {&k1, w1.get()}, {&again, w1.get()}});
  const auto seen = check_checkpoint(note, {"log.example", log, {k1, k2}, 1});
  ASSERT_TRUE(seen) << seen.error().to_string();
  EXPECT_EQ(seen->cosigned, 1u);
  EXPECT_EQ(seen->newest_cosignature, 1'800'000'000);
  EXPECT_EQ(seen->note, note);
  EXPECT_EQ(check_checkpoint(note, {"log.example", log, {k1, k2}, 2}).error().trouble, base::Trouble::usage);
  EXPECT_FALSE(check_checkpoint(note, {"log.example", log, {k1, again}, 2})) << "one key under two names is one witness";
  EXPECT_FALSE(check_checkpoint(note, {"other.example", log, {}, 0}));
  EXPECT_FALSE(check_checkpoint(note, {"log.example", key_of(*w2, "log.example"), {}, 0}));
  // A witness's line on another checkpoint (replayed) does not count: the note is forged.
  auto grown = Note::parse(signed_by(Checkpoint{"log.example", 2, leaf_hash({}), {}}.print(), {{&log, s.get()}})).value();
  grown.signatures.push_back(Note::parse(note)->signatures[1]);
  EXPECT_EQ(check_checkpoint(grown.print(), {"log.example", log, {k1}, 0}).error().trouble, base::Trouble::malformed);
}

TEST(Proof, GoesRoundAndHolds) {
  const auto s = new_signer();
  const auto log = key_of(*s, "log.example");
  const base::Buffer leaf{1, 2, 3};
  const auto sibling = leaf_hash({});
  const auto root = node_hash(leaf_hash(leaf), sibling);
  Proof proof{0, {sibling}, signed_by(Checkpoint{"log.example", 2, root, {}}.print(), {{&log, s.get()}}), {9, 9}};
  const auto text = proof.print();
  const auto back = Proof::parse(text);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->print(), text);
  EXPECT_EQ(back->extra, proof.extra);
  const LogTrust trust{"log.example", log, {}, 0};
  EXPECT_TRUE(check_proof(*back, leaf, trust));
  EXPECT_FALSE(check_proof(*back, base::Buffer{1, 2, 4}, trust));
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto cut = Proof::parse(text.substr(0, i));
    EXPECT_FALSE(cut && check_proof(*cut, leaf, trust)) << "cut at " << i;
  }
  const auto first = text.find("index");
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 22 && i < first) continue;  // the extra line is not authenticated
    auto bad = text;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const auto flipped = Proof::parse(bad);
    EXPECT_FALSE(flipped && check_proof(*flipped, leaf, trust)) << "byte " << i;
  }
}
