#include "smime/scan.h"

#include "smime/limits.h"
#include "smime/line_endings.h"
#include "smime/transfer_encoding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace signet::smime {
namespace {

// RFC 2046 allows 70; longer ones occur.
constexpr std::size_t max_boundary_size = 250;
constexpr std::size_t max_parts = 10000;
constexpr std::size_t max_headers_size = std::size_t{8} << 20;

enum class Delimiter : std::uint8_t { none, part, last };

bool is_padding(std::string_view text) {
    return text.find_first_not_of(" \t") == std::string_view::npos;
}

// `line` begins with "--" and is without its line break.
Delimiter delimiter_of(std::string_view line, std::string_view boundary) {
    line.remove_prefix(2);
    if (!line.starts_with(boundary)) {
        return Delimiter::none;
    }
    line.remove_prefix(boundary.size());
    if (is_padding(line)) {
        return Delimiter::part;
    }
    return line.starts_with("--") && is_padding(line.substr(2)) ? Delimiter::last : Delimiter::none;
}

bool is_message_type(std::string_view type) {
    return type == "message/rfc822" || type == "message/global" || type == "message/news";
}

bool is_plain(TransferEncoding encoding) {
    return encoding == TransferEncoding::identity || encoding == TransferEncoding::binary;
}

// A line, or a piece of one that is longer than a block.
struct LinePiece {
    std::uint64_t begin = 0;
    std::string_view text;  // with the line break, where it is the last piece
    bool starts_line = true;
    [[nodiscard]] bool ends_line() const { return text.ends_with('\n'); }
    [[nodiscard]] std::uint64_t end() const { return begin + text.size(); }
};

// Of those that GMime reads as addresses.
bool is_address_field(std::string_view line) {
    constexpr std::string_view first_letters = "bcfrst";
    constexpr std::array<std::string_view, 6> names{"From", "Sender", "Reply-To", "To", "Cc", "Bcc"};
    if (line.empty() ||
        first_letters.find(static_cast<char>(line.front() | 0x20)) == std::string_view::npos) {
        return false;
    }
    std::string_view name = line.substr(0, line.find(':'));
    name.remove_suffix(name.size() - (name.find_last_not_of(" \t") + 1));
    return std::any_of(names.begin(), names.end(),
                       [name](std::string_view other) { return equal_ignoring_case(name, other); });
}

// Of whatever may be an address field: what is a header to GMime is not always one to us.
class GroupCounter {
  public:
    std::size_t add(const LinePiece& piece) {
        if (piece.starts_line && !piece.text.starts_with(' ') && !piece.text.starts_with('\t')) {
            m_counts = is_address_field(piece.text);
            m_groups = 0;
        }
        if (m_counts) {
            m_groups += static_cast<std::size_t>(std::count(piece.text.begin(), piece.text.end(), ':'));
        }
        return m_groups;
    }

  private:
    bool m_counts = false;
    std::size_t m_groups = 0;
};

class LineReader {
  public:
    explicit LineReader(const Source& source) : m_source(source) {}

    // Nothing at the end. The text is good until the next call.
    Result<std::optional<LinePiece>> next() {
        if (m_rest.empty()) {
            SIGNET_CHECK(fill());
        }
        std::size_t end = m_rest.find('\n');
        if (end == std::string_view::npos && m_rest.size() < m_block.size() && !m_at_end) {
            SIGNET_CHECK(fill());
            end = m_rest.find('\n');
        }
        if (m_rest.empty()) {
            return std::nullopt;
        }
        // A CR at the end of a piece may belong to the LF that follows.
        std::size_t size = end == std::string_view::npos ? m_rest.size() : end + 1;
        if (end == std::string_view::npos && !m_at_end && m_rest.back() == '\r') {
            --size;
        }
        const LinePiece piece{
            .begin = m_offset, .text = m_rest.substr(0, size), .starts_line = m_starts_line};
        m_rest.remove_prefix(size);
        m_offset += size;
        m_starts_line = piece.ends_line();
        return piece;
    }

  private:
    // Moves the rest to the front and reads behind it.
    Result<void> fill() {
        const std::size_t kept = m_rest.size();
        if (kept > 0) {
            std::memmove(m_block.data(), m_rest.data(), kept);
        }
        SIGNET_TRY(const std::size_t count, m_source.read(m_offset + kept, std::span(m_block).subspan(kept)));
        m_at_end = kept + count < m_block.size();
        m_rest = {m_block.data(), kept + count};
        return {};
    }

    const Source& m_source;
    Block m_block;
    std::string_view m_rest{m_block.data(), 0};
    std::uint64_t m_offset = 0;
    bool m_starts_line = true;
    bool m_at_end = false;
};

// Eight octets of a line, looked at together: 192 MiB are not to be looked at one by one. Results have the
// highest bit of each octet that it is true for.
class Octets {
  public:
    static constexpr std::size_t count = 8;

