// What programs do to the module without meaning to: many at once, ending in the middle, forking, forgetting.
#include "tests/clients/client_test.h"
#include "tests/support/mail_peers.h"
#include "tests/support/requirements.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <p11-kit/pkcs11.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>

namespace signet::test {
namespace {

// Processes and signatures of the run with many at once. "SIGNET_STRESS=50x200" is the whole of it.
std::pair<int, int> extent() {
    const char* wanted = std::getenv("SIGNET_STRESS");
    std::pair<int, int> result{16, 10};
    if (wanted != nullptr && std::sscanf(wanted, "%dx%d", &result.first, &result.second) != 2) {
        throw std::runtime_error("SIGNET_STRESS is not PROCESSESxSIGNATURES");
    }
    return result;
}

// The module in this process, as a program has it that loads it by itself.
class Cryptoki {
  public:
    explicit Cryptoki(const Variables& variables) : m_library(dlopen(pkcs11_module().c_str(), RTLD_NOW)) {
        for (const auto& [name, value] : variables) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(m_library, "C_GetFunctionList"));
        if (get == nullptr || get(&m_functions) != CKR_OK || m_functions->C_Initialize(nullptr) != CKR_OK) {
            throw std::runtime_error("the module does not load");
        }
    }
    ~Cryptoki() {
        m_functions->C_Finalize(nullptr);
        dlclose(m_library);
    }
    Cryptoki(const Cryptoki&) = delete;
    Cryptoki& operator=(const Cryptoki&) = delete;

    CK_FUNCTION_LIST* operator->() const { return m_functions; }

