#include "smime/mime.h"

#include "base/unicode.h"
#include "smime/ambiguous_parameter.h"
#include "smime/gmime_pointer.h"
#include "smime/limits.h"
#include "smime/plain_value.h"
#include "smime/shown_addresses.h"
#include "smime/written_addresses.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace signet::smime {
namespace {

std::string_view text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

struct AddressList {
    std::vector<std::string> mailboxes;
    std::vector<std::string> names;  // of mailboxes and groups, decoded
};

void collect(InternetAddressList* list, AddressList& found) {
    for (int i = 0; i < internet_address_list_length(list); ++i) {
        InternetAddress* address = internet_address_list_get_address(list, i);
        found.names.emplace_back(text_or_empty(internet_address_get_name(address)));
        if (INTERNET_ADDRESS_IS_GROUP(address)) {
            collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), found);
        } else {
            found.mailboxes.emplace_back(
                text_or_empty(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))));
        }
    }
}

// A value of Content-Type. What is not plain is left to GMime.
class ContentTypeValue {
  public:
    explicit ContentTypeValue(std::string_view value)
        : m_value(unfolded(value)), m_plain(plain_content_type(m_value)) {
        if (!m_plain) {
            initialise_gmime();
            m_parsed.reset(g_mime_content_type_parse(nullptr, m_value.c_str()));
        }
    }

    [[nodiscard]] std::string type() const {
        return m_plain ? lower_case(m_plain->type) + "/" + lower_case(m_plain->subtype)
                       : lower_case(text_or_empty(g_mime_content_type_get_media_type(m_parsed.get()))) + "/" +
                             lower_case(text_or_empty(g_mime_content_type_get_media_subtype(m_parsed.get())));
    }
    // Empty when it is not there.
    [[nodiscard]] std::string_view parameter(const char* name) const {
        return m_plain ? m_plain->parameter(name)
                       : text_or_empty(g_mime_content_type_get_parameter(m_parsed.get(), name));
    }
    [[nodiscard]] bool may_repeat(std::string_view name) const {
        return !m_plain && may_repeat_parameter(m_value, name);
    }
    [[nodiscard]] bool has_plain_boundary() const {
        return m_plain ? is_boundary_text(m_plain->parameter("boundary")) : gives_boundary_plainly(m_value);
    }

  private:
    std::string m_value;
    std::optional<PlainContentType> m_plain;  // of m_value
    GObjectPointer<GMimeContentType> m_parsed;
};

AddressList address_list_in(const std::string& value) {
    AddressList found;
    if (const auto mailbox = plain_mailbox(value)) {
        found.mailboxes.emplace_back(*mailbox);
        return found;
    }
    if (static_cast<std::size_t>(std::count(value.begin(), value.end(), ':')) > max_address_groups) {
        return {};
    }
    initialise_gmime();
    const GObjectPointer<InternetAddressList> list(internet_address_list_parse(nullptr, value.c_str()));
    if (list) {
        collect(list.get(), found);
    }
    return found;
}

TransferEncoding encoding_named(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, TransferEncoding>, 7> encodings{
        {{"7bit", TransferEncoding::identity},
         {"7-bit", TransferEncoding::identity},
         {"8bit", TransferEncoding::identity},
         {"8-bit", TransferEncoding::identity},
         {"binary", TransferEncoding::binary},
         {"quoted-printable", TransferEncoding::quoted_printable},
         {"base64", TransferEncoding::base64}}};
    const auto* found = std::find_if(encodings.begin(), encodings.end(), [name](const auto& encoding) {
        return equal_ignoring_case(encoding.first, name);
    });
    return found != encodings.end() ? found->second : TransferEncoding::unknown;
}

}  // namespace

bool is_multipart(const ContentType& type) {
    return type.type.starts_with("multipart/");
}

