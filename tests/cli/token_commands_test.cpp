#include "tests/cli/fake_agent.h"
#include "tests/cli/inventories.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <openssl/ecdsa.h>

namespace signet::test {
namespace {

namespace json = boost::json;
using ipc::AdminMethod;
using ipc::AdminSecret;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* management_key = "010203040506070801020304050607080102030405060708";

std::string text_of(const Bytes& octets) {
    return std::string(as_text(octets));
}

class TokenCommands : public testing::Test {
  protected:
    TokenCommands() : m_alice(m_authority.issue_identity("P-256", "alice@example.org")) {
        m_details = {.id = "id-Card",
                     .model = "YubiKey 5",
                     .serial = "12345678",
                     .firmware = "5.4.3",
                     .application = "PIV",
                     .reader = "Reader 00 00",
                     .guid = "00ff",
                     .expiration_date = "2030-01-01",
                     .authorization = Authorization::management_key,
                     .management_algorithm = ManagementAlgorithm::tdes,
                     .management_key_is_default = true,
                     .pin = {.tries_left = 2, .tries_total = 3},
                     .unblocking = {.tries_left = 0, .tries_total = 3},
                     .slots = {{.slot = "9c",
                                .algorithm = KeyAlgorithm::p256,
                                .public_key_info = m_alice.certificate.public_key_info(),
                                .certificate = m_alice.certificate.der(),
                                .pin_policy = KeyPinPolicy::always,
                                .touch_policy = KeyTouchPolicy::cached,
                                .origin = KeyOrigin::generated},
                               {.slot = "9d", .algorithm = KeyAlgorithm::x25519}}};
        m_token = make_token("Card", {m_alice});
        m_token.id = "id-Card";
        write_file(m_folder / "alice.pem", to_pem(m_alice.certificate));
    }

    FakeAgent& agent() {
        if (!m_agent) {
            m_agent = std::make_unique<FakeAgent>(make_inventory({m_token}));
            m_agent->answer_with(AdminMethod::show, m_details);
        }
        return *m_agent;
    }

    ProcessResult signet(std::vector<std::string> arguments, const std::string& input = {}) {
        arguments.insert(arguments.begin(), {SIGNET_PROGRAM, "token"});
        return run(arguments,
                   {.input = input, .variables = agent().variables(), .working_directory = m_folder.path()});
    }

    // Without the calls that only look.
    std::vector<SeenAdminCall> changes() {
        auto calls = agent().admin_calls();
        std::erase_if(calls, [](const auto& seen) { return seen.call.method == AdminMethod::show; });
        return calls;
    }

