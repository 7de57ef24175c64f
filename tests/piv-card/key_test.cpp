// Keys, the administrator and Yubico's commands, without pcscd.
#include "tests/piv-card/bare_card.h"
#include "tests/support/piv_card/key_material.h"
#include "x509/certificate.h"

#include <gtest/gtest.h>

namespace signet::test::piv_card {
namespace {

constexpr Version firmware_5_7{5, 7, 1};

Bytes request(std::uint32_t tag, ByteView value) {
    Bytes content = element(0x82, {});
    append_element(content, tag, value);
    return element(0x7C, content);
}

Bytes result(const Answer& answer) {
    const auto outer = parse_elements(answer.data);
    if (!outer || outer->size() != 1 || outer->front().tag != 0x7C) {
        return {};
    }
    const auto inner = parse_elements(outer->front().value);
    const auto* const found = inner ? find(*inner, 0x82) : nullptr;
    return found == nullptr ? Bytes() : Bytes(found->value.begin(), found->value.end());
}

std::string header(KeyAlgorithm algorithm, std::uint8_t reference) {
    return "0087" + to_hex(Bytes{static_cast<std::uint8_t>(algorithm), reference});
}

bool verifies(EVP_PKEY* key, ByteView digest, ByteView signature) {
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(key, nullptr));
    return EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) ==
               1;
}

TEST(Keys, SignOnlyDigestsOfTheFieldsSize) {
    BareCard card;
    for (const auto algorithm : {KeyAlgorithm::p256, KeyAlgorithm::p384}) {
        const auto key = put_key(card.state(), 0x9A, algorithm);
        card.select_and_verify();
        const Bytes digest(size_of(algorithm), 0x42);
        const auto signature = result(card.exchange(header(algorithm, 0x9A), request(0x81, digest)));
        EXPECT_TRUE(verifies(key.get(), digest, signature));
        for (const std::size_t wrong : {20U, 31U, 33U, 64U}) {
            EXPECT_EQ(card.exchange(header(algorithm, 0x9A), request(0x81, Bytes(wrong, 0x42))).status,
                      0x6A80);
        }
    }
}

TEST(Keys, RsaTakesBlocksOfTheModulusOnly) {
    BareCard card;
    put_key(card.state(), 0x9A, KeyAlgorithm::rsa_1024);
    card.select_and_verify();
    const auto use = header(KeyAlgorithm::rsa_1024, 0x9A);
    EXPECT_EQ(result(card.exchange(use, request(0x81, Bytes(128, 0x01)))).size(), 128U);
    EXPECT_EQ(card.exchange(use, request(0x81, Bytes(127, 0x01))).status, 0x6A80);
    EXPECT_EQ(card.exchange(use, request(0x81, Bytes(128, 0xFF))).status, 0x6A80) << "not below the modulus";
}

TEST(Keys, AgreeOnSecrets) {
    BareCard card({}, firmware_5_7);
    for (const auto algorithm : {KeyAlgorithm::p256, KeyAlgorithm::p384, KeyAlgorithm::x25519}) {
        const auto key = put_key(card.state(), 0x9D, algorithm);
        const auto peer = PrivateKey::generate(algorithm);
        card.select_and_verify();
        const auto point = point_of(peer.get());
        const auto secret = result(card.exchange(header(algorithm, 0x9D), request(0x85, point)));
        EXPECT_EQ(secret, peer.agree(point_of(key.get())));
        EXPECT_EQ(card.exchange(header(algorithm, 0x9D), request(0x85, Bytes(point.size(), 0x04))).status,
                  algorithm == KeyAlgorithm::x25519 ? 0x9000 : 0x6A80);
    }
}

TEST(Keys, Ed25519SignsMessages) {
    BareCard card({}, firmware_5_7);
    const auto key = put_key(card.state(), 0x9A, KeyAlgorithm::ed25519);
    card.select_and_verify();
    const Bytes message(1000, 0x61);
    const auto signature = result(card.exchange(header(KeyAlgorithm::ed25519, 0x9A), request(0x81, message)));
    const x509::DigestContextPointer context(EVP_MD_CTX_new());
    ASSERT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
    EXPECT_EQ(
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()),
        1);
}

TEST(Keys, OfKeyManagementRefuseSignaturesOnAStrictCard) {
    for (const auto* strict : {"on", "off"}) {
        BareCard card({std::string("strict-key-management=") + strict});
        put_key(card.state(), 0x82, KeyAlgorithm::p256);
        card.select_and_verify();
        EXPECT_EQ(card.exchange(header(KeyAlgorithm::p256, 0x82), request(0x81, Bytes(32, 1))).status,
                  std::string_view(strict) == "on" ? 0x6A86 : 0x9000);
    }
}

