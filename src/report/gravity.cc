#include "report/gravity.h"

#include <algorithm>
#include <array>

namespace report {

using evidence::Facet;

int gravity_of(const evidence::Item& item) {
  static constexpr std::array order = {Facet::trust, Facet::command, Facet::flow, Facet::private_, Facet::outside, Facet::concealment, Facet::power, Facet::step, Facet::account,
                                       Facet::key, Facet::endpoint, Facet::permission, Facet::identity, Facet::reference, Facet::hardening, Facet::yara, Facet::capability,
                                       Facet::trouble, Facet::property, Facet::import, Facet::export_, Facet::section, Facet::function_name, Facet::string};
  if (item.facet == Facet::property && item.word == "opaque-growth") return 2 * 15 - 1;  // behind hardening
  if (item.facet == Facet::property && item.word == "beyond-source") return 2 * 6 - 1;   // behind concealment
  const auto at = static_cast<int>(std::ranges::find(order, item.facet) - order.begin());
  // What a product needs to run comes before what it merely names.
  return 2 * at + (item.facet == Facet::reference && item.word != "needs" ? 1 : 0);
}

bool is_detail(Facet facet) {
  switch (facet) {
    case Facet::import:
    case Facet::export_:
    case Facet::section:
    case Facet::string:
    case Facet::function_name:
    case Facet::property: return true;
    default: return false;
  }
}

}  // namespace report
