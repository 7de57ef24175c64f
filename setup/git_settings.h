#pragma once

#include "setup/edit.h"

namespace signet::setup {

// The file belongs to git's own language: `git config` reads and writes it, in a copy.
Result<Content> apply_to(const GitSettings& settings, const Content& content);
Result<Content> revert_git_settings(const Content& current, const Content& before, const Content& after);
// The last value of a setting, as git takes it.
Result<Content> git_value(const Content& content, const std::string& name);

}  // namespace signet::setup
