#pragma once

#include "setup/edit.h"

namespace signet::setup {

// policies.json: {"policies": {"SecurityDevices": {"Add": {"signet": PATH}}}}, or the older form without
// "Add" where that is in use. Everything else in the file is kept; its layout is not.
Result<Content> apply_to(const PolicyDevice& device, const Content& content);
Result<Content> revert_policy_device(const Content& current, const Content& before, const Content& after);

}  // namespace signet::setup
