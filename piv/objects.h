#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The data objects of a PIV card (SP 800-73-4 part 1 sections 3 and 4, appendix A). All of them come from the
// card and are hostile.
namespace signet::piv {

// A key reference (SP 800-78-4 table 6-1).
enum class KeyReference : std::uint8_t {};

inline constexpr KeyReference authentication_key{0x9a};
inline constexpr KeyReference management_key{0x9b};
inline constexpr KeyReference signature_key{0x9c};
inline constexpr KeyReference key_management_key{0x9d};
inline constexpr KeyReference card_authentication_key{0x9e};
inline constexpr KeyReference first_retired_key{0x82};
inline constexpr KeyReference last_retired_key{0x95};
inline constexpr int retired_key_count = 20;

// The four standard keys, then the retired ones in order.
const std::array<KeyReference, 4 + retired_key_count>& mail_keys();
// "9a"
std::string text_of(KeyReference key);
// Upper or lower case; nothing for what is none of mail_keys().
std::optional<KeyReference> key_reference_from_text(std::string_view text);

namespace object {
inline constexpr std::uint32_t discovery = 0x7e;
inline constexpr std::uint32_t biometric_group = 0x7f61;
inline constexpr std::uint32_t card_capability_container = 0x5fc107;
inline constexpr std::uint32_t card_holder_unique_identifier = 0x5fc102;
inline constexpr std::uint32_t security = 0x5fc106;
inline constexpr std::uint32_t key_history = 0x5fc10c;
inline constexpr std::uint32_t printed_information = 0x5fc109;
inline constexpr std::uint32_t administrator_data = 0x5fff00;       // Yubico
inline constexpr std::uint32_t attestation_certificate = 0x5fff01;  // Yubico
}  // namespace object

// Objects of ISO/IEC 7816-6 have their own tag around them where all others have 53.
constexpr bool has_own_tag(std::uint32_t object) {
    return object == object::discovery || object == object::biometric_group;
}

// Where the certificate of a key lies; nothing for a key that has none.
std::optional<std::uint32_t> certificate_object(KeyReference key);

// DER of the certificate in a certificate object (the content of its 53), unpacked where it is packed
// (inflate.h). An error detection code at the end is not demanded. not_found: the object is there and empty.
// too_large: more than 64 KiB unpacked.
Result<Bytes> certificate_of(ByteView object);
// The same object for a certificate, not packed.
Bytes certificate_object_for(ByteView der);

struct CardHolderUniqueIdentifier {
    Bytes fascn;
    Bytes guid;                   // 16 octets; all zero where the card has none
    std::string expiration_date;  // YYYYMMDD as it stands
    bool is_signed = false;       // by the card's issuer

    [[nodiscard]] bool has_guid() const;
};
Result<CardHolderUniqueIdentifier> card_holder_unique_identifier_of(ByteView object);

struct KeyHistory {
    int on_card = 0;   // retired keys with their certificate on the card, from 82 on
    int off_card = 0;  // with the certificate at `url`
    std::string url;
};
// malformed: counts that are missing, or more than there are retired keys.
Result<KeyHistory> key_history_of(ByteView object);

struct Discovery {
    bool application_pin = true;
    bool global_pin = false;
    bool global_pin_is_primary = false;
    bool pairing_needed = false;  // the contactless interface wants a pairing code first
};
// Takes the object with its tag 7E or without.
Result<Discovery> discovery_of(ByteView object);

// What SELECT answers: an application property template (SP 800-73-4 part 2 section 3.1.1). Every field may
// be missing.
struct ApplicationProperties {
    Bytes identifier;  // the whole AID, or its end
    std::string label;
    Bytes algorithms;
};
Result<ApplicationProperties> application_properties_of(ByteView answer);

}  // namespace signet::piv
