#include "smime/legacy_display.h"

#include "smime/line_endings.h"
#include "smime/mime.h"
#include "smime/protected_header.h"
#include "smime/transfer_encoding.h"

#include <algorithm>
#include <vector>

namespace signet::smime {
namespace {

constexpr const char* parameter = "hp-legacy-display";
constexpr std::string_view html_class = "header-protection-legacy-display";
// HTML beyond that is shown as it is.
constexpr std::size_t max_html_size = std::size_t{1} << 20;
constexpr std::size_t max_html_head_size = std::size_t{64} << 10;

bool is_html(const MimePart& part) {
    return part.type.type == "text/html";
}

// RFC 9787 section 7.1: what a reader shows first.
void collect_main_parts(const MimePart& part, std::vector<const MimePart*>& main_parts) {
    if (part.kind == PartKind::multipart) {
        const bool only_first = part.type.type != "multipart/alternative";
        const bool sealed = part.type.type == "multipart/signed" || part.type.type == "multipart/encrypted";
        for (std::size_t i = 0;
             !sealed && i < (only_first ? std::min<std::size_t>(part.parts.size(), 1) : part.parts.size());
             ++i) {
            collect_main_parts(*part.parts[i], main_parts);
        }
    } else if (part.kind == PartKind::leaf && !part.flaw && part.body.size() > 0 &&
               !is_attachment(part.header) && (part.type.type == "text/plain" || is_html(part))) {
        main_parts.push_back(&part);
    }
}

// Lines of one field each, without any that a decoded word could add.
std::string hidden_lines(const Header& header) {
    std::string lines;
    for (const Field& field : header.fields) {
        if (is_hidden_by_baseline_policy(field)) {
            std::string line = std::string(field.name) + ": " + decoded_text(field.value);
            std::replace_if(
                line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
            lines += line + "\r\n";
        }
    }
    return lines;
}

std::string as_html(std::string_view lines) {
    std::string html = "<div class=\"" + std::string(html_class) + "\"><pre>";
    for (const char c : without_line_break(lines)) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            default:
                html += c;
        }
    }
    return html + "</pre></div>";
}

bool can_be_shown(const MimePart& part, std::string_view text) {
    const std::string charset = lower_case(content_type_parameter(part.header, "charset"));
    if (charset == "utf-8") {
        return true;
    }
    const bool extends_ascii = charset.empty() || charset == "us-ascii" || charset.starts_with("iso-8859-") ||
                               charset.starts_with("windows-125");
    return extends_ascii && std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
}

Result<std::string> quoted(std::string_view text) {
    TextSink encoded;
    QuotedPrintableSink encoder(encoded);
    SIGNET_CHECK(encoder.write(text));
    SIGNET_CHECK(encoder.finish());
    return encoded.take();
}

// Whole groups of three octets, so that base64 goes on behind it.
Result<std::string> in_base64(std::string text) {
    text.insert(text.find("\r\n"), (3 - text.size() % 3) % 3, ' ');
    TextSink encoded;
    Base64Sink encoder(encoded);
    SIGNET_CHECK(encoder.write(text));
    SIGNET_CHECK(encoder.finish());
    return encoded.take();
}

struct Insertion {
    std::uint64_t offset = 0;
    std::string text;  // empty where nothing can be inserted
};

Result<Insertion> into_plain_text(const MimePart& part, const std::string& lines) {
    switch (part.encoding) {
        case TransferEncoding::identity:
            return Insertion{part.body.begin, lines + "\r\n"};
        case TransferEncoding::quoted_printable: {
            SIGNET_TRY(std::string text, quoted(lines + "\r\n"));
            return Insertion{part.body.begin, std::move(text)};
        }
        case TransferEncoding::base64: {
            SIGNET_TRY(std::string text, in_base64(lines + "\r\n"));
            return Insertion{part.body.begin, std::move(text)};
        }
        default:
            return Insertion{};
    }
}

// As the first child of the body element.
Result<Insertion> into_html(const Source& mail, const MimePart& part, const std::string& lines) {
    if (part.encoding != TransferEncoding::identity && part.encoding != TransferEncoding::quoted_printable) {
        return Insertion{};
    }
    const std::uint64_t size = std::min<std::uint64_t>(part.body.size(), max_html_head_size);
    SIGNET_TRY(const std::string head,
               read_all(mail, {part.body.begin, part.body.begin + size}, max_html_head_size));
    const std::size_t body = lower_case(head).find("<body");
    const std::size_t end = body == std::string::npos ? body : head.find('>', body);
    if (end == std::string::npos) {
        return Insertion{};
    }
    Insertion insertion{part.body.begin + end + 1, as_html(lines)};
    if (part.encoding == TransferEncoding::quoted_printable) {
        SIGNET_TRY(const std::string text, quoted(insertion.text));
        insertion.text = "=\r\n" + text + "=\r\n";
    }
    return insertion;
}

// Behind the last parameter of Content-Type.
Insertion mark_of(const MimePart& part) {
    const std::string mark = std::string(";\r\n ") + parameter + "=\"1\"";
    const Field* field = part.header.find("Content-Type");
    if (field == nullptr) {
        return {part.range.begin, "Content-Type: text/plain; charset=us-ascii" + mark + "\r\n"};
    }
    const std::size_t end = field->raw.find_last_not_of("; \t\r\n") + 1;
    const auto before = static_cast<std::size_t>(field->raw.data() - part.header_text.data());
    return {part.range.begin + before + end, mark};
}

bool has_mbox_line(const MimePart& part) {
    return part.body.begin - part.range.begin > part.header_text.size() + std::string_view("\r\n").size();
}

void insert(EditedSource& mail, const Insertion& insertion, LineEnding ending) {
    mail.insert(insertion.offset, with_line_ending(insertion.text, ending));
}

// The first blank line ends it.
class WithoutFirstParagraph final : public Sink {
  public:
    explicit WithoutFirstParagraph(Sink& next) : m_next(next) {}
    Result<void> write(std::string_view octets) override {
        while (!m_ended && !octets.empty()) {
            const char c = octets.front();
            octets.remove_prefix(1);
            m_ended = c == '\n' && m_blank;
            m_blank = c == '\n' || (m_blank && (c == ' ' || c == '\t' || c == '\r'));
        }
        return octets.empty() ? Result<void>() : m_next.write(octets);
    }

