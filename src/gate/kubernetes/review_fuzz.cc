#include "base/bytes.h"
#include "gate/kubernetes/review.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string uid;
  const auto review = gate::read_review(base::text_of({data, size}), uid);
  (void)gate::write_review(uid, !review, review ? "x" : review.error().what);
  return 0;
}