    TestAuthority m_authority;
    Identity m_alice;
    TemporaryDirectory m_folder;
    ipc::Token m_token;
    ipc::TokenDetails m_details;
    std::unique_ptr<FakeAgent> m_agent;
};

TEST_F(TokenCommands, ShowTellsOfPinsPoliciesAndCertificates) {
    const auto result = signet({"show"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    for (const char* part :
         {"YubiKey 5", "5.4.3", "Reader 00 00", "2 of 3 tries left", "PUK          blocked",
          "by the management key (tdes); the one it was delivered with: change it",
          "generated,PIN always,touch cached", "alice@example.org", "CN=alice", "x25519"}) {
        EXPECT_THAT(result.output, HasSubstr(part));
    }
}

TEST_F(TokenCommands, ShowPrintsJson) {
    const auto result = signet({"show", "--json"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    const auto document = json::parse(result.output);
    EXPECT_EQ(document.at("serial").as_string(), "12345678");
    EXPECT_EQ(document.at("pin").at("tries_left").as_int64(), 2);
    EXPECT_TRUE(document.at("pin").at("is_default").is_null());
    const auto& slots = document.at("slots").as_array();
    EXPECT_EQ(slots.at(0).at("certificate").at("emails").at(0).as_string(), "alice@example.org");
    EXPECT_EQ(slots.at(0).at("key").as_string().size(), 64U);
    EXPECT_TRUE(slots.at(1).at("certificate").is_null());
    EXPECT_TRUE(slots.at(1).at("key").is_null());
}

TEST_F(TokenCommands, PinLeavesTheAskingToTheAgent) {
    const auto result = signet({"pin"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(result.output, "the PIN of Card was changed\n");
    ASSERT_EQ(changes().size(), 1U);
    EXPECT_EQ(changes()[0].call.method, AdminMethod::change_pin);
    EXPECT_EQ(changes()[0].call.kind, PinKind::user);
    EXPECT_TRUE(changes()[0].secrets.empty());
    EXPECT_TRUE(changes()[0].call.environment);
}

TEST_F(TokenCommands, UnblockTellsOfThePukWhenThatIsWrong) {
    agent().refuse("UnblockPin",
                   {.code = ErrorCode::pin_incorrect, .operation = {}, .detail = {}, .tries_left = 2});
    const auto result = signet({"unblock"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, StartsWith("signet: the PUK is wrong; 2 tries are left\n"));
}

TEST_F(TokenCommands, SecretsComeFromDescriptors) {
    write_file(m_folder / "new", "654321\n");
    const auto result =
        run({"sh", "-c", std::string(SIGNET_PROGRAM) + " token pin --pin-fd 0 --new-pin-fd 3 3<new"},
            {.input = "123456\n", .variables = agent().variables(), .working_directory = m_folder.path()});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    ASSERT_EQ(changes().size(), 1U);
    EXPECT_EQ(text_of(changes()[0].secrets.at(AdminSecret::old_pin)), "123456");
    EXPECT_EQ(text_of(changes()[0].secrets.at(AdminSecret::new_pin)), "654321");
}

TEST_F(TokenCommands, TheManagementKeyIsReadAsHexadecimalDigits) {
    const auto good =
        signet({"delete", "--slot", "9C", "--management-key-fd", "0"}, std::string(management_key) + "\n");
    EXPECT_EQ(good.exit_status, 0) << good.error_output;
    ASSERT_EQ(changes().size(), 1U);
    EXPECT_EQ(changes()[0].call.slot, "9c");
    EXPECT_EQ(to_hex(changes()[0].secrets.at(AdminSecret::authorization)), management_key);
    // What is as short as a PIN would be taken for one.
    for (const char* what :
         {"not digits", "0102030405060708", "01020304050607080102030405060708010203040506"}) {
        const auto bad = signet({"delete", "--slot", "9c", "--management-key-fd", "0"}, what);
        EXPECT_EQ(bad.exit_status, 2);
        EXPECT_THAT(bad.error_output,
                    HasSubstr("--management-key-fd: not a key of 32, 48 or 64 hexadecimal digits"));
    }
    EXPECT_EQ(changes().size(), 1U);
}

TEST_F(TokenCommands, AKeyIsNeverHandedToATokenThatWouldTakeItForAPin) {
    m_details.authorization = Authorization::pin;
    m_details.management_algorithm.reset();
    const auto result =
        signet({"generate", "--algorithm", "p256", "--management-key-fd", "0"}, management_key);
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, HasSubstr("Card wants its PIN (--pin-fd)"));
    EXPECT_TRUE(changes().empty());
}

TEST_F(TokenCommands, ADescriptorThatWouldNotBeReadIsRefused) {
    write_file(m_folder / "key", management_key);
    const std::vector<std::vector<std::string>> commands{
        {"generate", "--slot", "9c", "--algorithm", "p256", "--management-key-fd", "3", "--pin-fd", "0"},
        {"management-key", "--management-key-fd", "3", "--pin-fd", "0"}};
    for (const auto& command : commands) {
        std::vector<std::string> line{"sh", "-c", "exec \"$@\" 3<key", "sh", SIGNET_PROGRAM, "token"};
        line.insert(line.end(), command.begin(), command.end());
        const auto refused =
            run(line,
                {.input = "123456", .variables = agent().variables(), .working_directory = m_folder.path()});
        EXPECT_EQ(refused.exit_status, 2) << command[0];
        EXPECT_THAT(refused.error_output, HasSubstr("--pin-fd would not be read")) << command[0];
    }
    EXPECT_TRUE(changes().empty());
}

TEST_F(TokenCommands, OneDescriptorHoldsOneSecret) {
    const auto twice = signet({"pin", "--pin-fd", "0", "--new-pin-fd", "0"}, "123456\n654321\n");
    EXPECT_EQ(twice.exit_status, 2);
    EXPECT_THAT(twice.error_output, HasSubstr("--new-pin-fd: 0 is the descriptor of --pin-fd already"));
    const auto nothing = signet({"pin", "--new-pin-fd", "0"}, "\n");
    EXPECT_EQ(nothing.exit_status, 2);
    EXPECT_THAT(nothing.error_output, HasSubstr("--new-pin-fd 0: nothing but the end came"));
    EXPECT_TRUE(changes().empty());
}

TEST_F(TokenCommands, NamesOfSlotsAndObjectsAreCheckedBeforeAnythingElse) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"delete", "--slot", "9z"}, "signet: --slot: not hexadecimal digits: 9z\n"},
        {{"move", "--slot", "9a", "--to", "zz"}, "signet: --to: not hexadecimal digits: zz\n"},
        {{"object", "get", "zz"}, "no data object: zz"},
        {{"object", "put", "9a", "-"}, "no data object: 9a"},
        {{"request", "--slot", "9c", "--subject", "Alice"}, "signet: --subject: "},
        {{"request", "--slot", "9c", "--subject", "CN=Alice", "--email", "alice"},
         "signet: --email: not an e-mail address: alice\n"},
        {{"request", "--slot", "9c", "--subject", "CN=Alice", "--dns", "a b"},
         "signet: --dns: not a host name: a b\n"}};
    for (const auto& [command, message] : cases) {
        const auto refused = signet(command);
        EXPECT_EQ(refused.exit_status, 2) << command[0];
        EXPECT_THAT(refused.error_output, HasSubstr(message)) << command[0];
    }
    EXPECT_TRUE(agent().methods().empty());
}

TEST_F(TokenCommands, ParametersThatTheTokenRefusesAreNamedAsOptions) {
    agent().refuse("GenerateKey", {.code = ErrorCode::invalid_parameter, .operation = {}, .detail = "slot"});
    const auto refused = signet({"generate", "--algorithm", "p256"});
    EXPECT_EQ(refused.exit_status, 2);
    EXPECT_THAT(refused.error_output, HasSubstr("name a slot that the token has with --slot: 9a, "));
}

TEST_F(TokenCommands, WhatIsMissingIsCalledWhatItIs) {
    const Error missing{.code = ErrorCode::key_not_found, .operation = {}, .detail = {}};
    for (const char* method : {"DeleteCertificate", "GetObject", "DeleteKey", "StoreCertificate"}) {
        agent().refuse(method, missing);
    }
    EXPECT_THAT(signet({"delete", "--slot", "9c", "--certificate"}).error_output,
                StartsWith("signet: no certificate is in slot 9c\n"));
    EXPECT_THAT(signet({"object", "get", "5fc109"}).error_output,
                StartsWith("signet: the token has no object 5fc109\n"));
    EXPECT_THAT(signet({"delete", "--slot", "9c"}).error_output,
                StartsWith("signet: no key is in slot 9c\n  'signet token show' lists"));
    EXPECT_THAT(signet({"certificate", "--slot", "9c", "alice.pem"}).error_output,
                StartsWith("signet: no key is in slot 9c\n"));
}

TEST_F(TokenCommands, WhoCancelsIsNotSentToUnlock) {
    agent().refuse("ChangePin", {.code = ErrorCode::cancelled, .operation = {}, .detail = "the PIN prompt"});
    EXPECT_EQ(signet({"pin"}).error_output,
              "signet: cancelled: the PIN prompt\n  to be asked again, run the command again\n");
}

TEST_F(TokenCommands, ImportTakesNothingButPkcs12) {
    for (const std::string content : {"-----BEGIN CERTIFICATE-----\n", "", "0"}) {
        write_file(m_folder / "wrong", content);
        const auto refused = signet({"import", "wrong"});
        EXPECT_EQ(refused.exit_status, 3) << content;
        EXPECT_THAT(refused.error_output, HasSubstr("wrong is no PKCS#12 file")) << content;
    }
    EXPECT_TRUE(agent().methods().empty());
}

TEST_F(TokenCommands, GenerateSaysWhereTheKeyIs) {
    agent().answer_with(AdminMethod::generate_key,
                        ipc::PlacedKey{.slot = "9c", .public_key_info = {1, 2, 3}});
    const auto result = signet({"generate", "--slot", "9c", "--algorithm", "rsa2048", "--pin-policy", "once",
                                "--touch-policy", "always", "--overwrite"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, StartsWith("slot 9c of Card has a new rsa2048 key: "));
    ASSERT_EQ(changes().size(), 1U);
    EXPECT_EQ(changes()[0].call.algorithm, KeyAlgorithm::rsa2048);
    EXPECT_EQ(changes()[0].call.pin_policy, KeyPinPolicy::once);
    EXPECT_EQ(changes()[0].call.touch_policy, KeyTouchPolicy::always);
    EXPECT_TRUE(changes()[0].call.overwrite);
    const auto as_json = signet({"generate", "--slot", "9c", "--algorithm", "rsa2048", "--json"});
    EXPECT_EQ(json::parse(as_json.output).at("slot").as_string(), "9c");
}

TEST_F(TokenCommands, ImportHandsTheFileAndThePasswordOver) {
    agent().answer_with(AdminMethod::import_key, ipc::PlacedKey{.slot = "82", .public_key_info = {1}});
    const std::string file("0\x82\x01\x00\x02\x01\x03", 7);
    write_file(m_folder / "old.p12", file);
    const auto result = signet({"import", "old.p12", "--password-fd", "0"}, "secret\n");
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, StartsWith("slot 82 of Card has the imported key: "));
    ASSERT_EQ(changes().size(), 1U);
    EXPECT_EQ(text_of(changes()[0].secrets.at(AdminSecret::pkcs12)), file);
    EXPECT_EQ(text_of(changes()[0].secrets.at(AdminSecret::password)), "secret");
    EXPECT_EQ(signet({"import", "missing.p12"}).exit_status, 3);
}

TEST_F(TokenCommands, CertificateIsStoredOnlyForItsKey) {
    EXPECT_EQ(signet({"certificate", "--slot", "9c", "alice.pem"}).exit_status, 0);
    ASSERT_EQ(changes().size(), 1U);
    EXPECT_EQ(changes()[0].call.certificate, m_alice.certificate.der());
    const auto other = m_authority.issue_identity("P-256", "bob@example.org");
    write_file(m_folder / "bob.pem", to_pem(other.certificate));
    const auto refused = signet({"certificate", "--slot", "9c", "bob.pem"});
    EXPECT_EQ(refused.exit_status, 3);
    EXPECT_THAT(refused.error_output, HasSubstr("bob.pem certifies another key than that of slot 9c"));
    EXPECT_EQ(changes().size(), 1U);
}

TEST_F(TokenCommands, RequestIsSignedThroughTheAgent) {
    agent().sign_with([this](const ipc::SignCall& call) {
        EXPECT_EQ(call.scheme, SignatureScheme::ecdsa);
        EXPECT_EQ(call.hash, HashAlgorithm::sha256);
        EXPECT_TRUE(call.data_is_message);
        const x509::DigestContextPointer context(EVP_MD_CTX_new());
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, m_alice.key.get());
        std::size_t size = 128;
        Bytes der(size);
        EVP_DigestSign(context.get(), der.data(), &size, call.data.data(), call.data.size());
        const unsigned char* position = der.data();
        const x509::Pointer<ECDSA_SIG, ECDSA_SIG_free> pair(
            d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(size)));
        Bytes plain(64);
        BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), plain.data(), 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), plain.data() + 32, 32);
        return plain;
    });
    const auto result = signet({"request", "--slot", "9c", "--subject", "CN=Alice,O=Example", "--email",
                                "alice@example.org", "--email", "a@example.org"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, StartsWith("-----BEGIN CERTIFICATE REQUEST-----\n"));
    write_file(m_folder / "card.csr", result.output);
    const auto text =
        run_checked({"openssl", "req", "-in", m_folder / "card.csr", "-noout", "-text", "-verify"});
    EXPECT_THAT(text, HasSubstr("email:alice@example.org, email:a@example.org"));
}

