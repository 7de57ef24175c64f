// Mails and signatures of others, with what OpenSSL and Thunderbird say of them. Where we differ, the table
// says why we are right.
#include "smime/read.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"
#include "tests/support/requirements.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace signet::smime {
namespace {

using signet::test::read_file;
using signet::test::read_pkcs12;

using Row = std::vector<std::string>;

std::vector<Row> rows_of(const std::filesystem::path& table) {
    std::istringstream lines(read_file(table));
    std::vector<Row> rows;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream cells(line);
        Row row;
        for (std::string cell; std::getline(cells, cell, '\t');) {
            row.push_back(cell);
        }
        rows.push_back(row);
    }
    return rows;
}

class Corpora : public ::testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_CORPUS("VERDICTS.tsv");
        SIGNET_REQUIRE_CORPUS("thunderbird");
        m_folder = signet::test::corpora();
        const auto thunderbird = m_folder / "thunderbird" / "smime";
        for (const char* name : {"Bob.p12", "Fran.p12", "Fran-ec.p12"}) {
            m_options.keys.push_back(test::key_of(read_pkcs12(thunderbird / name, "nss").identity));
        }
        const auto draft = m_folder / "protected-headers-draft" / "bob.p12";
        m_options.keys.push_back(test::key_of(read_pkcs12(draft, "bob").identity));
        m_options.trust.trust_anchors = {
            x509::Certificate::from_pem(read_file(thunderbird / "TestCA.pem")).value()};
    }

    std::filesystem::path m_folder;
    ReadOptions m_options;
};

bool has(const Report& report, FindingCode code) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [code](const Finding& finding) { return finding.code == code; });
}

std::string findings_of(const Report& report) {
    std::string text;
    for (const Finding& finding : report.findings) {
        text.append(text.empty() ? "" : " ").append(name_of(finding.code));
    }
    return text;
}

std::string base64_mail(std::string_view base64) {
    return std::string(
               "From: alice@example.test\r\nContent-Type: application/pkcs7-mime\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\n")
        .append(base64);
}

// What stands alone becomes the body of a mail.
std::string mail_of(const std::string& text, const std::string& form) {
    if (form == "DER") {
        return base64_mail(to_base64(as_bytes(text)));
    }
    if (form == "PEM") {
        const std::size_t begin = text.find('\n') + 1;
        return base64_mail(text.substr(begin, text.find("-----END") - begin));
    }
    return text;
}

// OpenSSL checks the outermost signature without its chain.
bool outermost_signature_is_right(const Report& report) {
    const auto& layer = report.root->layer;
    const auto is_right = [](const SignerReport& signer) {
        switch (signer.status) {
            case SignatureStatus::malformed:
            case SignatureStatus::content_mismatch:
            case SignatureStatus::unsupported:
            case SignatureStatus::no_certificate:
            case SignatureStatus::bad_signature:
                return false;
            default:
                return true;
        }
    };
    return layer && layer->kind == LayerKind::signature && !layer->signers.empty() &&
           std::all_of(layer->signers.begin(), layer->signers.end(), is_right);
}

constexpr const char* no_attributes = "without signed attributes, which RFC 8551 section 2.5 asks for";
constexpr const char* opened_by_us = "a real mail that openssl's MIME parser cannot take apart";

// The messages about which we say something else than OpenSSL, and why.
const std::map<std::string, std::string>& differences_from_openssl() {
    static const std::map<std::string, std::string> differences{
        {"cms-examples-rfc9216-keys/binary-files/signedByAliceRSA.p7m", no_attributes},
        {"cms-examples-rfc9216-keys/pem-encoded/signedByAliceRSA.pem", no_attributes},
        {"rfc4134/4.1.bin", no_attributes},
        {"rfc4134/4.2.bin", no_attributes},
        {"rfc4134/4.5.bin", no_attributes},
        {"rfc4134/4.7.bin", no_attributes},
        {"rfc4134/4.8.eml", no_attributes},
        {"rfc4134/4.9.eml", no_attributes},
        {"mimekit/octet-stream-with-mixed-line-endings.dat", opened_by_us},
    };
    return differences;
}

TEST_F(Corpora, GetTheVerdictOfOpensslOnTheOutermostSignature) {
    std::map<std::string, std::string> differing;
    int count = 0;
    for (const Row& row : rows_of(m_folder / "VERDICTS.tsv")) {
        const std::string name = row.at(0) + "/" + row.at(1);
        const std::string mail = mail_of(read_file(m_folder / name), row.at(2));
        const TextSource source(mail);
        const auto report = read(source, m_options);
        const bool right = report && outermost_signature_is_right(*report);
        if (right != (row.at(4) == "ok")) {
            differing[name] = report ? findings_of(*report) : report.error().detail;
        }
        ++count;
    }
    EXPECT_EQ(count, 196);
    for (const auto& [name, findings] : differing) {
        EXPECT_TRUE(differences_from_openssl().contains(name)) << name << ": " << findings;
    }
    for (const auto& [name, why] : differences_from_openssl()) {
        EXPECT_TRUE(differing.contains(name)) << name << " does not differ any more: " << why;
    }
}

TEST_F(Corpora, NeverMakeAMailOfSomebodyElsesSignature) {
    int count = 0;
    for (const Row& row : rows_of(m_folder / "VERDICTS.tsv")) {
        const std::string mail = mail_of(read_file(m_folder / row.at(0) / row.at(1)), row.at(2));
        const TextSource source(mail);
        const auto report = read(source, m_options);
        ASSERT_TRUE(report) << row.at(1);
        for (const SignerReport& signer : report->signed_by) {
            EXPECT_EQ(signer.emails, std::vector<std::string>{"Alice@example.com"}) << row.at(1);
            ++count;
        }
    }
    EXPECT_GT(count, 20);
}

