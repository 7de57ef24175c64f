#pragma once

#include "smime/edited_source.h"
#include "smime/scan.h"

#include <memory>

// Legacy display elements (RFC 9788 section 2.1.2): copies of the hidden header fields in the text of an
// encrypted mail, for programs that decrypt it and do not know where else to look.
namespace signet::smime {

// The mail with such an element in each of its main body parts, in plain text and HTML, for the fields that
// the baseline policy hides; null where there are none. Parts that cannot show the fields, by their encoding
// or charset, stay as they are. Borrows the mail.
Result<std::unique_ptr<EditedSource>> with_legacy_display(const Source& mail);

// Whether a part says that it holds one.
bool has_legacy_display(const MimePart& part);
// What the part holds without it. `content` is decoded.
Result<void> copy_without_legacy_display(const MimePart& part, Reader& content, Sink& out);

}  // namespace signet::smime