TEST_F(TokenCommands, RequestSaysWhenThereIsNoKeyAndWhenItCannotSign) {
    const auto empty = signet({"request", "--slot", "82", "--subject", "CN=Alice"});
    EXPECT_EQ(empty.exit_status, 3);
    EXPECT_THAT(empty.error_output, HasSubstr("slot 82 has no key"));
    m_agent.reset();
    m_token.keys[0].signature_schemes.clear();
    const auto mute = signet({"request", "--slot", "9c", "--subject", "CN=Alice"});
    EXPECT_EQ(mute.exit_status, 3);
    EXPECT_THAT(mute.error_output, HasSubstr("the key of slot 9c cannot sign"));
}

TEST_F(TokenCommands, ObjectsAreReadAndWritten) {
    agent().answer_with(AdminMethod::get_object, ipc::ObjectContent{.content = {'a', 0, 'b'}});
    EXPECT_EQ(signet({"object", "get", "5fc102"}).output, std::string("a\0b", 3));
    EXPECT_EQ(signet({"object", "put", "5fc102", "-"}, "content").exit_status, 0);
    ASSERT_EQ(changes().size(), 2U);
    EXPECT_EQ(changes()[1].call.object, "5fc102");
    EXPECT_EQ(text_of(changes()[1].call.content), "content");
}

