#include "base/bytes.h"
#include "tests/support/requirements.h"
#include "tests/support/results.h"
#include "tests/support/softhsm.h"
#include "tests/support/token_host.h"
#include "tests/token/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const Bytes short_message{'m'};

// A token behind a module whose fault can be changed while the host runs.
class FaultyModule : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        m_softhsm = std::make_unique<SoftHsm>();
        m_softhsm->init_token("mail");
        set_fault("");
    }

    void set_fault(const std::string& name) const { write_file(fault_file(), name); }
    void start() {
        Variables variables = m_softhsm->variables();
        variables["SIGNET_TEST_FAULT_FILE"] = fault_file().string();
        m_host = std::make_unique<TokenHost>(TokenHostOptions{
            .module = SIGNET_BUILD_DIR "/tests/signet-test-module.so", .variables = variables});
    }
    void start_with_key(const std::string& type = "EC:prime256v1") {
        m_softhsm->generate_key("mail", type, "01", "key");
        start();
        const ipc::Token listed = token();
        ASSERT_THAT(listed.keys, SizeIs(1));
        m_key = listed.keys[0];
        m_use = {.token = listed.id, .key = m_key.id};
        ASSERT_TRUE(session().login(listed.id, SoftHsm::pin));
    }

    TokenSession& session(std::size_t number = 0) { return m_host->session(number); }
    Result<std::vector<ipc::Token>> tokens() {
        SIGNET_TRY(auto inventory, session().inventory());
        return std::move(inventory.tokens);
    }
    ipc::Token token() {
        const auto all = tokens();
        EXPECT_TRUE(all) << all.error().detail;
        return all && !all->empty() ? all->front() : ipc::Token();
    }
    Result<Bytes> sign() {
        return session().sign({.use = m_use,
                               .scheme = SignatureScheme::ecdsa,
                               .hash = HashAlgorithm::sha256,
                               .data = short_message,
                               .data_is_message = true});
    }
    void expect_signing_works() {
        const auto signature = sign();
        ASSERT_TRUE(signature) << signature.error().detail;
        EXPECT_TRUE(verifies_ecdsa(m_key.public_key_info, HashAlgorithm::sha256, short_message, *signature));
    }

    std::filesystem::path fault_file() const { return m_softhsm->directory() / "fault"; }

    std::unique_ptr<SoftHsm> m_softhsm;
    std::unique_ptr<TokenHost> m_host;
    ipc::Key m_key;
    ipc::KeyUse m_use;
};

TEST_F(FaultyModule, WithoutAFaultSigns) {
    start_with_key();
    expect_signing_works();
}

TEST_F(FaultyModule, ThatSegfaultsEndsTheHost) {
    start_with_key();
    set_fault("segfault");
    EXPECT_EQ(code_of(sign()), ErrorCode::agent_unavailable);
    EXPECT_NE(m_host->process().wait(std::chrono::seconds(10)), 0);
}

TEST_F(FaultyModule, ThatExitsEndsTheHostWithItsStatus) {
    start_with_key();
    set_fault("exit");
    EXPECT_EQ(code_of(sign()), ErrorCode::agent_unavailable);
    EXPECT_EQ(m_host->process().wait(std::chrono::seconds(10)), 3);
}

TEST_F(FaultyModule, ThatHangsLeavesTheHostToEndWithItsSockets) {
    start_with_key();
    set_fault("hang");
    ASSERT_TRUE(session().client().call_more("org.signet.token.Sign", "{}")) << "an answered call";
    ASSERT_EQ(code_of(session().client().next_reply()), ErrorCode::invalid_parameter);
    const auto hanging = session().client().call(
        "org.signet.token.Sign",
        R"({"token":")" + m_use.token + R"(","key":")" + m_use.key + R"(","scheme":"ecdsa","digest":"AAAA"})",
        {}, std::chrono::steady_clock::now() + std::chrono::milliseconds(300));
    EXPECT_EQ(code_of(hanging), ErrorCode::timeout);
    m_host->close_sockets();
    EXPECT_EQ(m_host->process().wait(std::chrono::seconds(10)), 0);
}

TEST_F(FaultyModule, ThatAnswersNonsenseToASignatureGivesAnErrorAndGoesOn) {
    start_with_key();
    for (const char* fault : {"long-signature", "short-signature"}) {
        set_fault(fault);
        EXPECT_EQ(code_of(sign()), ErrorCode::driver_failed) << fault;
        set_fault("");
        expect_signing_works();
    }
}

TEST_F(FaultyModule, ThatLeavesOutLeadingZerosGetsThemBack) {
    start_with_key();
    set_fault("stripped-signature");
    const auto signature = sign();
    ASSERT_TRUE(signature);
    ASSERT_THAT(*signature, SizeIs(64));
    EXPECT_EQ((*signature)[0], 0);
    EXPECT_EQ((*signature)[32], 0);
}

