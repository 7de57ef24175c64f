#pragma once

#include "smime/header.h"
#include "smime/mime.h"
#include "smime/stream.h"

#include <memory>
#include <optional>

// Where the parts of a mail lie in its original octets. GMime is not asked: it drops junk lines and blanks
// behind boundaries, and what was signed is judged on the octets as they came.
namespace signet::smime {

// Which line breaks stand in a text, one that belongs to a boundary behind it left out.
struct LineBreaks {
    bool lf = false;       // LF alone
    bool crlf = false;     // CR LF
    bool lone_cr = false;  // CR before something else

    void add(const LineBreaks& other);
    // The form in which a mail is stored, not the one in which it was signed.
    [[nodiscard]] bool only_lf() const { return lf && !crlf; }
    // Converting to LF and back gives the same.
    [[nodiscard]] bool only_crlf() const { return !lf && !lone_cr; }
};

// What the body of a leaf, or what a multipart holds around its parts, needs to pass through mail transports.
struct Hazards {
    // 8-bit, NUL or lone CR, lines of more than 998 octets, blanks before a line break, lines that begin with
    // `From ` (RFC 8551 section 3.1.3).
    bool may_be_damaged = false;
    bool eight_bit = false;     // or NUL
    std::uint64_t escapes = 0;  // octets that quoted-printable must escape
};

enum class PartKind : std::uint8_t {
    leaf,
    multipart,
    message,  // message/rfc822 that is not encoded
};

struct MimePart {
    MimePart() = default;
    MimePart(const MimePart&) = delete;
    MimePart& operator=(const MimePart&) = delete;

    Range range;  // header, empty line and body, without the line break that belongs to a boundary behind it
    Range body;
    std::string header_text;  // field lines as they came, without the empty line and a leading mbox line
    Header header;            // views into header_text
    ContentType type;
    TransferEncoding encoding = TransferEncoding::identity;
    PartKind kind = PartKind::leaf;
    // Of a multipart in order; of a message the one entity inside.
    std::vector<std::unique_ptr<MimePart>> parts;
    // Of a multipart.
    Range preamble;       // without the line break before the first boundary
    Range epilogue;       // what follows the line of the last boundary
    bool closed = false;  // the last boundary is there

    LineBreaks line_breaks;  // of `range`
    Hazards hazards;         // of a leaf or a multipart, when asked for

    // Why programs may read this part in different ways: a header that is none, two Content-Type or
    // Content-Transfer-Encoding fields, a multipart with a transfer encoding, or with no or more than one
    // boundary, or parts nested too deeply (ErrorCode::too_large). It is then a leaf.
    std::optional<Error> flaw;
};
using MimePartPointer = std::unique_ptr<MimePart>;

struct ScanOptions {
    bool measure_hazards = false;
};

// One pass. Boundaries are found by RFC 2046 section 5.1.1: a boundary is a whole line, blanks may follow it,
// one of an outer multipart ends the inner ones. A mail has at least one header field, else it is malformed.
// More than 10,000 parts, a header of more than 1 MiB, headers of more than 8 MiB together or more than 5000
// groups in an address field are too_large.
Result<MimePartPointer> scan_mail(const Source& mail, const ScanOptions& options = {});
// The same where there may be no header at all, as inside of an encrypted mail: then `range` begins with the
// empty line or with the body. A header that is none and describes no body is text, as it is in the first
// part of a multipart/signed, unless hazards are measured.
Result<MimePartPointer> scan_entity(const Source& entity, const ScanOptions& options = {});
// Of its first octets alone, which hold its header and that of a part behind it. Null where they cannot be
// taken apart; errors are those of the source.
Result<MimePartPointer> scan_begin(const Source& entity);

}  // namespace signet::smime
