// TLSH (Oliver, Cheng, Chen: "TLSH - A Locality Sensitive Hash", 2013) in the form of its reference
// implementation 3: window of 5, 128 buckets, one byte of checksum. Equal to libtlsh's digest, digit
// by digit, for a third of its work: every byte of every product goes through here.
#pragma once

#include <string>

#include "base/bytes.h"

namespace examine::likeness_parts {

/// 70 hexadecimal digits; "" for fewer than 256 bytes, and where more than half of the buckets stay
/// empty. At most 4 GiB.
std::string tlsh_digest(base::Bytes bytes);

}  // namespace examine::likeness_parts
