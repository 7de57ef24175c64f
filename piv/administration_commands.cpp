#include "piv/administration_commands.h"

#include "piv/answer.h"
#include "piv/tlv.h"

namespace signet::piv {
namespace {

namespace instruction {
constexpr std::uint8_t put_data = 0xdb;
constexpr std::uint8_t set_retries = 0xfa;
constexpr std::uint8_t reset = 0xfb;
}  // namespace instruction

constexpr std::uint16_t conditions_not_satisfied = 0x6985;
constexpr int most_tries = 255;

Bytes put_data_field(std::uint32_t object, ByteView content) {
    Bytes data;
    if (has_own_tag(object)) {
        append_tlv(data, object, content);
        return data;
    }
    Bytes tag;
    append_tlv(tag, object, {});
    tag.pop_back();
    append_tlv(data, 0x5c, tag);
    append_tlv(data, 0x53, content);
    return data;
}

Failure refused_administrator(std::string_view command, StatusWord status) {
    if (status == status::not_authorised) {
        return failure(ErrorCode::not_allowed, std::string(command),
                       "the card wants the management key first", status.value);
    }
    return refused(command, status);
}

Result<void> send_put_data(const Card& card, ByteView data) {
    SIGNET_TRY(
        const Response response,
        exchange(card.transmitter,
                 {.instruction = instruction::put_data, .p1 = 0x3f, .p2 = 0xff, .data = data}, card.form));
    if (response.status == status::full) {
        return failure(ErrorCode::too_large, "PUT DATA", "the card has no room for it",
                       response.status.value);
    }
    return response.status.success() ? Result<void>() : refused_administrator("PUT DATA", response.status);
}

}  // namespace

Result<void> put_data(const Card& card, std::uint32_t object, ByteView content) {
    if (content.size() > max_object_size) {
        return failure(ErrorCode::too_large, "PUT DATA", "an object longer than 32 KiB");
    }
    return send_put_data(card, put_data_field(object, content));
}

Result<void> put_secret_data(const Card& card, std::uint32_t object, const Secret& content) {
    constexpr std::size_t longest = 127;
    if (content.size() > longest) {
        return failure(ErrorCode::too_large, "PUT DATA", "a secret longer than 127 octets");
    }
    Bytes header = put_data_field(object, {});
    header.back() = static_cast<std::uint8_t>(content.size());
    Secret data(header.size() + content.size());
    SIGNET_CHECK(data.append(header));
    SIGNET_CHECK(data.append(content.expose()));
    return send_put_data(card, data.expose());
}

Result<void> set_retries(const Card& card, int pin_tries, int unblocking_tries) {
    for (const int tries : {pin_tries, unblocking_tries}) {
        if (tries < 1 || tries > most_tries) {
            return failure(ErrorCode::invalid_parameter, "SET RETRIES", "tries are 1 to 255");
        }
    }
    SIGNET_TRY(const Response response, exchange(card.transmitter,
                                                 {.instruction = instruction::set_retries,
                                                  .p1 = static_cast<std::uint8_t>(pin_tries),
                                                  .p2 = static_cast<std::uint8_t>(unblocking_tries),
                                                  .data = {}},
                                                 card.form));
    return response.status.success() ? Result<void>() : refused_administrator("SET RETRIES", response.status);
}

Result<void> reset_application(const Card& card) {
    SIGNET_TRY(const Response response,
               exchange(card.transmitter, {.instruction = instruction::reset, .data = {}}, card.form));
    if (response.status.value == conditions_not_satisfied) {
        return failure(ErrorCode::not_allowed, "RESET", "PIN and PUK have to be blocked first",
                       response.status.value);
    }
    return response.status.success() ? Result<void>() : refused("RESET", response.status);
}

}  // namespace signet::piv
