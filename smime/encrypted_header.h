#pragma once

#include "smime/scan.h"
#include "smime/stream.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// The header fields that were encrypted with a mail, to stand where it is decrypted in place of what was
// shown outside.
//
// Of RFC 9788 and protected-headers="v1", also behind a detached signature. A mail that is wrapped as
// message/rfc822 shows its own header, and what is in an opaque signature is not opened. HP-Outer is among
// them unless it is signed: it tells later which fields were confidential (RFC 9788 section 2.2). Of fields
// that nothing marks as the mail's, those that have no counterpart outside, but never a From.
class EncryptedHeader {
  public:
    // None when the content has no such header. Errors are those of the source.
    static Result<EncryptedHeader> of(const Source& content, const Header& outside);

    // As they came. Good as long as this object is.
    [[nodiscard]] const std::vector<Field>& fields() const { return m_fields; }
    // Whether a field outside is left out for one of them.
    [[nodiscard]] bool replaces(const Field& outside) const;
    // Names of unmarked fields that say something else than those outside.
    [[nodiscard]] const std::vector<std::string>& left_out() const { return m_left_out; }

  private:
    void take_unmarked(const Header& outside);

    MimePartPointer m_begin;  // of the content
    std::vector<Field> m_fields;
    std::set<std::string_view, LessIgnoringCase> m_names;
    std::vector<std::string> m_left_out;
};

}  // namespace signet::smime
