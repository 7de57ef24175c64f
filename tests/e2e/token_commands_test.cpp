// An empty card becomes one that signs and decrypts, by the commands of `signet token` alone.
#include "tests/e2e/card_workplace.h"
#include "tests/e2e/token_command.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* new_pin = "654321";
constexpr const char* new_puk = "87654321";
constexpr const char* new_management_key = "a1a2a3a4a5a6a7a8b1b2b3b4b5b6b7b8c1c2c3c4c5c6c7c8";
constexpr const char* address = "alice@example.org";

class CardAdministration : public testing::Test {
  protected:
    explicit CardAdministration(piv_card::Version firmware = {5, 4, 3}, const InsertedCardOptions& card = {},
                                const PcscdOptions& reader = {})
        : m_place(piv_card::new_card(12345678, firmware), card, {}, reader) {}
    void SetUp() override { SIGNET_REQUIRE_PCSCD(); }

    ProcessResult token(const std::vector<std::string>& arguments, const Secrets& secrets = {}) {
        return m_place.run(token_command(m_place.path(""), arguments, secrets));
    }
    std::string succeed(const std::vector<std::string>& arguments, const Secrets& secrets = {}) {
        const auto result = token(arguments, secrets);
        EXPECT_EQ(result.exit_status, 0) << arguments[0] << ": " << result.error_output << log();
        return result.output;
    }
    std::string log() { return m_place.agent().log(); }

    void unlock(const char* pin) {
        const auto result = m_place.signet({"unlock", "--pin-fd", "0"}, pin);
        ASSERT_EQ(result.exit_status, 0) << result.error_output << log();
    }

    // Without a key that wants a PIN a token cannot be unlocked.
    void start_with_a_key() {
        m_place.start();
        succeed({"generate", "--slot", "9a", "--algorithm", "p256"}, m_delivered_authorization);
    }

    // The PIN, PUK and management key of somebody who knows them.
    void take_over() {
        succeed({"pin"}, {{"--pin-fd", InsertedCard::pin}, {"--new-pin-fd", new_pin}});
        succeed({"puk"}, {{"--puk-fd", InsertedCard::puk}, {"--new-puk-fd", new_puk}});
        succeed({"management-key"}, {{"--management-key-fd", InsertedCard::management_key},
                                     {"--new-management-key-fd", new_management_key}});
        succeed({"personalize"}, m_authorization);
    }

    void make_authority() {
        const auto made = m_place.run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                                       "ca.key", "-out", "ca.pem", "-subj", "/CN=Card CA", "-days", "30"});
        ASSERT_EQ(made.exit_status, 0) << made.error_output;
    }

    // Makes a key, has the authority certify its request, and stores the certificate.
    void enrol(const std::string& slot, const std::string& algorithm, const std::string& usage) {
        succeed({"generate", "--slot", slot, "--algorithm", algorithm}, m_authorization);
        unlock(new_pin);
        m_place.agent().answer_prompts({new_pin});
        write_file(m_place.path("card.csr"), succeed({"request", "--slot", slot, "--subject",
                                                      "CN=Alice Example,O=Example", "--email", address}));
        write_file(m_place.path("extensions"),
                   "keyUsage = critical, " + usage + "\nsubjectAltName = email:alice@example.org\n");
        const auto issued =
            m_place.run({"openssl", "x509", "-req", "-in", "card.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                         "-out", slot + ".pem", "-days", "20", "-extfile", "extensions"});
        ASSERT_EQ(issued.exit_status, 0) << issued.error_output;
        succeed({"certificate", "--slot", slot, slot + ".pem"}, m_authorization);
    }

    const Secrets m_authorization{{"--management-key-fd", new_management_key}};
    const Secrets m_delivered_authorization{{"--management-key-fd", InsertedCard::management_key}};
    CardWorkplace m_place;
};

TEST_F(CardAdministration, TakesAnEmptyCardToOneThatSignsAndDecryptsMail) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    m_place.start();
    const auto before = succeed({"show"});
    EXPECT_THAT(before, HasSubstr("no key and no certificate"));
    EXPECT_THAT(before, HasSubstr("the one it was delivered with: change it"));
    make_authority();
    take_over();
    enrol("9a", "rsa2048", "digitalSignature");
    enrol("9c", "p256", "digitalSignature");
    enrol("9d", "rsa2048", "keyEncipherment");
    TestAuthority escrow;
    write_pkcs12(m_place.path("old.p12"), escrow.issue_identity("rsa:2048", "old@example.org"), {}, "old");
    auto import_secrets = m_authorization;
    import_secrets.emplace("--password-fd", "old");
    EXPECT_THAT(succeed({"import", "old.p12"}, import_secrets), HasSubstr("slot 82"));
    EXPECT_THAT(succeed({"import", "old.p12"}, import_secrets),
                AllOf(HasSubstr("slot 82"), HasSubstr("has the key already")));

    const auto after = succeed({"show"});
    for (const char* part : {"9a", "9c", "9d", "82", "alice@example.org", "old@example.org", "imported"}) {
        EXPECT_THAT(after, HasSubstr(part));
    }
    EXPECT_THAT(after, Not(HasSubstr("delivered with")));

    const std::string mail = "From: alice@example.org\r\nSubject: Hello\r\n\r\nSigned on a new card.\r\n";
    m_place.agent().answer_prompts({new_pin});
    const auto signed_mail = m_place.signet({"sign", "--key", m_place.key("9c")->key.id}, mail);
    ASSERT_EQ(signed_mail.exit_status, 0) << signed_mail.error_output << log();
    const auto verified = m_place.signet({"verify", "--ca", "ca.pem"}, signed_mail.output);
    EXPECT_EQ(verified.exit_status, 0) << verified.output << verified.error_output;
    const auto encrypted =
        m_place.signet({"encrypt", "--to", address, "--cert", "9d.pem"}, signed_mail.output);
    ASSERT_EQ(encrypted.exit_status, 0) << encrypted.error_output;
    unlock(new_pin);
    const auto decrypted = m_place.signet({"decrypt"}, encrypted.output);
    ASSERT_EQ(decrypted.exit_status, 0) << decrypted.error_output << log();
    EXPECT_THAT(decrypted.output, HasSubstr("Signed on a new card."));
}

