#pragma once

#include "setup/edit.h"

namespace signet::setup {

// pkcs11.txt of an NSS database: stanzas of "name=value" lines, an empty line behind each.
Result<Content> apply_to(const NssModule& module, const Content& content);
Result<Content> revert_nss_module(const Content& current, const Content& before, const Content& after);
// The library of the module with our name.
std::optional<std::string> nss_module_library(const Content& content);

}  // namespace signet::setup