    [[nodiscard]] CK_SESSION_HANDLE open() const {
        CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
        m_functions->C_OpenSession(0, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
        return session;
    }
    // One ECDSA signature, from the search of the key on.
    [[nodiscard]] CK_RV sign(CK_SESSION_HANDLE session) const {
        CK_OBJECT_CLASS wanted_class = CKO_PRIVATE_KEY;
        CK_KEY_TYPE wanted_type = CKK_EC;
        std::array<CK_ATTRIBUTE, 2> wanted{CK_ATTRIBUTE{CKA_CLASS, &wanted_class, sizeof wanted_class},
                                           CK_ATTRIBUTE{CKA_KEY_TYPE, &wanted_type, sizeof wanted_type}};
        CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
        CK_ULONG count = 0;
        CK_RV outcome = m_functions->C_FindObjectsInit(session, wanted.data(), wanted.size());
        if (outcome != CKR_OK) {
            return outcome;
        }
        m_functions->C_FindObjects(session, &key, 1, &count);
        m_functions->C_FindObjectsFinal(session);
        CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
        outcome = m_functions->C_SignInit(session, &mechanism, key);
        if (outcome != CKR_OK) {
            return outcome;
        }
        std::array<CK_BYTE, 32> digest{};
        std::array<CK_BYTE, 64> signature{};
        CK_ULONG length = signature.size();
        return m_functions->C_Sign(session, digest.data(), digest.size(), signature.data(), &length);
    }

  private:
    void* m_library;
    CK_FUNCTION_LIST* m_functions = nullptr;
};

// Runs `work` in a child; it gives the child's exit status.
pid_t in_child(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(work());
    }
    return child;
}

int status_of(pid_t child) {
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class Stress : public ClientTest {};

TEST_F(Stress, ManyProcessesSignAtOnce) {
    const auto [processes, signatures] = extent();
    const auto variables = agent().variables();
    std::vector<pid_t> children;
    for (int i = 0; i < processes; ++i) {
        children.push_back(in_child([&variables, count = signatures] {
            const Cryptoki module(variables);
            const auto session = module.open();
            for (int made = 0; made < count; ++made) {
                if (module.sign(session) != CKR_OK) {
                    return 1;
                }
            }
            return 0;
        }));
    }
    const auto failed =
        std::count_if(children.begin(), children.end(), [](pid_t child) { return status_of(child) != 0; });
    EXPECT_EQ(failed, 0) << "of " << processes << " processes: " << agent().log();
    EXPECT_EQ(agent().prompts(), 0);
}

// A child that did not call exec has the module, and none of its parent's sessions and connections.
TEST_F(Stress, AChildWithoutExecStartsAnew) {
    const Cryptoki module(agent().variables());
    const auto session = module.open();
    ASSERT_EQ(module.sign(session), CKR_OK);
    const pid_t child = in_child([&module, session] {
        if (module.sign(session) != CKR_CRYPTOKI_NOT_INITIALIZED) {
            return 1;
        }
        if (module->C_Initialize(nullptr) != CKR_OK) {
            return 2;
        }
        return module.sign(module.open()) == CKR_OK ? 0 : 3;
    });
    EXPECT_EQ(module.sign(session), CKR_OK);
    EXPECT_EQ(status_of(child), 0);
    EXPECT_EQ(module.sign(session), CKR_OK);
}

TEST_F(Stress, AProgramThatClosesNoSessionGoesOnAndEndsCleanly) {
    constexpr int many = 5000;
    const auto variables = agent().variables();
    const pid_t child = in_child([&variables] {
        const auto* module = new Cryptoki(variables);  // never finalised either
        CK_SESSION_HANDLE last = CK_INVALID_HANDLE;
        for (int i = 0; i < many; ++i) {
            last = module->open();
        }
        return module->sign(last) == CKR_OK ? 0 : 1;
    });
    EXPECT_EQ(status_of(child), 0);
    const Cryptoki module(agent().variables());
    EXPECT_EQ(module.sign(module.open()), CKR_OK);
}

// cmsutil while its agent dies: an error at the most, and no question for a PIN.
TEST_F(Stress, CmsutilSurvivesTheEndOfTheAgent) {
    SIGNET_REQUIRE_PROGRAM("cmsutil");
    NssDatabase database(place().authority().certificate());
    database.add_module("signet", pkcs11_module());
    const auto sign = [&] {
        return place().run(database.on(
            {"cmsutil", "-S", "-N", "tok:rsa", "-G", "-Y", "NONE", "-i", "message", "-o", "signed.p7m"}));
    };
    // The prompt stands open while the agent is killed.
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({"wait"});
    const auto variables = agent().variables();
    BackgroundProcess waiting(database.on({"cmsutil", "-S", "-N", "tok:rsa", "-G", "-Y", "NONE", "-i",
                                           place().path("message"), "-o", place().path("signed.p7m")}),
                              variables, place().path("cmsutil.log"));
    ASSERT_TRUE(eventually([this] { return agent().prompts() == 1; }));
    agent().process().signal(SIGKILL);
    agent().process().wait(std::chrono::seconds(10));
    const int status = waiting.wait(std::chrono::seconds(10));
    EXPECT_TRUE(status > 0 && status < 128) << status << place().read("cmsutil.log");
    EXPECT_THAT(place().read("cmsutil.log"), testing::Not(testing::HasSubstr("Enter Password")));
    EXPECT_NE(sign().exit_status, 0) << "no agent, no signature";

    agent().stop();
    agent().start();
    place().unlock();
    EXPECT_EQ(sign().exit_status, 0);
    expect_openssl_verifies("signed.p7m");
}

// The token goes while cmsutil waits for it.
class PulledToken : public ClientTest {
  protected:
    void SetUp() override {
        fault("");
        ClientTest::SetUp();
    }
    [[nodiscard]] AgentOptions options() const override {
        return {.module = SIGNET_BUILD_DIR "/tests/signet-test-module.so",
                .variables = {{"SIGNET_TEST_FAULT_FILE", m_folder / "fault"}}};
    }
    void fault(const std::string& name) {
        write_file(m_folder / "fault.new", name);
        std::filesystem::rename(m_folder / "fault.new", m_folder / "fault");
    }

  private:
    TemporaryDirectory m_folder;
};

TEST_F(PulledToken, IsAnErrorForCmsutilAndWorksAgainInTheSameSlot) {
    SIGNET_REQUIRE_PROGRAM("cmsutil");
    NssDatabase database(place().authority().certificate());
    database.add_module("signet", pkcs11_module());
    const auto run = [&](const std::vector<std::string>& command) {
        return place().run(database.on(command));
    };
    const std::vector<std::string> sign{"cmsutil", "-S", "-N",      "tok:ec", "-G",        "-Y",
                                        "NONE",    "-i", "message", "-o",     "signed.p7m"};
    EXPECT_EQ(run(sign).exit_status, 0);
    fault("removed");
    const auto without = run(sign);
    EXPECT_TRUE(without.exit_status > 0 && without.exit_status < 128) << without.error_output;
    fault("");
    ASSERT_TRUE(eventually([this] { return agent().tokens().size() == 1; }));
    EXPECT_EQ(agent().tokens().at(0).slot, 0U);
    place().unlock();
    EXPECT_EQ(run(sign).exit_status, 0);
}

}  // namespace
}  // namespace signet::test
