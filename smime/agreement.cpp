#include "smime/agreement.h"

#include "smime/gmime_stream.h"
#include "smime/mime.h"

#include <array>

namespace signet::smime {
namespace {

using ParserPointer = GObjectPointer<GMimeParser>;

std::optional<Range> content_range(GMimePart* part) {
    GMimeDataWrapper* content = g_mime_part_get_content(part);
    GMimeStream* stream = content != nullptr ? g_mime_data_wrapper_get_stream(content) : nullptr;
    if (stream == nullptr || stream->bound_start < 0 || stream->bound_end < stream->bound_start) {
        return std::nullopt;
    }
    return Range{static_cast<std::uint64_t>(stream->bound_start),
                 static_cast<std::uint64_t>(stream->bound_end)};
}

// GMime takes it for content where a boundary without line break ends the mail.
bool only_carriage_return_follows(const Source& source, const MimePart& part, std::uint64_t end) {
    std::array<char, 1> octet{};
    const auto count = source.read(part.body.end, octet);
    return end == part.body.end + 1 && count && *count == 1 && octet[0] == '\r';
}

bool is_same_leaf(const Source& source, const MimePart& part, GMimeObject* object) {
    if (!GMIME_IS_PART(object)) {
        return false;
    }
    const auto range = content_range(GMIME_PART(object));
    // It takes text with neither a field nor an empty line for a header without a body.
    if (part.header.fields.empty() && (!range || range->size() == 0)) {
        return true;
    }
    return range && range->begin >= part.body.begin &&
           (range->end <= part.body.end || only_carriage_return_follows(source, part, range->end));
}

// Both trees side by side; the scanner has bounded the depth of its own.
class Comparison {
  public:
    explicit Comparison(const Source& source) : m_source(source) {}

    void compare(const MimePart& part, GMimeObject* object) {
        if (!same_kind(part, object)) {
            m_differing.push_back(part.range);
            return;
        }
        if (part.kind == PartKind::message) {
            GMimeMessage* message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
            compare(*part.parts.front(),
                    message != nullptr ? g_mime_message_get_mime_part(message) : nullptr);
        } else if (part.kind == PartKind::multipart) {
            for (std::size_t i = 0; i < part.parts.size(); ++i) {
                compare(*part.parts[i],
                        g_mime_multipart_get_part(GMIME_MULTIPART(object), static_cast<int>(i)));
            }
        }
    }
    std::vector<Range> take() { return std::move(m_differing); }

  private:
    bool same_kind(const MimePart& part, GMimeObject* object) const {
        if (object == nullptr) {
            return false;
        }
        switch (part.kind) {
            case PartKind::multipart:
                return GMIME_IS_MULTIPART(object) &&
                       static_cast<std::size_t>(g_mime_multipart_get_count(GMIME_MULTIPART(object))) ==
                           part.parts.size();
            case PartKind::message:
                return GMIME_IS_MESSAGE_PART(object);
            case PartKind::leaf:
                break;
        }
        return is_same_leaf(m_source, part, object);
    }

    const Source& m_source;
    std::vector<Range> m_differing;
};

std::vector<Range> compared_with_gmime(const Source& source, const MimePart& root, TopLevel level) {
    const auto stream = gmime_stream_of(source);
    const ParserPointer parser(g_mime_parser_new_with_stream(stream.get()));
    g_mime_parser_set_persist_stream(parser.get(), TRUE);
    Comparison comparison(source);
    if (level == TopLevel::mail) {
        const GObjectPointer<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
        comparison.compare(root, message ? g_mime_message_get_mime_part(message.get()) : nullptr);
    } else {
        const GObjectPointer<GMimeObject> object(g_mime_parser_construct_part(parser.get(), nullptr));
        comparison.compare(root, object.get());
    }
    return comparison.take();
}

}  // namespace

std::future<std::vector<Range>> disagreements(const Source& source, const MimePart& root, TopLevel level) {
    initialise_gmime();
    return std::async(std::launch::async,
                      [&source, &root, level] { return compared_with_gmime(source, root, level); });
}

}  // namespace signet::smime
