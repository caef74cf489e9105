#include "report/redact.h"

#include <gtest/gtest.h>

#include "evidence/recorder.h"
#include "report/json.h"
#include "report/sample_report.h"

using namespace report;
using evidence::Dossier;
using evidence::Facet;
using evidence::Item;

namespace {

constexpr std::string_view content = "DB_HOST=db.invalid\nDB_PASSWORD=tr0ub4dor-and-3\nADMIN=jane.roe@corp.invalid\n";
constexpr std::string_view secret = "tr0ub4dor-and-3";

Item item(Facet facet, std::string_view word, std::string_view value, std::string_view shown) {
  Item i;
  i.facet = facet;
  i.word = word;
  i.value = value;
  i.range = {content.find(shown), shown.size()};
  evidence::bound(i, base::bytes_of(content));
  return i;
}

Item the_secret() {
  auto i = item(Facet::key, "password", secret, secret);
  i.secret = true;
  return i;
}

std::string shown(const std::vector<Exhibit>& exhibits) {
  std::string out;
  for (const auto& e : exhibits) {
    out += e.item.value + "|" + e.item.excerpt + "|" + e.item.unit + "|";
    for (const auto& [name, value] : e.item.attributes) out += value + "|";
  }
  return out;
}

std::vector<Exhibit> redacted(std::vector<Item> items) {
  Dossier d;
  d.items = std::move(items);
  return exhibits(3, base::sha256("x"), d);
}

}  // namespace

TEST(Redact, ShowsASecretAsItsFingerprint) {
  const auto out = redacted({the_secret()});
  EXPECT_EQ(out[0].item.value, evidence::fingerprint(secret));
  EXPECT_EQ(out[0].item.excerpt, redaction_of(secret));
  EXPECT_EQ(out[0].id, evidence::digest_of(the_secret(), base::sha256("x")).hex().substr(0, 16));
}

TEST(Redact, CutsTheSecretsBytesOutOfOtherExcerpts) {
  const auto line = item(Facet::string, "", "DB_PASSWORD=tr0ub4dor-and-3", "DB_PASSWORD=tr0ub4dor-and-3");
  const auto out = redacted({the_secret(), line});
  EXPECT_EQ(out[1].item.excerpt, "DB_PASSWORD=" + redaction_of(secret));
  EXPECT_EQ(out[1].item.value, "DB_PASSWORD=" + redaction_of(secret));
}

// Every way in which two ranges can overlap.
TEST(Redact, LeavesNoPieceAtAnyOverlap) {
  const auto at = content.find(secret);
  for (std::size_t from = 0; from < content.size(); ++from)
    for (std::size_t size : {1, 9, 15, 16, 30, 60}) {
      if (from + size > content.size()) continue;
      const auto piece = content.substr(from, size);
      Item i;
      i.facet = Facet::string;
      i.value = piece;
      i.range = {from, size};
      evidence::bound(i, base::bytes_of(content));
      const auto out = redacted({the_secret(), i});
      for (std::size_t k = 0; k + 8 <= secret.size(); ++k)
        EXPECT_EQ(shown(out).find(secret.substr(k, 8)), std::string::npos) << from << "+" << size << " " << shown(out);
      if (from + size <= at || from >= at + secret.size()) {
        EXPECT_EQ(out[1].item.excerpt.find(redaction_of(secret)), std::string::npos);
      }
    }
}

TEST(Redact, HidesShortSecretsByTheirRange) {
  auto pin = item(Facet::key, "password", "db", "db");
  pin.secret = true;
  const auto out = redacted({pin, item(Facet::string, "", "DB_HOST=db.invalid", "DB_HOST=db.invalid")});
  EXPECT_EQ(out[1].item.excerpt, "DB_HOST=" + redaction_of("db") + ".invalid");
}

TEST(Redact, HidesRepeatsInValuesAttributesAndUnits) {
  Item i;
  i.facet = Facet::reference;
  i.value = "mysql -p tr0ub4dor-and-3";
  i.unit = "login tr0ub4dor-and-3";
  i.attributes["argument"] = "--password=tr0ub4dor-and";  // cut
  EXPECT_EQ(shown(redacted({the_secret(), i})).find("tr0ub4dor"), std::string::npos);
}

// Work stays bounded where thousands of secrets lie under thousands of wide items.
TEST(Redact, HidesAnItemOverVeryManySecretsWhole) {
  std::string bytes;
  std::vector<Item> items;
  for (int i = 0; i < 2000; ++i) {
    Item s;
    s.facet = Facet::key;
    s.word = "token";
    s.value = fmt::format("tok_{:020}", i);
    s.secret = true;
    s.range = {bytes.size(), s.value.size()};
    s.excerpt = s.value;
    bytes += s.value + "\n";
    items.push_back(s);
  }
  for (int i = 0; i < 2000; ++i) {
    Item wide;
    wide.facet = Facet::section;
    wide.value = std::string(900, 'a') + std::to_string(i);
    wide.range = {0, bytes.size()};
    items.push_back(wide);
  }
  const auto out = redacted(items);
  EXPECT_EQ(out.back().item.value, redaction_of(items.back().value));
  EXPECT_EQ(shown(out).find("tok_"), std::string::npos);
}

