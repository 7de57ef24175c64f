#include "smime/agreement.h"

#include "smime/gmime_pointer.h"
#include "smime/limits.h"
#include "smime/mime.h"

#include <optional>
#include <vector>

namespace signet::smime {
namespace {

// Offsets into the mail.
struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

Range range_within(std::string_view whole, std::string_view part) {
    const auto begin = static_cast<std::size_t>(part.data() - whole.data());
    return {begin, begin + part.size()};
}

GObjectPointer<GMimeMessage> parse(std::string_view mail) {
    const GObjectPointer<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(mail.data(), mail.size()));
    const GObjectPointer<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    g_mime_parser_set_persist_stream(parser.get(), TRUE);
    return GObjectPointer<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

std::optional<Range> content_range(GMimePart* part) {
    GMimeDataWrapper* content = g_mime_part_get_content(part);
    GMimeStream* stream = content != nullptr ? g_mime_data_wrapper_get_stream(content) : nullptr;
    if (stream == nullptr || stream->bound_start < 0 || stream->bound_end < stream->bound_start) {
        return std::nullopt;
    }
    return Range{static_cast<std::size_t>(stream->bound_start), static_cast<std::size_t>(stream->bound_end)};
}

bool within(GMimePart* part, const Range& bounds) {
    const auto range = content_range(part);
    return range && range->begin >= bounds.begin && range->end <= bounds.end;
}

bool leaves_within(GMimeObject* object, const Range& bounds, int depth) {
    if (object == nullptr || depth > max_nesting) {
        return false;
    }
    if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage* message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        return message != nullptr && leaves_within(g_mime_message_get_mime_part(message), bounds, depth + 1);
    }
    if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart* multipart = GMIME_MULTIPART(object);
        for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i) {
            if (!leaves_within(g_mime_multipart_get_part(multipart, i), bounds, depth + 1)) {
                return false;
            }
        }
        return true;
    }
    return GMIME_IS_PART(object) && within(GMIME_PART(object), bounds);
}

}  // namespace

bool gmime_agrees(std::string_view mail, std::string_view signed_part, std::string_view signature_body) {
    initialise_gmime();
    const auto message = parse(mail);
    GMimeObject* root = message ? g_mime_message_get_mime_part(message.get()) : nullptr;
    if (root == nullptr || !GMIME_IS_MULTIPART(root) ||
        g_mime_multipart_get_count(GMIME_MULTIPART(root)) != 2) {
        return false;
    }
    GMimeObject* signature = g_mime_multipart_get_part(GMIME_MULTIPART(root), 1);
    return leaves_within(g_mime_multipart_get_part(GMIME_MULTIPART(root), 0), range_within(mail, signed_part),
                         0) &&
           GMIME_IS_PART(signature) && within(GMIME_PART(signature), range_within(mail, signature_body));
}

}  // namespace signet::smime
