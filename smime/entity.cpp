#include "smime/entity.h"

#include "smime/limits.h"
#include "smime/line_endings.h"

namespace signet::smime {

Result<Entity> parse_entity(std::string_view text) {
    if (is_mbox_line(text)) {
        take_line(text);
    }
    const char* const begin = text.data();
    while (!text.empty() && !text.starts_with('\n') && !text.starts_with("\r\n")) {
        take_line(text);
        if (static_cast<std::size_t>(text.data() - begin) > max_header_size) {
            return failure(ErrorCode::too_large, "read header", "header longer than 1 MiB");
        }
    }
    SIGNET_TRY(Header header, parse_header({begin, static_cast<std::size_t>(text.data() - begin)}));
    Entity entity;
    entity.fields = std::move(header.fields);
    take_line(text);
    entity.body = text;
    return entity;
}

Result<Entity> parse_mail(std::string_view text) {
    if (text.size() > max_mail_size) {
        return failure(ErrorCode::too_large, "read mail", "mail larger than 256 MiB");
    }
    SIGNET_TRY(Entity entity, parse_entity(text));
    if (entity.fields.empty()) {
        return failure(ErrorCode::malformed, "read mail", "no header field");
    }
    return entity;
}

}  // namespace signet::smime
