#include "smime/canonical.h"

#include "smime/digest.h"
#include "smime/transfer_encoding.h"
#include "smime/transfer_reader.h"

#include <algorithm>

namespace signet::smime {
namespace {

constexpr std::string_view encoding_field = "Content-Transfer-Encoding";

bool is_text(const MimePart& part) {
    return part.type.type.starts_with("text/");
}

bool is_sealed(const MimePart& part) {
    return part.type.type == "multipart/signed" || part.type.type == "multipart/encrypted";
}

// What stays as it is whatever it holds: others signed it, or it cannot be decoded.
bool is_untouchable(const MimePart& part) {
    return is_sealed(part) || (part.kind == PartKind::leaf && part.encoding == TransferEncoding::unknown);
}

Result<void> check_readable(const MimePart& part) {
    if (part.flaw) {
        return Failure(*part.flaw);
    }
    // Nobody knows what the parts are.
    if (is_multipart(part.type) && part.parts.empty()) {
        return failure(ErrorCode::malformed, "read multipart", "no boundary line");
    }
    // It would be another text with each change of its line breaks.
    if (is_untouchable(part) && part.line_breaks.lone_cr) {
        return failure(ErrorCode::malformed, "read mail", "a lone CR in a part that must stay as it is");
    }
    for (const MimePartPointer& child : part.parts) {
        SIGNET_CHECK(check_readable(*child));
    }
    return {};
}

bool is_safe(const MimePart& part);

bool has_safe_body(const MimePart& part) {
    if (is_untouchable(part)) {
        return true;
    }
    const bool parts_are_safe = std::all_of(part.parts.begin(), part.parts.end(),
                                            [](const MimePartPointer& child) { return is_safe(*child); });
    switch (part.kind) {
        case PartKind::multipart:
            return part.closed && !part.hazards.may_be_damaged && parts_are_safe;
        case PartKind::message:
            return parts_are_safe;
        case PartKind::leaf:
            break;
    }
    return part.encoding != TransferEncoding::binary && !part.hazards.may_be_damaged;
}

bool has_mbox_line(const MimePart& part) {
    constexpr std::size_t longest_line_break = 2;
    return part.body.begin - part.range.begin > part.header_text.size() + longest_line_break;
}

bool is_safe(const MimePart& part) {
    return is_sealed(part) ||
           (!has_mbox_line(part) && !transport_may_damage(part.header_text) && has_safe_body(part));
}

// Field lines without blanks at their ends, which would make an empty line of one that is all blank.
std::string canonical_lines(std::string_view lines) {
    std::string result;
    while (!lines.empty()) {
        std::string_view line = without_line_break(take_line(lines));
        line.remove_suffix(line.size() - (line.find_last_not_of(" \t") + 1));
        if (!line.empty()) {
            result.append(line).append("\r\n");
        }
    }
    return result;
}

std::string header_without(const std::vector<Field>& fields, std::string_view dropped_name) {
    std::string header;
    for (const Field& field : fields) {
        if (dropped_name.empty() || !equal_ignoring_case(field.name, dropped_name)) {
            header += canonical_lines(field.raw);
        }
    }
    return header;
}

bool prefers_quoted_printable(const MimePart& part) {
    // Six escapes of three octets in a hundred cost as much as base64.
    return is_text(part) && part.encoding != TransferEncoding::base64 &&
           part.hazards.escapes * 6 <= part.body.size();
}

class CrlfReader final : public Reader {
  public:
    explicit CrlfReader(Reader& from) : m_from(from) {}

    Result<std::size_t> read(std::span<char> buffer) override {
        while (m_rest.empty()) {
            SIGNET_TRY(const std::size_t count, m_from.read(m_block));
            if (count == 0) {
                return 0;
            }
            m_text = TextSink();
            SIGNET_CHECK(m_converter.write({m_block.data(), count}));
            m_rest = m_text.text();
        }
        const std::size_t count = m_rest.copy(buffer.data(), buffer.size());
        m_rest.remove_prefix(count);
        return count;
    }

  private:
    Reader& m_from;
    Block m_block;
    TextSink m_text;
    CrlfSink m_converter{m_text};
    std::string_view m_rest;  // of m_text
};

class EntityWriter {
  public:
    EntityWriter(const Source& mail, Sink& out) : m_mail(mail), m_out(out) {}

    Result<void> write(const MimePart& part, const std::vector<Field>& fields) {
        if (has_safe_body(part)) {
            SIGNET_CHECK(m_out.write(header_without(fields, {}) + "\r\n"));
            return copy_range(part, part.body);
        }
        switch (part.kind) {
            case PartKind::multipart:
                return write_multipart(part, fields);
            case PartKind::message:
                SIGNET_CHECK(m_out.write(container_header(fields)));
                return write_part(*part.parts.front());
            case PartKind::leaf:
                break;
        }
        return write_encoded(part, fields);
    }

  private:
    // 8bit or binary on what contains parts would contradict them once they are encoded.
    static std::string container_header(const std::vector<Field>& fields) {
        return header_without(fields, encoding_field) + "\r\n";
    }

    Result<void> write_part(const MimePart& part) {
        return is_safe(part) ? copy_range(part, part.range) : write(part, part.header.fields);
    }

