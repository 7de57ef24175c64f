// Real mails of Thunderbird's own tests through the signet command, with the keys of their people on a token.
#include "smime/line_endings.h"
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

#include <sstream>

namespace signet::test {
namespace {

struct Expectation {
    std::string file;
    bool encrypted;
    bool good;
};

class ThunderbirdMails : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        SIGNET_REQUIRE_CORPUS("thunderbird");
        m_folder = corpora() / "thunderbird" / "smime";
        import({"Alice.p12", "Bob.p12", "Fran.p12", "Fran-ec.p12"});
        m_place.start();
    }
    void import(const std::vector<std::string>& files) {
        KeyImporter importer(m_place.agent().softhsm(), Workplace::token);
        int id = 0;
        for (const auto& file : files) {
            const auto identity = read_pkcs12(m_folder / file, "nss").identity;
            importer.import(identity.key.get(), file);
            const Bytes der = identity.certificate.der();
            m_place.agent().softhsm().write_certificate(Workplace::token, std::string(as_text(der)),
                                                        "000" + std::to_string(++id), file);
        }
    }
    // A signature around encryption or around another signature: tests/smime judges these.
    static bool is_nested(const std::string& file) {
        return file.find(".dave.") != std::string::npos || file.starts_with("alice.env.sig") ||
               file.starts_with("alice.env.dsig") || file.find("smime-manual") != std::string::npos;
    }
    // libp11 0.4.12 leaves the label out of the mechanism's parameters.
    static bool has_oaep_label(const std::string& file) {
        return file.find("fran-oaep-label") != std::string::npos;
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
            if (!is_nested(file)) {
                result.push_back({file, encrypted == "true", good == "true"});
            }
        }
        return result;
    }
    ProcessResult verify(const std::string& mail) {
        return m_place.signet({"verify", "--ca", (m_folder / "TestCA.pem").string()}, mail);
    }
    bool is_good(const std::string& mail) { return verify(mail).exit_status == 0; }

    std::filesystem::path m_folder;
    Workplace m_place;
};

TEST_F(ThunderbirdMails, AreDecryptedOnTheTokenAndVerified) {
    int decrypted = 0;
    for (const auto& expected : expectations()) {
        std::string mail = read_file(m_folder / expected.file);
        if (has_oaep_label(expected.file)) {
            const auto refused = m_place.signet({"decrypt"}, mail);
            EXPECT_EQ(refused.exit_status, 3) << refused.output;
            EXPECT_THAT(refused.error_output, testing::HasSubstr("the content cannot be decrypted"));
            continue;
        }
        if (expected.encrypted) {
            mail = m_place.signet_output({"decrypt"}, mail);
            ++decrypted;
        }
        EXPECT_EQ(is_good(mail), expected.good) << expected.file;
    }
    EXPECT_EQ(decrypted, 14);
}

// From and signer are Alice's; the old Date would contradict the time of the signature.
TEST_F(ThunderbirdMails, AreSignedAnewOnTheToken) {
    int count = 0;
    for (const auto& expected : expectations()) {
        std::string mail = smime::to_crlf(read_file(m_folder / expected.file));
        const std::size_t date = mail.find("\nDate:");
        if (mail.find("\nFrom: Alice@example.com") == std::string::npos || date == std::string::npos) {
            continue;
        }
        mail.replace(date, 6, "\nX-Old-Date:");
        const auto signed_mail = m_place.signet_output({"sign"}, mail);
        const auto verdict = verify(signed_mail);
        EXPECT_EQ(verdict.exit_status, expected.encrypted ? 1 : 0) << expected.file;
        EXPECT_THAT(verdict.output,
                    testing::StartsWith(expected.encrypted ? "signature_outside_encryption" : "good"))
            << expected.file;
        ++count;
    }
    EXPECT_EQ(count, 26);
}

}  // namespace
}  // namespace signet::test