    // At most `count`.
    explicit Octets(std::string_view text) { text.copy(reinterpret_cast<char*>(&m_word), count); }

    [[nodiscard]] std::uint64_t equal(char c) const {
        return zero(m_word ^ ones * static_cast<unsigned char>(c));
    }
    [[nodiscard]] std::uint64_t control() const { return zero(m_word & ones * 0xe0); }
    [[nodiscard]] std::uint64_t eight_bit() const { return m_word & high; }
    // needs_escape()
    [[nodiscard]] std::uint64_t escapes() const {
        return eight_bit() | equal('=') | equal('\x7f') | (control() & ~equal('\t'));
    }

  private:
    static constexpr std::uint64_t ones = ~std::uint64_t{0} / 0xff;
    static constexpr std::uint64_t high = ones * 0x80;

    static std::uint64_t zero(std::uint64_t word) { return ~(((word & ~high) + ~high) | word | ~high); }

    std::uint64_t m_word = ones * 'x';
};

struct Oddities {
    std::uint64_t escapes = 0;
    bool eight_bit = false;  // or NUL
    bool carriage_return = false;

    void add(const Octets& octets) {
        const std::uint64_t found = octets.escapes();
        if (found != 0) {
            escapes += static_cast<std::uint64_t>(std::popcount(found));
            eight_bit |= (octets.eight_bit() | octets.equal('\0')) != 0;
            carriage_return |= octets.equal('\r') != 0;
        }
    }
};

Oddities oddities_of(std::string_view text) {
    Oddities oddities;
    while (text.size() > Octets::count) {
        oddities.add(Octets(text.substr(0, Octets::count)));
        text.remove_prefix(Octets::count);
    }
    oddities.add(Octets(text));
    return oddities;
}

// Measures the body of one leaf, piece by piece.
class HazardMeter {
  public:
    void add(const LinePiece& piece, Hazards& hazards) {
        const std::string_view text = without_line_break(piece.text);
        if (piece.starts_line) {
            m_line_size = 0;
            hazards.may_be_damaged |= text.starts_with("From ");
        }
        m_line_size += text.size();
        const Oddities oddities = oddities_of(text);
        const bool trailing_blank = !text.empty() && (text.back() == ' ' || text.back() == '\t');
        hazards.escapes += oddities.escapes;
        hazards.eight_bit |= oddities.eight_bit;
        hazards.may_be_damaged |= oddities.eight_bit || oddities.carriage_return || trailing_blank ||
                                  m_line_size > max_transport_line;
    }

  private:
    std::size_t m_line_size = 0;
};

class Scanner {
  public:
    Scanner(const Source& source, const ScanOptions& options, bool header_is_optional)
        : m_lines(source),
          m_size(source.size()),
          m_options(options),
          m_header_is_optional(header_is_optional) {}

    Result<MimePartPointer> run() {
        auto root = std::make_unique<MimePart>();
        enter(*root, 0);
        top().header_is_optional = m_header_is_optional;
        for (;;) {
            SIGNET_TRY(const std::optional<LinePiece> piece, m_lines.next());
            if (!piece) {
                break;
            }
            SIGNET_CHECK(take(*piece));
        }
        commit_break();
        SIGNET_CHECK(finish_header_at(m_size));
        leave_down_to(0, m_size);
        return root;
    }

  private:
    // A part that is open. Its header is not complete, or its body goes on.
    struct Open {
        MimePart* part;
        bool in_header = true;
        bool header_is_optional = false;  // and nothing in it describes a body so far
        bool ended = false;               // a multipart behind its last boundary
        HazardMeter meter;
    };

    Open& top() { return m_open.back(); }

    void enter(MimePart& part, std::uint64_t begin) {
        part.range = {begin, begin};
        m_open.push_back(Open{.part = &part});
    }

    Result<void> enter_child(MimePart& parent, std::uint64_t begin) {
        if (++m_parts > max_parts) {
            return failure(ErrorCode::too_large, "read mail", "more than 10000 parts");
        }
        parent.parts.push_back(std::make_unique<MimePart>());
        enter(*parent.parts.back(), begin);
        // What is signed may be text alone. What is measured is to be signed by us, and has a header.
        top().header_is_optional =
            parent.type.type == "multipart/signed" && parent.parts.size() == 1 && !m_options.measure_hazards;
        return {};
    }

    // The line break of the last line is counted when it is known whose it is.
    void commit_break() {
        top().part->line_breaks.add(m_pending);
        m_pending = {};
    }

