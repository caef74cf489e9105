// The order in which facts matter where they are new: for lists that show the first only. No opinion: findings
// stand before all of it.
#pragma once

#include "evidence/item.h"

namespace report {

/// Less comes first; at least 0, less than 50.
int gravity_of(const evidence::Item& item);

/// True for the lists of programs and for facts of a format, which say little by themselves.
bool is_detail(evidence::Facet facet);

}  // namespace report
