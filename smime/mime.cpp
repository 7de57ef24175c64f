#include "smime/mime.h"

#include "smime/gmime_pointer.h"

#include <algorithm>
#include <cctype>
#include <mutex>

namespace signet::smime {
namespace {

std::string lower(const char* text) {
    std::string result(text != nullptr ? text : "");
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return result;
}

std::string text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

void collect_mailboxes(InternetAddressList* list, std::vector<std::string>& mailboxes) {
    for (int i = 0; i < internet_address_list_length(list); ++i) {
        InternetAddress* address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(address)) {
            collect_mailboxes(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), mailboxes);
        } else {
            mailboxes.push_back(
                text_or_empty(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))));
        }
    }
}

// Other characters that look like "@".
std::string with_plain_at(std::string text) {
    for (const std::string_view other : {"\xef\xbc\xa0", "\xef\xb9\xab"}) {  // U+FF20, U+FE6B
        for (std::size_t at = text.find(other); at != std::string::npos; at = text.find(other, at)) {
            text.replace(at, other.size(), "@");
        }
    }
    return text;
}

bool looks_like_address(std::string_view word) {
    const std::size_t at = word.rfind('@');
    return at != std::string_view::npos && at > 0 && word.find('.', at) != std::string_view::npos;
}

std::vector<std::string> addresses_shown_in(const std::string& value) {
    constexpr std::string_view separators = " \t\r\n<>()[],;:\"\\";
    constexpr std::string_view punctuation = "'.";
    std::vector<std::string> addresses;
    const std::string text = with_plain_at(decoded_text(value));
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
        std::string_view word = std::string_view(text).substr(begin, end - begin);
        word.remove_prefix(std::min(word.find_first_not_of(punctuation), word.size()));
        word.remove_suffix(word.size() - (word.find_last_not_of(punctuation) + 1));
        if (looks_like_address(word)) {
            addresses.emplace_back(word);
        }
        begin = end + 1;
    }
    return addresses;
}

std::string decode(std::string_view body, GMimeContentEncoding encoding) {
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, encoding);
    std::string result(g_mime_encoding_outlen(&state, body.size()), '\0');
    result.resize(g_mime_encoding_step(&state, body.data(), body.size(), result.data()));
    return result;
}

}  // namespace

void initialise_gmime() {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
}

Result<ContentType> content_type_of(const Header& header) {
    initialise_gmime();
    if (header.count("Content-Type") > 1) {
        return failure(ErrorCode::malformed, "read Content-Type", "more than one Content-Type field");
    }
    const Field* field = header.find("Content-Type");
    if (field == nullptr) {
        ContentType text;
        text.type = "text/plain";
        return text;
    }
    const GObjectPointer<GMimeContentType> parsed(
        g_mime_content_type_parse(nullptr, unfolded(field->value).c_str()));
    const auto parameter = [&](const char* name) {
        return g_mime_content_type_get_parameter(parsed.get(), name);
    };
    return ContentType{.type = lower(g_mime_content_type_get_media_type(parsed.get())) + "/" +
                               lower(g_mime_content_type_get_media_subtype(parsed.get())),
                       .boundary = text_or_empty(parameter("boundary")),
                       .protocol = lower(parameter("protocol")),
                       .smime_type = lower(parameter("smime-type")),
                       .name = text_or_empty(parameter("name")),
                       .hp = lower(parameter("hp"))};
}

std::string content_type_parameter(const Header& header, const char* name) {
    initialise_gmime();
    const Field* field = header.find("Content-Type");
    if (field == nullptr) {
        return {};
    }
    const GObjectPointer<GMimeContentType> parsed(
        g_mime_content_type_parse(nullptr, unfolded(field->value).c_str()));
    return text_or_empty(g_mime_content_type_get_parameter(parsed.get(), name));
}

bool is_attachment(const Header& header) {
    const Field* field = header.find("Content-Disposition");
    return field != nullptr && starts_with_ignoring_case(unfolded(field->value), "attachment");
}

std::string decoded_text(std::string_view value) {
    initialise_gmime();
    char* decoded = g_mime_utils_header_decode_text(nullptr, unfolded(value).c_str());
    std::string text = text_or_empty(decoded);
    g_free(decoded);
    return text;
}

std::string file_name_of(const Header& header, const ContentType& type) {
    const Field* field = header.find("Content-Disposition");
    if (field == nullptr) {
        return type.name;
    }
    const GObjectPointer<GMimeContentDisposition> parsed(
        g_mime_content_disposition_parse(nullptr, unfolded(field->value).c_str()));
    const char* name = g_mime_content_disposition_get_parameter(parsed.get(), "filename");
    return name != nullptr ? name : type.name;
}

Addresses addresses_of(const Header& header, std::string_view field_name) {
    initialise_gmime();
    Addresses addresses;
    const Field* field = header.find(field_name);
    if (field == nullptr) {
        return addresses;
    }
    addresses.present = true;
    const GObjectPointer<InternetAddressList> list(
        internet_address_list_parse(nullptr, unfolded(field->value).c_str()));
    if (list) {
        collect_mailboxes(list.get(), addresses.mailboxes);
    }
    addresses.shown = addresses_shown_in(std::string(field->value));
    const auto usable = [](const std::string& mailbox) { return mailbox.find('@') != std::string::npos; };
    addresses.readable = header.count(field_name) == 1 && !addresses.mailboxes.empty() &&
                         std::all_of(addresses.mailboxes.begin(), addresses.mailboxes.end(), usable);
    return addresses;
}

std::optional<std::int64_t> date_of(const Header& header) {
    const Field* field = header.find("Date");
    if (field == nullptr) {
        return std::nullopt;
    }
    GDateTime* date = g_mime_utils_header_decode_date(unfolded(field->value).c_str());
    if (date == nullptr) {
        return std::nullopt;
    }
    const std::int64_t seconds = g_date_time_to_unix(date);
    g_date_time_unref(date);
    return seconds;
}

TransferEncoding transfer_encoding_of(const Header& header) {
    const Field* field = header.find("Content-Transfer-Encoding");
    if (field == nullptr) {
        return TransferEncoding::identity;
    }
    switch (g_mime_content_encoding_from_string(unfolded(field->value).c_str())) {
        case GMIME_CONTENT_ENCODING_7BIT:
        case GMIME_CONTENT_ENCODING_8BIT:
            return TransferEncoding::identity;
        case GMIME_CONTENT_ENCODING_BINARY:
            return TransferEncoding::binary;
        case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
            return TransferEncoding::quoted_printable;
        case GMIME_CONTENT_ENCODING_BASE64:
            return TransferEncoding::base64;
        default:
            return TransferEncoding::unknown;
    }
}

std::string decode_transfer(std::string_view body, TransferEncoding encoding) {
    switch (encoding) {
        case TransferEncoding::base64:
            return decode(body, GMIME_CONTENT_ENCODING_BASE64);
        case TransferEncoding::quoted_printable:
            return decode(body, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
        default:
            return std::string(body);
    }
}

}  // namespace signet::smime
