// How much memory large mails take.
#include "smime/decrypt.h"
#include "smime/file_stream.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"
#include "tests/support/requirements.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>

namespace signet::smime {
namespace {

using signet::test::TestAuthority;

constexpr std::size_t mail_size = std::size_t{40} << 20;
constexpr std::size_t max_growth = std::size_t{32} << 20;

class CountingSink final : public Sink {
  public:
    Result<void> write(std::string_view octets) override {
        m_count += octets.size();
        return {};
    }
    [[nodiscard]] std::uint64_t count() const { return m_count; }

  private:
    std::uint64_t m_count = 0;
};

// Resets the mark, so that it starts anew from what is in use now.
bool reset_peak() {
    std::ofstream file("/proc/self/clear_refs");
    file << "5" << std::flush;
    return file.good();
}

std::size_t peak() {
    std::ifstream file("/proc/self/status");
    for (std::string word; file >> word;) {
        if (word == "VmHWM:") {
            std::size_t kibibytes = 0;
            file >> kibibytes;
            return kibibytes << 10;
        }
    }
    return 0;
}

class Memory : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::string_view(SIGNET_SANITIZE).empty()) {
            GTEST_SKIP() << "sanitizers keep what was freed";
        }
    }

    Result<void> write_mail() {
        std::string mail = "From: a@example.test\r\nContent-Type: text/plain\r\n\r\n";
        while (mail.size() < mail_size) {
            mail += "Every line of this mail is like the one before, which does no harm here.\r\n";
        }
        SIGNET_TRY(const std::string encrypted, test::encrypt(mail, {.recipients = {m_bob.certificate},
                                                                     .cipher = ContentCipher::aes256_gcm}));
        signet::test::write_file(m_path, encrypted);
        return {};
    }

    TestAuthority m_authority;
    signet::test::Identity m_bob = m_authority.issue_identity("P-256", "bob@example.test");
    signet::test::TemporaryDirectory m_folder;
    std::filesystem::path m_path = m_folder / "mail";
};

TEST_F(Memory, ThatDecryptionTakesDoesNotGrowWithTheMail) {
    ASSERT_TRUE(write_mail());
    const auto mail = source_of(FileDescriptor(open(m_path.c_str(), O_RDONLY | O_CLOEXEC)));
    ASSERT_TRUE(mail);
    CountingSink plaintext;
    const std::array keys{test::key_of(m_bob)};
    SIGNET_REQUIRE(reset_peak(), "/proc/self/clear_refs");
    const std::size_t before = peak();
    ASSERT_TRUE(decrypt(**mail, plaintext, keys));
    EXPECT_LT(peak() - before, max_growth);
    EXPECT_GE(plaintext.count(), mail_size);
}

}  // namespace
}  // namespace signet::smime
