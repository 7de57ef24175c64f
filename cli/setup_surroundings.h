#pragma once

#include "setup/surroundings.h"

namespace signet::cli {

// This person and this machine, with the installed signet that this program belongs to.
Result<setup::Surroundings> own_surroundings();

}  // namespace signet::cli
