#include "piv/commands.h"

#include "piv/answer.h"
#include "piv/tlv.h"

#include <algorithm>
#include <array>

namespace signet::piv {
namespace {

namespace instruction {
constexpr std::uint8_t verify = 0x20;
constexpr std::uint8_t change_reference_data = 0x24;
constexpr std::uint8_t reset_retry_counter = 0x2c;
constexpr std::uint8_t general_authenticate = 0x87;
constexpr std::uint8_t select = 0xa4;
constexpr std::uint8_t get_data = 0xcb;
}  // namespace instruction

// Tags of the dynamic authentication template (SP 800-73-4 part 2 table 7).
constexpr std::uint32_t authentication_template = 0x7c;
constexpr std::uint32_t challenge_tag = 0x81;
constexpr std::uint32_t response_tag = 0x82;
constexpr std::uint32_t exponentiation_tag = 0x85;

constexpr std::size_t pin_size = 8;
constexpr std::size_t min_pin_size = 6;
constexpr std::uint8_t pin_padding = 0xff;
constexpr std::uint8_t forget = 0xff;  // P1 of VERIFY

// Without the version at their end: every version is meant.
constexpr std::array<std::uint8_t, 9> piv_identifier{0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00};
constexpr std::array<std::uint8_t, 9> derived_piv_identifier{0xa0, 0x00, 0x00, 0x03, 0x08,
                                                             0x00, 0x00, 0x20, 0x00};

Failure wrong_pin(std::string_view command, int tries_left) {
    Error error{.code = tries_left == 0 ? ErrorCode::pin_blocked : ErrorCode::pin_incorrect,
                .operation = std::string(command)};
    error.tries_left = tries_left;
    return Failure(std::move(error));
}

Bytes tag_list(std::uint32_t object) {
    Bytes tag;
    append_tlv(tag, object, {});
    tag.pop_back();
    Bytes list;
    append_tlv(list, 0x5c, tag);
    return list;
}

Command get_data_command(ByteView tag_list) {
    return {
        .instruction = instruction::get_data, .p1 = 0x3f, .p2 = 0xff, .data = tag_list, .expects_data = true};
}

bool is_pin_character(std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

Result<Secret> padded(PinReference reference, const Secret& value) {
    return reference == PinReference::unblocking_key ? padded_unblocking_key(value) : padded_pin(value);
}

// One behind the other, as both are sent.
Result<Secret> joined(const Secret& first, const Secret& second) {
    Secret data(2 * pin_size);
    SIGNET_CHECK(data.append(first.expose()));
    SIGNET_CHECK(data.append(second.expose()));
    return data;
}

Result<Secret> with_padding(const Secret& value) {
    Secret result(pin_size);
    SIGNET_CHECK(result.append(value.expose()));
    while (result.size() < pin_size) {
        SIGNET_CHECK(result.append(std::array{pin_padding}));
    }
    return result;
}

Result<Bytes> general_authenticate(const Card& card, Algorithm algorithm, KeyReference key, std::uint32_t tag,
                                   ByteView input) {
    Bytes inner;
    append_tlv(inner, response_tag, {});
    append_tlv(inner, tag, input);
    Bytes data;
    append_tlv(data, authentication_template, inner);
    SIGNET_TRY(const Bytes answer,
               succeeded("GENERAL AUTHENTICATE", exchange(card.transmitter,
                                                          {.instruction = instruction::general_authenticate,
                                                           .p1 = static_cast<std::uint8_t>(algorithm),
                                                           .p2 = static_cast<std::uint8_t>(key),
                                                           .data = data,
                                                           .expects_data = true},
                                                          card.form)));
    SIGNET_TRY(const ByteView content, unwrap_tlv(answer, authentication_template));
    SIGNET_TRY(const ByteView result, unwrap_tlv(content, response_tag));
    return Bytes(result.begin(), result.end());
}

}  // namespace

Result<void> check_pin_answer(std::string_view command, StatusWord status) {
    if (status.success()) {
        return {};
    }
    if (const auto tries = status.tries_left()) {
        return wrong_pin(command, *tries);
    }
    // Without a counter: an old card that only says that it was wrong.
    if (status.value == 0x6300) {
        return wrong_pin(command, -1);
    }
    return refused(command, status);
}

Result<void> check_new_pin(std::string_view command, StatusWord status) {
    if (status == status::bad_data) {
        return failure(ErrorCode::not_allowed, std::string(command), "the card does not take the new value",
                       status.value);
    }
    return check_pin_answer(command, status);
}

Result<ApplicationProperties> select(const Card& card, Application application) {
    const ByteView identifier =
        application == Application::piv ? ByteView(piv_identifier) : derived_piv_identifier;
    auto answer = succeeded(
        "SELECT",
        exchange(card.transmitter,
                 {.instruction = instruction::select, .p1 = 0x04, .data = identifier, .expects_data = true},
                 LengthForm::short_form));
    if (!answer && answer.error().code == ErrorCode::not_found) {
        return failure(ErrorCode::token_not_found, "SELECT", "no such application",
                       answer.error().native_code);
    }
    if (!answer) {
        return Failure(std::move(answer).error());
    }
    return application_properties_of(*answer);
}

Result<Response> get_raw_data(const Card& card, std::uint32_t object) {
    const Bytes data = tag_list(object);
    return exchange(card.transmitter, get_data_command(data), card.form);
}

Result<Response> get_first_block(const Card& card, std::uint32_t object) {
    const Bytes data = tag_list(object);
    return exchange_first_block(card.transmitter, get_data_command(data), LengthForm::short_form);
}

Result<Bytes> content_of(const Response& answer, std::uint32_t object) {
    // Cards of the one kind or the other say so that they have no such object.
    if (answer.status == status::unsupported || answer.status == status::unknown_reference) {
        return failure(ErrorCode::not_found, "GET DATA", "no such object", answer.status.value);
    }
    if (!answer.status.success()) {
        return refused("GET DATA", answer.status);
    }
    const std::uint32_t wrapper = has_own_tag(object) ? object : 0x53;
    SIGNET_TRY(const ByteView content, unwrap_tlv(answer.data, wrapper));
    if (content.empty()) {
        return failure(ErrorCode::not_found, "GET DATA", "the object is empty");
    }
    return Bytes(content.begin(), content.end());
}

Result<Bytes> get_data(const Card& card, std::uint32_t object) {
    SIGNET_TRY(const Response answer, get_raw_data(card, object));
    return content_of(answer, object);
}

Result<Secret> padded_pin(const Secret& pin) {
    const ByteView octets = pin.expose();
    if (octets.size() < min_pin_size || octets.size() > pin_size ||
        !std::all_of(octets.begin(), octets.end(), is_pin_character)) {
        return failure(ErrorCode::invalid_parameter, "VERIFY", "a PIN has six to eight digits or letters");
    }
    return with_padding(pin);
}

Result<Secret> padded_unblocking_key(const Secret& key) {
    const ByteView octets = key.expose();
    if (octets.size() < min_pin_size || octets.size() > pin_size ||
        std::find(octets.begin(), octets.end(), pin_padding) != octets.end()) {
        return failure(ErrorCode::invalid_parameter, "RESET RETRY COUNTER",
                       "a PUK has eight characters, on some cards six or seven");
    }
    return with_padding(key);
}

Result<PinStatus> pin_status(const Card& card, PinReference reference) {
    SIGNET_TRY(
        const Response response,
        exchange(card.transmitter,
                 {.instruction = instruction::verify, .p2 = static_cast<std::uint8_t>(reference), .data = {}},
                 card.form));
    if (response.status.success()) {
        return PinStatus{.verified = true, .tries_left = std::nullopt};
    }
    if (response.status == status::blocked) {
        return PinStatus{.verified = false, .tries_left = 0};
    }
    if (const auto tries = response.status.tries_left()) {
        return PinStatus{.verified = false, .tries_left = tries};
    }
    return refused("VERIFY", response.status);
}

Result<void> verify(const Card& card, PinReference reference, const Secret& pin) {
    SIGNET_TRY(const Secret padded, padded_pin(pin));
    SIGNET_TRY(const Response response, exchange(card.transmitter,
                                                 {.instruction = instruction::verify,
                                                  .p2 = static_cast<std::uint8_t>(reference),
                                                  .data = padded.expose()},
                                                 card.form));
    return check_pin_answer("VERIFY", response.status);
}

Result<void> deauthenticate(const Card& card, PinReference reference) {
    SIGNET_TRY(const Response response, exchange(card.transmitter,
                                                 {.instruction = instruction::verify,
                                                  .p1 = forget,
                                                  .p2 = static_cast<std::uint8_t>(reference),
                                                  .data = {}},
                                                 card.form));
    if (!response.status.success()) {
        return refused("VERIFY", response.status);
    }
    return {};
}

Result<void> change_pin(const Card& card, PinReference reference, const Secret& old_pin,
                        const Secret& new_pin) {
    SIGNET_TRY(const Secret old_padded, padded(reference, old_pin));
    SIGNET_TRY(const Secret new_padded, padded(reference, new_pin));
    SIGNET_TRY(const Secret data, joined(old_padded, new_padded));
    SIGNET_TRY(const Response response, exchange(card.transmitter,
                                                 {.instruction = instruction::change_reference_data,
                                                  .p2 = static_cast<std::uint8_t>(reference),
                                                  .data = data.expose()},
                                                 card.form));
    return check_new_pin("CHANGE REFERENCE DATA", response.status);
}

Result<void> unblock_pin(const Card& card, const Secret& unblocking_key, const Secret& new_pin) {
    SIGNET_TRY(const Secret key_padded, padded_unblocking_key(unblocking_key));
    SIGNET_TRY(const Secret new_padded, padded_pin(new_pin));
    SIGNET_TRY(const Secret data, joined(key_padded, new_padded));
    SIGNET_TRY(const Response response, exchange(card.transmitter,
                                                 {.instruction = instruction::reset_retry_counter,
                                                  .p2 = static_cast<std::uint8_t>(PinReference::application),
                                                  .data = data.expose()},
                                                 card.form));
    return check_new_pin("RESET RETRY COUNTER", response.status);
}

Result<Bytes> authenticate_internally(const Card& card, Algorithm algorithm, KeyReference key,
                                      ByteView challenge) {
    return general_authenticate(card, algorithm, key, challenge_tag, challenge);
}

Result<Bytes> agree_on_key(const Card& card, Algorithm algorithm, KeyReference key, ByteView point) {
    return general_authenticate(card, algorithm, key, exponentiation_tag, point);
}

}  // namespace signet::piv