TEST_F(CardAdministration, AsksForSecretsThatWereNotPassed) {
    start_with_a_key();
    // A wrong PIN; a new one that was mistyped the second time; the new one twice; the right PIN.
    m_place.agent().answer_prompts({"000000", new_pin, "111111", new_pin, new_pin, InsertedCard::pin});
    succeed({"pin"});
    const auto prompts = m_place.agent().prompt_log();
    EXPECT_THAT(prompts, HasSubstr("Wrong PIN. 2 tries are left."));
    EXPECT_THAT(prompts, HasSubstr("SETPROMPT New PIN:"));
    EXPECT_THAT(prompts, HasSubstr("SETPROMPT Again:"));
    EXPECT_THAT(prompts, HasSubstr("The two were not the same"));
    unlock(new_pin);
}

TEST_F(CardAdministration, AsksForTheManagementKeyInDigits) {
    m_place.start();
    m_place.agent().answer_prompts({"0102", InsertedCard::management_key});
    succeed({"generate", "--slot", "9a", "--algorithm", "p256"});
    const auto prompts = m_place.agent().prompt_log();
    EXPECT_THAT(prompts, HasSubstr("to make a key in slot 9a"));
    EXPECT_THAT(prompts, HasSubstr("SETERROR The management key has 48 hexadecimal digits"));
}

TEST_F(CardAdministration, UnblocksAPinThatIsBlocked) {
    start_with_a_key();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(token({"pin"}, {{"--pin-fd", "000000"}, {"--new-pin-fd", new_pin}}).exit_status, 3);
    }
    EXPECT_THAT(succeed({"show"}), HasSubstr("blocked"));
    const auto blocked = token({"pin"});
    EXPECT_THAT(blocked.error_output, HasSubstr("blocked"));
    EXPECT_EQ(m_place.agent().prompts(), 0);
    succeed({"unblock"}, {{"--puk-fd", InsertedCard::puk}, {"--new-pin-fd", new_pin}});
    unlock(new_pin);
}

TEST_F(CardAdministration, OverwritesNothingUnlessTold) {
    start_with_a_key();
    const auto refused =
        token({"generate", "--slot", "9a", "--algorithm", "p256"}, m_delivered_authorization);
    EXPECT_EQ(refused.exit_status, 3);
    EXPECT_THAT(refused.error_output, HasSubstr("refused"));
    const auto unasked = token({"generate", "--slot", "9a", "--algorithm", "p256"});
    EXPECT_THAT(unasked.error_output, HasSubstr("refused: a key is in 9a already"));
    EXPECT_EQ(m_place.agent().prompts(), 0);
    succeed({"generate", "--slot", "9a", "--algorithm", "p256", "--overwrite"}, m_delivered_authorization);
}

