#include "piv/card_contents.h"

#include "piv/describe.h"
#include "piv/key_operation.h"
#include "piv/tlv.h"
#include "tests/support/certificates.h"
#include "x509/certificate.h"

#include <gmock/gmock.h>

namespace signet::piv {
namespace {

using signet::test::generate_key;
using signet::test::TestAuthority;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Bytes wrapped(ByteView content) {
    Bytes out;
    append_tlv(out, 0x53, content);
    return out;
}

class Contents : public testing::Test {
  protected:
    // Gives the key's identifier.
    std::string certify(KeyReference key, const std::string& kind) {
        const auto made = generate_key(kind);
        const auto certificate = m_authority.issue(made.get(), "Alice", "alice@example.test");
        m_image.objects[*certificate_object(key)] = wrapped(certificate_object_for(certificate.der()));
        return x509::key_identifier(certificate.public_key_info());
    }
    void put_guid(std::uint8_t octet) {
        Bytes content;
        append_tlv(content, 0x30, Bytes(25, 1));
        append_tlv(content, 0x34, Bytes(16, octet));
        append_tlv(content, 0x35, as_bytes("20300101"));
        m_image.objects[object::card_holder_unique_identifier] = wrapped(content);
    }

    TestAuthority m_authority;
    CardImage m_image;
};

TEST_F(Contents, NameADerivedTokenByItsGuidOnlyWhereNoKeyShows) {
    m_image.application = Application::derived_piv;
    put_guid(0xab);
    EXPECT_EQ(contents_of(m_image).token_id, "piv:derived:abababababababababababababababab");
    const auto key = certify(signature_key, "P-256");
    EXPECT_EQ(contents_of(m_image).token_id, "piv:key:" + key);
}

TEST_F(Contents, NameTheTokenByTheBestThatThereIs) {
    EXPECT_EQ(contents_of(m_image).token_id, nameless_card);
    const auto key = certify(signature_key, "P-256");
    EXPECT_EQ(contents_of(m_image).token_id, "piv:key:" + key);
    put_guid(0);
    EXPECT_EQ(contents_of(m_image).token_id, "piv:key:" + key);
    put_guid(0xab);
    EXPECT_EQ(contents_of(m_image).token_id, "piv:guid:abababababababababababababababab");
    m_image.application = Application::derived_piv;
    EXPECT_EQ(contents_of(m_image).token_id, "piv:key:" + key);
    m_image.serial = 4000000000;
    EXPECT_EQ(contents_of(m_image).token_id, "piv:serial:4000000000");
}

TEST_F(Contents, KnowPoliciesThatTheCardDoesNotTell) {
    (void)certify(authentication_key, "P-256");
    (void)certify(signature_key, "P-256");
    (void)certify(card_authentication_key, "P-256");
    const CardContents contents = contents_of(m_image);
    ASSERT_THAT(contents.keys, SizeIs(3));
    EXPECT_EQ(contents.keys[0].pin_demand(), KeyPinPolicy::once);
    EXPECT_EQ(contents.keys[1].pin_demand(), KeyPinPolicy::always);
    EXPECT_EQ(contents.keys[2].pin_demand(), KeyPinPolicy::never);
}

TEST_F(Contents, BelieveTheCardMoreThanACertificateOnIt) {
    const auto old = certify(authentication_key, "P-256");
    m_image.metadata[authentication_key] =
        from_hex("0101e00202030303010104228620" + std::string(64, '7')).value();
    const CardContents contents = contents_of(m_image);
    ASSERT_THAT(contents.keys, SizeIs(1));
    EXPECT_EQ(contents.keys[0].public_key.type, KeyType::ed25519);
    EXPECT_EQ(contents.keys[0].pin_demand(), KeyPinPolicy::always);
    EXPECT_TRUE(contents.keys[0].wants_touch());
    EXPECT_NE(contents.keys[0].id, old);
    ASSERT_THAT(contents.certificates, SizeIs(1));
    const auto token = describe(contents, {}, {});
    EXPECT_EQ(token.certificates[0].key, "");
    m_image.metadata[authentication_key] = {};
    EXPECT_THAT(contents_of(m_image).keys, IsEmpty());
}

TEST_F(Contents, LeaveOutWhatMakesNoSense) {
    (void)certify(authentication_key, "P-256");
    m_image.objects[*certificate_object(signature_key)] = wrapped(certificate_object_for(Bytes(100, 1)));
    m_image.objects[*certificate_object(key_management_key)] = Bytes(10, 0x53);
    m_image.objects[object::card_holder_unique_identifier] = wrapped(Bytes(3, 0x34));
    m_image.metadata[signature_key] = Bytes(4, 0x77);
    EXPECT_THAT(contents_of(m_image).keys, SizeIs(1));
}

TEST_F(Contents, AreOneKeyWhereItLiesInTwoPlaces) {
    (void)certify(authentication_key, "P-256");
    m_image.objects[*certificate_object(key_management_key)] =
        m_image.objects[*certificate_object(authentication_key)];
    const auto token = describe(contents_of(m_image), {}, {});
    ASSERT_THAT(token.keys, SizeIs(1));
    EXPECT_THAT(token.keys[0].signature_schemes, ElementsAre(SignatureScheme::ecdsa));
    EXPECT_TRUE(token.keys[0].derive);
}

TEST_F(Contents, AreDescribedToPeople) {
    (void)certify(authentication_key, "P-256");
    const auto token =
        describe(contents_of(m_image), {.verified = false, .tries_left = 1}, {.name = "reader"});
    EXPECT_EQ(token.label, "Alice");
    EXPECT_EQ(token.reader, "reader");
    EXPECT_EQ(token.pin, token::PinState::final_try);
    EXPECT_EQ(token.keys[0].label, "PIV authentication");
    EXPECT_THAT(token.certificates[0].emails, ElementsAre("alice@example.test"));
}

TEST_F(Contents, AskAtThePinPadEachTimeWhenTheCardForgets) {
    (void)certify(authentication_key, "P-256");
    const CardContents contents = contents_of(m_image);
    EXPECT_TRUE(describe(contents, {}, {.pin_pad = true}).keys[0].always_authenticate);
    EXPECT_FALSE(
        describe(contents, {}, {.pin_pad = true, .deauthenticates = false}).keys[0].always_authenticate);
}

// What the card's answer has to be to be given out.
class Checked : public Contents {};

TEST_F(Checked, NothingElseIsGivenOut) {
    const std::vector<std::pair<std::string, SignatureScheme>> kinds{{"rsa:2048", SignatureScheme::rsa_pss},
                                                                     {"P-256", SignatureScheme::ecdsa},
                                                                     {"P-384", SignatureScheme::ecdsa},
                                                                     {"ed25519", SignatureScheme::eddsa}};
    for (const auto& [kind, scheme] : kinds) {
        (void)certify(authentication_key, kind);
        const CardKey key = contents_of(m_image).keys.at(0);
        token::SignRequest request{.scheme = scheme, .data = Bytes(10, 1), .data_is_message = true};
        if (scheme != SignatureScheme::eddsa) {
            request.hash = HashAlgorithm::sha256;
        }
        for (const std::size_t size : {0, 1, 64, 255, 256, 257, 4096}) {
            const auto signature =
                sign(key, request, [size](ByteView) -> Result<Bytes> { return Bytes(size, 0x30); });
            ASSERT_FALSE(signature);
            EXPECT_TRUE(signature.error().code == ErrorCode::bad_signature ||
                        signature.error().code == ErrorCode::malformed)
                << kind << size;
        }
    }
}

TEST_F(Checked, WrongRequestsDoNotReachTheCard) {
    (void)certify(authentication_key, "P-256");
    const auto key = contents_of(m_image).keys.at(0);
    const CardOperation never = [](ByteView) -> Result<Bytes> {
        ADD_FAILURE();
        return Bytes();
    };
    EXPECT_EQ(sign(key, {.scheme = SignatureScheme::rsa_pkcs1}, never).error().code, ErrorCode::unsupported);
    EXPECT_EQ(sign(key, {.scheme = SignatureScheme::ecdsa}, never).error().code,
              ErrorCode::invalid_parameter);
    EXPECT_EQ(derive(key, {.public_key = Bytes(65, 4)}, never).error().code, ErrorCode::unsupported);
    (void)certify(key_management_key, "P-256");
    const auto agreement = contents_of(m_image).keys.at(1);
    EXPECT_EQ(derive(agreement, {.public_key = Bytes(65, 4)}, never).error().code,
              ErrorCode::invalid_parameter);
}

}  // namespace
}  // namespace signet::piv
