#include "judge/known.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "judge/judge.h"
#include "judge/policy.h"

namespace judge {
namespace {

struct Signer {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  ~Signer() { EVP_PKEY_free(key); }
  std::string pem() const {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(out, key);
    char* at = nullptr;
    const auto size = BIO_get_mem_data(out, &at);
    std::string text(at, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
  }
  std::string sign(const std::string& text) const {
    unsigned char raw[64];
    std::size_t size = sizeof raw;
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key);
    EVP_DigestSign(context, raw, &size, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    std::string out(89, 0);
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), raw, 64);
    out.resize(88);
    return out + "\n";
  }
};

const std::string set_text = "assay known set 1\n" + base::sha256("firmware").hex() + "  radio firmware, examined by its maker's source\n\n" + base::sha256("other").hex() + "\n";

TEST(KnownSet, IsReadWhenItsKeySignedIt) {
  const Signer office, stranger;
  const auto set = read_known_set("radio", set_text, office.sign(set_text), office.pem());
  ASSERT_TRUE(set) << set.error().what;
  EXPECT_EQ(set->artifacts.size(), 2u);
  EXPECT_FALSE(read_known_set("radio", set_text, stranger.sign(set_text), office.pem()));
  EXPECT_FALSE(read_known_set("radio", set_text + base::sha256("added").hex() + "\n", office.sign(set_text), office.pem()));
  EXPECT_FALSE(read_known_set("radio", set_text, "", office.pem()));
  const auto good = office.sign(set_text);
  EXPECT_FALSE(read_known_set("radio", set_text, good.substr(0, 86) + "AA", office.pem())) << "two bytes more than a signature";
  EXPECT_FALSE(read_known_set("radio", set_text, office.sign(set_text), "no key"));
}

TEST(KnownSet, SaysWhatIsWrongWithItsText) {
  const Signer office;
  for (const std::string text : {"", "something else\n", "assay known set 1\nnot a digest\n"})
    EXPECT_FALSE(read_known_set("x", text, office.sign(text), office.pem())) << text;
}

TEST(KnownSet, LabelsTheArtifactAndWhatItHolds) {
  Policy policy;
  policy.known.push_back({"radio", {}, {base::sha256("firmware")}});
  artifact::Tree tree;
  tree.nodes.resize(4);
  for (artifact::NodeId id = 1; id < 4; ++id) tree.nodes[id].parent = id == 2 ? 1 : 0, tree.nodes[id].digest = base::sha256(id == 1 ? "firmware" : "inner");
  std::vector<evidence::Dossier> dossiers(4);
  for (auto& d : dossiers) d.tiles = {{{0, 10}, evidence::Label::handed_on, ""}, {{10, 90}, evidence::Label::opaque, "encrypted"}};
  label_known(policy, tree, dossiers);
  for (const artifact::NodeId id : {1u, 2u}) {
    EXPECT_EQ(dossiers[id].tiles[0].label, evidence::Label::handed_on);
    EXPECT_EQ(dossiers[id].tiles[1], (evidence::Claim{{10, 90}, evidence::Label::known, "radio"}));
  }
  EXPECT_EQ(dossiers[3].tiles[1].label, evidence::Label::opaque);
}

}  // namespace
}  // namespace judge