TEST_F(CardAdministration, ForgetsTheCachedPinWhenItIsChanged) {
    start_with_a_key();
    unlock(InsertedCard::pin);
    EXPECT_TRUE(m_place.token().unlocked);
    succeed({"pin"}, {{"--pin-fd", InsertedCard::pin}, {"--new-pin-fd", new_pin}});
    EXPECT_FALSE(m_place.token().unlocked);
}

TEST_F(CardAdministration, AttestsAndResets) {
    start_with_a_key();
    EXPECT_THAT(succeed({"attest", "--slot", "9a"}), HasSubstr("-----BEGIN CERTIFICATE-----"));
    for (int i = 0; i < 3; ++i) {
        (void)token({"pin"}, {{"--pin-fd", "000000"}, {"--new-pin-fd", new_pin}});
        (void)token({"unblock"}, {{"--puk-fd", "00000000"}, {"--new-pin-fd", new_pin}});
    }
    succeed({"reset", "--yes"});
    EXPECT_THAT(succeed({"show"}), HasSubstr("no key and no certificate"));
}

TEST_F(CardAdministration, SetsNumbersOfTriesWithTheFirstPinAndPuk) {
    start_with_a_key();
    take_over();
    unlock(new_pin);
    auto secrets = m_authorization;
    secrets["--pin-fd"] = new_pin;
    succeed({"retries", "--pin-tries", "7", "--puk-tries", "4"}, secrets);
    EXPECT_FALSE(m_place.token().unlocked) << "the PIN is another now";
    const auto shown = succeed({"show"});
    EXPECT_THAT(shown, HasSubstr("7 of 7 tries left"));
    EXPECT_THAT(shown, HasSubstr("4 of 4 tries left"));
    unlock(InsertedCard::pin);
}

TEST_F(CardAdministration, ReadsWritesAndDeletesObjects) {
    m_place.start();
    const std::string content("\x01\x02\x00\xff", 4);
    write_file(m_place.path("object"), content);
    write_file(m_place.path("nothing"), "");
    EXPECT_THAT(succeed({"object", "put", "5fc106", "object"}, m_delivered_authorization),
                HasSubstr("was written"));
    EXPECT_EQ(succeed({"object", "get", "5fc106"}), content);
    succeed({"object", "get", "5fc106", "--out", "copy"});
    EXPECT_EQ(read_file(m_place.path("copy")), content);
    EXPECT_THAT(succeed({"object", "put", "5fc106", "nothing"}, m_delivered_authorization),
                HasSubstr("was deleted"));
    EXPECT_EQ(token({"object", "get", "5fc106"}).exit_status, 3);
    const auto certificate = token({"object", "put", "5fc105", "object"}, m_delivered_authorization);
    EXPECT_THAT(certificate.error_output, HasSubstr("with their keys"));
}

TEST_F(CardAdministration, AsksForThePinOfAnObjectBehindIt) {
    start_with_a_key();
    write_file(m_place.path("object"), "printed");
    succeed({"object", "put", "5fc109", "object"}, m_delivered_authorization);
    m_place.agent().answer_prompts({InsertedCard::pin});
    EXPECT_EQ(succeed({"object", "get", "5fc109"}), "printed");
    EXPECT_EQ(succeed({"object", "get", "5fc109"}), "printed") << "unlocked now";
}

TEST_F(CardAdministration, TakesThePinOfAnObjectBehindItAndLocksTheCardAgain) {
    start_with_a_key();
    write_file(m_place.path("object"), "printed");
    succeed({"object", "put", "5fc109", "object"}, m_delivered_authorization);
    EXPECT_EQ(succeed({"object", "get", "5fc109"}, {{"--pin-fd", InsertedCard::pin}}), "printed");
    EXPECT_FALSE(m_place.token().unlocked);
    const auto wrong = token({"object", "get", "5fc109"}, {{"--pin-fd", "000000"}});
    EXPECT_THAT(wrong.error_output, HasSubstr("the PIN is wrong; 2 tries are left"));
    EXPECT_EQ(m_place.agent().prompts(), 0);
}

