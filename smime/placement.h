#pragma once

#include "smime/read.h"

#include <vector>

namespace signet::smime {

// Findings about signatures and encryption that do not hold for the whole mail. `chain` are the parts that
// do, from the mail inwards, each protecting the whole of the next; behind the last of them lies its text.
void add_placement_findings(Report& report, const std::vector<Part*>& chain);

}  // namespace signet::smime
