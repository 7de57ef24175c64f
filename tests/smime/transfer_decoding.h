#pragma once

#include "smime/mime.h"

#include <string>
#include <string_view>

namespace signet::smime::test {

// By GMime, which shares no code with our decoders.
std::string decode_transfer(std::string_view body, TransferEncoding encoding);

}  // namespace signet::smime::test