    Result<void> take(const LinePiece& piece) {
        if (m_groups.add(piece) > max_address_groups) {
            return failure(ErrorCode::too_large, "read mail",
                           "more than " + std::to_string(max_address_groups) + " groups in an address field");
        }
        if (piece.starts_line && (piece.ends_line() || piece.end() == m_size)) {
            SIGNET_TRY(const bool boundary, take_boundary(piece));
            if (boundary) {
                return {};
            }
        }
        commit_break();
        note_breaks(piece);
        m_previous_end = piece.end();
        if (top().in_header) {
            return take_header_line(piece);
        }
        if (m_options.measure_hazards && top().part->kind != PartKind::message) {
            top().meter.add(piece, top().part->hazards);
        }
        return {};
    }

    void note_breaks(const LinePiece& piece) {
        const std::string_view text = without_line_break(piece.text);
        m_pending_size = piece.text.size() - text.size();
        m_pending.crlf = m_pending_size == 2;
        m_pending.lf = m_pending_size == 1;
        if (!top().part->line_breaks.lone_cr && std::memchr(text.data(), '\r', text.size()) != nullptr) {
            top().part->line_breaks.lone_cr = true;
        }
    }

    // The outermost multipart whose boundary this is ends all that is inside of it.
    Result<bool> take_boundary(const LinePiece& piece) {
        if (!piece.text.starts_with("--")) {
            return false;
        }
        const std::string_view line = without_line_break(piece.text);
        for (std::size_t i = 0; i < m_open.size(); ++i) {
            const Open& open = m_open[i];
            if (open.in_header || open.ended || open.part->kind != PartKind::multipart) {
                continue;
            }
            const Delimiter delimiter = delimiter_of(line, open.part->type.boundary);
            if (delimiter != Delimiter::none) {
                SIGNET_CHECK(delimit(i, delimiter, piece));
                return true;
            }
        }
        return false;
    }

    Result<void> delimit(std::size_t index, Delimiter delimiter, const LinePiece& piece) {
        const std::uint64_t end = std::max(piece.begin - m_pending_size, m_open[index].part->body.begin);
        SIGNET_CHECK(finish_header_at(end));
        leave_down_to(index + 1, end);
        MimePart& multipart = *top().part;
        commit_break();
        note_breaks(piece);
        m_previous_end = piece.end();
        if (m_options.measure_hazards) {
            top().meter.add(piece, multipart.hazards);
        }
        if (multipart.parts.empty()) {
            multipart.preamble = {multipart.body.begin, end};
        }
        if (delimiter == Delimiter::last) {
            top().ended = true;
            multipart.closed = true;
            multipart.epilogue = {piece.end(), piece.end()};
            return {};
        }
        return enter_child(multipart, piece.end());
    }

    // Ends every part that was opened within the first `count`.
    void leave_down_to(std::size_t count, std::uint64_t end) {
        while (m_open.size() > count) {
            MimePart& part = *top().part;
            part.range.end = std::max(end, part.range.begin);
            part.body.end = std::max(end, part.body.begin);
            if (part.closed) {
                part.epilogue.end = std::max(end, part.epilogue.begin);
            }
            m_open.pop_back();
            if (!m_open.empty()) {
                top().part->line_breaks.add(part.line_breaks);
            }
        }
    }

    Result<void> take_header_line(const LinePiece& piece) {
        MimePart& part = *top().part;
        const bool first = piece.begin == part.range.begin;
        if (piece.text == "\n" || piece.text == "\r\n") {
            return finish_header(piece.end());
        }
        if (first && is_mbox_line(piece.text)) {
            m_in_mbox_line = true;
        }
        if (!m_in_mbox_line && top().header_is_optional && !goes_on_as_header(piece)) {
            return take_as_text();
        }
        if (!m_in_mbox_line) {
            part.header_text += piece.text;
        }
        m_in_mbox_line = m_in_mbox_line && !piece.ends_line();
        m_headers_size += piece.text.size();
        if (part.header_text.size() > max_header_size || m_headers_size > max_headers_size) {
            return failure(ErrorCode::too_large, "read header",
                           "header longer than 1 MiB, or headers than 8 MiB");
        }
        return {};
    }

    bool goes_on_as_header(const LinePiece& piece) {
        const bool continued =
            !piece.starts_line || piece.text.starts_with(' ') || piece.text.starts_with('\t');
        if (!continued && starts_with_ignoring_case(piece.text, "Content-")) {
            top().header_is_optional = false;
            return true;
        }
        constexpr std::string_view forbidden("\r\0", 2);
        return continued
                   ? !top().part->header_text.empty() &&
                         without_line_break(piece.text).find_first_of(forbidden) == std::string_view::npos
                   : parse_header(piece.text).has_value();
    }