TEST_F(FaultyModule, WithAnEndlessListOfSlotsGivesAnErrorAndGoesOn) {
    start_with_key();
    set_fault("endless-slots");
    EXPECT_EQ(code_of(tokens()), ErrorCode::driver_failed);
    set_fault("");
    EXPECT_THAT(token().keys, SizeIs(1));
}

TEST_F(FaultyModule, WithEndlessListsOfObjectsListsNoTokenAndGoesOn) {
    start_with_key();
    for (const char* fault : {"endless-objects", "too-many-objects"}) {
        set_fault(fault);
        const auto all = tokens();
        ASSERT_TRUE(all) << all.error().detail;
        EXPECT_THAT(*all, IsEmpty()) << fault;
        set_fault("");
        EXPECT_THAT(token().keys, SizeIs(1));
    }
}

TEST_F(FaultyModule, WithOneMadTokenListsTheOthersAndWarns) {
    m_softhsm->init_token("mad");
    set_fault("endless-objects-in-mad");
    start();
    const auto all = tokens();
    ASSERT_TRUE(all) << all.error().detail;
    ASSERT_THAT(*all, SizeIs(1));
    EXPECT_EQ(all->front().label, "mail");
    EXPECT_THAT(m_host->log(), testing::ContainsRegex("warning: left out the token .*C_FindObjects"));
}

TEST_F(FaultyModule, WithNonsenseInAttributesListsNoKeysAndGoesOn) {
    start_with_key();
    for (const char* fault : {"long-attributes", "unavailable-attributes", "garbage-attributes"}) {
        set_fault(fault);
        EXPECT_THAT(token().keys, IsEmpty()) << fault;
        set_fault("");
        EXPECT_THAT(token().keys, SizeIs(1));
    }
}

TEST_F(FaultyModule, WithNonsenseForNamesGivesCleanText) {
    set_fault("garbage-names");
    start();
    const ipc::Token listed = token();
    EXPECT_EQ(printable_utf8(listed.label), listed.label);
    EXPECT_THAT(listed.id, testing::MatchesRegex("[!-~]+"));
}

TEST_F(FaultyModule, WhoseTokenIsRemovedSaysSoAndComesBack) {
    start_with_key();
    expect_signing_works();
    set_fault("removed");
    EXPECT_EQ(code_of(sign()), ErrorCode::token_removed);
    const auto gone = tokens();
    ASSERT_TRUE(gone);
    EXPECT_THAT(*gone, IsEmpty());
    EXPECT_EQ(code_of(session().login(m_use.token, SoftHsm::pin)), ErrorCode::token_not_found);
    set_fault("");
    EXPECT_TRUE(session().login(m_use.token, SoftHsm::pin));
    expect_signing_works();
}

TEST_F(FaultyModule, WhoseHandlesGoStaleIsAskedOnceMore) {
    start_with_key();
    for (const char* fault : {"stale-handle", "stale-session", "operation-active"}) {
        set_fault(fault);
        for (int i = 0; i < 4; ++i) {
            expect_signing_works();
        }
    }
}

TEST_F(FaultyModule, ThatSaysLockedIsBelieved) {
    set_fault("pin-locked");
    start();
    EXPECT_EQ(code_of(session().login(token().id, SoftHsm::pin)), ErrorCode::pin_blocked);
}

TEST_F(FaultyModule, ThatCountsWrongPinsTellsTheLastTryAndIsThenNotAskedAgain) {
    set_fault("pin-countdown");
    start();
    const std::string id = token().id;
    const auto first = session().login(id, "1111");
    EXPECT_EQ(code_of(first), ErrorCode::pin_incorrect);
    EXPECT_EQ(first.error().tries_left, -1);
    EXPECT_EQ(token().pin, ipc::PinState::low);
    const auto second = session().login(id, "1111");
    EXPECT_EQ(code_of(second), ErrorCode::pin_incorrect);
    EXPECT_EQ(second.error().tries_left, 1);
    EXPECT_EQ(token().pin, ipc::PinState::final_try);
    EXPECT_EQ(code_of(session().login(id, "1111")), ErrorCode::pin_blocked);
    EXPECT_EQ(token().pin, ipc::PinState::blocked);
    EXPECT_EQ(code_of(session().login(id, SoftHsm::pin)), ErrorCode::pin_blocked);
}

TEST_F(FaultyModule, WithTwoTokensOfOneIdentityUsesNeither) {
    m_softhsm->init_token("second");
    set_fault("same-serial");
    start();
    const auto all = tokens();
    ASSERT_TRUE(all);
    EXPECT_THAT(*all, IsEmpty());
    set_fault("");
    EXPECT_THAT(tokens().value(), SizeIs(2));
}

