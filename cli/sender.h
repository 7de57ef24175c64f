#pragma once

#include "smime/stream.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace signet::cli {

// The name of somebody on this machine: no domain, and nothing that belongs to an address.
bool is_local_name(const std::string& mailbox);

// The addresses of a mail's From field, as they are written there. not_found when it has none, or several
// fields; malformed: no RFC 5322 header.
Result<std::vector<std::string>> sender_addresses(const smime::Source& mail);

// Those of several fields. Fields that are not there, or name nobody, have none.
Result<std::vector<std::string>> addresses_in(const smime::Source& mail,
                                              std::initializer_list<std::string_view> fields);

}  // namespace signet::cli
