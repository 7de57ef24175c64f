#include "piv/objects.h"

#include "piv/tlv.h"
#include "tests/support/octets.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace signet::piv {
namespace {

using signet::test::octets;

Bytes deflated(ByteView data, int window_bits) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    Bytes packed(data.size() + 1024);
    stream.next_in = const_cast<Bytef*>(data.data());
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = packed.data();
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

Bytes object_with(ByteView certificate, std::uint8_t information) {
    Bytes object;
    append_tlv(object, 0x70, certificate);
    append_tlv(object, 0x71, std::array{information});
    return object;
}

TEST(PivKeys, HaveTheirCertificatesWhereTheStandardPutsThem) {
    EXPECT_EQ(certificate_object(authentication_key), 0x5fc105U);
    EXPECT_EQ(certificate_object(signature_key), 0x5fc10aU);
    EXPECT_EQ(certificate_object(key_management_key), 0x5fc10bU);
    EXPECT_EQ(certificate_object(card_authentication_key), 0x5fc101U);
    EXPECT_EQ(certificate_object(first_retired_key), 0x5fc10dU);
    EXPECT_EQ(certificate_object(last_retired_key), 0x5fc120U);
    EXPECT_EQ(certificate_object(management_key), std::nullopt);
    EXPECT_EQ(mail_keys().size(), 24U);
    EXPECT_EQ(key_reference_from_text("9C"), signature_key);
    EXPECT_EQ(key_reference_from_text("9b"), std::nullopt);
}

TEST(CertificateObject, IsReadInAllItsForms) {
    const Bytes der(1500, 0x42);
    Bytes net_id = octets("0100dc05");
    const Bytes zlib = deflated(der, MAX_WBITS);
    net_id.insert(net_id.end(), zlib.begin(), zlib.end());
    EXPECT_EQ(certificate_of(certificate_object_for(der)).value(), der);
    EXPECT_EQ(certificate_of(object_with(deflated(der, MAX_WBITS + 16), 0x01)).value(), der);
    EXPECT_EQ(certificate_of(object_with(deflated(der, MAX_WBITS + 16), 0x80)).value(), der);
    EXPECT_EQ(certificate_of(object_with(net_id, 0x01)).value(), der);
}

TEST(CertificateObject, IsNotFoundWhereItIsEmpty) {
    EXPECT_EQ(certificate_of({}).error().code, ErrorCode::not_found);
    EXPECT_EQ(certificate_of(octets("7000710100fe00")).error().code, ErrorCode::not_found);
}

TEST(CertificateObject, IsNotUnpackedWithoutBound) {
    const Bytes bomb(std::size_t{1} << 20, 0);
    EXPECT_EQ(certificate_of(object_with(deflated(bomb, MAX_WBITS + 16), 1)).error().code,
              ErrorCode::too_large);
    EXPECT_EQ(certificate_of(object_with(octets("1f8b0800"), 1)).error().code, ErrorCode::malformed);
    EXPECT_EQ(certificate_of(object_with(octets("01"), 1)).error().code, ErrorCode::malformed);
}

TEST(CardHolderUniqueIdentifier, HasAGuid) {
    const std::string guid = "00112233445566778899aabbccddeeff";
    const auto identifier =
        card_holder_unique_identifier_of(octets("3003010203"
                                                "3410" +
                                                guid +
                                                "35083230333031323331"
                                                "3e00fe00"));
    ASSERT_TRUE(identifier);
    EXPECT_EQ(to_hex(identifier->guid), guid);
    EXPECT_EQ(identifier->expiration_date, "20301231");
    EXPECT_EQ(card_holder_unique_identifier_of(octets("340101")).error().code, ErrorCode::malformed);
}

TEST(KeyHistory, CountsNoMoreKeysThanThereAre) {
    const auto history = key_history_of(octets("c10103c20102f30161fe00"));
    ASSERT_TRUE(history);
    EXPECT_EQ(history->on_card, 3);
    EXPECT_EQ(history->off_card, 2);
    EXPECT_EQ(history->url, "a");
    EXPECT_EQ(key_history_of(octets("c10114c20101")).error().code, ErrorCode::malformed);
}

TEST(KeyHistory, MakesNoSenseWithoutItsNumbers) {
    for (const char* object : {"", "c10103", "c20100", "c100c20100", "c1020003c20100", "c10103c2020000"}) {
        const auto history = key_history_of(octets(object));
        ASSERT_FALSE(history) << object;
        EXPECT_EQ(history.error().code, ErrorCode::malformed) << object;
    }
}

TEST(Discovery, SaysWhichPinIsMeant) {
    const auto both = discovery_of(octets("7e124f0ba0000003080000100001005f2f026020"));
    ASSERT_TRUE(both);
    EXPECT_TRUE(both->application_pin && both->global_pin && both->global_pin_is_primary);
    const auto plain = discovery_of(octets("4f0ba0000003080000100001005f2f024000"));
    ASSERT_TRUE(plain);
    EXPECT_TRUE(plain->application_pin);
    EXPECT_FALSE(plain->global_pin || plain->global_pin_is_primary || plain->pairing_needed);
    EXPECT_TRUE(discovery_of(octets("5f2f024800"))->pairing_needed);
    EXPECT_FALSE(discovery_of(octets("5f2f024c00"))->pairing_needed);
    EXPECT_EQ(discovery_of({}).error().code, ErrorCode::malformed);
}

TEST(ApplicationProperties, MayLackEveryField) {
    const auto full = application_properties_of(octets("61144f0600001000010050024142ac06800107800111"));
    ASSERT_TRUE(full) << full.error().detail;
    EXPECT_EQ(full->label, "AB");
    EXPECT_EQ(to_hex(full->algorithms), "0711");
    const auto none = application_properties_of({});
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->identifier.empty() && none->algorithms.empty());
}

}  // namespace
}  // namespace signet::piv