    // With CRLF.
    Result<void> copy_range(const MimePart& part, Range range) {
        RangeReader reader(m_mail, range);
        if (!part.line_breaks.lf) {
            return copy(reader, m_out);
        }
        CrlfSink converter(m_out);
        return copy(reader, converter);
    }

    Result<void> write_multipart(const MimePart& part, const std::vector<Field>& fields) {
        const std::string delimiter = "--" + part.type.boundary;
        const bool keeps_text = !part.hazards.may_be_damaged;
        SIGNET_CHECK(m_out.write(container_header(fields)));
        if (keeps_text && part.preamble.size() > 0) {
            SIGNET_CHECK(copy_range(part, part.preamble));
            SIGNET_CHECK(m_out.write("\r\n"));
        }
        for (const MimePartPointer& child : part.parts) {
            SIGNET_CHECK(m_out.write(delimiter + "\r\n"));
            SIGNET_CHECK(write_part(*child));
            SIGNET_CHECK(m_out.write("\r\n"));
        }
        SIGNET_CHECK(m_out.write(delimiter + "--\r\n"));
        return keeps_text && part.closed ? copy_range(part, part.epilogue) : Result<void>();
    }

    Result<void> write_encoded(const MimePart& part, const std::vector<Field>& fields) {
        const bool quoted = prefers_quoted_printable(part);
        std::string header = header_without(fields, encoding_field);
        header.append(encoding_field).append(quoted ? ": quoted-printable" : ": base64");
        SIGNET_CHECK(m_out.write(header.append("\r\n\r\n")));
        if (quoted) {
            QuotedPrintableSink encoder(m_out);
            SIGNET_CHECK(decode_to(part, encoder));
            return encoder.finish();
        }
        Base64Sink encoder(m_out);
        SIGNET_CHECK(decode_to(part, encoder));
        return encoder.finish();
    }

    // Line breaks of text, and of encoded octets, are CRLF; in binary content they are octets as any other.
    Result<void> decode_to(const MimePart& part, Sink& out) {
        RangeReader octets(m_mail, part.body);
        CrlfReader lines(octets);
        const bool binary = part.encoding == TransferEncoding::binary && !is_text(part);
        TransferReader decoded(binary ? static_cast<Reader&>(octets) : lines, part.encoding);
        return copy(decoded, out);
    }

    const Source& m_mail;
    Sink& m_out;
};

// Written out where the mail leaves it to the default, so that the entity says what it is by itself.
std::string content_type_field_of(const MimePart& root) {
    if (const Field* field = root.header.find("Content-Type"); field != nullptr) {
        return std::string(field->raw);
    }
    return root.hazards.eight_bit ? "Content-Type: text/plain; charset=utf-8\r\n"
                                  : "Content-Type: text/plain; charset=us-ascii\r\n";
}

}  // namespace

CanonicalMail::CanonicalMail(const Source& mail, MimePartPointer root)
    : m_mail(&mail),
      m_root(std::move(root)),
      m_line_ending(line_ending_of(m_root->header_text)),
      m_mime_version("MIME-Version: 1.0\r\n"),
      m_content_type(content_type_field_of(*m_root)) {
    for (const Field& field : m_root->header.fields) {
        if (equal_ignoring_case(field.name, "MIME-Version")) {
            m_mime_version = canonical_lines(field.raw);
        } else if (!describes_body(field)) {
            m_outer_fields.push_back(field);
        }
    }
    write_outer_header(HeaderProtection::none);
}

Result<CanonicalMail> CanonicalMail::open(const Source& mail) {
    SIGNET_TRY(MimePartPointer root, scan_mail(mail, {.measure_hazards = true}));
    SIGNET_CHECK(check_readable(*root));
    return CanonicalMail(mail, std::move(root));
}

void CanonicalMail::write_outer_header(HeaderProtection protection) {
    ProtectedHeader header = smime::protect_header(m_outer_fields, protection);
    m_outer_header = std::move(header.outer) + m_mime_version;
    m_protected_fields = std::move(header.inside);
}

void CanonicalMail::drop_field(std::string_view name) {
    std::erase_if(m_outer_fields,
                  [name](const Field& field) { return equal_ignoring_case(field.name, name); });
    write_outer_header(HeaderProtection::none);
}

Result<void> CanonicalMail::protect_header(HeaderProtection protection) {
    if (protection == HeaderProtection::none) {
        return {};
    }
    if (!m_root->type.hp.empty()) {
        return failure(ErrorCode::malformed, "protect header", "the mail claims to have a protected header");
    }
    write_outer_header(protection);
    m_content_type = content_type_with_protection(m_content_type, protection);
    return {};
}

Result<void> CanonicalMail::write_entity(Sink& out) const {
    const Field type{.raw = m_content_type, .name = "Content-Type", .value = {}};
    std::vector<Field> fields{Field{.raw = m_protected_fields, .name = {}, .value = {}}};
    if (m_root->header.find("Content-Type") == nullptr) {
        fields.push_back(type);
    }
    for (const Field& field : m_root->header.fields) {
        if (describes_body(field)) {
            fields.push_back(equal_ignoring_case(field.name, "Content-Type") ? type : field);
        }
    }
    return EntityWriter(*m_mail, out).write(*m_root, fields);
}

}  // namespace signet::smime