constexpr const char* two_signers =
    "Dave's signature lies around Alice's, and From names one of them: neither signed the mail as it is "
    "shown";
constexpr const char* outer_signer =
    "Dave signed ciphertext; nobody in the encryption says who wrote the text, and we do open it";
constexpr const char* broken_outside =
    "a signature around the encryption is broken: the mail was changed after it was sent, and is not good";
constexpr const char* opened = "we look below a signature around the encryption and say that it is encrypted";

const std::map<std::string, std::string>& differences_from_thunderbird() {
    static const std::map<std::string, std::string> differences = [] {
        std::map<std::string, std::string> result{
            {"../smime-manual/alice.dsig.SHA256.multipart.env.dsig.eml", broken_outside},
            {"../smime-manual/outer-smime-bad-sig-inner-smime-enc-sig.eml", broken_outside}};
        for (const std::string hash : {"SHA1", "SHA256", "SHA384", "SHA512"}) {
            const std::string dave = ".dave.sig." + hash + ".opaque.eml";
            result["alice.env.sig." + hash + ".opaque" + dave] = hash == "SHA1" ? opened : outer_signer;
            result["alice.env.dsig." + hash + ".multipart" + dave] = opened;
            if (hash != "SHA1") {
                result["alice.plain.sig." + hash + ".opaque" + dave] = two_signers;
            }
        }
        return result;
    }();
    return differences;
}

TEST_F(Corpora, GetTheVerdictOfThunderbird) {
    int count = 0;
    for (const Row& row : rows_of(m_folder / "thunderbird" / "EXPECTED-by-thunderbird.tsv")) {
        const std::string mail = read_file(m_folder / "thunderbird" / "smime" / row.at(0));
        const TextSource source(mail);
        const auto report = read(source, m_options);
        ASSERT_TRUE(report) << row.at(0);
        const bool same =
            report->encrypted == (row.at(1) == "true") && report->signed_by.empty() == (row.at(3) != "true");
        const auto difference = differences_from_thunderbird().find(row.at(0));
        EXPECT_EQ(same, difference == differences_from_thunderbird().end())
            << row.at(0) << ": " << findings_of(*report);
        ++count;
    }
    EXPECT_EQ(count, 68);
}

TEST_F(Corpora, SayWhatThisOpensslCannotDo) {
    const std::map<std::string, FindingCode> codes{
        {"signedByCarlosEd25519.p7m", FindingCode::unsupported_signature},
        {"authEnvelopedForBobChaCha20Poly1305.p7m", FindingCode::unsupported_content}};
    for (const auto& [name, code] : codes) {
        const auto path = m_folder / "cms-examples-rfc9216-keys" / "binary-files" / name;
        const std::string mail = mail_of(read_file(path), "DER");
        const TextSource source(mail);
        const auto report = read(source, m_options);
        ASSERT_TRUE(report) << name;
        const auto finding =
            std::find_if(report->findings.begin(), report->findings.end(),
                         [wanted = code](const auto& found) { return found.code == wanted; });
        ASSERT_NE(finding, report->findings.end()) << name << ": " << findings_of(*report);
        EXPECT_TRUE(finding->reason.find("this OpenSSL cannot") != std::string::npos) << finding->reason;
    }
}

// The examples of RFC 9788 appendix C, signed by a certificate whose authority is not there.
TEST_F(Corpora, ShowProtectedHeadersThatAgreeWithThoseOutside) {
    const auto folder = m_folder / "rfc9788-header-protection";
    m_options.trust.trust_anchors = {
        x509::Certificate::from_pem(read_file(folder / "alice.sign.pem")).value()};
    for (const char* name : {"C.2.1-signed-only-hp.eml", "C.2.2-multipart-signed-hp.eml"}) {
        const std::string mail = read_file(folder / name);
        const TextSource source(mail);
        const auto report = read(source, m_options);
        ASSERT_TRUE(report) << name;
        EXPECT_EQ(report->signed_by.size(), 1U) << findings_of(*report);
        ASSERT_TRUE(report->header_protection) << name;
        EXPECT_EQ(report->header_protection->form, HeaderProtectionForm::clear);
        EXPECT_TRUE(report->header_is_signed);
        EXPECT_GE(report->header_fields.size(), 6U);
        for (const ComparedField& field : report->header_fields) {
            EXPECT_EQ(field.agreement, FieldAgreement::same) << field.name;
        }
    }
}

// draft-autocrypt-lamps-protected-headers, the predecessor of RFC 9788.
TEST_F(Corpora, ShowTheSubjectThatWasHiddenByEncryption) {
    for (const char* name :
         {"smime-enc+legacy-disp.eml", "smime-sign+enc.eml", "smime-sign+enc+legacy-disp.eml"}) {
        const std::string mail = read_file(m_folder / "protected-headers-draft" / name);
        const TextSource source(mail);
        const auto report = read(source, m_options);
        ASSERT_TRUE(report) << name;
        EXPECT_TRUE(report->encrypted);
        ASSERT_TRUE(report->header_protection) << name << findings_of(*report);
        const auto subject = std::find_if(report->header_fields.begin(), report->header_fields.end(),
                                          [](const ComparedField& field) { return field.name == "Subject"; });
        ASSERT_NE(subject, report->header_fields.end()) << name;
        EXPECT_EQ(subject->agreement, FieldAgreement::hidden) << subject->value << subject->outside;
        EXPECT_NE(subject->value, subject->outside);
        EXPECT_FALSE(has(*report, FindingCode::header_mismatch)) << findings_of(*report);
    }
}

}  // namespace
}  // namespace signet::smime
