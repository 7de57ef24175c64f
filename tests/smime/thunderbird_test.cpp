// Mails that Thunderbird's own tests use, with the verdicts that Thunderbird expects.
#include "smime/sign.h"
#include "smime/verify.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"
#include "tests/support/requirements.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace signet::smime {
namespace {

using signet::test::Identity;
using signet::test::read_file;
using signet::test::read_pkcs12;
using test::decrypt;

struct Expectation {
    std::string file;
    bool encrypted;
    bool signature_good;
};

class ThunderbirdMails : public ::testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_CORPUS("thunderbird");
        m_folder = signet::test::corpora() / "thunderbird" / "smime";
        for (const char* name : {"Bob.p12", "Fran.p12", "Fran-ec.p12"}) {
            m_identities.push_back(read_pkcs12(m_folder / name, "nss").identity);
        }
        m_options.trust_anchors = {x509::Certificate::from_pem(read_file(m_folder / "TestCA.pem")).value()};
    }

    std::vector<Expectation> expectations() {
        std::istringstream lines(read_file(m_folder.parent_path() / "EXPECTED-by-thunderbird.tsv"));
        std::vector<Expectation> result;
        std::string file;
        std::string encrypted;
        std::string is_signed;
        std::string good;
        std::getline(lines, file);
        while (lines >> file >> encrypted >> is_signed >> good) {
            result.push_back({file, encrypted == "true", good == "true"});
        }
        return result;
    }

    std::vector<DecryptionKey> keys() {
        std::vector<DecryptionKey> result;
        for (const Identity& identity : m_identities) {
            result.push_back(test::key_of(identity));
        }
        return result;
    }

    std::string mail(const std::string& file) { return read_file(m_folder / file); }

    std::filesystem::path m_folder;
    std::vector<Identity> m_identities;
    VerifyOptions m_options;
};

// A signature around encryption or around another signature: the outer layer alone is judged here.
bool is_nested(const std::string& file) {
    return file.find(".dave.") != std::string::npos || file.starts_with("alice.env.sig") ||
           file.starts_with("alice.env.dsig") || file.find("smime-manual") != std::string::npos;
}

TEST_F(ThunderbirdMails, GetTheSameVerdictWhereThereIsOneSignature) {
    int count = 0;
    for (const auto& expected : expectations()) {
        if (is_nested(expected.file)) {
            continue;
        }
        const std::string text = mail(expected.file);
        const auto decrypted = decrypt(text, keys());
        EXPECT_EQ(decrypted.has_value(), expected.encrypted) << expected.file;
        const std::string verdict = test::verdict(decrypted ? *decrypted : text, m_options);
        EXPECT_EQ(verdict == "good", expected.signature_good) << expected.file << ": " << verdict;
        ++count;
    }
    EXPECT_EQ(count, 32);
}

// Thunderbird looks into the layers: it ignores a signature around encryption and refuses one around another
// signature. The outer layer of the latter is judged alone here, which gives another answer in 11 of
// these 36.
TEST_F(ThunderbirdMails, AreJudgedByTheirOuterLayerWhereTheyAreNested) {
    std::map<std::string, int> agreement;
    for (const auto& expected : expectations()) {
        if (is_nested(expected.file)) {
            const bool good = test::verdict(mail(expected.file), m_options) == "good";
            ++agreement[good == expected.signature_good ? "same"
                        : good                          ? "outer layer good"
                                                        : "outer layer not good"];
        }
    }
    EXPECT_EQ(agreement["same"], 25);
    EXPECT_EQ(agreement["outer layer good"], 9);
    EXPECT_EQ(agreement["outer layer not good"], 2);
}

TEST_F(ThunderbirdMails, NameTheReasonWhyTheyAreNotGood) {
    const std::map<std::string, std::string> reasons{
        {"alice.dsig.SHA1.multipart.eml", "weak_algorithm"},
        {"alice.sig.SHA1.opaque.eml", "weak_algorithm"},
        {"alice.dsig.SHA256.multipart.bad.eml", "bad_signature"},
        {"alice.dsig.SHA256.multipart.mismatch-econtent.eml", "bad_signature"},
        {"alice.future.dsig.SHA256.multipart.eml", "date_mismatch"},
        {"alice.textplain", "NotFound"},
    };
    for (const auto& [file, reason] : reasons) {
        EXPECT_EQ(test::verdict(mail(file), m_options), reason) << file;
    }
}

TEST_F(ThunderbirdMails, OfTheInteroperabilitySetAreDecryptedWhole) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(m_folder.parent_path() / "smime-interop")) {
        if (entry.path().extension() == ".env") {
            const auto decrypted = decrypt(read_file(entry.path()), keys());
            ASSERT_TRUE(decrypted) << entry.path();
            EXPECT_TRUE(decrypted->ends_with("\nThis is a test message to Fran.\n")) << entry.path();
            ++count;
        }
    }
    EXPECT_EQ(count, 6);
}

TEST_F(ThunderbirdMails, CanBeSignedAnew) {
    signet::test::TestAuthority authority;
    const auto alice = authority.issue_identity("P-256", "alice@example.com");
    int count = 0;
    for (const auto& expected : expectations()) {
        std::string text = mail(expected.file);
        const std::size_t date = text.find("\nDate:");
        if (text.find("\nFrom: Alice@example.com") == std::string::npos || date == std::string::npos) {
            continue;
        }
        text.replace(date, 6, "\nX-Old-Date:");
        const auto signed_mail = test::sign(text, test::sign_options(alice));
        ASSERT_TRUE(signed_mail) << expected.file << signed_mail.error().detail;
        // An opaque signature inside of the new one is not opened.
        const bool part_is_encrypted = expected.file.find("env.mixed") != std::string::npos;
        const bool around_encryption =
            part_is_encrypted || (expected.encrypted && !expected.file.starts_with("alice.env.sig."));
        EXPECT_EQ(test::verdict(*signed_mail, test::trusting(authority)),
                  around_encryption ? "signature_outside_encryption" : "good")
            << expected.file;
        ++count;
    }
    EXPECT_EQ(count, 38);
}

}  // namespace
}  // namespace signet::smime
