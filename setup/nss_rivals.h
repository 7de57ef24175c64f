#pragma once

#include "setup/doctor.h"
#include "setup/state.h"

namespace signet::setup {

// Where a program that was set up by its NSS database finds there other modules that show the same cards.
Findings find_rivals(const ClientState& state, const Surroundings& surroundings);

}  // namespace signet::setup