TEST_F(CardAdministration, TakesThePinForARequest) {
    m_place.start();
    // One key wants the PIN once, the other for each signature.
    for (const char* slot : {"9a", "9c"}) {
        succeed({"generate", "--slot", slot, "--algorithm", "p256"}, m_delivered_authorization);
        EXPECT_THAT(
            succeed({"request", "--slot", slot, "--subject", "CN=Alice"}, {{"--pin-fd", InsertedCard::pin}}),
            HasSubstr("BEGIN CERTIFICATE REQUEST"));
        EXPECT_FALSE(m_place.token().unlocked);
    }
    const auto wrong = token({"request", "--slot", "9c", "--subject", "CN=Alice"}, {{"--pin-fd", "000000"}});
    EXPECT_THAT(wrong.error_output, HasSubstr("the PIN is wrong; 2 tries are left"));
    EXPECT_EQ(m_place.agent().prompts(), 0);
}

// Another program made its key, and nothing on it shows that: the key has to prove itself.
class CardWithAHiddenKey : public testing::Test {
  protected:
    CardWithAHiddenKey() : m_place(state(), {.settings = {"yubico=off"}}, {}) {}
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        m_place.start();
        write_file(m_place.path("alice.pem"), to_pem(*m_certificate));
    }
    piv_card::CardState state() {
        auto state = piv_card::new_card(12345678, {5, 4, 3});
        piv_card::put_chuid(state, Bytes(16, 0x11));
        const auto& key = piv_card::put_key(state, 0x9a, piv_card::KeyAlgorithm::p256);
        m_certificate = m_authority.issue(key.get(), "Alice", address);
        return state;
    }
    ProcessResult store(const Secrets& secrets) {
        return m_place.run(
            token_command(m_place.path(""), {"certificate", "--slot", "9a", "alice.pem"}, secrets));
    }

    TestAuthority m_authority;
    std::optional<x509::Certificate> m_certificate;
    CardWorkplace m_place;
};

TEST_F(CardWithAHiddenKey, AsksForThePinBeforeItsCertificateIsStored) {
    m_place.agent().answer_prompts({InsertedCard::pin});
    const auto stored = store({{"--management-key-fd", InsertedCard::management_key}});
    EXPECT_EQ(stored.exit_status, 0) << stored.error_output << m_place.agent().log();
    EXPECT_EQ(m_place.agent().prompts(), 1);
    EXPECT_TRUE(m_place.key("9a"));
}

TEST_F(CardWithAHiddenKey, TakesThePinWithTheCertificateAndIsLockedAgain) {
    const auto stored =
        store({{"--management-key-fd", InsertedCard::management_key}, {"--pin-fd", InsertedCard::pin}});
    EXPECT_EQ(stored.exit_status, 0) << stored.error_output << m_place.agent().log();
    EXPECT_EQ(m_place.agent().prompts(), 0);
    EXPECT_FALSE(m_place.token().unlocked);
}

TEST_F(CardAdministration, KeepsItsManagementKeyBehindThePin) {
    start_with_a_key();
    auto secrets = m_delivered_authorization;
    secrets["--pin-fd"] = InsertedCard::pin;
    succeed({"management-key", "--protect", "--algorithm", "aes256"}, secrets);
    EXPECT_THAT(succeed({"show"}), HasSubstr("by the PIN, behind which the card keeps its management key"));
    const auto refused =
        token({"generate", "--slot", "9c", "--algorithm", "p256"}, m_delivered_authorization);
    EXPECT_EQ(refused.exit_status, 2);
    EXPECT_THAT(refused.error_output, HasSubstr("the card's key has 32 octets"));
    const auto cut_short = token({"generate", "--slot", "9c", "--algorithm", "p256"},
                                 {{"--management-key-fd", "0102030405060708"}});
    EXPECT_EQ(cut_short.exit_status, 2);
    EXPECT_THAT(succeed({"show"}), HasSubstr("3 of 3 tries left")) << "it was taken for a PIN";
    succeed({"generate", "--slot", "9c", "--algorithm", "p256"}, {{"--pin-fd", InsertedCard::pin}});
    m_place.agent().answer_prompts({"000000", InsertedCard::pin});
    succeed({"generate", "--slot", "9d", "--algorithm", "p256"});
    EXPECT_THAT(m_place.agent().prompt_log(), HasSubstr("Wrong PIN. 2 tries are left."));
    // One PIN does for both questions.
    m_place.agent().answer_prompts({InsertedCard::pin});
    succeed({"retries", "--pin-tries", "5", "--puk-tries", "5"});
}

