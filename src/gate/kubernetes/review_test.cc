// Reviews as an API server posts them (tests/gate_kubernetes has whole ones) and as it never would.
#include "gate/kubernetes/review.h"

#include <gtest/gtest.h>

#include "gate/proxy/bounded_json.h"

namespace gate {
namespace {

std::string review(const std::string& kind, const std::string& object, const std::string& more = R"("operation":"CREATE")") {
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u1","kind":{"group":"","version":"v1","kind":")" + kind + R"("},)" + more + R"(,"object":)" + object + "}}";
}
base::Result<Review> read(const std::string& text) {
  std::string uid;
  return read_review(text, uid);
}

TEST(Review, FindsEveryContainer) {
  const std::string pod = R"({"initContainers":[{"name":"i","image":"a"}],"containers":[{"name":"c","image":"b"},{"name":"d"}],"ephemeralContainers":[{"name":"e","image":"c"}],"volumes":[{"name":"v","image":{"reference":"d"}},{"name":"w","emptyDir":{}}]})";
  const std::pair<const char*, std::string> kinds[] = {{"Pod", R"({"kind":"Pod","spec":)" + pod + "}"},
                                                       {"Deployment", R"({"spec":{"template":{"spec":)" + pod + "}}}"},
                                                       {"StatefulSet", R"({"spec":{"template":{"spec":)" + pod + "}}}"},
                                                       {"DaemonSet", R"({"spec":{"template":{"spec":)" + pod + "}}}"},
                                                       {"ReplicaSet", R"({"spec":{"template":{"spec":)" + pod + "}}}"},
                                                       {"ReplicationController", R"({"spec":{"template":{"spec":)" + pod + "}}}"},
                                                       {"Job", R"({"spec":{"template":{"spec":)" + pod + "}}}"},
                                                       {"PodTemplate", R"({"template":{"spec":)" + pod + "}}"},
                                                       {"CronJob", R"({"spec":{"jobTemplate":{"spec":{"template":{"spec":)" + pod + "}}}}}"}};
  for (const auto& [kind, object] : kinds) {
    const auto r = read(review(kind, object));
    ASSERT_TRUE(r) << kind << ": " << r.error().what;
    std::string images;
    for (const auto& i : r->images) images += i.container + "=" + i.image + ";";
    EXPECT_EQ(images, "init container i=a;container c=b;container d=;ephemeral container e=c;volume v=d;") << kind;
  }
}

TEST(Review, RefusesWhatItCannotRead) {
  EXPECT_FALSE(read("{}"));
  EXPECT_FALSE(read(review("Pod", "null")));
  EXPECT_FALSE(read(review("Pod", "{}")));
  EXPECT_FALSE(read(review("Deployment", R"({"spec":{}})")));
  EXPECT_FALSE(read(review("Pod", R"({"spec":{"containers":{}}})")));
  EXPECT_FALSE(read(review("Pod", R"({"spec":{"containers":[7]}})")));
  EXPECT_FALSE(read(review("Pod", R"({"spec":{"containers":[{"image":[]}]}})")));
  EXPECT_FALSE(read(review("Pod", R"({"kind":"Service","spec":{}})"))) << "an object that calls itself something else";
  EXPECT_FALSE(read(review("Pod", "{}", R"("operation":"PATCH")")));
  EXPECT_TRUE(read(review("Pod", "null", R"("operation":"DELETE")")));
  EXPECT_TRUE(read(review("Service", "{}"))->no_pods);
  EXPECT_TRUE(read(review("Pod", R"({"spec":{}})", R"("operation":"UPDATE","dryRun":true)"))->dry_run);
  std::string uid;
  EXPECT_FALSE(read_review(R"({"request":{"uid":"u7"}})", uid));
  EXPECT_EQ(uid, "u7") << "even a refusal names the review";
}

TEST(Review, AnswersInTheServersForm) {
  const auto no = *read_json(write_review("u1", false, "because"), 10'000);
  EXPECT_EQ(no["response"]["uid"], "u1");
  EXPECT_EQ(no["response"]["allowed"], false);
  EXPECT_EQ(no["response"]["status"]["message"], "because");
  const auto yes = *read_json(write_review("u1", true, ""), 10'000);
  EXPECT_EQ(yes["response"]["allowed"], true);
  EXPECT_FALSE(yes["response"].contains("status"));
}

TEST(Review, SurvivesEveryCut) {
  const auto text = review("Pod", R"({"spec":{"containers":[{"name":"c","image":"b"}]}})");
  for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(read(text.substr(0, n))) << n;
}

}  // namespace
}  // namespace gate
