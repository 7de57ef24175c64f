#include "piv/object_writing.h"

#include "piv/tlv.h"

#include <array>

namespace signet::piv {
namespace {

// Agency, system and credential of nothing but nines, series 0, issue 1, person 0, organisation 3
// (commercial) 0000, association 1 (FIPS 201's technical guidance on FASC-N, section 6).
constexpr std::array<std::uint8_t, 25> foreign_fascn{0xd4, 0xe7, 0x39, 0xda, 0x73, 0x9c, 0xed, 0x39, 0xce,
                                                     0x73, 0x9d, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
                                                     0x84, 0x21, 0xc8, 0x42, 0x10, 0xc3, 0xeb};

// GSC-RID, manufacturer unknown, Java card.
constexpr std::array<std::uint8_t, 7> card_identifier_start{0xa0, 0x00, 0x00, 0x01, 0x16, 0xff, 0x02};

constexpr std::uint8_t container_version = 0x21;
constexpr std::uint8_t piv_data_model = 0x10;

Bytes application_identifier(Application application) {
    const std::uint8_t kind = application == Application::piv ? 0x10 : 0x20;
    return {0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, kind, 0x00, 0x01, 0x00};
}

void append_octet(Bytes& out, std::uint32_t tag, int value) {
    append_tlv(out, tag, std::array{static_cast<std::uint8_t>(value)});
}

}  // namespace

Bytes card_holder_unique_identifier_for(ByteView guid, std::string_view expiration_date) {
    Bytes object;
    append_tlv(object, 0x30, foreign_fascn);
    append_tlv(object, 0x34, guid);
    append_tlv(object, 0x35, as_bytes(expiration_date));
    append_tlv(object, 0x3e, {});
    append_tlv(object, 0xfe, {});
    return object;
}

Result<Bytes> with_guid(ByteView identifier, ByteView guid) {
    SIGNET_TRY(const auto elements, parse_tlvs(identifier));
    Bytes object;
    for (const Tlv& element : elements) {
        append_tlv(object, element.tag, element.tag == 0x34 ? guid : element.value);
    }
    return object;
}

Bytes card_capability_container_for(ByteView identifier) {
    Bytes card(card_identifier_start.begin(), card_identifier_start.end());
    card.insert(card.end(), identifier.begin(), identifier.end());
    Bytes object;
    append_tlv(object, 0xf0, card);
    append_octet(object, 0xf1, container_version);
    append_octet(object, 0xf2, container_version);
    append_tlv(object, 0xf3, {});
    append_octet(object, 0xf4, 0x00);
    append_octet(object, 0xf5, piv_data_model);
    for (const std::uint32_t tag : {0xf6U, 0xf7U, 0xfaU, 0xfbU, 0xfcU, 0xfdU, 0xfeU}) {
        append_tlv(object, tag, {});
    }
    return object;
}

Bytes key_history_for(const KeyHistory& history) {
    Bytes object;
    append_octet(object, 0xc1, history.on_card);
    append_octet(object, 0xc2, history.off_card);
    if (!history.url.empty()) {
        append_tlv(object, 0xf3, as_bytes(history.url));
    }
    append_tlv(object, 0xfe, {});
    return object;
}

Bytes discovery_for(Application application) {
    Bytes object;
    append_tlv(object, 0x4f, application_identifier(application));
    append_tlv(object, 0x5f2f, std::array<std::uint8_t, 2>{0x40, 0x00});
    return object;
}

}  // namespace signet::piv
