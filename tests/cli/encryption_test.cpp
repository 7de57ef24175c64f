#include "cli/encryption.h"

#include "smime/stream.h"
#include "tests/cli/inventories.h"

#include <gmock/gmock.h>

namespace signet::cli {
namespace {

using test::Identity;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string mail_with_bcc =
    "From: alice@example.org\r\nTo: bob@example.org\r\nBcc: eve@example.org\r\n\r\nHello\r\n";
const std::string mail_without_bcc = "From: alice@example.org\r\nTo: bob@example.org\r\n\r\nHello\r\n";

class Encryption : public testing::Test {
  protected:
    // Only whether there is any counts: the files are read elsewhere.
    EncryptionRequest with_files() {
        m_known.files = {m_bob.certificate, m_eve.certificate, m_alice.certificate};
        EncryptionRequest request;
        request.certificates = {"files.pem"};
        request.bcc_folder = "hidden";
        return request;
    }
    // For each message its path and the addresses that its RecipientInfos stand for; or what is wrong.
    std::vector<std::string> messages(const EncryptionRequest& request, const std::string* mail) {
        const smime::TextSource source(mail != nullptr ? std::string_view(*mail) : std::string_view());
        const auto addressees = Addressees::of(request, mail != nullptr ? &source : nullptr);
        if (!addressees) {
            return {addressees.error().detail};
        }
        const auto messages = addressees->messages(m_known, "out", m_note);
        if (!messages) {
            return {messages.error().detail};
        }
        std::vector<std::string> texts;
        for (const auto& message : *messages) {
            std::string& text = texts.emplace_back(message.path);
            for (const auto& certificate : message.recipients) {
                text += " " + certificate.emails().front();
            }
        }
        return texts;
    }

    test::TestAuthority m_authority;
    Identity m_alice = m_authority.issue_identity("P-256", "alice@example.org");
    Identity m_bob = m_authority.issue_identity("P-256", "bob@example.org");
    Identity m_eve = m_authority.issue_identity("P-256", "eve@example.org");
    ipc::Inventory m_inventory = test::make_inventory({test::make_token("Work", {m_alice})});
    KnownCertificates m_known;
    std::string m_note;
};

TEST_F(Encryption, NamesBccRecipientsInNoMessageOfOthers) {
    EncryptionRequest request = with_files();
    EXPECT_THAT(messages(request, &mail_with_bcc),
                ElementsAre("out bob@example.org alice@example.org",
                            "hidden/eve@example.org.eml eve@example.org alice@example.org"));
    request.bcc = {"eve@example.org"};
    EXPECT_THAT(messages(request, &mail_without_bcc),
                ElementsAre("out bob@example.org alice@example.org",
                            "hidden/eve@example.org.eml eve@example.org alice@example.org"));
}

TEST_F(Encryption, TakesTheCertificateOfABccRecipientForNobodyElse) {
    EncryptionRequest request = with_files();
    request.bcc = {"eve@example.org"};
    m_known.files = {m_eve.certificate};
    EXPECT_THAT(messages(request, &mail_without_bcc),
                ElementsAre(HasSubstr("no certificate to encrypt with for bob@example.org")));
}

TEST_F(Encryption, WantsTheOpenRecipientsOfAFileNamedWhereSomebodyIsHidden) {
    EncryptionRequest request = with_files();
    request.bcc = {"eve@example.org"};
    EXPECT_THAT(messages(request, nullptr), ElementsAre(HasSubstr("with --to")));
    request.to = {"bob@example.org"};
    EXPECT_THAT(messages(request, nullptr),
                ElementsAre("out bob@example.org", "hidden/eve@example.org.eml eve@example.org"));
}

TEST_F(Encryption, IsForEveryFileWhereNobodyIsHidden) {
    const EncryptionRequest request = with_files();
    EXPECT_THAT(messages(request, &mail_without_bcc),
                ElementsAre("out bob@example.org eve@example.org alice@example.org"));
}

TEST_F(Encryption, SaysNothingOfASenderWhoseTokenReadsTheResult) {
    m_known.entries = key_entries(m_inventory);
    EncryptionRequest request;
    request.to = {"alice@example.org"};
    EXPECT_THAT(messages(request, nullptr), ElementsAre("out alice@example.org"));
    EXPECT_EQ(m_note, "");
    m_known.files = {m_bob.certificate};
    request.to = {"bob@example.org"};
    EXPECT_THAT(messages(request, nullptr), ElementsAre("out bob@example.org"));
    EXPECT_THAT(m_note, HasSubstr("the sender cannot read the result"));
}

}  // namespace
}  // namespace signet::cli
