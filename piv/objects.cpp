#include "piv/objects.h"

#include "piv/inflate.h"
#include "piv/tlv.h"

#include <algorithm>
#include <charconv>

namespace signet::piv {
namespace {

constexpr std::uint32_t discovery_policy = 0x5f2f;
constexpr std::uint32_t first_retired_certificate = 0x5fc10d;
constexpr std::size_t guid_size = 16;
constexpr std::size_t max_url_size = 118;  // SP 800-73-4 part 1 table 16

// CertInfo of a certificate object: gzip, and how older cards wrote it.
constexpr std::uint8_t packed = 0x01;
constexpr std::uint8_t packed_before = 0x80;

Bytes copy_of(const Tlv* element) {
    return element != nullptr ? Bytes(element->value.begin(), element->value.end()) : Bytes();
}

std::string text_in(const Tlv* element) {
    return element != nullptr ? std::string(as_text(element->value)) : std::string();
}

// The number of an element of one octet.
std::optional<int> number_in(const Tlv* element) {
    return element != nullptr && element->value.size() == 1 ? std::optional<int>(element->value.front())
                                                            : std::nullopt;
}

}  // namespace

const std::array<KeyReference, 4 + retired_key_count>& mail_keys() {
    static const auto keys = [] {
        std::array<KeyReference, 4 + retired_key_count> list{authentication_key, signature_key,
                                                             key_management_key, card_authentication_key};
        auto retired = static_cast<std::uint8_t>(first_retired_key);
        for (auto key = list.begin() + 4; key != list.end(); ++key) {
            *key = static_cast<KeyReference>(retired++);
        }
        return list;
    }();
    return keys;
}

std::string text_of(KeyReference key) {
    return to_hex(std::array{static_cast<std::uint8_t>(key)});
}

std::optional<KeyReference> key_reference_from_text(std::string_view text) {
    const auto octets = from_hex(text);
    if (!octets || octets->size() != 1) {
        return std::nullopt;
    }
    const auto key = static_cast<KeyReference>(octets->front());
    const auto& known = mail_keys();
    return std::find(known.begin(), known.end(), key) != known.end() ? std::optional(key) : std::nullopt;
}

std::optional<std::uint32_t> certificate_object(KeyReference key) {
    switch (key) {
        case authentication_key:
            return 0x5fc105;
        case signature_key:
            return 0x5fc10a;
        case key_management_key:
            return 0x5fc10b;
        case card_authentication_key:
            return 0x5fc101;
        default:
            break;
    }
    if (key < first_retired_key || key > last_retired_key) {
        return std::nullopt;
    }
    return first_retired_certificate +
           (static_cast<std::uint32_t>(key) - static_cast<std::uint32_t>(first_retired_key));
}

Result<Bytes> certificate_of(ByteView object) {
    SIGNET_TRY(const auto elements, parse_tlvs(object));
    const Tlv* certificate = find_tlv(elements, 0x70);
    if (certificate == nullptr || certificate->value.empty()) {
        return failure(ErrorCode::not_found, "read certificate", "the object is empty");
    }
    const int information = number_in(find_tlv(elements, 0x71)).value_or(0);
    if ((information & (packed | packed_before)) == 0) {
        return copy_of(certificate);
    }
    return inflate_certificate(certificate->value);
}

Bytes certificate_object_for(ByteView der) {
    Bytes object;
    append_tlv(object, 0x70, der);
    append_tlv(object, 0x71, std::array<std::uint8_t, 1>{0});
    append_tlv(object, 0xfe, {});
    return object;
}

bool CardHolderUniqueIdentifier::has_guid() const {
    return std::any_of(guid.begin(), guid.end(), [](std::uint8_t octet) { return octet != 0; });
}

Result<CardHolderUniqueIdentifier> card_holder_unique_identifier_of(ByteView object) {
    SIGNET_TRY(const auto elements, parse_tlvs(object));
    const Tlv* signature = find_tlv(elements, 0x3e);
    CardHolderUniqueIdentifier identifier{.fascn = copy_of(find_tlv(elements, 0x30)),
                                          .guid = copy_of(find_tlv(elements, 0x34)),
                                          .expiration_date = text_in(find_tlv(elements, 0x35)),
                                          .is_signed = signature != nullptr && !signature->value.empty()};
    if (identifier.guid.size() != guid_size) {
        return failure(ErrorCode::malformed, "read CHUID", "no GUID of 16 octets");
    }
    return identifier;
}

Result<KeyHistory> key_history_of(ByteView object) {
    SIGNET_TRY(const auto elements, parse_tlvs(object));
    const auto on_card = number_in(find_tlv(elements, 0xc1));
    const auto off_card = number_in(find_tlv(elements, 0xc2));
    if (!on_card || !off_card) {
        return failure(ErrorCode::malformed, "read key history", "no numbers of keys");
    }
    const KeyHistory history{
        .on_card = *on_card, .off_card = *off_card, .url = text_in(find_tlv(elements, 0xf3))};
    if (history.on_card + history.off_card > retired_key_count || history.url.size() > max_url_size) {
        return failure(ErrorCode::malformed, "read key history", "more keys than a card can hold");
    }
    return history;
}

Result<Discovery> discovery_of(ByteView object) {
    SIGNET_TRY(auto elements, parse_tlvs(object));
    if (const Tlv* inner = find_tlv(elements, object::discovery)) {
        SIGNET_TRY(elements, parse_tlvs(inner->value));
    }
    const Tlv* policy = find_tlv(elements, discovery_policy);
    if (policy == nullptr || policy->value.size() != 2) {
        return failure(ErrorCode::malformed, "read discovery object", "no PIN usage policy");
    }
    const std::uint8_t usage = policy->value[0];
    return Discovery{.application_pin = (usage & 0x40) != 0,
                     .global_pin = (usage & 0x20) != 0,
                     .global_pin_is_primary = (usage & 0x20) != 0 && policy->value[1] == 0x20,
                     .pairing_needed = (usage & 0x08) != 0 && (usage & 0x04) == 0};
}

Result<ApplicationProperties> application_properties_of(ByteView answer) {
    SIGNET_TRY(auto elements, parse_tlvs(answer));
    if (const Tlv* inner = find_tlv(elements, 0x61)) {
        SIGNET_TRY(elements, parse_tlvs(inner->value));
    }
    ApplicationProperties properties{.identifier = copy_of(find_tlv(elements, 0x4f)),
                                     .label = printable_utf8(text_in(find_tlv(elements, 0x50))),
                                     .algorithms = {}};
    for (const Tlv& element : elements) {
        if (element.tag == 0xac) {
            SIGNET_TRY(const auto algorithms, parse_tlvs(element.value));
            for (const Tlv& algorithm : algorithms) {
                if (algorithm.tag == 0x80) {
                    properties.algorithms.insert(properties.algorithms.end(), algorithm.value.begin(),
                                                 algorithm.value.end());
                }
            }
        }
    }
    return properties;
}

}  // namespace signet::piv
