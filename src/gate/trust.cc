#include "gate/trust.h"
namespace gate {
base::Result<hallmark::Trust> read_trust(const report::YamlNode&, const std::string&, const std::string&) { return hallmark::Trust{}; }
}
