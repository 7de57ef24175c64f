#include "tests/module/loaded_module.h"
#include "tests/support/subprocess.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

namespace signet::test {
namespace {

// Runs in a process that ends, after the destructors of the module: those of what is loaded later come first.
std::function<int()>& exit_handler() {
    static auto* const handler = new std::function<int()>;
    return *handler;
}

[[maybe_unused]] const int exit_handler_registered = std::atexit([] {
    if (exit_handler()) {
        _exit(exit_handler()());
    }
});

class Resilience : public ModuleTest {
  protected:
    CK_RV sign_digest(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
        Bytes signature;
        return sign(session, object, {.mechanism = CKM_ECDSA, .pParameter = nullptr, .ulParameterLen = 0},
                    Bytes(32, 1), signature);
    }
    // Runs `child` in a forked process and gives its status.
    template <class Child>
    int in_child(Child child) {
        const pid_t pid = fork();
        if (pid == 0) {
            _exit(child());
        }
        int status = 0;
        waitpid(pid, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    static std::size_t open_sockets() {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code error;
            count +=
                std::filesystem::read_symlink(entry.path(), error).string().starts_with("socket:") ? 1 : 0;
        }
        return count;
    }

    TestKey key = make_ec_key("key", {1});
};

TEST_F(Resilience, InitializesWithoutAnAgent) {
    ASSERT_EQ(module.C_Finalize(nullptr), CKR_OK);
    agent.stop();
    ASSERT_EQ(module.C_Initialize(nullptr), CKR_OK);
    CK_ULONG count = 99;
    EXPECT_EQ(module.C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    EXPECT_EQ(count, 0U);
    agent.start();
    agent.insert(make_token("alice", 0), {key});
    EXPECT_EQ(module.C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    EXPECT_EQ(count, 1U);
}

TEST_F(Resilience, HasNoTokensWhereTheAgentIsForbidden) {
    setenv("SIGNET_SOCKET", "", 1);
    agent.insert(make_token("alice", 0), {key});
    CK_ULONG count = 99;
    EXPECT_EQ(module.C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    EXPECT_EQ(count, 0U);
}

TEST_F(Resilience, KeepsSessionsWhenTheAgentRestarts) {
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    ASSERT_EQ(sign_digest(session, object), CKR_OK);
    agent.stop();
    agent.start();
    EXPECT_EQ(sign_digest(session, object), CKR_OK);
}

TEST_F(Resilience, RecoversFromACallMadeWhileTheAgentWasAway) {
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    agent.stop();
    EXPECT_EQ(sign_digest(session, object), CKR_DEVICE_REMOVED);
    agent.start();
    EXPECT_EQ(sign_digest(session, object), CKR_OK);
}

TEST_F(Resilience, DoesNotRepeatACallThatTheAgentHasRead) {
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    agent.hang_up_on_next("Sign");
    EXPECT_EQ(sign_digest(session, object), CKR_DEVICE_REMOVED);
    EXPECT_EQ(agent.calls("Sign"), 1);
    EXPECT_EQ(sign_digest(session, object), CKR_OK);
}

TEST_F(Resilience, DoesNotTrustTheGenerationOfAnotherAgent) {
    agent.insert(make_token("alice", 0), {key});
    CK_ULONG count = 0;
    ASSERT_EQ(module.C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    agent.stop();
    agent.start();
    ASSERT_EQ(module.C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    EXPECT_EQ(count, 1U);
    EXPECT_FALSE(agent.asked_for_changes_only());
}

TEST_F(Resilience, SaysWhenTheTokenIsGoneAndGoesOnWhenItIsBack) {
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    agent.remove("serial:alice");
    EXPECT_EQ(sign_digest(session, object), CKR_DEVICE_REMOVED);
    CK_SESSION_INFO info{};
    EXPECT_EQ(module.C_GetSessionInfo(session, &info), CKR_DEVICE_REMOVED);
    EXPECT_EQ(module.C_FindObjectsInit(session, nullptr, 0), CKR_DEVICE_REMOVED);
    agent.insert(make_token("alice", 0), {key});
    EXPECT_EQ(sign_digest(session, object), CKR_OK);
    EXPECT_EQ(module.C_CloseSession(session), CKR_OK);
}

TEST_F(Resilience, MakesAForkedChildInitializeByItself) {
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    ASSERT_EQ(sign_digest(session, object), CKR_OK);
    const std::size_t sockets = open_sockets();
    const int status = in_child([&] {
        CK_INFO info{};
        if (module.C_GetInfo(&info) != CKR_CRYPTOKI_NOT_INITIALIZED) {
            return 1;
        }
        if (open_sockets() != sockets - 1) {
            return 2;
        }
        if (module.C_Initialize(nullptr) != CKR_OK) {
            return 3;
        }
        const auto own_session = open();
        return sign_digest(own_session, find_one(own_session, CKO_PRIVATE_KEY)) == CKR_OK ? 0 : 4;
    });
    EXPECT_EQ(status, 0);
    EXPECT_EQ(sign_digest(session, object), CKR_OK);
}

TEST_F(Resilience, WorksForAProgramThatUsesItInAnExitHandler) {
    agent.insert(make_token("alice", 0), {key});
    std::fflush(nullptr);
    const int status = in_child([this] {
        if (module.C_Initialize(nullptr) != CKR_OK) {
            return 1;
        }
        const auto session = open();
        const auto object = find_one(session, CKO_PRIVATE_KEY);
        exit_handler() = [this, session, object] {
            const bool used = sign_digest(session, object) == CKR_OK;
            const bool ended = module.C_CloseAllSessions(0) == CKR_OK && module.C_Finalize(nullptr) == CKR_OK;
            return used && ended ? 0 : 2;
        };
        std::exit(3);
    });
    EXPECT_EQ(status, 0);
}

TEST_F(Resilience, ClosesTheConnectionsOfRunningCallsInAForkedChild) {
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    const std::size_t before = open_sockets();
    agent.hold("Sign");
    std::atomic<CK_RV> result{CKR_GENERAL_ERROR};
    std::thread caller([&] { result = sign_digest(session, object); });
    ASSERT_TRUE(eventually([this] { return agent.held() == 1; }));
    EXPECT_EQ(in_child([&] { return open_sockets() == before - 1 ? 0 : 1; }), 0);
    agent.release();
    caller.join();
    EXPECT_EQ(result, CKR_OK);
}

TEST_F(Resilience, LetsOtherThreadsWorkWhileOneWaits) {
    auto slow = make_rsa_key("slow", {2});
    agent.insert(make_token("alice", 0), {key, slow});
    const auto waiting = open();
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY, "slow");
    agent.hold("Decrypt");
    std::atomic<CK_RV> result{CKR_GENERAL_ERROR};
    std::thread caller([&] {
        Bytes plaintext;
        result =
            decrypt(waiting, object, {.mechanism = CKM_RSA_PKCS, .pParameter = nullptr, .ulParameterLen = 0},
                    encrypt_with(slow.key.get(), bytes_of("x"), 1), plaintext);
    });
    ASSERT_TRUE(eventually([this] { return agent.held() == 1; }));
    EXPECT_EQ(sign_digest(session, find_one(session, CKO_PRIVATE_KEY, "key")), CKR_OK);
    agent.release();
    caller.join();
    EXPECT_EQ(result, CKR_OK);
}

TEST_F(Resilience, ServesManyThreadsAtOnce) {
    agent.insert(make_token("alice", 0), {key});
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const auto session = open();
            const auto object = find_one(session, CKO_PRIVATE_KEY);
            for (int round = 0; round < 20; ++round) {
                good += sign_digest(session, object) == CKR_OK ? 1 : 0;
            }
            module.C_CloseSession(session);
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(good, 160);
}

}  // namespace
}  // namespace signet::test
