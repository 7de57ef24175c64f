// What we administer on a card in a real pcscd is used by programs of others, and what they make is seen by
// us.
#include "tests/piv-driver/administration_desk.h"

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(CardAdministration, MakesAnEmptyCardOneThatOthersWorkWith) {
    insert_new_card();
    ASSERT_TRUE(administration().personalize(m_token, m_management_key));
    for (const auto& [slot, algorithm] :
         {std::pair("9a", KeyAlgorithm::rsa2048), {"9c", KeyAlgorithm::p256}}) {
        store(generated(slot, algorithm));
    }
    ASSERT_TRUE(administration().change_pin(m_token, PinKind::user, secret("123456"), secret("246810")));
    ASSERT_TRUE(
        administration().change_pin(m_token, PinKind::unblocking, secret("12345678"), secret("87654321")));

    m_desk->succeed(Desk::yubico({"-a", "verify-pin", "-P", "246810"}));
    m_desk->succeed(Desk::yubico({"-a", "read-certificate", "-s", "9c", "-o", "9c.pem"}));
    m_desk->succeed(Desk::yubico({"-a", "verify-pin", "-P", "246810", "-a", "test-signature", "-s", "9c",
                                  "-i", "9c.pem", "-H", "SHA256"}));
    write_file(m_desk->path("message"), "a message");
    for (const auto* module : {opensc_module, ykcs11_module}) {
        SCOPED_TRACE(module);
        m_desk->succeed(Desk::pkcs11(module, {"--login", "--pin", "246810", "--sign", "--id", "01", "-m",
                                              "SHA256-RSA-PKCS", "-i", "message", "-o", "signature"}));
        m_desk->succeed(Desk::yubico({"-a", "read-certificate", "-s", "9a", "-o", "9a.pem"}));
        m_desk->succeed({"openssl", "x509", "-in", "9a.pem", "-noout", "-pubkey", "-out", "9a.pub"});
        m_desk->succeed(
            {"openssl", "dgst", "-sha256", "-verify", "9a.pub", "-signature", "signature", "message"});
    }
    m_desk->succeed(Desk::yubico({"-a", "unblock-pin", "-P", "87654321", "-N", "135790"}));
}

TEST_F(CardAdministration, SeesWhatYubicosToolMade) {
    insert_new_card();
    m_desk->succeed(Desk::yubico(
        {"-a", "generate", "-s", "9a", "-A", "ECCP256", "--touch-policy", "always", "-o", "key.pub"}));
    m_desk->succeed(Desk::yubico({"-a", "set-chuid", "-a", "set-ccc"}));
    const auto key = slot("9a");
    EXPECT_EQ(key.algorithm, KeyAlgorithm::p256);
    EXPECT_EQ(key.touch_policy, KeyTouchPolicy::always);
    EXPECT_EQ(key.origin, KeyOrigin::generated);
    EXPECT_EQ(
        code_of(administration().generate_key(m_token, m_management_key, KeyAlgorithm::p256, {.slot = "9a"})),
        ErrorCode::not_allowed);
    EXPECT_EQ(code_of(administration().store_certificate(
                  m_token, m_management_key, "9a",
                  certificate_for(public_key_info(shared_key("P-256").get())), false)),
              ErrorCode::not_allowed);
    store({.slot = "9a", .public_key_info = key.public_key_info});
    const auto details = administration().details(m_token).value();
    EXPECT_THAT(details.guid, SizeIs(32));
    EXPECT_EQ(details.serial, "12345678");
    EXPECT_EQ(details.firmware, "5.4.3");
    EXPECT_FALSE(details.moves_keys);
    EXPECT_EQ(details.management_key_is_default, true);
    EXPECT_EQ(details.pin.tries_left, 3);
}

TEST_F(CardAdministration, PutsEscrowedKeysWhereOpenScFindsThem) {
    insert_new_card();
    ASSERT_TRUE(administration().personalize(m_token, m_management_key));
    for (const char* kind : {"rsa:2048", "P-256"}) {
        auto placed = administration().import_key(m_token, m_management_key,
                                                  private_key_info(shared_key(kind).get()), {});
        ASSERT_TRUE(placed) << placed.error().detail;
        store(*placed);
    }
    const auto listed = m_desk->succeed(
        Desk::pkcs11(opensc_module, {"--login", "--pin", "123456", "--list-objects", "--type", "privkey"}));
    EXPECT_THAT(listed, HasSubstr("Retired KEY MAN 1"));
    EXPECT_THAT(listed, HasSubstr("Retired KEY MAN 2"));
    EXPECT_THAT(listed, Not(HasSubstr("Retired KEY MAN 3")));
}