Result<ContentType> content_type_of(const Header& header) {
    if (header.count("Content-Type") > 1) {
        return failure(ErrorCode::malformed, "read Content-Type", "more than one Content-Type field");
    }
    const Field* field = header.find("Content-Type");
    if (field == nullptr) {
        ContentType text;
        text.type = "text/plain";
        return text;
    }
    const ContentTypeValue value(field->value);
    ContentType type{.type = value.type(),
                     .boundary = std::string(value.parameter("boundary")),
                     .protocol = lower_case(value.parameter("protocol")),
                     .smime_type = lower_case(value.parameter("smime-type")),
                     .name = std::string(value.parameter("name")),
                     .hp = lower_case(value.parameter("hp"))};
    for (const std::string_view name : {"boundary", "protocol", "micalg"}) {
        if (is_multipart(type) && value.may_repeat(name)) {
            return failure(ErrorCode::malformed, "read Content-Type",
                           "the parameter " + std::string(name) + " is there more than once");
        }
    }
    return type;
}

bool has_plain_boundary(const Header& header) {
    const Field* field = header.find("Content-Type");
    return field != nullptr && ContentTypeValue(field->value).has_plain_boundary();
}

std::string content_type_parameter(const Header& header, const char* name) {
    const Field* field = header.find("Content-Type");
    return field != nullptr ? std::string(ContentTypeValue(field->value).parameter(name)) : std::string();
}

bool is_attachment(const Header& header) {
    const Field* field = header.find("Content-Disposition");
    return field != nullptr && starts_with_ignoring_case(unfolded(field->value), "attachment");
}

std::string decoded_text(std::string_view value) {
    std::string encoded = unfolded(value);
    if (is_plain_text(encoded)) {
        return encoded;
    }
    initialise_gmime();
    char* decoded = g_mime_utils_header_decode_text(nullptr, encoded.c_str());
    std::string text(text_or_empty(decoded));
    g_free(decoded);
    return text;
}

std::string file_name_of(const Header& header, const ContentType& type) {
    const Field* field = header.find("Content-Disposition");
    if (field == nullptr) {
        return type.name;
    }
    initialise_gmime();
    const GObjectPointer<GMimeContentDisposition> parsed(
        g_mime_content_disposition_parse(nullptr, unfolded(field->value).c_str()));
    const char* name = g_mime_content_disposition_get_parameter(parsed.get(), "filename");
    return name != nullptr ? name : type.name;
}

Addresses addresses_of(const Header& header, std::string_view field_name) {
    Addresses addresses;
    const Field* field = header.find(field_name);
    if (field == nullptr) {
        return addresses;
    }
    addresses.present = true;
    const std::string value = unfolded(field->value);
    AddressList list = address_list_in(value);
    addresses.mailboxes = std::move(list.mailboxes);
    addresses.complete = count_written_addresses(value) == addresses.mailboxes.size();
    list.names.push_back(decoded_text(field->value));
    bool redirected = changes_direction(field->value);
    for (std::string& text : list.names) {
        redirected = redirected || changes_direction(text);
        const auto shown = addresses_shown_in(std::move(text));
        addresses.shown.insert(addresses.shown.end(), shown.begin(), shown.end());
    }
    const auto usable = [](const std::string& mailbox) { return mailbox.find('@') != std::string::npos; };
    addresses.readable = !redirected && header.count(field_name) == 1 && !addresses.mailboxes.empty() &&
                         std::all_of(addresses.mailboxes.begin(), addresses.mailboxes.end(), usable);
    return addresses;
}

DateField date_of(const Header& header) {
    const Field* field = header.find("Date");
    if (field == nullptr) {
        return {};
    }
    DateField date{.readable = false, .seconds = std::nullopt};
    if (header.count("Date") > 1) {
        return date;
    }
    initialise_gmime();
    if (GDateTime* decoded = g_mime_utils_header_decode_date(unfolded(field->value).c_str())) {
        date = {.readable = true, .seconds = g_date_time_to_unix(decoded)};
        g_date_time_unref(decoded);
    }
    return date;
}

TransferEncoding transfer_encoding_of(const Header& header) {
    const Field* field = header.find("Content-Transfer-Encoding");
    if (field == nullptr) {
        return TransferEncoding::identity;
    }
    const std::string value = unfolded(field->value);
    // A comment may follow.
    return encoding_named(std::string_view(value).substr(0, value.find_first_of(" \t(")));
}

}  // namespace signet::smime
