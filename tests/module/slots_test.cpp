#include "tests/module/loaded_module.h"
#include "tests/support/subprocess.h"

#include <atomic>

namespace signet::test {
namespace {

class Slots : public ModuleTest {
  protected:
    std::vector<CK_SLOT_ID> slots(bool with_token) {
        CK_ULONG count = 0;
        EXPECT_EQ(module.C_GetSlotList(with_token ? CK_TRUE : CK_FALSE, nullptr, &count), CKR_OK);
        std::vector<CK_SLOT_ID> list(count);
        EXPECT_EQ(module.C_GetSlotList(with_token ? CK_TRUE : CK_FALSE, list.data(), &count), CKR_OK);
        return list;
    }
    CK_FLAGS token_flags(ipc::PinState pin) {
        auto token = make_token("alice", 0);
        token.pin = pin;
        agent.insert(token, {});
        slots(true);
        CK_TOKEN_INFO info{};
        EXPECT_EQ(module.C_GetTokenInfo(0, &info), CKR_OK);
        return info.flags;
    }
};

TEST_F(Slots, AreAlwaysSixteen) {
    EXPECT_EQ(slots(false).size(), 16U);
    EXPECT_EQ(slots(true).size(), 0U);
}

TEST_F(Slots, ShowTheTokenWhereTheAgentPutIt) {
    agent.insert(make_token("alice", 5), {});
    EXPECT_EQ(slots(true), std::vector<CK_SLOT_ID>{5});
    CK_SLOT_INFO info{};
    ASSERT_EQ(module.C_GetSlotInfo(5, &info), CKR_OK);
    EXPECT_NE(info.flags & CKF_TOKEN_PRESENT, 0U);
    ASSERT_EQ(module.C_GetSlotInfo(4, &info), CKR_OK);
    EXPECT_EQ(info.flags & CKF_TOKEN_PRESENT, 0U);
}

TEST_F(Slots, LeaveOutTokensWithoutASlotOfTheirOwn) {
    auto homeless = make_token("alice", 0);
    homeless.slot.reset();
    agent.insert(homeless, {});
    agent.insert(make_token("bob", 16), {});
    agent.insert(make_token("carol", 3), {});
    agent.insert(make_token("dave", 3), {});
    EXPECT_EQ(slots(true), std::vector<CK_SLOT_ID>{3});
}

TEST_F(Slots, RefuseNumbersThatAreNone) {
    CK_SLOT_INFO info{};
    EXPECT_EQ(module.C_GetSlotInfo(16, &info), CKR_SLOT_ID_INVALID);
    CK_SESSION_HANDLE session = 0;
    EXPECT_EQ(module.C_OpenSession(16, CKF_SERIAL_SESSION, nullptr, nullptr, &session), CKR_SLOT_ID_INVALID);
    EXPECT_EQ(module.C_OpenSession(0, CKF_SERIAL_SESSION, nullptr, nullptr, &session), CKR_TOKEN_NOT_PRESENT);
}

TEST_F(Slots, SayWhenTheBufferForTheListIsTooSmall) {
    CK_SLOT_ID one = 0;
    CK_ULONG count = 1;
    EXPECT_EQ(module.C_GetSlotList(CK_FALSE, &one, &count), CKR_BUFFER_TOO_SMALL);
    EXPECT_EQ(count, 16U);
}

TEST_F(Slots, DescribeATokenThatNeedsNoLogin) {
    const CK_FLAGS flags = token_flags(ipc::PinState::ok);
    EXPECT_EQ(flags, CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED | CKF_PROTECTED_AUTHENTICATION_PATH |
                         CKF_WRITE_PROTECTED);
}

TEST_F(Slots, ShowTheStateOfThePin) {
    EXPECT_NE(token_flags(ipc::PinState::low) & CKF_USER_PIN_COUNT_LOW, 0U);
    EXPECT_NE(token_flags(ipc::PinState::final_try) & CKF_USER_PIN_FINAL_TRY, 0U);
    EXPECT_NE(token_flags(ipc::PinState::blocked) & CKF_USER_PIN_LOCKED, 0U);
    EXPECT_EQ(token_flags(ipc::PinState::not_set) & CKF_USER_PIN_INITIALIZED, 0U);
}

TEST_F(Slots, CutLongNamesBetweenCharacters) {
    auto token = make_token("alice", 0);
    token.label = "abcdefghijklmnopqrstuvwxyzäöüß";
    token.serial = "123456789012345678";
    agent.insert(token, {});
    slots(true);
    CK_TOKEN_INFO info{};
    ASSERT_EQ(module.C_GetTokenInfo(0, &info), CKR_OK);
    EXPECT_EQ(std::string(reinterpret_cast<char*>(info.label), 32), "abcdefghijklmnopqrstuvwxyzäöü");
    EXPECT_EQ(std::string(reinterpret_cast<char*>(info.serialNumber), 16), "1234567890123456");
}

TEST_F(Slots, OfferTheMechanismsOfTheKeysAndNothingElse) {
    agent.insert(make_token("rsa", 0), {make_rsa_key("one", {1})});
    agent.insert(make_token("ec", 1), {make_ec_key("two", {2})});
    slots(true);
    const auto mechanisms = [this](CK_SLOT_ID slot) {
        CK_ULONG count = 0;
        EXPECT_EQ(module.C_GetMechanismList(slot, nullptr, &count), CKR_OK);
        std::vector<CK_MECHANISM_TYPE> list(count);
        EXPECT_EQ(module.C_GetMechanismList(slot, list.data(), &count), CKR_OK);
        return list;
    };
    const auto rsa = mechanisms(0);
    const auto ec = mechanisms(1);
    const auto has = [](const auto& list, CK_MECHANISM_TYPE type) {
        return std::find(list.begin(), list.end(), type) != list.end();
    };
    EXPECT_TRUE(has(rsa, CKM_RSA_PKCS) && has(rsa, CKM_RSA_PKCS_PSS) && has(rsa, CKM_RSA_PKCS_OAEP));
    EXPECT_FALSE(has(rsa, CKM_RSA_X_509) || has(rsa, CKM_ECDSA) || has(rsa, CKM_AES_CBC));
    EXPECT_TRUE(has(ec, CKM_ECDSA) && has(ec, CKM_ECDH1_DERIVE));
    EXPECT_FALSE(has(ec, CKM_RSA_PKCS) || has(ec, CKM_EDDSA));

    CK_MECHANISM_INFO info{};
    ASSERT_EQ(module.C_GetMechanismInfo(0, CKM_RSA_PKCS, &info), CKR_OK);
    EXPECT_EQ(info.flags, CKF_HW | CKF_SIGN | CKF_DECRYPT);
    EXPECT_EQ(info.ulMinKeySize, 2048U);
    EXPECT_EQ(module.C_GetMechanismInfo(0, CKM_ECDSA, &info), CKR_MECHANISM_INVALID);
}

TEST_F(Slots, ListATokenWithManyCertificatesInOneRoundTrip) {
    auto token = make_token("alice", 0);
    const auto key = make_ec_key("key", {1});
    for (int i = 0; i < 24; ++i) {
        token.certificates.push_back(make_certificate(key, "number " + std::to_string(i)));
    }
    agent.insert(token, {key});
    for (const CK_SLOT_ID slot : slots(true)) {
        CK_SLOT_INFO slot_info{};
        CK_TOKEN_INFO token_info{};
        EXPECT_EQ(module.C_GetSlotInfo(slot, &slot_info), CKR_OK);
        EXPECT_EQ(module.C_GetTokenInfo(slot, &token_info), CKR_OK);
        const auto session = open(slot);
        const auto certificates = find(session, std::move(Wanted().number(CKA_CLASS, CKO_CERTIFICATE)));
        EXPECT_EQ(certificates.size(), 24U);
        for (const auto certificate : certificates) {
            EXPECT_TRUE(attribute(session, certificate, CKA_VALUE).has_value());
        }
    }
    EXPECT_EQ(agent.calls("GetInventory"), 1);
}

TEST_F(Slots, AskForChangesOnlyOnceTheyAreKnown) {
    agent.insert(make_token("alice", 0), {});
    slots(true);
    EXPECT_FALSE(agent.asked_for_changes_only());
    slots(true);
    EXPECT_TRUE(agent.asked_for_changes_only());
    EXPECT_EQ(slots(true).size(), 1U);
}

// Some programs never ask for the count.
TEST_F(Slots, ShowALaterTokenWithoutAQuestionForTheCount) {
    const auto listed = [this] {
        std::vector<CK_SLOT_ID> list(16);
        CK_ULONG count = list.size();
        EXPECT_EQ(module.C_GetSlotList(CK_TRUE, list.data(), &count), CKR_OK);
        list.resize(count);
        return list;
    };
    EXPECT_TRUE(listed().empty());
    agent.insert(make_token("alice", 4), {});
    EXPECT_TRUE(eventually([&] { return listed() == std::vector<CK_SLOT_ID>{4}; }));
    // At most once in a second, however often they list.
    const int before = agent.calls("GetInventory");
    for (int i = 0; i < 100; ++i) {
        listed();
    }
    EXPECT_LE(agent.calls("GetInventory"), before + 1);
}

TEST_F(Slots, ReportChangesWithoutBlocking) {
    CK_SLOT_ID slot = 99;
    EXPECT_EQ(module.C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_NO_EVENT);
    agent.insert(make_token("alice", 7), {});
    ASSERT_EQ(module.C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_OK);
    EXPECT_EQ(slot, 7U);
    open(7);
    EXPECT_EQ(module.C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_NO_EVENT);
    agent.remove("serial:alice");
    EXPECT_EQ(module.C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_OK);
}

TEST_F(Slots, WaitForAChange) {
    std::atomic<CK_RV> result{CKR_GENERAL_ERROR};
    CK_SLOT_ID slot = 99;
    std::thread waiter([&] { result = module.C_WaitForSlotEvent(0, &slot, nullptr); });
    EXPECT_TRUE(eventually([this] { return agent.calls("Watch") == 1; }));
    agent.insert(make_token("alice", 2), {});
    waiter.join();
    EXPECT_EQ(result, CKR_OK);
    EXPECT_EQ(slot, 2U);
}

TEST_F(Slots, StopWaitingWhenTheModuleIsFinalized) {
    std::atomic<CK_RV> result{CKR_OK};
    CK_SLOT_ID slot = 99;
    std::thread waiter([&] { result = module.C_WaitForSlotEvent(0, &slot, nullptr); });
    EXPECT_TRUE(eventually([this] { return agent.calls("Watch") == 1; }));
    EXPECT_EQ(module.C_Finalize(nullptr), CKR_OK);
    waiter.join();
    EXPECT_EQ(result, CKR_CRYPTOKI_NOT_INITIALIZED);
}

}  // namespace
}  // namespace signet::test