// Cards that tell of their keys, and cards that do not.
class EscrowedKey : public CardAdministration, public testing::WithParamInterface<const char*> {
  protected:
    token::PlacedKey import(const char* kind) {
        auto placed = administration().import_key(m_token, m_management_key,
                                                  private_key_info(shared_key(kind).get()), {});
        EXPECT_TRUE(placed) << placed.error().detail;
        return placed.value_or(token::PlacedKey());
    }
};

TEST_P(EscrowedKey, StaysInItsPlaceWhenItComesAgain) {
    insert_new_card({5, 4, 3}, {GetParam()});
    ASSERT_TRUE(administration().personalize(m_token, m_management_key));
    m_token = token().id;
    EXPECT_EQ(import("rsa:2048").slot, "82");
    const auto second = import("P-256");
    EXPECT_EQ(second.slot, "83");
    EXPECT_FALSE(second.was_there);
    login();
    EXPECT_EQ(import("P-256").slot, "83") << "told by the card, or proven";
    store(second);
    const auto again = import("P-256");
    EXPECT_EQ(again.slot, "83");
    EXPECT_TRUE(again.was_there);
}

INSTANTIATE_TEST_SUITE_P(Cards, EscrowedKey, testing::Values("metadata=on", "metadata=off"));

class NewKey : public CardAdministration {
  protected:
    void expect_it_before_and_after_its_certificate() {
        const auto placed = generated("9a", KeyAlgorithm::p256);
        ASSERT_THAT(token().keys, SizeIs(1)) << "a request can be signed";
        EXPECT_EQ(token().keys[0].public_key_info, placed.public_key_info);
        start_driver();
        ASSERT_THAT(token().keys, SizeIs(1)) << "by a new process";
        store(placed);
        ASSERT_THAT(token().certificates, SizeIs(1));
        EXPECT_EQ(token().certificates[0].key, token().keys[0].id);
    }
};

TEST_F(NewKey, IsShownBeforeAndAfterItsCertificate) {
    insert_new_card();
    expect_it_before_and_after_its_certificate();
}

TEST_F(NewKey, IsRememberedForACardThatDoesNotTellOfIt) {
    insert_new_card({5, 2, 7});
    expect_it_before_and_after_its_certificate();
}

TEST_F(NewKey, IsForgottenWhenAnotherProgramHasResetTheCard) {
    insert_new_card({5, 1, 2});
    const auto lost = generated("9a", KeyAlgorithm::p256);
    EXPECT_THAT(token().keys, SizeIs(1));
    card().remove();
    piv_card::save(piv_card::new_card(12345678, {5, 1, 2}), card().state());
    card().restart();
    EXPECT_THAT(token().keys, IsEmpty());
    EXPECT_EQ(slot("9a").public_key_info, Bytes());
    EXPECT_EQ(code_of(administration().store_certificate(m_token, m_management_key, "9a",
                                                         certificate_for(lost.public_key_info), false)),
              ErrorCode::key_not_found);
    generated("9a", KeyAlgorithm::p256);
}

TEST_F(NewKey, IsForgottenWhenTheCardIsResetInTheReader) {
    insert_new_card({5, 1, 2});
    generated("9a", KeyAlgorithm::p256);
    for (int i = 0; i < 3; ++i) {
        (void)m_desk->run(Desk::yubico({"-a", "verify-pin", "-P", "999999"}));
        (void)m_desk->run(Desk::yubico({"-a", "unblock-pin", "-P", "99999999", "-N", "999999"}));
    }
    m_desk->succeed(Desk::yubico({"-a", "reset"}));
    EXPECT_EQ(slot("9a").public_key_info, Bytes()) << "shown as it is now";
    EXPECT_THAT(token().keys, IsEmpty());
    generated("9a", KeyAlgorithm::p256);
}

TEST_F(NewKey, IsShownInARetiredSlotThatTheHistoryDoesNotCover) {
    insert_new_card();
    ASSERT_TRUE(administration().personalize(m_token, m_management_key));
    const auto placed = generated("85", KeyAlgorithm::p256);
    ASSERT_THAT(token().keys, SizeIs(1));
    EXPECT_EQ(token().keys[0].public_key_info, placed.public_key_info);
}

TEST_F(CardAdministration, LeavesACardThatObeysNobodyElse) {
    insert_new_card();
    ASSERT_TRUE(administration().personalize(m_token, m_management_key));
    // PUT DATA without the management key.
    const auto result = m_desk->run({"opensc-tool", "-r", m_desk->pcscd().slot_name(), "-s",
                                     "00A4040005A000000308", "-s", "00DB3FFF095C035FC1065302BA00"});
    EXPECT_THAT(result.output, HasSubstr("SW1=0x69, SW2=0x82"));
}

