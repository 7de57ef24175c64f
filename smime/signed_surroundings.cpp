#include "smime/signed_surroundings.h"

#include "smime/mime.h"

namespace signet::smime {
namespace {

// Readers that know nothing of S/MIME may show what stands behind the last boundary.
Result<bool> is_blank(const Source& source, Range range) {
    RangeReader text(source, range);
    const Block block;
    for (;;) {
        SIGNET_TRY(const std::size_t count, text.read(block));
        if (count == 0) {
            return true;
        }
        if (std::string_view(block.data(), count).find_first_not_of(" \t\r\n") != std::string_view::npos) {
            return false;
        }
    }
}

// For some program: C libraries end strings at NUL, Python ends lines at CR, VT, FF and what separates files,
// groups and records.
bool may_end_line(char c) {
    return c == '\0' || (c >= '\n' && c <= '\r') || (c >= '\x1c' && c <= '\x1e');
}

struct Lookalikes {
    bool boundary = false;  // a line that begins as boundaries do
    bool line_end = false;  // NUL, or CR without LF
};

// Looks for what a program could take for a boundary, whichever one it looks for.
class LookalikeFinder {
  public:
    void add(std::string_view text) {
        for (const char c : text) {
            m_found.line_end |= c == '\0' || (m_previous == '\r' && c != '\n');
            m_dashes = may_end_line(c) ? 0 : next_dashes(c);
            m_found.boundary |= m_dashes == boundary_dashes;
            m_previous = c;
        }
    }

    [[nodiscard]] Lookalikes found_at_end() const {
        return {.boundary = m_found.boundary, .line_end = m_found.line_end || m_previous == '\r'};
    }

  private:
    static constexpr int boundary_dashes = 2;
    static constexpr int no_boundary = 3;

    [[nodiscard]] int next_dashes(char c) const {
        return c == '-' && m_dashes < boundary_dashes ? m_dashes + 1 : no_boundary;
    }

    Lookalikes m_found;
    int m_dashes = 0;  // the line so far, or that it is something else
    char m_previous = '\n';
};

Result<Lookalikes> lookalikes_in(const Source& source, Range range) {
    RangeReader text(source, range);
    LookalikeFinder finder;
    const Block block;
    for (;;) {
        SIGNET_TRY(const std::size_t count, text.read(block));
        if (count == 0) {
            return finder.found_at_end();
        }
        finder.add({block.data(), count});
    }
}

Objection ambiguous(std::string reason) {
    return {SignatureStatus::malformed, std::move(reason)};
}

}  // namespace

Result<std::optional<Objection>> objection_to_surroundings(const Source& source, const MimePart& multipart) {
    if (!has_plain_boundary(multipart.header)) {
        return ambiguous("mail programs can read the boundary of the signed parts differently");
    }
    SIGNET_TRY(const Lookalikes preamble, lookalikes_in(source, multipart.preamble));
    if (preamble.boundary || preamble.line_end) {
        return ambiguous("what stands before the signed parts can pass for a part of the mail");
    }
    // A signature that is not encoded has any octets, and nobody reads lines in it.
    SIGNET_TRY(const Lookalikes signature, lookalikes_in(source, multipart.parts.back()->range));
    if (signature.boundary) {
        return ambiguous("what stands in the signature part can pass for a part of the mail");
    }
    SIGNET_TRY(const bool blank, is_blank(source, multipart.epilogue));
    if (!blank) {
        return Objection{SignatureStatus::unsigned_text_around_signature,
                         "text that is not signed follows the signed parts"};
    }
    return std::nullopt;
}

}  // namespace signet::smime