TEST(Keys, OtherAlgorithmsAndEmptySlotsAreWrongParameters) {
    BareCard card;
    put_key(card.state(), 0x9A, KeyAlgorithm::p256);
    card.select_and_verify();
    EXPECT_EQ(card.exchange(header(KeyAlgorithm::p384, 0x9A), request(0x81, Bytes(48, 1))).status, 0x6A86);
    EXPECT_EQ(card.exchange(header(KeyAlgorithm::p256, 0x9C), request(0x81, Bytes(32, 1))).status, 0x6A86);
    EXPECT_EQ(card.exchange(header(KeyAlgorithm::p256, 0x9A), element(0x7C, element(0x82, {}))).status,
              0x6A80);
}

TEST(PinPolicy, OfTheSignatureKeyWantsVerifyDirectlyBefore) {
    BareCard card;
    put_key(card.state(), 0x9C, KeyAlgorithm::p256);
    const auto sign = [&card] {
        return card.exchange(header(KeyAlgorithm::p256, 0x9C), request(0x81, Bytes(32, 1))).status;
    };
    card.select();
    EXPECT_EQ(sign(), 0x6982);
    card.verify("123456");
    EXPECT_EQ(sign(), 0x9000);
    EXPECT_EQ(sign(), 0x6982) << "a second signature";
    for (const auto* between :
         {"00200080", "00CB3FFF035C017E00", "00A4040005A00000030800", "00C0000000", "00FD000000"}) {
        card.verify("123456");
        card.send(between);
        EXPECT_EQ(sign(), 0x6982) << between;
    }
    card.verify("123456");
    EXPECT_EQ(sign(), 0x9000);
}

TEST(PinPolicy, OfACardAuthenticationKeyIsNever) {
    BareCard card;
    put_key(card.state(), 0x9E, KeyAlgorithm::p256);
    put_key(card.state(), 0x9A, KeyAlgorithm::p256);
    card.select();
    EXPECT_EQ(card.exchange(header(KeyAlgorithm::p256, 0x9E), request(0x81, Bytes(32, 1))).status, 0x9000);
    EXPECT_EQ(card.exchange(header(KeyAlgorithm::p256, 0x9A), request(0x81, Bytes(32, 1))).status, 0x6982);
}

TEST(TouchPolicy, AsksAndRefuses) {
    BareCard card;
    put_key(card.state(), 0x9A, KeyAlgorithm::p256);
    card.state().keys.at(0x9A).touch_policy = TouchPolicy::cached;
    card.select_and_verify();
    const auto sign = [&card] {
        return card.exchange(header(KeyAlgorithm::p256, 0x9A), request(0x81, Bytes(32, 1))).status;
    };
    card.card().settings().touch = Touch::refused;
    EXPECT_EQ(sign(), 0x6982);
    card.card().settings().touch = Touch::given;
    EXPECT_EQ(sign(), 0x9000);
    EXPECT_EQ(sign(), 0x9000);
    EXPECT_EQ(card.touches_wanted(), 2) << "the last is remembered for 15 s";
}

TEST(Administrator, IsAuthenticatedByEveryCipher) {
    for (const auto algorithm : {CipherAlgorithm::triple_des, CipherAlgorithm::aes_128,
                                 CipherAlgorithm::aes_192, CipherAlgorithm::aes_256}) {
        BareCard card;
        card.state().management_key = {.algorithm = algorithm, .value = random_octets(key_size(algorithm))};
        card.select();
        EXPECT_NO_THROW(card.authenticate());
        const auto one_way = "0087" + to_hex(Bytes{static_cast<std::uint8_t>(algorithm)}) + "9B";
        const auto challenge = card.send_with_data(one_way, "7C028100").data;
        const auto response = encrypt_block(algorithm, card.state().management_key.value,
                                            ByteView(challenge).last(block_size(algorithm)));
        EXPECT_EQ(card.exchange(one_way, element(0x7C, element(0x82, response))).status, 0x9000);
        EXPECT_EQ(card.exchange(one_way, element(0x7C, element(0x82, response))).status, 0x6982)
            << "replayed";
    }
}

TEST(Administrator, IsRefusedWithAWrongWitnessOrCipher) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.send_with_data("00870A9B", "7C028000").status, 0x6A86);
    card.send_with_data("0087039B", "7C028000");
    EXPECT_EQ(card.send_with_data("0087039B", "7C1480081111111111111111810811111111111111118200").status,
              0x6A80);
    card.send_with_data("0087039B", "7C028000");
    EXPECT_EQ(card.send_with_data("0087039B", "7C14800811111111111111118108111111111111111182").status,
              0x6A80);
    card.send_with_data("0087039B", "7C028000");
    EXPECT_EQ(card.send_with_data("0087039B", "7C148008111111111111111181081111111111111111").status, 0x6982);
    EXPECT_EQ(card.send_with_data("00DB3FFF", "5C035FC1025300").status, 0x6982);
}