TEST(Redact, HidesOverlapsInAttributesToo) {
  auto i = item(Facet::reference, "runs", "x", "DB_PASSWORD=tr0ub4dor-and-3");
  i.attributes["argument"] = "or-and-3";
  EXPECT_EQ(shown(redacted({the_secret(), i})).find("or-and-3"), std::string::npos);
}

TEST(Redact, ADescriptionOfAKeyIsNotHuntedFor) {
  auto key = item(Facet::key, "private-key", "RSA private key", "tr0ub4dor-and-3");
  key.secret = true;
  Redactor r;
  Dossier d;
  d.items = {key};
  r.learn(d);
  EXPECT_EQ(r.text("An RSA private key stands in the file."), "An RSA private key stands in the file.");
  EXPECT_EQ(r.text("x tr0ub4dor-and-3"), "x " + redaction_of(secret));
}

TEST(Redact, HidesPersonalMailAddressesAndPhoneNumbers) {
  EXPECT_TRUE(is_secret(item(Facet::endpoint, "mail", "jane.roe@corp.invalid", "jane.roe@corp.invalid")));
  EXPECT_FALSE(is_secret(item(Facet::endpoint, "mail", "security@corp.invalid", "jane.roe@corp.invalid")));
  EXPECT_TRUE(is_secret(item(Facet::endpoint, "phone", "+49 30 555 0199", "x")));
  EXPECT_FALSE(is_secret(item(Facet::endpoint, "phone", "82300", "x")));
  const Redactor none;
  EXPECT_EQ(none.text("Maintainer: Jane Roe <jane.roe@corp.invalid>"), "Maintainer: Jane Roe <" + redaction_of("jane.roe@corp.invalid") + ">");
  EXPECT_EQ(none.text("mailto=jane@corp.invalid;"), "mailto=" + redaction_of("jane@corp.invalid") + ";");
  for (const char* kept : {"lodash@4.17.21", "getty@tty1.service", "icon@2x.png", "git@github.com:x", "@scope/name", "a@b", "security@corp.invalid", "@", "x@.y"})
    EXPECT_EQ(none.text(kept), kept);
}

TEST(Redact, CleansAWholeReport) {
  auto r = sample::failing();
  const std::string s(secret);
  r.artifacts[4].name = "backup-" + s + ".sql";
  r.artifacts[4].place = "x//backup-" + s + ".sql";
  r.findings[0].what = "The password " + s + " opens the door.";
  r.reasons[0].text = r.findings[0].what;
  r.declaration[0].purpose = s;
  r.not_covered[0] = s;
  r.product.maker = "Jane Roe <jane.roe@corp.invalid>";
  r.product.files[0] = s;
  Redactor redactor;
  Dossier d;
  d.items = {the_secret()};
  redactor.learn(d);
  redactor.apply(r);
  const auto text = to_json(r);
  EXPECT_EQ(text.find(s), std::string::npos);
  EXPECT_EQ(text.find(base::to_hex(base::bytes_of(secret))), std::string::npos);
  EXPECT_EQ(text.find("jane.roe"), std::string::npos);
}

// A maker's mail address must not black out the product that is named like its first part.
TEST(Redact, LeavesNamesThatAMailAddressBeginsWith) {
  evidence::Dossier dossier;
  auto& mail = dossier.items.emplace_back();
  mail.facet = Facet::endpoint;
  mail.word = "mail";
  mail.value = mail.excerpt = "stowaway@vendor.example";
  mail.range = {10, mail.value.size()};
  Redactor redactor;
  redactor.learn(dossier);
  EXPECT_EQ(redactor.text("https://github.com/stowaway/stowaway-1.2.tgz"), "https://github.com/stowaway/stowaway-1.2.tgz");
  EXPECT_EQ(redactor.text("ask stowaway@vendor.example"), "ask " + redaction_of("stowaway@vendor.example"));
  EXPECT_EQ(redactor.text("ask stowaway@vend").find("stowaway@vend"), std::string::npos);  // cut inside the address
}

TEST(Redact, APasswordThatIsAWordIsHiddenInItsPlaceAndNotInTheProductsName) {
  Item word;
  word.facet = Facet::key;
  word.word = "password";
  word.value = word.excerpt = "backuptool";
  word.range = {0, 10};
  word.secret = true;
  Dossier d;
  d.items = {word};
  Redactor r;
  r.learn(d);
  EXPECT_EQ(r.text("backuptool_1.0.deb"), "backuptool_1.0.deb");
  EXPECT_EQ(r.exhibits(0, {}, d)[0].item.value, evidence::fingerprint("backuptool"));
}