TEST_F(CardAdministration, DoesNotMoveKeysWhereTheCardCannot) {
    start_with_a_key();
    const auto refused = token({"move", "--slot", "9a", "--to", "85"}, m_delivered_authorization);
    EXPECT_THAT(refused.error_output, HasSubstr("not supported: moving keys on this card"));
    for (const auto& command : {std::vector<std::string>{"move", "--slot", "9a", "--to", "85"},
                                std::vector<std::string>{"delete", "--slot", "9a"}}) {
        EXPECT_THAT(token(command).error_output, HasSubstr("not supported: "));
    }
    EXPECT_EQ(m_place.agent().prompts(), 0);
}

TEST_F(CardAdministration, ListsWhatAnotherProgramMadeWhenItWasShown) {
    SIGNET_REQUIRE_PROGRAM("yubico-piv-tool");
    m_place.start();
    m_place.desk().succeed(Desk::yubico({"-a", "generate", "-s", "9a", "-A", "ECCP256"}));
    EXPECT_FALSE(m_place.key("9a"));
    m_place.card().new_apdus();
    EXPECT_THAT(succeed({"show"}), HasSubstr("9a"));
    const auto reading = m_place.card().new_apdus().size();
    EXPECT_TRUE(m_place.key("9a"));
    m_place.card().new_apdus();
    succeed({"show"});
    EXPECT_LT(m_place.card().new_apdus().size(), reading) << "it is read without need";
    m_place.desk().succeed(Desk::yubico({"-a", "generate", "-s", "9c", "-A", "ECCP256"}));
    EXPECT_THAT(
        succeed({"request", "--slot", "9c", "--subject", "CN=Alice"}, {{"--pin-fd", InsertedCard::pin}}),
        HasSubstr("BEGIN CERTIFICATE REQUEST"));
}

// Its name is what is written on it.
class UnnumberedCardAdministration : public CardAdministration {
  protected:
    UnnumberedCardAdministration() : CardAdministration({4, 3, 7}) {}

    void have_another_program_name_it() {
        SIGNET_REQUIRE_PROGRAM("yubico-piv-tool");
        m_place.start();
        const auto before = m_place.token().id;
        m_place.desk().succeed(Desk::yubico({"-a", "set-chuid"}));
        EXPECT_EQ(m_place.token().id, before);
    }
};

TEST_F(UnnumberedCardAdministration, FollowsTheNameThatAnotherProgramGave) {
    have_another_program_name_it();
    succeed({"generate", "--slot", "9a", "--algorithm", "p256"}, m_delivered_authorization);
    EXPECT_TRUE(m_place.key("9a")) << log();
    EXPECT_THAT(m_place.token().id, HasSubstr("piv:guid:"));
}

TEST_F(UnnumberedCardAdministration, IsCalledByItsNewNameOnceItWasShown) {
    have_another_program_name_it();
    succeed({"show"});
    EXPECT_THAT(m_place.token().id, HasSubstr("piv:guid:"));
    m_place.agent().answer_prompts({InsertedCard::management_key});
    succeed({"generate", "--slot", "9a", "--algorithm", "p256"});
}

class NewCardAdministration : public CardAdministration {
  protected:
    NewCardAdministration() : CardAdministration({5, 7, 1}) {}
};

TEST_F(NewCardAdministration, MovesAndDeletesKeys) {
    start_with_a_key();
    succeed({"move", "--slot", "9a", "--to", "85"}, m_delivered_authorization);
    EXPECT_THAT(succeed({"show"}), HasSubstr("85"));
    EXPECT_THAT(token({"move", "--slot", "9a", "--to", "86"}, m_delivered_authorization).error_output,
                HasSubstr("no key is in slot 9a"));
    succeed({"delete", "--slot", "85"}, m_delivered_authorization);
    EXPECT_THAT(succeed({"show"}), HasSubstr("no key and no certificate"));
}

// It tells neither a serial number nor its keys, and has no GUID.
class NamelessCardAdministration : public CardAdministration {
  protected:
    NamelessCardAdministration() : CardAdministration({4, 3, 7}) {}
};

