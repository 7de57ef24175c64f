#pragma once

#include "base/result.h"
#include "piv/pcsc.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace signet::piv {

// What the readers are now, or why that is not known.
struct ReaderReport {
    std::vector<ReaderState> readers;
    std::optional<std::string> failure;
};

// Takes a report; an error ends the watch with it.
using ReaderReporter = std::function<Result<void>(const ReaderReport&)>;

// Reports the readers at once and whenever they change, without polling, until `report` fails or the kernel
// has no more to give. A pcscd that does not run is waited for, and one that goes is reported before the next
// one is looked for: event counts of two pcscds never meet in two successive reports.
Result<void> watch_readers(const ReaderReporter& report);

}  // namespace signet::piv
