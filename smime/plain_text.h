#pragma once

#include "smime/stream.h"

namespace signet::smime {

// What decides whether decrypted content takes on the line ending of the mail around it.
struct TextForm {
    bool only_crlf = true;     // every line break is CRLF, and no CR stands alone
    bool binary_part = false;  // a part says that it is binary: its octets must not be touched
};
Result<TextForm> form_of(const Source& content);

// Whether it can be shown as it is: UTF-8 without control characters other than tab and line breaks.
Result<bool> is_readable_text(const Source& content);

}  // namespace signet::smime