TEST_F(NamelessCardAdministration, TakesAnEscrowedKeyWithItsCertificate) {
    m_place.start();
    TestAuthority escrow;
    write_pkcs12(m_place.path("old.p12"), escrow.issue_identity("rsa:2048", "old@example.org"), {}, "old");
    auto secrets = m_delivered_authorization;
    secrets.emplace("--password-fd", "old");
    EXPECT_THAT(succeed({"import", "old.p12"}, secrets), HasSubstr("slot 82"));
    EXPECT_EQ(m_place.agent().prompts(), 0);
    EXPECT_THAT(succeed({"show"}), HasSubstr("old@example.org"));
    unlock(InsertedCard::pin);
    EXPECT_TRUE(m_place.decrypt("82"));
    // A certificate proves nothing.
    EXPECT_EQ(m_place.signet({"lock"}).exit_status, 0);
    m_place.agent().answer_prompts({InsertedCard::pin});
    EXPECT_THAT(succeed({"import", "old.p12"}, secrets),
                AllOf(HasSubstr("slot 82"), HasSubstr("has the key already")));
    EXPECT_EQ(m_place.agent().prompts(), 1);
    EXPECT_EQ(m_place.signet({"lock"}).exit_status, 0);
    secrets.emplace("--pin-fd", InsertedCard::pin);
    EXPECT_THAT(succeed({"import", "old.p12"}, secrets), HasSubstr("has the key already"));
    EXPECT_EQ(m_place.agent().prompts(), 1);
    EXPECT_FALSE(m_place.token().unlocked);
}

class DerivedCardAdministration : public CardAdministration {
  protected:
    DerivedCardAdministration() : CardAdministration({5, 4, 3}, {.settings = {"application=derived"}}) {}
};

TEST_F(DerivedCardAdministration, TakesAnEmptyTokenToOneWithACertificate) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    m_place.start();
    EXPECT_THAT(succeed({"show"}), HasSubstr("derived PIV"));
    make_authority();
    take_over();
    enrol("9a", "p256", "digitalSignature");
    EXPECT_THAT(succeed({"show"}), HasSubstr("alice@example.org"));
    unlock(new_pin);
    EXPECT_TRUE(m_place.sign("9a"));
}

class BothCardAdministration : public CardAdministration {
  protected:
    BothCardAdministration() : CardAdministration({5, 4, 3}, {.settings = {"application=both"}}) {}
};

TEST_F(BothCardAdministration, IsThatOfThePivApplication) {
    start_with_a_key();
    take_over();
    const auto shown = succeed({"show"});
    EXPECT_THAT(shown, Not(HasSubstr("derived")));
    EXPECT_THAT(shown, HasSubstr("9a"));
}

class PinPadAdministration : public CardAdministration {
  protected:
    PinPadAdministration() : CardAdministration({5, 4, 3}, {}, {.pin_pad = Pcscd::pin_pad_available()}) {}
    void SetUp() override {
        CardAdministration::SetUp();
        if (!IsSkipped() && !Pcscd::pin_pad_available()) {
            GTEST_SKIP() << "pcscd cannot load a driver built with a sanitizer";
        }
    }
};

TEST_F(PinPadAdministration, AsksForNothing) {
    start_with_a_key();
    m_place.desk().pcscd().type({InsertedCard::pin, new_pin, new_pin});
    const auto changed = token({"pin"});
    EXPECT_EQ(changed.exit_status, 0) << changed.error_output << log();
    EXPECT_THAT(changed.error_output, HasSubstr("type at the reader: the PIN, then the new value twice"));
    m_place.desk().pcscd().type({InsertedCard::puk, new_puk, new_puk});
    succeed({"puk"});
    m_place.desk().pcscd().type({new_puk, InsertedCard::pin, InsertedCard::pin});
    succeed({"unblock"});
    m_place.desk().pcscd().type({"000000", new_pin, new_pin});
    EXPECT_THAT(token({"pin"}).error_output, HasSubstr("the PIN is wrong"));
    EXPECT_EQ(m_place.agent().prompts(), 0);
    // Who passes them by descriptor is not sent to the reader.
    succeed({"pin"}, {{"--pin-fd", InsertedCard::pin}, {"--new-pin-fd", new_pin}});
}

TEST_F(CardAdministration, IsRefusedWhereTheSettingSaysSo) {
    CardWorkplace place({}, {.administration = false});
    place.start();
    const auto result = place.signet({"token", "show"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("administration is false in [agent] of signet.toml"));
}

}  // namespace
}  // namespace signet::test
