#include "piv/kept_management_key.h"

#include "piv/administration_commands.h"
#include "piv/management_key.h"
#include "piv/tlv.h"
#include "token/block_cipher.h"

#include <algorithm>
#include <array>

namespace signet::piv {
namespace {

// Of the administrator's data.
constexpr std::uint32_t administrator_tag = 0x80;
constexpr std::uint32_t flags_tag = 0x81;
constexpr std::uint32_t salt_tag = 0x82;  // of a key that is derived from the PIN, which Yubico has given up
constexpr std::uint8_t key_is_kept = 0x02;
// Of what stands for the printed information.
constexpr std::uint8_t kept_tag = 0x88;
constexpr std::uint8_t key_tag = 0x89;

// With their headers they stay below a length that takes a second octet.
constexpr std::size_t most_keys = 3;

// Empty where there is none.
Result<Bytes> administrator_data(const Card& card) {
    auto content = get_data(card, object::administrator_data);
    if (!content && content.error().code == ErrorCode::not_found) {
        return Bytes();
    }
    return content;
}

std::uint8_t flags_in(const std::vector<Tlv>& elements) {
    const Tlv* flags = find_tlv(elements, flags_tag);
    return flags != nullptr && flags->value.size() == 1 ? flags->value.front() : std::uint8_t{0};
}

Result<std::vector<Tlv>> administrator_elements(const Bytes& content) {
    if (content.empty()) {
        return std::vector<Tlv>();
    }
    SIGNET_TRY(const ByteView inner, unwrap_tlv(content, administrator_tag));
    return parse_tlvs(inner);
}

// All else that stands there stays.
Result<void> mark(const Card& card, bool kept) {
    SIGNET_TRY(const Bytes content, administrator_data(card));
    SIGNET_TRY(const auto elements, administrator_elements(content));
    const std::uint8_t flags = flags_in(elements);
    const auto marked = static_cast<std::uint8_t>(kept ? flags | key_is_kept : flags & ~key_is_kept);
    if (flags == marked) {
        return {};
    }
    Bytes inner;
    append_tlv(inner, flags_tag, std::array{marked});
    for (const Tlv& element : elements) {
        if (element.tag != flags_tag && element.tag != salt_tag) {
            append_tlv(inner, element.tag, element.value);
        }
    }
    Bytes written;
    append_tlv(written, administrator_tag, inner);
    return put_data(card, object::administrator_data, written);
}

Failure no_key() {
    return failure(ErrorCode::malformed, "read management key", "the card keeps something else");
}

Result<std::vector<Secret>> keys_in(ByteView content) {
    SIGNET_TRY(const ByteView inner, unwrap_tlv(content, kept_tag));
    SIGNET_TRY(const auto elements, parse_tlvs(inner));
    std::vector<Secret> keys;
    for (const Tlv& element : elements) {
        if (element.tag == key_tag && keys.size() < most_keys) {
            SIGNET_TRY(Secret key, Secret::copy_of(element.value));
            keys.push_back(std::move(key));
        }
    }
    return keys.empty() ? no_key() : Result<std::vector<Secret>>(std::move(keys));
}

Result<void> append_header(Secret& out, std::uint8_t tag, std::size_t size) {
    return out.append(std::array{tag, static_cast<std::uint8_t>(size)});
}

Result<void> keep(const Card& card, const std::vector<Secret>& keys) {
    std::size_t size = 0;
    for (const Secret& key : keys) {
        size += 2 + key.size();
    }
    Secret content(2 + size);
    SIGNET_CHECK(append_header(content, kept_tag, size));
    for (const Secret& key : keys) {
        SIGNET_CHECK(append_header(content, key_tag, key.size()));
        SIGNET_CHECK(content.append(key.expose()));
    }
    return put_secret_data(card, object::printed_information, content);
}

Result<Secret> random_key(ManagementAlgorithm algorithm) {
    SIGNET_TRY(Bytes octets, token::random_octets(token::key_size(algorithm)));
    auto key = Secret::copy_of(octets);
    wipe(octets);
    return key;
}

}  // namespace

Result<bool> keeps_management_key(const Card& card) {
    SIGNET_TRY(const Bytes content, administrator_data(card));
    const auto elements = administrator_elements(content);
    // What makes no sense says nothing.
    return elements && (flags_in(*elements) & key_is_kept) != 0;
}

Result<std::vector<Secret>> kept_management_keys(const Card& card) {
    SIGNET_TRY(Response answer, get_raw_data(card, object::printed_information));
    auto content = content_of(answer, object::printed_information);
    wipe(answer.data);
    if (!content && content.error().code == ErrorCode::not_found) {
        return failure(ErrorCode::key_not_found, "read management key", "the card keeps none");
    }
    if (!content) {
        return Failure(std::move(content).error());
    }
    auto keys = keys_in(*content);
    wipe(*content);
    return keys ? std::move(keys) : no_key();
}

Result<void> keep_new_management_key(const Card& card, ManagementAlgorithm algorithm, bool touch) {
    auto before = kept_management_keys(card);
    if (!before && before.error().code == ErrorCode::malformed) {
        return failure(ErrorCode::not_allowed, "keep management key",
                       "the card has printed information, which would be lost");
    }
    if (!before && before.error().code != ErrorCode::key_not_found) {
        return Failure(std::move(before).error());
    }
    // The one that the card has, if it is among them, is needed as long as the new one is not set.
    std::vector<Secret> keys = before ? *std::move(before) : std::vector<Secret>();
    keys.resize(std::min(keys.size(), most_keys - 1));
    SIGNET_TRY(Secret key, random_key(algorithm));
    keys.insert(keys.begin(), key.clone());
    SIGNET_CHECK(keep(card, keys));
    SIGNET_CHECK(mark(card, true));
    SIGNET_CHECK(set_management_key(card, algorithm, key, touch));
    keys.resize(1);
    return keep(card, keys);
}

Result<void> forget_kept_management_key(const Card& card) {
    SIGNET_TRY(const bool kept, keeps_management_key(card));
    if (!kept) {
        return {};
    }
    SIGNET_CHECK(mark(card, false));
    return put_data(card, object::printed_information, {});
}

}  // namespace signet::piv
