#pragma once

#include "smime/header.h"

namespace signet::smime {

// A MIME entity as ranges of the text it was found in, which must outlive it.
struct Entity : Header {
    std::string_view body;
};

// Splits header and body. A leading mbox line ("From ", ">From ") is passed over. No field at all is allowed
// where the text begins with an empty line.
Result<Entity> parse_entity(std::string_view text);
// The same with the size limit of mails, and at least one field.
Result<Entity> parse_mail(std::string_view text);

}  // namespace signet::smime
