#include "base/bytes.h"
#include "tests/support/requirements.h"
#include "tests/support/results.h"
#include "tests/support/softhsm.h"
#include "tests/support/token_host.h"
#include "tests/token/verify.h"
#include "token/digest.h"
#include "token/key_derivation.h"
#include "token/signature_padding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace signet::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Bytes message{'a', ' ', 'm', 'e', 's', 's', 'a', 'g', 'e'};
constexpr HashAlgorithm all_hashes[] = {HashAlgorithm::sha1, HashAlgorithm::sha224, HashAlgorithm::sha256,
                                        HashAlgorithm::sha384, HashAlgorithm::sha512};

// One token "mail", its keys made by each test as needed.
class SoftHsmToken : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        m_softhsm = std::make_unique<SoftHsm>();
        m_softhsm->init_token("mail");
    }

    void start(int sessions = 1) {
        Variables variables = m_softhsm->variables();
        variables.insert(m_variables.begin(), m_variables.end());
        m_host = std::make_unique<TokenHost>(TokenHostOptions{.module = SoftHsm::module,
                                                              .sessions = sessions,
                                                              .sockets = sessions + 1,
                                                              .variables = variables,
                                                              .state_directory = state()});
    }
    void start_with_key(const std::string& type, bool always_authenticate = false, int sessions = 1) {
        m_softhsm->generate_key("mail", type, "01", "key", always_authenticate);
        start(sessions);
        log_in();
    }
    void log_in() {
        const auto result = session().login(token().id, SoftHsm::pin);
        ASSERT_TRUE(result) << result.error().detail;
    }
    std::string state() const { return (m_softhsm->directory() / "state").string(); }

    TokenSession& session(std::size_t number = 0) { return m_host->session(number); }
    ipc::Token token() {
        auto inventory = session().inventory();
        EXPECT_TRUE(inventory) << inventory.error().detail;
        return inventory && !inventory->tokens.empty() ? inventory->tokens[0] : ipc::Token();
    }
    ipc::Key key() {
        const auto keys = token().keys;
        EXPECT_THAT(keys, SizeIs(1));
        return keys.empty() ? ipc::Key() : keys[0];
    }
    ipc::KeyUse use() { return {.token = token().id, .key = key().id}; }

    Bytes signed_with(const ipc::SignCall& call) {
        auto signature = session().sign(call);
        EXPECT_TRUE(signature) << signature.error().detail;
        return signature.value_or(Bytes());
    }
    Bytes decrypted(const ipc::DecryptCall& call) {
        auto plaintext = session().decrypt(call);
        EXPECT_TRUE(plaintext) << plaintext.error().detail;
        return plaintext.value_or(Bytes());
    }

    std::unique_ptr<SoftHsm> m_softhsm;
    Variables m_variables;  // further ones for the host
    std::unique_ptr<TokenHost> m_host;
};

TEST_F(SoftHsmToken, IsListedWithItsPublicKeysBeforeTheLogin) {
    m_softhsm->generate_key("mail", "EC:prime256v1", "0a", "signing key");
    start();
    const ipc::Token listed = token();
    EXPECT_EQ(listed.label, "mail");
    EXPECT_EQ(listed.id, "SoftHSM%20project:SoftHSM%20v2:" + listed.serial);
    EXPECT_TRUE(listed.login_required);
    EXPECT_EQ(listed.pin, ipc::PinState::ok);
    ASSERT_THAT(listed.keys, SizeIs(1));
    EXPECT_EQ(listed.keys[0].type, KeyType::ec);
    EXPECT_EQ(listed.keys[0].bits, 256U);
    EXPECT_EQ(listed.keys[0].curve, "1.2.840.10045.3.1.7");
    EXPECT_EQ(listed.keys[0].label, "signing key");
    EXPECT_EQ(listed.keys[0].object_id, Bytes{0x0a});
    EXPECT_THAT(listed.keys[0].signature_schemes, ElementsAre(SignatureScheme::ecdsa));
}

// By another program, while the host keeps what it has read.
TEST_F(SoftHsmToken, ShowsAKeyThatOthersRenameUnderItsNewName) {
    start_with_key("EC:prime256v1");
    ASSERT_EQ(key().label, "key");
    m_softhsm->pkcs11_tool("mail", {"--set-id", "0b", "--type", "pubkey", "--id", "01"});
    m_softhsm->pkcs11_tool("mail", {"--set-id", "0b", "--type", "privkey", "--id", "01"});
    EXPECT_EQ(key().object_id, Bytes{0x0b});
}

