#include "tests/module/loaded_module.h"

namespace signet::test {
namespace {

using Sessions = ModuleTest;

TEST_F(Sessions, AreInitializedOnce) {
    EXPECT_EQ(module.C_Initialize(nullptr), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    EXPECT_EQ(module.C_Finalize(nullptr), CKR_OK);
    EXPECT_EQ(module.C_Finalize(nullptr), CKR_CRYPTOKI_NOT_INITIALIZED);
    CK_INFO info{};
    EXPECT_EQ(module.C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    EXPECT_EQ(module.C_Initialize(&arguments), CKR_OK);
    EXPECT_EQ(module.C_GetInfo(&info), CKR_OK);
    EXPECT_EQ(info.cryptokiVersion.major, 2);
    EXPECT_EQ(info.cryptokiVersion.minor, 40);
}

TEST_F(Sessions, RefuseMutexesOfTheProgramAlone) {
    ASSERT_EQ(module.C_Finalize(nullptr), CKR_OK);
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.CreateMutex = [](void**) -> CK_RV { return CKR_OK; };
    EXPECT_EQ(module.C_Initialize(&arguments), CKR_ARGUMENTS_BAD);
    arguments.DestroyMutex = arguments.LockMutex =
        arguments.UnlockMutex = [](void*) -> CK_RV { return CKR_OK; };
    EXPECT_EQ(module.C_Initialize(&arguments), CKR_CANT_LOCK);
    arguments.flags = CKF_OS_LOCKING_OK;
    EXPECT_EQ(module.C_Initialize(&arguments), CKR_OK);
}

TEST_F(Sessions, AreCountedAndClosed) {
    agent.insert(make_token("alice", 0), {});
    const auto one = open();
    open();
    CK_TOKEN_INFO info{};
    ASSERT_EQ(module.C_GetTokenInfo(0, &info), CKR_OK);
    EXPECT_EQ(info.ulSessionCount, 2U);
    EXPECT_EQ(module.C_CloseSession(one), CKR_OK);
    EXPECT_EQ(module.C_CloseSession(one), CKR_SESSION_HANDLE_INVALID);
    EXPECT_EQ(module.C_CloseAllSessions(0), CKR_OK);
    ASSERT_EQ(module.C_GetTokenInfo(0, &info), CKR_OK);
    EXPECT_EQ(info.ulSessionCount, 0U);
}

TEST_F(Sessions, UnlockTheTokenOnLogin) {
    agent.insert(make_token("alice", 0), {});
    const auto session = open();
    EXPECT_EQ(module.C_Login(session, CKU_USER, nullptr, 0), CKR_OK);
    EXPECT_EQ(module.C_Login(session, CKU_USER, nullptr, 0), CKR_OK);
    EXPECT_EQ(agent.calls("Unlock"), 2);
    CK_SESSION_INFO info{};
    ASSERT_EQ(module.C_GetSessionInfo(session, &info), CKR_OK);
    EXPECT_EQ(info.state, CKS_RO_USER_FUNCTIONS);
    EXPECT_EQ(module.C_Logout(session), CKR_OK);
    EXPECT_EQ(agent.calls("Lock"), 0);
    ASSERT_EQ(module.C_GetSessionInfo(session, &info), CKR_OK);
    EXPECT_EQ(info.state, CKS_RO_PUBLIC_SESSION);
}

TEST_F(Sessions, RefuseAPinUnread) {
    agent.insert(make_token("alice", 0), {});
    const auto session = open();
    unsigned char pin[] = {'1', '2', '3', '4'};
    EXPECT_EQ(module.C_Login(session, CKU_USER, pin, sizeof pin), CKR_ARGUMENTS_BAD);
    EXPECT_EQ(module.C_Login(session, CKU_SO, nullptr, 0), CKR_USER_TYPE_INVALID);
    EXPECT_EQ(agent.calls("Unlock"), 0);
}

TEST_F(Sessions, SayCancelledWhenThePersonCancels) {
    agent.insert(make_token("alice", 0), {});
    const auto session = open();
    agent.fail_next("Unlock", {.code = ErrorCode::cancelled, .operation = "test", .detail = "by the person"});
    EXPECT_EQ(module.C_Login(session, CKU_USER, nullptr, 0), CKR_FUNCTION_CANCELED);
}

TEST_F(Sessions, SayWhatThisModuleDoesNotDo) {
    agent.insert(make_token("alice", 0), {make_rsa_key("key", {1})});
    const auto session = open();
    CK_MECHANISM mechanism{.mechanism = CKM_RSA_PKCS, .pParameter = nullptr, .ulParameterLen = 0};
    EXPECT_EQ(module.C_VerifyInit(session, &mechanism, find_one(session, CKO_PUBLIC_KEY)),
              CKR_FUNCTION_NOT_SUPPORTED);
    unsigned char octet = 0;
    EXPECT_EQ(module.C_GenerateRandom(session, &octet, 1), CKR_RANDOM_NO_RNG);
}

}  // namespace
}  // namespace signet::test