    Result<void> take_as_text() {
        MimePart& part = *top().part;
        part.header_text.clear();
        part.body = {part.range.begin, part.range.begin};
        SIGNET_TRY(part.type, content_type_of(part.header));
        top().in_header = false;
        return {};
    }

    // A header that no empty line ends: there is no body.
    Result<void> finish_header_at(std::uint64_t end) {
        if (!top().in_header) {
            return {};
        }
        MimePart& part = *top().part;
        const std::uint64_t limit = std::max(end, part.range.begin);
        if (m_previous_end > limit && !part.header_text.empty()) {
            part.header_text = without_line_break(part.header_text);
        }
        part.header_text.shrink_to_fit();
        read_fields(part);
        part.body = {limit, limit};
        top().in_header = false;
        return {};
    }

    Result<void> finish_header(std::uint64_t body) {
        MimePart& part = *top().part;
        part.body = {body, body};
        top().in_header = false;
        read_fields(part);
        if (part.flaw) {
            return {};
        }
        if (is_multipart(part.type)) {
            open_multipart(part);
        } else if (is_message_type(part.type.type) && is_plain(part.encoding)) {
            return open_message(part, body);
        }
        return {};
    }

    static void read_fields(MimePart& part) {
        auto header = parse_header(part.header_text);
        if (!header) {
            part.flaw = std::move(header).error();
            return;
        }
        part.header = std::move(*header);
        auto type = content_type_of(part.header);
        if (!type) {
            part.flaw = std::move(type).error();
            return;
        }
        part.type = std::move(*type);
        if (part.header.count("Content-Transfer-Encoding") > 1) {
            part.flaw = Error{.code = ErrorCode::malformed,
                              .operation = "read mail",
                              .detail = "more than one Content-Transfer-Encoding field"};
            return;
        }
        part.encoding = transfer_encoding_of(part.header);
    }

    void open_multipart(MimePart& part) {
        if (part.type.boundary.empty() || part.type.boundary.size() > max_boundary_size) {
            part.flaw = Error{.code = ErrorCode::malformed,
                              .operation = "read multipart",
                              .detail = "no usable boundary parameter"};
        } else if (!is_plain(part.encoding)) {
            // RFC 2045 section 6.4. Some programs decode it nevertheless, and then look for boundaries.
            part.flaw = Error{.code = ErrorCode::malformed,
                              .operation = "read multipart",
                              .detail = "a multipart with a transfer encoding"};
        } else if (!too_deep(part)) {
            part.kind = PartKind::multipart;
        }
    }

    Result<void> open_message(MimePart& part, std::uint64_t body) {
        if (too_deep(part)) {
            return {};
        }
        part.kind = PartKind::message;
        return enter_child(part, body);
    }

    bool too_deep(MimePart& part) {
        if (m_open.size() <= static_cast<std::size_t>(max_nesting)) {
            return false;
        }
        part.flaw = Error{
            .code = ErrorCode::too_large, .operation = "read mail", .detail = "parts nested too deeply"};
        return true;
    }

    LineReader m_lines;
    GroupCounter m_groups;
    std::uint64_t m_size;
    ScanOptions m_options;
    bool m_header_is_optional;  // of the outermost part
    std::vector<Open> m_open;
    LineBreaks m_pending;
    std::size_t m_pending_size = 0;
    std::uint64_t m_previous_end = 0;
    std::size_t m_parts = 0;
    std::size_t m_headers_size = 0;
    bool m_in_mbox_line = false;
};

}  // namespace

void LineBreaks::add(const LineBreaks& other) {
    lf |= other.lf;
    crlf |= other.crlf;
    lone_cr |= other.lone_cr;
}

Result<MimePartPointer> scan_entity(const Source& entity, const ScanOptions& options) {
    return Scanner(entity, options, !options.measure_hazards).run();
}

Result<MimePartPointer> scan_begin(const Source& entity) {
    const std::uint64_t size = std::min<std::uint64_t>(entity.size(), 2 * max_header_size);
    SIGNET_TRY(const std::string text, read_all(entity, {0, size}, size));
    auto begin = Scanner(TextSource(text), {}, false).run();
    return begin ? std::move(*begin) : nullptr;
}

Result<MimePartPointer> scan_mail(const Source& mail, const ScanOptions& options) {
    SIGNET_TRY(MimePartPointer root, Scanner(mail, options, false).run());
    if (root->flaw && root->header.fields.empty()) {
        return Failure(*root->flaw);
    }
    if (root->header.fields.empty()) {
        return failure(ErrorCode::malformed, "read mail", "no header field");
    }
    return root;
}

}  // namespace signet::smime