TEST_F(SoftHsmToken, ShowsKeysThatOthersMakeAndNoneThatTheyDelete) {
    start_with_key("EC:prime256v1");
    ASSERT_THAT(token().keys, SizeIs(1));
    m_softhsm->generate_key("mail", "EC:secp384r1", "02", "second");
    EXPECT_THAT(token().keys, SizeIs(2));
    for (const char* type : {"pubkey", "privkey"}) {
        m_softhsm->pkcs11_tool("mail", {"--delete-object", "--type", type, "--id", "01"});
    }
    EXPECT_EQ(key().label, "second");
}

TEST_F(SoftHsmToken, ListsTheSameKeysBeforeAndAfterLoginsAndLogouts) {
    start_with_key("EC:prime256v1");
    const ipc::Token first = token();
    ASSERT_THAT(first.keys, SizeIs(1));
    EXPECT_EQ(token(), first);
    ASSERT_TRUE(session().logout(first.id));
    EXPECT_EQ(token(), first);
    log_in();
    EXPECT_EQ(token(), first);
    EXPECT_FALSE(signed_with({.use = use(),
                              .scheme = SignatureScheme::ecdsa,
                              .hash = HashAlgorithm::sha256,
                              .data = message,
                              .data_is_message = true})
                     .empty());
}

TEST_F(SoftHsmToken, SignsWithEcdsaOnEveryCurve) {
    for (const auto& [curve, id] :
         {std::pair("EC:prime256v1", "01"), {"EC:secp384r1", "02"}, {"EC:secp521r1", "03"}}) {
        m_softhsm->generate_key("mail", curve, id, curve);
    }
    start();
    log_in();
    const ipc::Token listed = token();
    ASSERT_THAT(listed.keys, SizeIs(3));
    for (const ipc::Key& each : listed.keys) {
        for (const HashAlgorithm hash : {HashAlgorithm::sha256, HashAlgorithm::sha512}) {
            const Bytes signature = signed_with({.use = {.token = listed.id, .key = each.id},
                                                 .scheme = SignatureScheme::ecdsa,
                                                 .hash = hash,
                                                 .data = message,
                                                 .data_is_message = true});
            EXPECT_EQ(signature.size(), 2 * ((each.bits + 7) / 8));
            EXPECT_TRUE(verifies_ecdsa(each.public_key_info, hash, message, signature)) << each.label;
        }
    }
}

TEST_F(SoftHsmToken, SignsWithRsaPkcs1FromMessageDigestAndDigestInfo) {
    start_with_key("rsa:2048");
    const Bytes digest = *token::digest(HashAlgorithm::sha256, message);
    const Bytes from_message = signed_with({.use = use(),
                                            .scheme = SignatureScheme::rsa_pkcs1,
                                            .hash = HashAlgorithm::sha256,
                                            .data = message,
                                            .data_is_message = true});
    const Bytes from_digest = signed_with(
        {.use = use(), .scheme = SignatureScheme::rsa_pkcs1, .hash = HashAlgorithm::sha256, .data = digest});
    const Bytes from_info = signed_with({.use = use(),
                                         .scheme = SignatureScheme::rsa_pkcs1,
                                         .data = *token::digest_info(HashAlgorithm::sha256, digest)});
    EXPECT_TRUE(verifies_pkcs1(key().public_key_info, HashAlgorithm::sha256, message, from_message));
    EXPECT_EQ(from_message, from_digest);
    EXPECT_EQ(from_message, from_info);
}

TEST_F(SoftHsmToken, SignsWithRsaPssAlsoWithParametersThatTheModuleRefuses) {
    start_with_key("rsa:2048");
    struct Case {
        HashAlgorithm hash;
        HashAlgorithm mask_hash;
        std::uint32_t salt_length;
    };
    // SoftHSM refuses a mask hash other than the hash: those go through the padding of the host.
    for (const Case& each : {Case{HashAlgorithm::sha256, HashAlgorithm::sha256, 32},
                             Case{HashAlgorithm::sha512, HashAlgorithm::sha512, 20},
                             Case{HashAlgorithm::sha256, HashAlgorithm::sha1, 32},
                             Case{HashAlgorithm::sha384, HashAlgorithm::sha256, 0}}) {
        const Bytes signature = signed_with({.use = use(),
                                             .scheme = SignatureScheme::rsa_pss,
                                             .hash = each.hash,
                                             .data = message,
                                             .data_is_message = true,
                                             .mask_hash = each.mask_hash,
                                             .salt_length = each.salt_length});
        EXPECT_TRUE(verifies_pss(key().public_key_info, each.hash, each.mask_hash,
                                 static_cast<int>(each.salt_length), message, signature))
            << name_of(each.hash) << " " << name_of(each.mask_hash);
    }
}