TEST_F(TokenCommands, ResetWantsConsent) {
    const auto refused = signet({"reset"});
    EXPECT_EQ(refused.exit_status, 2);
    EXPECT_THAT(refused.error_output, HasSubstr("say --yes to mean it"));
    EXPECT_TRUE(changes().empty());
    EXPECT_EQ(signet({"reset", "--yes"}).exit_status, 0);
    EXPECT_EQ(changes().size(), 1U);
}

TEST_F(TokenCommands, ManagementKeyKeepsTheAlgorithmUnlessAnotherIsNamed) {
    EXPECT_EQ(signet({"management-key"}).exit_status, 0);
    EXPECT_EQ(signet({"management-key", "--algorithm", "aes256", "--touch"}).exit_status, 0);
    ASSERT_EQ(changes().size(), 2U);
    EXPECT_EQ(changes()[0].call.management_algorithm, ManagementAlgorithm::tdes);
    EXPECT_EQ(changes()[1].call.management_algorithm, ManagementAlgorithm::aes256);
    EXPECT_TRUE(changes()[1].call.touch);
}

TEST_F(TokenCommands, AttestPrintsCertificates) {
    agent().answer_with(
        AdminMethod::attest,
        ipc::Attestation{.certificates = {m_alice.certificate.der(), m_authority.certificate().der()}});
    const auto result = signet({"attest", "--slot", "9c"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(result.output, to_pem(m_alice.certificate) + to_pem(m_authority.certificate()));
}

TEST_F(TokenCommands, RefusalsNameTheSetting) {
    agent().refuse("Show", {.code = ErrorCode::not_allowed,
                            .operation = {},
                            .detail = "administration is false in [agent] of signet.toml"});
    const auto result = signet({"show"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("refused: administration is false in [agent] of signet.toml"));
}

}  // namespace
}  // namespace signet::test