  private:
    Sink& m_next;
    bool m_ended = false;
    bool m_blank = false;  // so far, of the line
};

// Behind the end of the div element that begins at `begin`.
std::size_t end_of_division(const std::string& html, std::size_t begin) {
    std::size_t depth = 0;
    for (std::size_t place = begin; (place = html.find('<', place)) != std::string::npos; ++place) {
        if (html.compare(place, 4, "<div") == 0) {
            ++depth;
        } else if (html.compare(place, 5, "</div") == 0 && --depth == 0) {
            const std::size_t end = html.find('>', place);
            return end == std::string::npos ? html.size() : end + 1;
        }
    }
    return html.size();
}

std::string without_divisions(const std::string& html) {
    const std::string folded = lower_case(html);
    std::string rest;
    std::size_t end = 0;  // of what is dealt with
    for (std::size_t name = folded.find(html_class); name != std::string::npos;
         name = folded.find(html_class, end)) {
        const std::size_t begin = folded.rfind('<', name);
        if (begin == std::string::npos || begin < end || folded.compare(begin, 4, "<div") != 0) {
            break;
        }
        rest.append(html, end, begin - end);
        end = end_of_division(folded, begin);
    }
    return rest.append(html, end);
}

}  // namespace

Result<std::unique_ptr<EditedSource>> with_legacy_display(const Source& mail) {
    SIGNET_TRY(const MimePartPointer root, scan_mail(mail));
    const std::string lines = hidden_lines(root->header);
    if (lines.empty() || has_mbox_line(*root)) {
        return nullptr;
    }
    std::vector<const MimePart*> main_parts;
    collect_main_parts(*root, main_parts);
    const LineEnding ending = line_ending_of(root->header_text);
    auto edited = std::make_unique<EditedSource>(mail);
    for (const MimePart* part : main_parts) {
        SIGNET_TRY(const Insertion text,
                   is_html(*part) ? into_html(mail, *part, lines) : into_plain_text(*part, lines));
        if (!text.text.empty() && can_be_shown(*part, lines) && !has_legacy_display(*part) &&
            !has_mbox_line(*part)) {
            insert(*edited, mark_of(*part), ending);
            insert(*edited, text, ending);
        }
    }
    return edited;
}

bool has_legacy_display(const MimePart& part) {
    return (part.type.type == "text/plain" || is_html(part)) &&
           content_type_parameter(part.header, parameter) == "1";
}

Result<void> copy_without_legacy_display(const MimePart& part, Reader& content, Sink& out) {
    if (!is_html(part)) {
        WithoutFirstParagraph rest(out);
        return copy(content, rest);
    }
    if (part.body.size() > max_html_size) {
        return copy(content, out);
    }
    SIGNET_TRY(const std::string html, read_all(content, max_html_size));
    return out.write(without_divisions(html));
}

}  // namespace signet::smime