// On P-256 the longer ones are cut, on P-521 all are shorter than the order.
TEST_F(SoftHsmToken, SignsDigestsOfEveryHash) {
    for (const auto& [type, id] :
         {std::pair("rsa:2048", "01"), {"EC:prime256v1", "02"}, {"EC:secp521r1", "03"}}) {
        m_softhsm->generate_key("mail", type, id, type);
    }
    start();
    log_in();
    const ipc::Token listed = token();
    ASSERT_THAT(listed.keys, SizeIs(3));
    for (const ipc::Key& each : listed.keys) {
        for (const HashAlgorithm hash : all_hashes) {
            ipc::SignCall call{.use = {.token = listed.id, .key = each.id},
                               .scheme = SignatureScheme::ecdsa,
                               .hash = hash,
                               .data = *token::digest(hash, message)};
            if (each.type == KeyType::ec) {
                EXPECT_TRUE(verifies_ecdsa(each.public_key_info, hash, message, signed_with(call)))
                    << each.label << " " << name_of(hash);
                continue;
            }
            call.scheme = SignatureScheme::rsa_pkcs1;
            EXPECT_TRUE(verifies_pkcs1(each.public_key_info, hash, message, signed_with(call)))
                << name_of(hash);
            call.scheme = SignatureScheme::rsa_pss;
            call.salt_length = 20;
            EXPECT_TRUE(verifies_pss(each.public_key_info, hash, hash, 20, message, signed_with(call)))
                << name_of(hash);
        }
    }
}

TEST_F(SoftHsmToken, SignsWithEd25519) {
    m_variables = {{"ASAN_OPTIONS", "fast_unwind_on_malloc=0"}};  // for tests/lsan.supp
    start_with_key("EC:edwards25519");
    EXPECT_EQ(key().type, KeyType::ed25519);
    const Bytes signature = signed_with(
        {.use = use(), .scheme = SignatureScheme::eddsa, .data = message, .data_is_message = true});
    EXPECT_TRUE(verifies_eddsa(key().public_key_info, message, signature));
}

TEST_F(SoftHsmToken, DecryptsPkcs1) {
    start_with_key("rsa:2048");
    EXPECT_EQ(decrypted({.use = use(),
                         .scheme = DecryptionScheme::rsa_pkcs1,
                         .ciphertext = encrypt_pkcs1(key().public_key_info, message)}),
              message);
}

TEST_F(SoftHsmToken, AnswersABadPkcs1CiphertextWithTheSamePlaintextEachTimeAlsoAfterARestart) {
    start_with_key("rsa:2048");
    const ipc::DecryptCall call{
        .use = use(), .scheme = DecryptionScheme::rsa_pkcs1, .ciphertext = Bytes(256, 0x11)};
    const Bytes first = decrypted(call);
    EXPECT_EQ(decrypted(call), first);
    ipc::DecryptCall other = call;
    other.ciphertext[100] ^= 1;
    EXPECT_NE(decrypted(other), first);

    start();
    log_in();
    EXPECT_EQ(decrypted(call), first);
}

TEST_F(SoftHsmToken, KeepsTheRejectionSecretFromOthers) {
    start_with_key("rsa:2048");
    decrypted({.use = use(), .scheme = DecryptionScheme::rsa_pkcs1, .ciphertext = Bytes(256, 0x11)});
    const std::filesystem::path file = std::filesystem::path(state()) / "rejection" / key().id;
    EXPECT_EQ(std::filesystem::file_size(file), 32U);
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SoftHsmToken, DecryptsOaepWithHashesThatTheModuleLacks) {
    start_with_key("rsa:2048");
    struct Case {
        HashAlgorithm hash;
        HashAlgorithm mask_hash;
        Bytes label;
    };
    for (const Case& each : {Case{HashAlgorithm::sha1, HashAlgorithm::sha1, {}},
                             Case{HashAlgorithm::sha256, HashAlgorithm::sha256, {}},
                             Case{HashAlgorithm::sha256, HashAlgorithm::sha1, {}},
                             Case{HashAlgorithm::sha512, HashAlgorithm::sha512, {'l', 'a', 'b', 'e', 'l'}},
                             Case{HashAlgorithm::sha1, HashAlgorithm::sha1, {'l', 'a', 'b', 'e', 'l'}}}) {
        ipc::DecryptCall call{
            .use = use(),
            .scheme = DecryptionScheme::rsa_oaep,
            .ciphertext = encrypt_oaep(key().public_key_info, each.hash, each.mask_hash, each.label, message),
            .hash = each.hash,
            .mask_hash = each.mask_hash,
            .label = each.label};
        EXPECT_EQ(decrypted(call), message) << name_of(each.hash) << " " << name_of(each.mask_hash);
        call.ciphertext[17] ^= 1;
        EXPECT_EQ(code_of(session().decrypt(call)), ErrorCode::driver_failed);
    }
}

