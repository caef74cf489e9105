#include "hallmark/logged.h"

#include "hallmark/trial.h"

namespace hallmark {
namespace {

// Two offices may log the same words; the log has one file for both.
TEST(LoggedStatement, CountsUnderTheEntrysOwnSignature) {
  const auto one = trial::fresh(), two = trial::fresh(sign::Algorithm::ecdsa_p256);
  const auto payload = trial::verdict().to_json();
  const auto first = Envelope::seal(payload, *one).value(), second = Envelope::seal(payload, *two).value();
  const auto leaf = read_leaf(base::bytes_of(dsse_leaf(second, two->public_key()))).value();
  const auto read = logged_statement(leaf, first.to_json());
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_TRUE(read->check(two->public_key()));
  EXPECT_FALSE(read->check(one->public_key()));
}

TEST(LoggedStatement, RefusesAnotherStatementAndAnotherSignature) {
  const auto office = trial::fresh();
  const auto envelope = Envelope::seal(trial::verdict().to_json(), *office).value();
  auto leaf = read_leaf(base::bytes_of(dsse_leaf(envelope, office->public_key()))).value();
  EXPECT_FALSE(logged_statement(leaf, Envelope::seal(trial::verdict(report::Verdict::fail).to_json(), *office)->to_json()));
  EXPECT_FALSE(logged_statement(leaf, "{}"));
  leaf.signature[5] ^= 1;
  EXPECT_FALSE(logged_statement(leaf, envelope.to_json()));
}

}  // namespace
}  // namespace hallmark