TEST(Generate, NeedsTheAdministratorAndAKnownAlgorithm) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.send_with_data("0047009A", "AC03800111").status, 0x6982);
    card.authenticate();
    EXPECT_EQ(card.send_with_data("0047009A", "AC038001E0").status, 0x6A80) << "from 5.7 on";
    EXPECT_EQ(card.send_with_data("0047009B", "AC03800111").status, 0x6A86);
    const auto answer = card.send_with_data("0047009A", "AC03800111");
    EXPECT_EQ(answer.hex().substr(0, 12), "7f4943864104");
}

TEST(Generate, KnowsEveryAlgorithmOfFirmware57) {
    BareCard card({}, firmware_5_7);
    card.select();
    card.authenticate();
    for (const auto* algorithm : {"05", "06", "07", "11", "14", "E0", "E1"}) {
        EXPECT_EQ(card.exchange("0047009D", octets(std::string("AC038001") + algorithm)).status, 0x9000)
            << algorithm;
    }
}

TEST(Generate, LeavesRetiredSlotsToYubico) {
    BareCard card({"yubico=off"});
    card.select();
    card.authenticate();
    EXPECT_EQ(card.send_with_data("00470082", "AC03800111").status, 0x6A86);
    EXPECT_EQ(card.send("00FD000000").status, 0x6D00);
}

TEST(Import, MakesTheSameKey) {
    BareCard card({}, firmware_5_7);
    card.select();
    card.authenticate();
    const auto key = PrivateKey::generate(KeyAlgorithm::x25519);
    Bytes raw(32);
    std::size_t size = raw.size();
    ASSERT_EQ(EVP_PKEY_get_raw_private_key(key.get(), raw.data(), &size), 1);
    EXPECT_EQ(card.exchange("00FEE19D", element(0x08, raw)).status, 0x9000);
    EXPECT_EQ(card.state().keys.at(0x9D).key.public_key(), key.public_key());
    EXPECT_EQ(card.exchange("00FEE19D", element(0x07, raw)).status, 0x6A80);
    EXPECT_EQ(card.exchange("00FE119D", element(0x06, Bytes(32, 0xFF))).status, 0x6A80) << "beyond the order";
}

TEST(Metadata, TellsKeysPinAndManagementKey) {
    BareCard card({}, firmware_5_7);
    put_key(card.state(), 0x9C, KeyAlgorithm::p256);
    card.select();
    card.verify("111111");
    EXPECT_EQ(card.send("00F7008000").hex(), "0101ff050101060203029000");
    EXPECT_EQ(card.send("00F7009B00").hex(), "01010a020200010501019000");
    EXPECT_EQ(card.send("00F7009C00").hex().substr(0, 26),
              "010111020203010301010443"
              "86");
    EXPECT_EQ(card.send("00F7009A00").status, 0x6A88);
}

TEST(MoveKey, MovesAndDeletesButOverwritesNothing) {
    BareCard card({}, firmware_5_7);
    const auto key = put_key(card.state(), 0x9D, KeyAlgorithm::p256);
    put_key(card.state(), 0x83, KeyAlgorithm::p256);
    card.select();
    EXPECT_EQ(card.send("00F6829D").status, 0x6982);
    card.authenticate();
    EXPECT_EQ(card.send("00F6839D").status, 0x6985);
    EXPECT_EQ(card.send("00F6829D").status, 0x9000);
    EXPECT_EQ(card.state().keys.at(0x82).key.public_key(), key.public_key());
    EXPECT_EQ(card.send("00F6FF82").status, 0x9000);
    EXPECT_FALSE(card.state().keys.contains(0x82));
    EXPECT_EQ(card.send("00F6FF82").status, 0x6A88);
}

TEST(ManagementKey, IsSetWithTheSizeOfItsCipher) {
    BareCard card;
    card.select();
    card.authenticate();
    EXPECT_EQ(card.exchange("00FFFFFF", octets("0C9B10" + std::string(32, '1'))).status, 0x6A80);
    EXPECT_EQ(card.exchange("00FFFFFF", octets("0C9B20" + std::string(64, '1'))).status, 0x9000);
    EXPECT_NO_THROW(card.authenticate());
    EXPECT_EQ(card.state().management_key.algorithm, CipherAlgorithm::aes_256);
}

TEST(Reset, NeedsBothBlockedAndKeepsTheAttestation) {
    BareCard card;
    put_key(card.state(), 0x9A, KeyAlgorithm::p256);
    card.select();
    EXPECT_EQ(card.send("00FB0000").status, 0x6985);
    card.state().pin.tries_left = 0;
    card.state().puk.tries_left = 0;
    EXPECT_EQ(card.send("00FB0000").status, 0x9000);
    EXPECT_FALSE(card.state().keys.contains(0x9A));
    EXPECT_TRUE(card.state().keys.contains(attestation_slot));
    EXPECT_EQ(card.verify("123456").status, 0x9000);
}

}  // namespace
}  // namespace signet::test::piv_card