TEST_F(SoftHsmToken, AgreesOnSecretsWithAndWithoutKeyDerivation) {
    m_softhsm->generate_key("mail", "EC:prime256v1", "01", "a");
    m_softhsm->generate_key("mail", "EC:secp521r1", "02", "b");
    start();
    log_in();
    const ipc::Token listed = token();
    ASSERT_THAT(listed.keys, SizeIs(2));
    for (const ipc::Key& each : listed.keys) {
        EXPECT_TRUE(each.derive);
        const auto peer = generate_ec_key(each.bits == 256 ? "P-256" : "P-521");
        const Bytes expected = agree(peer.get(), each.public_key_info);
        ipc::DeriveCall call{.use = {.token = listed.id, .key = each.id}, .public_key = point_of(peer.get())};
        EXPECT_EQ(session().derive(call).value_or(Bytes()), expected);
        call.kdf_hash = HashAlgorithm::sha256;
        call.shared_info = {1, 2, 3};
        call.length = 40;
        EXPECT_EQ(session().derive(call).value_or(Bytes()),
                  *token::x963_derive(HashAlgorithm::sha256, expected, call.shared_info, 40));
    }
}

TEST_F(SoftHsmToken, RefusesAPeerPointThatIsNotOnTheCurve) {
    start_with_key("EC:prime256v1");
    Bytes point = point_of(generate_ec_key("P-256").get());
    point.back() ^= 1;
    EXPECT_EQ(code_of(session().derive({.use = use(), .public_key = point})), ErrorCode::invalid_parameter);
}

TEST_F(SoftHsmToken, WantsThePinBeforeAKeyIsUsedAndAfterTheLogout) {
    m_softhsm->generate_key("mail", "EC:prime256v1", "01", "key");
    start();
    const ipc::SignCall call{.use = use(), .scheme = SignatureScheme::ecdsa, .data = Bytes(32, 1)};
    EXPECT_EQ(code_of(session().sign(call)), ErrorCode::pin_required);
    log_in();
    EXPECT_TRUE(session().sign(call));
    EXPECT_TRUE(session().logout(call.use.token));
    EXPECT_EQ(code_of(session().sign(call)), ErrorCode::pin_required);
    log_in();
    EXPECT_TRUE(session().sign(call));
}

TEST_F(SoftHsmToken, SaysThatAPinIsWrongAndTakesTheRightOneAfterwards) {
    start();
    const std::string id = token().id;
    const auto refused = session().login(id, "654321");
    EXPECT_EQ(code_of(refused), ErrorCode::pin_incorrect);
    EXPECT_EQ(refused.error().tries_left, -1);
    EXPECT_EQ(token().pin, ipc::PinState::low);
    EXPECT_TRUE(session().login(id, SoftHsm::pin));
    EXPECT_TRUE(session().login(id, SoftHsm::pin)) << "logged in already is success";
}

TEST_F(SoftHsmToken, WantsAPinForALoginWithoutPinPad) {
    start();
    EXPECT_EQ(code_of(session().login(token().id, std::nullopt)), ErrorCode::pin_required);
}

TEST_F(SoftHsmToken, UsesAnAlwaysAuthenticateKeyOnceForEachPin) {
    start_with_key("rsa:2048", true);
    EXPECT_TRUE(key().always_authenticate);
    const ipc::SignCall call{.use = use(),
                             .scheme = SignatureScheme::rsa_pkcs1,
                             .hash = HashAlgorithm::sha256,
                             .data = message,
                             .data_is_message = true};
    EXPECT_EQ(code_of(session().sign(call)), ErrorCode::pin_required);
    EXPECT_EQ(code_of(session().sign(call, "000000")), ErrorCode::pin_incorrect);
    const auto signature = session().sign(call, SoftHsm::pin);
    ASSERT_TRUE(signature) << signature.error().detail;
    EXPECT_TRUE(verifies_pkcs1(key().public_key_info, HashAlgorithm::sha256, message, *signature));
    EXPECT_EQ(code_of(session().sign(call)), ErrorCode::pin_required);
}

