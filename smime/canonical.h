#pragma once

#include "base/result.h"
#include "smime/line_endings.h"
#include "smime/protected_header.h"
#include "smime/scan.h"
#include "smime/stream.h"

#include <string>
#include <string_view>

namespace signet::smime {

// A mail taken apart for signing or encrypting: the header that stays outside, and the MIME entity that goes
// inside in canonical form (RFC 8551 section 3.1), line breaks CRLF throughout.
//
// Leaf parts that a transport may damage become quoted-printable or base64, everything else stays octet for
// octet; multipart/signed and multipart/encrypted are not looked into. Where a multipart needs changing, text
// around its parts that would be damaged is dropped.
class CanonicalMail {
  public:
    // Reads the mail once. Borrows it.
    static Result<CanonicalMail> open(const Source& mail);

    // By the first line of the mail as it came.
    [[nodiscard]] LineEnding line_ending() const { return m_line_ending; }
    // All fields but Content-*, MIME-Version among them; no empty line at the end.
    [[nodiscard]] const std::string& outer_header() const { return m_outer_header; }
    // Reads the mail once more.
    [[nodiscard]] Result<void> write_entity(Sink& out) const;

    // Leaves a field out of the outer header. Before protect_header().
    void drop_field(std::string_view name);
    // malformed: the payload claims already to have a protected header.
    Result<void> protect_header(HeaderProtection protection);

  private:
    CanonicalMail(const Source& mail, MimePartPointer root);
    void write_outer_header(HeaderProtection protection);

    const Source* m_mail;
    MimePartPointer m_root;
    LineEnding m_line_ending;
    std::vector<Field> m_outer_fields;  // less MIME-Version
    std::string m_mime_version;
    std::string m_outer_header;
    std::string m_protected_fields;
    std::string m_content_type;  // the Content-Type field of the entity
};

}  // namespace signet::smime