TEST_F(CardAdministration, SetsManagementKeyAndRetriesForYubicosTool) {
    insert_new_card();
    const std::string other = "1112131415161718212223242526272831323334353637FF";
    const Secret new_key = Secret::copy_of(from_hex(other).value()).value();
    ASSERT_TRUE(administration().set_management_key(m_token, m_management_key, ManagementAlgorithm::tdes,
                                                    new_key, false));
    EXPECT_EQ(code_of(administration().personalize(m_token, m_management_key)), ErrorCode::not_allowed);
    m_desk->succeed(Desk::yubico({"-k" + other, "-a", "set-chuid"}));
    EXPECT_EQ(code_of(administration().set_retries(m_token, new_key, secret("999999"), 8, 4)),
              ErrorCode::pin_incorrect);
    ASSERT_TRUE(administration().set_retries(m_token, new_key, secret("123456"), 8, 4));
    EXPECT_THAT(m_desk->succeed(Desk::yubico({"-a", "status"})), HasSubstr("PIN tries left:\t8"));
}

TEST_F(CardAdministration, UnblocksPinsAndResetsOnlyWhenBothAreBlocked) {
    insert_new_card();
    login();
    EXPECT_EQ(code_of(administration().reset(m_token)), ErrorCode::not_allowed);
    for (int i = 0; i < 3; ++i) {
        (void)m_desk->run(Desk::yubico({"-a", "verify-pin", "-P", "999999"}));
    }
    EXPECT_EQ(administration().details(m_token)->pin.tries_left, 0);
    EXPECT_EQ(code_of(administration().unblock_pin(m_token, secret("99999999"), secret("654321"))),
              ErrorCode::pin_incorrect);
    ASSERT_TRUE(administration().unblock_pin(m_token, secret("12345678"), secret("654321")));
    login("654321");
    for (int i = 0; i < 3; ++i) {
        (void)administration().unblock_pin(m_token, secret("99999999"), secret("654321"));
        (void)m_desk->run(Desk::yubico({"-a", "verify-pin", "-P", "999999"}));
    }
    generated("9a", KeyAlgorithm::p256);
    ASSERT_TRUE(administration().reset(m_token));
    EXPECT_TRUE(slot("9a").public_key_info.empty());
    login();
}

TEST_F(CardAdministration, AttestsWithACertificateThatLeadsToTheMaker) {
    insert_new_card();
    const auto placed = generated("9a", KeyAlgorithm::p256);
    const auto certificates = administration().attest(m_token, "9a");
    ASSERT_TRUE(certificates) << certificates.error().detail;
    ASSERT_THAT(*certificates, SizeIs(2));
    EXPECT_EQ(x509::Certificate::from_der(certificates->at(0))->public_key_info(), placed.public_key_info);
    write_file(m_desk->path("leaf.pem"), to_pem(x509::Certificate::from_der(certificates->at(0)).value()));
    write_file(m_desk->path("f9.pem"), to_pem(x509::Certificate::from_der(certificates->at(1)).value()));
    EXPECT_THAT(m_desk->succeed({"openssl", "verify", "-CAfile", card().attestation_root(), "-untrusted",
                                 "f9.pem", "leaf.pem"}),
                HasSubstr("leaf.pem: OK"));
}

TEST_F(CardAdministration, ReadsObjectsBehindThePinAfterALogin) {
    insert_new_card();
    const Bytes content{0x01, 0x02};
    ASSERT_TRUE(administration().put_object(m_token, m_management_key, "5fc109", content));
    EXPECT_EQ(code_of(administration().get_object(m_token, "5fc109")), ErrorCode::pin_required);
    login();
    EXPECT_EQ(administration().get_object(m_token, "5fc109").value(), content);
    EXPECT_EQ(code_of(administration().get_object(m_token, "5fc106")), ErrorCode::key_not_found);
    EXPECT_EQ(code_of(administration().get_object(m_token, "nonsense")), ErrorCode::invalid_parameter);
}

TEST_F(CardAdministration, SurvivesACardThatIsPulledAnywhereInAGeneration) {
    insert_new_card();
    store(generated("9c", KeyAlgorithm::p256));
    const Bytes kept = slot("9c").certificate;
    for (const auto* fault : {"pull-before@1/47", "pull-during@1/47", "pull-after@1/47"}) {
        SCOPED_TRACE(fault);
        card().add_fault(fault);
        (void)administration().generate_key(m_token, m_management_key, KeyAlgorithm::p256,
                                            {.slot = "9a", .overwrite = true});
        card().clear_faults();
        if (!card().inserted()) {
            card().insert();
        }
        m_token = token().id;
        const auto placed = administration().generate_key(m_token, m_management_key, KeyAlgorithm::p256,
                                                          {.slot = "9a", .overwrite = true});
        ASSERT_TRUE(placed) << placed.error().detail;
        EXPECT_EQ(slot("9a").public_key_info, placed->public_key_info);
        EXPECT_EQ(slot("9c").certificate, kept);
    }
}

}  // namespace
}  // namespace signet::test
