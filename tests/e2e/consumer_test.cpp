// A program that keeps signet-pkcs11.so loaded through libp11 while agent and token come and go.
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <libp11.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace signet::test {
namespace {

// A P-256 key as libp11 gives it.
class Libp11Key {
  public:
    explicit Libp11Key(const Variables& variables) {
        for (const auto& [name, value] : variables) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        if (PKCS11_CTX_load(m_context.get(), pkcs11_module().c_str()) != 0 ||
            PKCS11_enumerate_slots(m_context.get(), &m_slots, &m_slot_count) != 0) {
            throw std::runtime_error("libp11 does not load the module");
        }
        PKCS11_KEY* keys = nullptr;
        unsigned int count = 0;
        PKCS11_SLOT* slot = PKCS11_find_token(m_context.get(), m_slots, m_slot_count);
        if (slot == nullptr || PKCS11_enumerate_keys(slot->token, &keys, &count) != 0 || count != 1) {
            throw std::runtime_error("libp11 does not find the one key");
        }
        m_key.reset(PKCS11_get_private_key(keys));
    }
    ~Libp11Key() {
        m_key.reset();
        PKCS11_release_all_slots(m_context.get(), m_slots, m_slot_count);
        PKCS11_CTX_unload(m_context.get());
    }
    Libp11Key(const Libp11Key&) = delete;
    Libp11Key& operator=(const Libp11Key&) = delete;

    // Whether the key makes a signature that verifies.
    bool signs() {
        const Bytes digest(32, 7);
        Bytes signature(256);
        std::size_t length = signature.size();
        const x509::KeyContextPointer context(EVP_PKEY_CTX_new(m_key.get(), nullptr));
        const bool made =
            EVP_PKEY_sign_init(context.get()) == 1 &&
            EVP_PKEY_sign(context.get(), signature.data(), &length, digest.data(), digest.size()) == 1;
        return made && EVP_PKEY_verify_init(context.get()) == 1 &&
               EVP_PKEY_verify(context.get(), signature.data(), length, digest.data(), digest.size()) == 1;
    }

  private:
    x509::Pointer<PKCS11_CTX, PKCS11_CTX_free> m_context{PKCS11_CTX_new()};
    PKCS11_SLOT* m_slots = nullptr;
    unsigned int m_slot_count = 0;
    x509::KeyPointer m_key;
};

class Consumer : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        fault("");
        m_place.emplace(AgentOptions{.module = SIGNET_BUILD_DIR "/tests/signet-test-module.so",
                                     .variables = {{"SIGNET_TEST_FAULT_FILE", m_folder / "fault"}}});
        m_place->add_identity("EC:prime256v1", "01", "key@example.test");
        m_place->start();
        m_key.emplace(m_place->agent().variables());
        ASSERT_TRUE(m_key->signs()) << m_place->agent().log();
    }
    void fault(const std::string& name) {
        write_file(m_folder / "fault.new", name);
        std::filesystem::rename(m_folder / "fault.new", m_folder / "fault");
    }

    TemporaryDirectory m_folder;
    std::optional<Workplace> m_place;
    std::optional<Libp11Key> m_key;
};

TEST_F(Consumer, GoesOnAfterTheAgentWasRestarted) {
    m_place->agent().stop();
    m_place->agent().start();
    m_place->agent().answer_prompts({SoftHsm::pin});
    EXPECT_TRUE(m_key->signs()) << m_place->agent().log();
    EXPECT_EQ(m_place->agent().prompts(), 1) << "a new agent knows no PIN";
}

TEST_F(Consumer, FailsWhileTheAgentIsDeadAndGoesOnAfterwards) {
    m_place->agent().process().signal(SIGKILL);
    EXPECT_EQ(m_place->agent().process().wait(std::chrono::seconds(10)), 128 + SIGKILL);
    EXPECT_FALSE(m_key->signs());
    m_place->agent().stop();
    m_place->agent().start();
    m_place->unlock();
    EXPECT_TRUE(m_key->signs()) << m_place->agent().log();
}

TEST_F(Consumer, FailsWhileTheTokenIsOutAndGoesOnAfterwards) {
    fault("removed");
    EXPECT_FALSE(m_key->signs());
    fault("");
    ASSERT_TRUE(eventually([this] { return m_place->agent().tokens().size() == 1; }));
    m_place->unlock();
    EXPECT_TRUE(m_key->signs()) << m_place->agent().log();
}

TEST_F(Consumer, SignsOnBothSidesOfAFork) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(m_key->signs() ? 0 : 1);
    }
    EXPECT_TRUE(m_key->signs());
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace signet::test