TEST_F(FaultyModule, WithoutSerialNumberIsKnownByItsFirstKey) {
    m_softhsm->generate_key("mail", "EC:prime256v1", "02", "later");
    m_softhsm->generate_key("mail", "EC:prime256v1", "01", "first");
    set_fault("no-serial");
    start();
    const ipc::Token listed = token();
    const auto first = std::find_if(listed.keys.begin(), listed.keys.end(),
                                    [](const ipc::Key& key) { return key.label == "first"; });
    ASSERT_NE(first, listed.keys.end());
    EXPECT_EQ(listed.id, "key:" + first->id);
    EXPECT_EQ(listed.serial, "");
    EXPECT_TRUE(session().login(listed.id, SoftHsm::pin));
    EXPECT_EQ(token().id, listed.id);
}

TEST_F(FaultyModule, WithoutRawRsaDecryptsPkcs1AndRejectsImplicitly) {
    start_with_key("rsa:2048");
    ipc::DecryptCall call{.use = m_use,
                          .scheme = DecryptionScheme::rsa_pkcs1,
                          .ciphertext = encrypt_pkcs1(m_key.public_key_info, short_message)};
    ipc::DecryptCall bad = call;
    bad.ciphertext = Bytes(256, 0x11);
    const auto with_raw = session().decrypt(bad);
    set_fault("no-raw-rsa");
    EXPECT_EQ(session().decrypt(call).value_or(Bytes()), short_message);
    const auto without_raw = session().decrypt(bad);
    ASSERT_TRUE(with_raw && without_raw);
    EXPECT_EQ(*with_raw, *without_raw);
    call.scheme = DecryptionScheme::rsa_oaep;
    call.hash = HashAlgorithm::sha256;
    EXPECT_EQ(code_of(session().decrypt(call)), ErrorCode::unsupported);
}

TEST_F(FaultyModule, ThatWantsWrappedPointsGetsThem) {
    start_with_key();
    const auto peer = generate_ec_key("P-256");
    set_fault("wrapped-points-only");
    EXPECT_EQ(session().derive({.use = m_use, .public_key = point_of(peer.get())}).value_or(Bytes()),
              agree(peer.get(), m_key.public_key_info));
}

TEST_F(FaultyModule, ThatReportsEventsIsWaitedFor) {
    set_fault("events");
    start();
    ASSERT_TRUE(session(1).client().call_more("org.signet.token.WaitForChange", "{}"));
    const auto inventory = session().inventory();
    ASSERT_TRUE(inventory) << "the other session goes on";
    EXPECT_TRUE(inventory->waits_for_events);
    ASSERT_TRUE(eventually([this] { return m_host->log().find("waits for an event") != std::string::npos; }));
    set_fault("");
    const auto change =
        session(1).client().next_reply(std::chrono::steady_clock::now() + std::chrono::seconds(20));
    ASSERT_TRUE(change);
    EXPECT_TRUE(change->continues);
}

TEST_F(FaultyModule, InWhichAThreadWaitsForEventsDoesNotKeepTheHost) {
    set_fault("events");
    start();
    ASSERT_TRUE(session(1).client().call_more("org.signet.token.WaitForChange", "{}"));
    ASSERT_TRUE(session().inventory());
    m_host->close_sockets();
    EXPECT_EQ(m_host->process().wait(std::chrono::seconds(10)), 0);
}

TEST_F(FaultyModule, ThatCannotLockIsUsedByOneThreadWithoutEvents) {
    set_fault("cannot-lock");
    start();
    const auto inventory = session().inventory();
    ASSERT_TRUE(inventory);
    EXPECT_TRUE(inventory->one_at_a_time);
    EXPECT_FALSE(inventory->waits_for_events);
}

TEST_F(FaultyModule, ThatCannotBeInitialisedIsTheAnswerToEveryCall) {
    set_fault("refuse-initialize");
    start();
    const auto inventory = session().inventory();
    EXPECT_EQ(code_of(inventory), ErrorCode::driver_failed);
    EXPECT_THAT(inventory.error().detail, testing::HasSubstr("CKR_DEVICE_ERROR"));
}

TEST(MissingModule, IsTheAnswerToEveryCall) {
    TokenHost host({.module = "/nonexistent/module.so"});
    for (int i = 0; i < 2; ++i) {
        const auto inventory = host.session().inventory();
        EXPECT_EQ(code_of(inventory), ErrorCode::driver_failed);
        EXPECT_THAT(inventory.error().detail, testing::HasSubstr("/nonexistent/module.so"));
    }
}

}  // namespace
}  // namespace signet::test