TEST_F(SoftHsmToken, SignsOnSeveralSessionsAtOnce) {
    start_with_key("EC:prime256v1", false, 4);
    const ipc::SignCall call{.use = use(),
                             .scheme = SignatureScheme::ecdsa,
                             .hash = HashAlgorithm::sha256,
                             .data = message,
                             .data_is_message = true};
    const Bytes info = key().public_key_info;
    std::vector<int> good(4);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < good.size(); ++i) {
        threads.emplace_back([this, &call, &info, &good, i] {
            for (int repetition = 0; repetition < 50; ++repetition) {
                const auto signature = session(i).sign(call);
                good[i] +=
                    signature && verifies_ecdsa(info, HashAlgorithm::sha256, message, *signature) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_THAT(good, ElementsAre(50, 50, 50, 50));
}

TEST_F(SoftHsmToken, ListsTwoTokensWithoutConfusingThem) {
    m_softhsm->init_token("second");
    m_softhsm->generate_key("mail", "EC:prime256v1", "01", "key of mail");
    m_softhsm->generate_key("second", "EC:prime256v1", "01", "key of second");
    start();
    const auto inventory = session().inventory();
    ASSERT_TRUE(inventory);
    ASSERT_THAT(inventory->tokens, SizeIs(2));
    EXPECT_NE(inventory->tokens[0].id, inventory->tokens[1].id);
    for (const ipc::Token& each : inventory->tokens) {
        ASSERT_THAT(each.keys, SizeIs(1));
        EXPECT_EQ(each.keys[0].label, "key of " + each.label);
    }
    const auto stranger =
        session().sign({.use = {.token = inventory->tokens[0].id, .key = inventory->tokens[1].keys[0].id},
                        .scheme = SignatureScheme::ecdsa,
                        .data = Bytes(32, 1)});
    EXPECT_FALSE(stranger);
}

TEST_F(SoftHsmToken, SaysWhichTokenOrKeyIsNotThere) {
    start_with_key("EC:prime256v1");
    ipc::SignCall call{.use = use(), .scheme = SignatureScheme::ecdsa, .data = Bytes(32, 1)};
    call.use.key = std::string(64, '0');
    EXPECT_EQ(code_of(session().sign(call)), ErrorCode::key_not_found);
    call.use.token = "nobody";
    EXPECT_EQ(code_of(session().sign(call)), ErrorCode::token_not_found);
    EXPECT_EQ(code_of(session().login("nobody", SoftHsm::pin)), ErrorCode::token_not_found);
}

TEST_F(SoftHsmToken, RefusesWhatAKeyCannotDo) {
    start_with_key("EC:prime256v1");
    EXPECT_EQ(code_of(session().sign({.use = use(),
                                      .scheme = SignatureScheme::rsa_pss,
                                      .hash = HashAlgorithm::sha256,
                                      .data = Bytes(32, 1)})),
              ErrorCode::unsupported);
    EXPECT_EQ(code_of(session().decrypt(
                  {.use = use(), .scheme = DecryptionScheme::rsa_oaep, .ciphertext = Bytes(256, 1)})),
              ErrorCode::unsupported);
    EXPECT_EQ(code_of(session().sign({.use = use(),
                                      .scheme = SignatureScheme::ecdsa,
                                      .hash = HashAlgorithm::sha256,
                                      .data = Bytes(31, 1)})),
              ErrorCode::invalid_parameter);
}

TEST_F(SoftHsmToken, UsesAKeyThatWasMadeAfterTheFirstUse) {
    start_with_key("EC:prime256v1");
    const std::string id = token().id;
    EXPECT_TRUE(session().sign({.use = use(), .scheme = SignatureScheme::ecdsa, .data = Bytes(32, 1)}));
    m_softhsm->generate_key("mail", "EC:secp384r1", "02", "late");
    const auto keys = token().keys;
    ASSERT_THAT(keys, SizeIs(2));
    for (const ipc::Key& each : keys) {
        EXPECT_TRUE(session().sign(
            {.use = {.token = id, .key = each.id}, .scheme = SignatureScheme::ecdsa, .data = Bytes(32, 1)}));
    }
}

TEST_F(SoftHsmToken, CannotWaitForEventsAndSaysSoAfterTheFirstTry) {
    start();
    auto reply = session(1).client().call("org.signet.token.WaitForChange", "{}");
    EXPECT_EQ(code_of(reply), ErrorCode::unsupported);
    const auto inventory = session().inventory();
    ASSERT_TRUE(inventory);
    EXPECT_FALSE(inventory->waits_for_events);
}

TEST_F(SoftHsmToken, ItsHostEndsWhenTheSocketsAreClosed) {
    start_with_key("EC:prime256v1");
    m_host->close_sockets();
    EXPECT_EQ(m_host->process().wait(std::chrono::seconds(10)), 0);
}

}  // namespace
}  // namespace signet::test
