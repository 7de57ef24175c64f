#include "ipc/client.h"
#include "tests/support/certificates.h"
#include "tests/support/requirements.h"
#include "tests/support/softhsm.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <openssl/cms.h>

#include <map>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr const char* mail =
    "From: Alice <alice@example.org>\r\nTo: bob@example.org\r\nSubject: Test\r\n\r\nHello\r\n";
constexpr const char* mail_of_bob = "From: bob@example.org\r\nTo: alice@example.org\r\n\r\nHello Alice\r\n";

// Whose certificates a mail's RecipientInfos name. All have RSA keys.
std::vector<std::string> recipients_of(const std::string& encrypted_mail,
                                       const std::vector<x509::Certificate>& candidates) {
    const x509::BioPointer bio = x509::memory_reader(as_bytes(encrypted_mail));
    const x509::CmsPointer cms(SMIME_read_CMS(bio.get(), nullptr));
    STACK_OF(CMS_RecipientInfo)* recipients = cms ? CMS_get0_RecipientInfos(cms.get()) : nullptr;
    std::vector<std::string> names;
    for (int i = 0; i < sk_CMS_RecipientInfo_num(recipients); ++i) {
        std::string& name = names.emplace_back("somebody else");
        for (const auto& candidate : candidates) {
            if (CMS_RecipientInfo_ktri_cert_cmp(sk_CMS_RecipientInfo_value(recipients, i), candidate.get()) ==
                0) {
                name = candidate.emails().front();
            }
        }
    }
    return names;
}

class MailWithoutAgent : public testing::Test {
  protected:
    MailWithoutAgent() {
        write_file(m_folder / "bob.pem", to_pem(m_bob.certificate));
        write_file(m_folder / "bob.key", to_pem(m_bob.key.get()));
        write_file(m_folder / "root.pem", to_pem(m_authority.certificate()));
    }
    ProcessResult signet(std::vector<std::string> arguments, const std::string& input) {
        arguments.insert(arguments.begin(), SIGNET_PROGRAM);
        return run(arguments,
                   {.input = input, .variables = m_variables, .working_directory = m_folder.path()});
    }
    std::string signed_by_bob(const std::string& entity = "Content-Type: text/plain\r\n\r\nHello Alice\r\n") {
        return run_checked({"openssl", "cms", "-sign", "-signer", "bob.pem", "-inkey", "bob.key", "-from",
                            "bob@example.org", "-to", "alice@example.org"},
                           {.input = entity, .variables = {}, .working_directory = m_folder.path()});
    }

    std::string decrypted_by_bob(const std::string& encrypted) {
        return run({"openssl", "cms", "-decrypt", "-recip", "bob.pem", "-inkey", "bob.key"},
                   {.input = encrypted, .variables = {}, .working_directory = m_folder.path()})
            .output;
    }

    TemporaryDirectory m_folder;
    TestAuthority m_authority;
    Identity m_bob = m_authority.issue_identity("rsa:2048", "bob@example.org");
    Variables m_variables = {{"SIGNET_SOCKET", m_folder / "none.sock"}};
};

TEST_F(MailWithoutAgent, IsEncryptedWhenEveryRecipientHasAFile) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const auto result =
        signet({"encrypt", "--to", "bob@example.org", "--cert", "bob.pem", "--no-self"}, mail);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    const auto text =
        run_checked({"openssl", "cms", "-decrypt", "-recip", "bob.pem", "-inkey", "bob.key"},
                    {.input = result.output, .variables = {}, .working_directory = m_folder.path()});
    EXPECT_THAT(text, HasSubstr("Hello"));
}

TEST_F(MailWithoutAgent, GoesToEveryCertificateThatIsGiven) {
    const auto carol = m_authority.issue_identity("P-256", "carol@example.org");
    write_file(m_folder / "carol.pem", to_pem(carol.certificate));
    const auto one = signet({"encrypt", "--cert", "bob.pem", "--no-self"}, mail);
    const auto two = signet({"encrypt", "--cert", "bob.pem", "--cert", "carol.pem", "--no-self"}, mail);
    ASSERT_EQ(two.exit_status, 0) << two.error_output;
    EXPECT_GT(two.output.size(), one.output.size() + 100);
}

TEST_F(MailWithoutAgent, IsEncryptedWithoutAnAgentAndSaysThatTheSenderCannotReadIt) {
    const auto result = signet({"encrypt", "--to", "bob@example.org", "--cert", "bob.pem"}, mail);
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_THAT(result.error_output, HasSubstr("the sender cannot read the result"));
    const auto quiet = signet({"encrypt", "--to", "bob@example.org", "--cert", "bob.pem", "--quiet"}, mail);
    EXPECT_EQ(quiet.exit_status, 0);
    EXPECT_EQ(quiet.error_output, "");
}

TEST_F(MailWithoutAgent, IsEncryptedToASenderWhoseCertificateIsInAFile) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const auto carol = m_authority.issue_identity("rsa:2048", "carol@example.org");
    write_file(m_folder / "both.pem", to_pem(carol.certificate) + to_pem(m_bob.certificate));
    const std::string mail_to_carol = "From: bob@example.org\r\nTo: carol@example.org\r\n\r\nHello\r\n";
    const auto result = signet({"encrypt", "--to", "carol@example.org", "--cert", "both.pem"}, mail_to_carol);
    EXPECT_EQ(result.error_output, "");
    EXPECT_THAT(decrypted_by_bob(result.output), HasSubstr("Hello"));
}

TEST_F(MailWithoutAgent, GivesEachBccRecipientAMessageThatNamesNobodyElse) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const auto carol = m_authority.issue_identity("rsa:2048", "carol@example.org");
    write_file(m_folder / "carol.pem", to_pem(carol.certificate));
    std::filesystem::create_directory(m_folder / "hidden");
    const std::string mail_with_bcc =
        "From: x@example.org\r\nTo: carol@example.org\r\nBcc: bob@example.org\r\n\r\nHello\r\n";
    std::vector<std::string> arguments = {"encrypt",   "--cert", "bob.pem",           "--cert",
                                          "carol.pem", "--to",   "carol@example.org", "--no-self",
                                          "--out",     "mail"};
    const auto refused = signet(arguments, mail_with_bcc);
    EXPECT_EQ(refused.exit_status, 2);
    EXPECT_THAT(refused.error_output, HasSubstr("--bcc-out"));
    EXPECT_FALSE(std::filesystem::exists(m_folder / "mail"));

    arguments.insert(arguments.end(), {"--bcc-out", "hidden"});
    const auto result = signet(arguments, mail_with_bcc);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    const auto open = read_file(m_folder / "mail");
    const auto hidden = read_file(m_folder / "hidden/bob@example.org.eml");
    EXPECT_THAT(decrypted_by_bob(hidden), HasSubstr("Hello"));
    EXPECT_THAT(decrypted_by_bob(open), testing::Not(HasSubstr("Hello")));
    EXPECT_THAT(open, testing::Not(HasSubstr("Bcc:")));
}

TEST_F(MailWithoutAgent, NamesNobodyOfBccInTheOpenMessage) {
    const auto carol = m_authority.issue_identity("rsa:2048", "carol@example.org");
    write_file(m_folder / "carol.pem", to_pem(carol.certificate));
    std::filesystem::create_directory(m_folder / "hidden");
    const std::string mail_with_bcc =
        "From: x@example.org\r\nTo: carol@example.org\r\nBcc: bob@example.org\r\n\r\nHello\r\n";
    const auto result = signet({"encrypt", "--cert", "bob.pem", "--cert", "carol.pem", "--no-self", "--out",
                                "mail", "--bcc-out", "hidden"},
                               mail_with_bcc);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    const std::vector both = {m_bob.certificate, carol.certificate};
    EXPECT_THAT(recipients_of(read_file(m_folder / "mail"), both), UnorderedElementsAre("carol@example.org"));
    EXPECT_THAT(recipients_of(read_file(m_folder / "hidden/bob@example.org.eml"), both),
                UnorderedElementsAre("bob@example.org"));
}

TEST_F(MailWithoutAgent, HidesItsSubjectWhenHeadersAreProtected) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const auto result = signet({"encrypt", "--cert", "bob.pem", "--no-self", "--protect-headers"}, mail);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("Subject: [...]"));
    EXPECT_THAT(decrypted_by_bob(result.output), HasSubstr("Subject: Test"));
}

TEST_F(MailWithoutAgent, MayBeAnyFileThatIsEncryptedAsBareCms) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const std::string content("no\0mail\n", 8);
    const std::map<std::string, std::string> forms = {{"--cms", "DER"}, {"--pem", "PEM"}};
    for (const auto& [option, form] : forms) {
        const auto result = signet({"encrypt", "--cert", "bob.pem", "--no-self", option}, content);
        ASSERT_EQ(result.exit_status, 0) << result.error_output;
        EXPECT_EQ(
            run_checked({"openssl", "cms", "-decrypt", "-binary", "-inform", form, "-recip", "bob.pem",
                         "-inkey", "bob.key"},
                        {.input = result.output, .variables = {}, .working_directory = m_folder.path()}),
            content);
    }
}

TEST_F(MailWithoutAgent, NamesTheRecipientWithoutCertificate) {
    m_variables["SIGNET_SOCKET"] = "";
    const auto result = signet({"encrypt", "--cert", "root.pem", "--no-self"}, mail);
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("cannot encrypt to"));
}

TEST_F(MailWithoutAgent, IsVerifiedAndItsContentWritten) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const auto result =
        signet({"verify", "--ca", "root.pem", "--content", "content", "--json"}, signed_by_bob());
    ASSERT_EQ(result.exit_status, 0) << result.output << result.error_output;
    const auto report = boost::json::parse(result.output);
    EXPECT_TRUE(report.at("good").as_bool());
    EXPECT_EQ(report.at("signers").at(0).at("status").as_string(), "good");
    EXPECT_EQ(report.at("signers").at(0).at("emails").at(0).as_string(), "bob@example.org");
    EXPECT_THAT(read_file(m_folder / "content"), HasSubstr("Hello Alice"));
}

TEST_F(MailWithoutAgent, OfWhichOnlyTheEncryptionIsSignedIsNotGoodAndItsContentWritten) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const auto encrypted = signet({"encrypt", "--cert", "bob.pem", "--no-self"}, mail).output;
    const auto around = signed_by_bob(encrypted.substr(encrypted.find("Content-Type:")));
    const auto text = signet({"verify", "--ca", "root.pem", "--content", "content"}, around);
    EXPECT_EQ(text.exit_status, 1);
    EXPECT_THAT(text.output, AllOf(testing::StartsWith("signature_outside_encryption: "),
                                   testing::Not(HasSubstr("the mail is signed"))));
    EXPECT_THAT(read_file(m_folder / "content"), HasSubstr("smime-type=enveloped-data"));
    const auto json = boost::json::parse(signet({"verify", "--ca", "root.pem", "--json"}, around).output);
    EXPECT_FALSE(json.at("good").as_bool());
    EXPECT_EQ(json.at("signers").at(0).at("status").as_string(), "signature_outside_encryption");
}

TEST_F(MailWithoutAgent, ThatWasChangedIsNotGoodAndItsContentNotWritten) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    auto changed = signed_by_bob();
    changed.replace(changed.find("Hello Alice"), 5, "Adieu");
    const auto result = signet({"verify", "--ca", "root.pem", "--content", "content"}, changed);
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, HasSubstr("bad_signature: "));
    EXPECT_FALSE(std::filesystem::exists(m_folder / "content"));
}

TEST_F(MailWithoutAgent, IsReportedOnStandardErrorWhenStandardOutputGetsWhatIsInIt) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    for (const std::string option : {"--content", "--signer"}) {
        const auto result = signet({"verify", "--ca", "root.pem", "--json", option, "-"}, signed_by_bob());
        EXPECT_EQ(result.exit_status, 0);
        EXPECT_EQ(result.output.find("\"signers\""), std::string::npos) << result.output;
        EXPECT_TRUE(boost::json::parse(result.error_output).at("good").as_bool());
    }
    EXPECT_EQ(signet({"verify", "--content", "-", "--signer", "/dev/stdout"}, signed_by_bob()).exit_status,
              2);
    EXPECT_EQ(signet({"verify", "--json", "--for-mutt"}, signed_by_bob()).exit_status, 2);
}

TEST_F(MailWithoutAgent, OfAStrangerIsNotTrusted) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const auto result = signet({"verify"}, signed_by_bob());
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, HasSubstr("untrusted_chain: "));
}

TEST_F(MailWithoutAgent, ThatIsNotSignedIsReportedSo) {
    const auto text = signet({"verify"}, mail);
    EXPECT_EQ(text.exit_status, 1);
    EXPECT_THAT(text.output, testing::StartsWith("not_signed: "));
    const auto json = signet({"verify", "--json"}, mail);
    EXPECT_EQ(json.exit_status, 1);
    EXPECT_EQ(boost::json::parse(json.output).at("status").as_string(), "not_signed");
}

TEST_F(MailWithoutAgent, OfWhichOnlyAPartIsSignedIsReportedSo) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const std::string signed_mail = signed_by_bob();
    const std::string entity = signed_mail.substr(signed_mail.find("MIME-Version"));
    for (const std::string& part : {entity, "Content-Type: message/rfc822\n\n" + signed_mail}) {
        const std::string list_mail =
            "From: bob@example.org\nContent-Type: multipart/mixed; boundary=list\n\n--list\n" + part +
            "\n--list\n\nThe list\n--list--\n";
        const auto result = signet({"verify", "--ca", "root.pem"}, list_mail);
        EXPECT_EQ(result.exit_status, 1);
        EXPECT_EQ(result.output, "not_signed: only a part of the mail is signed; 'signet read' shows it\n");
    }
}

TEST_F(MailWithoutAgent, ThatCannotBeTakenApartIsReportedAlikeByVerifyAndRead) {
    using namespace std::string_literals;
    const std::map<std::string, std::string> mails = {
        {"X: \0\r\n\r\ntext\r\n"s, "malformed"},
        {"\xef\xbb\xbf"
         "From: alice@example.org\r\n\r\ntext\r\n",
         "malformed"},
        {"no header\r\n", "malformed"},
        {"X: " + std::string(2 << 20, 'x') + "\r\n\r\ntext\r\n", "too_large"}};
    for (const auto& [unreadable, status] : mails) {
        const auto verified = signet({"verify", "--json"}, unreadable);
        const auto read = signet({"read", "--no-decrypt", "--json"}, unreadable);
        EXPECT_EQ(verified.exit_status, 1) << verified.error_output;
        EXPECT_EQ(read.exit_status, 1) << read.error_output;
        EXPECT_EQ(read.output, verified.output);
        const auto report = boost::json::parse(read.output);
        EXPECT_FALSE(report.at("good").as_bool());
        EXPECT_EQ(report.at("status").as_string(), status);
        EXPECT_THAT(signet({"read", "--no-decrypt"}, unreadable).output, testing::StartsWith(status + ": "));
        EXPECT_EQ(signet({"read", "--no-decrypt", "--part", "1"}, unreadable).exit_status, 3);
    }
}

TEST_F(MailWithoutAgent, IsNotVerifiedWithAFileThatHoldsNoCertificate) {
    write_file(m_folder / "text", "no certificate");
    write_file(m_folder / "damaged.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    for (const std::string name : {"bob.key", "text", "damaged.pem"}) {
        const auto result = signet({"verify", "--ca", name}, mail);
        EXPECT_EQ(result.exit_status, 3);
        EXPECT_THAT(result.error_output, HasSubstr(name + ": no certificate in PEM or DER\n"));
    }
}

TEST_F(MailWithoutAgent, IsNotVerifiedWhereSignatureAndContentAreBothStandardInput) {
    for (const std::string name : {"-", "/dev/stdin"}) {
        const auto result = signet({"verify", "--detached-content", name}, "a signature");
        EXPECT_EQ(result.exit_status, 2);
        EXPECT_THAT(result.error_output, HasSubstr("cannot both be standard input"));
    }
}

TEST_F(MailWithoutAgent, LeavesTheTargetAsItWasWhenItFails) {
    write_file(m_folder / "target", "what was there");
    EXPECT_EQ(signet({"sign", "--out", "target"}, mail).exit_status, 3);
    EXPECT_EQ(signet({"encrypt", "--cert", "none.pem", "--out", "target"}, mail).exit_status, 3);
    EXPECT_EQ(read_file(m_folder / "target"), "what was there");
}

// Alice's keys on a SoftHSM token, behind the real agent, host and PKCS#11 module.
class TokenMail : public MailWithoutAgent {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2");
        SIGNET_REQUIRE_PROGRAM("openssl");
        m_softhsm.init_token("Work");
        KeyImporter importer(m_softhsm, "Work");
        add_key(importer, m_alice, "0001");
        add_key(importer, m_ellen, "0002");
        start_agent();
    }
    // The importer numbers the keys from 1, in two octets.
    void add_key(KeyImporter& importer, const Identity& identity, const std::string& id) {
        importer.import(identity.key.get(), "mail");
        const auto der = identity.certificate.der();
        m_softhsm.write_certificate("Work", std::string(as_text(der)), id, "mail");
    }
    void start_agent() {
        write_file(m_folder / "signet.toml",
                   "[agent]\npinentry = \"/bin/false\"\n[[pkcs11]]\nname = \"softhsm\"\nmodule = \"" +
                       std::string(SoftHsm::module) + "\"\n");
        m_variables = m_softhsm.variables();
        m_variables["SIGNET_SOCKET"] = m_folder / "agent.sock";
        m_variables["XDG_STATE_HOME"] = m_folder / "state";
        m_agent = std::make_unique<BackgroundProcess>(
            std::vector<std::string>{SIGNET_BUILD_DIR "/bin/signet-agent", "--config",
                                     m_folder / "signet.toml", "--socket", m_folder / "agent.sock"},
            m_variables, m_folder / "agent.log");
        ASSERT_TRUE(eventually([this] { return ipc::Client::connect(m_folder / "agent.sock").has_value(); }));
    }
    void unlock() {
        const auto result = signet({"unlock", "--pin-fd", "0"}, SoftHsm::pin);
        ASSERT_EQ(result.exit_status, 0) << result.error_output << read_file(m_folder / "agent.log");
    }
    // What openssl says of a mail that signet signed.
    ProcessResult verified_by_openssl(const std::string& signed_mail) {
        return run({"openssl", "cms", "-verify", "-CAfile", "root.pem"},
                   {.input = signed_mail, .variables = {}, .working_directory = m_folder.path()});
    }

    SoftHsm m_softhsm;
    Identity m_alice = m_authority.issue_identity("rsa:2048", "alice@example.org");
    Identity m_ellen = m_authority.issue_identity("P-256", "ellen@example.org");
    std::unique_ptr<BackgroundProcess> m_agent;
};

TEST_F(TokenMail, IsSignedWithTheKeyOfItsFromAndVerified) {
    unlock();
    const auto result = signet({"sign"}, mail);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(verified_by_openssl(result.output).exit_status, 0);
    const auto verification = signet({"verify", "--ca", "root.pem"}, result.output);
    EXPECT_EQ(verification.exit_status, 0) << verification.output;
    EXPECT_THAT(verification.output, HasSubstr("alice@example.org"));
}

TEST_F(TokenMail, IsSignedWithPssAndAnotherDigest) {
    unlock();
    const auto result = signet({"sign", "--pss", "--digest", "sha512"}, mail);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(verified_by_openssl(result.output).exit_status, 0);
    EXPECT_THAT(signet({"verify", "--ca", "root.pem"}, result.output).output, HasSubstr("digest: sha512"));
}

TEST_F(TokenMail, IsSignedWithAnEcKeyByUri) {
    unlock();
    const auto result = signet({"sign", "--key", "pkcs11:token=Work;id=%00%02"}, mail);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(verified_by_openssl(result.output).exit_status, 0);
}

TEST_F(TokenMail, IsSignedWithItsContentInside) {
    unlock();
    const auto result = signet({"sign", "--opaque", "--protect-headers"}, mail);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("smime-type=signed-data"));
    const auto verified = verified_by_openssl(result.output);
    EXPECT_EQ(verified.exit_status, 0) << verified.error_output;
    EXPECT_THAT(verified.output, HasSubstr("hp=\"clear\""));
}

TEST_F(TokenMail, MayBeAnyFileThatIsSignedAsBareCms) {
    unlock();
    write_file(m_folder / "file", "no mail\n");
    const auto detached = signet({"sign", "--cms", "--from", "alice@example.org", "--in", "file"}, {});
    ASSERT_EQ(detached.exit_status, 0) << detached.error_output;
    const auto verified = run(
        {"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-CAfile", "root.pem", "-content", "file"},
        {.input = detached.output, .variables = {}, .working_directory = m_folder.path()});
    EXPECT_EQ(verified.exit_status, 0) << verified.error_output;
    const auto opaque = signet({"sign", "--pem", "--opaque", "--from", "alice@example.org"}, "no mail\n");
    EXPECT_THAT(opaque.output, testing::StartsWith("-----BEGIN CMS-----\n"));
    EXPECT_EQ(run_checked({"openssl", "cms", "-verify", "-binary", "-inform", "PEM", "-CAfile", "root.pem"},
                          {.input = opaque.output, .variables = {}, .working_directory = m_folder.path()}),
              "no mail\n");
    EXPECT_EQ(signet({"sign", "--cms"}, "no mail\n").exit_status, 2);

    const std::vector<std::string> verify = {"verify", "--ca", "root.pem", "--detached-content", "file"};
    for (const auto& result :
         {signet(verify, detached.output), signet({"verify", "--ca", "root.pem", "--cms"}, opaque.output)}) {
        EXPECT_EQ(result.exit_status, 0);
        EXPECT_THAT(result.output, testing::EndsWith("the content is signed as above\n"));
    }
    const auto both = signet(verify, opaque.output);
    EXPECT_EQ(both.exit_status, 1);
    EXPECT_THAT(both.output, testing::StartsWith("content_mismatch: "));
    write_file(m_folder / "file", "no Mail\n");
    EXPECT_THAT(signet(verify, detached.output).output, testing::StartsWith("bad_signature: "));
}

TEST_F(TokenMail, IsSignedAndEncryptedInOneGo) {
    unlock();
    for (const bool triple : {false, true}) {
        std::vector<std::string> arguments = {"sign", "--to", "bob@example.org", "--cert", "bob.pem"};
        if (triple) {
            arguments.emplace_back("--triple");
        }
        const auto result = signet(arguments, mail);
        ASSERT_EQ(result.exit_status, 0) << result.error_output;
        EXPECT_EQ(result.error_output, "");
        const auto encrypted = triple ? verified_by_openssl(result.output).output : result.output;
        const auto inner = decrypted_by_bob(encrypted);
        EXPECT_EQ(verified_by_openssl(inner).exit_status, 0) << inner;
        EXPECT_EQ(decrypted_by_bob(result.output).empty(), triple);
    }
    EXPECT_EQ(signet({"sign", "--triple"}, mail).exit_status, 2);
}

TEST_F(TokenMail, ThatIsSignedNamesNobodyOfBccInTheOpenMessage) {
    unlock();
    const auto carol = m_authority.issue_identity("rsa:2048", "carol@example.org");
    write_file(m_folder / "carol.pem", to_pem(carol.certificate));
    std::filesystem::create_directory(m_folder / "hidden");
    const auto result = signet({"sign", "--bcc", "carol@example.org", "--cert", "bob.pem", "--cert",
                                "carol.pem", "--out", "mail", "--bcc-out", "hidden"},
                               mail);
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    const std::vector all = {m_alice.certificate, m_bob.certificate, carol.certificate};
    EXPECT_THAT(recipients_of(read_file(m_folder / "mail"), all),
                UnorderedElementsAre("bob@example.org", "alice@example.org"));
    EXPECT_THAT(recipients_of(read_file(m_folder / "hidden/carol@example.org.eml"), all),
                UnorderedElementsAre("carol@example.org", "alice@example.org"));
}

TEST_F(TokenMail, MayCarryCertificatesAlone) {
    const auto result =
        signet({"sign", "--certs-only"}, "From: alice@example.org\r\nTo: bob@example.org\r\n\r\n");
    ASSERT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("smime-type=certs-only"));
    EXPECT_THAT(result.output, HasSubstr("To: bob@example.org"));
    EXPECT_EQ(signet({"sign", "--certs-only"}, mail).exit_status, 2);
}

TEST_F(TokenMail, IsReadByItsSenderToo) {
    unlock();
    for (const auto& options : {std::vector<std::string>{}, {"--oaep", "--cipher", "aes256_gcm"}}) {
        std::vector<std::string> arguments = {"encrypt", "--to", "bob@example.org", "--cert", "bob.pem"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const auto encrypted = signet(arguments, mail);
        ASSERT_EQ(encrypted.exit_status, 0) << encrypted.error_output;
        const auto decrypted = signet({"decrypt"}, encrypted.output);
        EXPECT_EQ(decrypted.exit_status, 0) << decrypted.error_output;
        EXPECT_THAT(decrypted.output, HasSubstr("Hello"));
    }
}

TEST_F(TokenMail, IsReadWithAnEcKey) {
    unlock();
    const auto encrypted = signet({"encrypt", "--to", "ellen@example.org"}, mail_of_bob);
    ASSERT_EQ(encrypted.exit_status, 0) << encrypted.error_output;
    const auto decrypted = signet({"decrypt", "--key", "ellen@example.org"}, encrypted.output);
    EXPECT_EQ(decrypted.exit_status, 0) << decrypted.error_output;
    EXPECT_THAT(decrypted.output, HasSubstr("Hello Alice"));
}

TEST_F(TokenMail, IsNotReadWithAKeyThatIsNotPresent) {
    const auto encrypted = signet({"encrypt", "--to", "alice@example.org"}, mail_of_bob);
    ASSERT_EQ(encrypted.exit_status, 0) << encrypted.error_output;
    const auto absent = signet({"decrypt", "--key", "bob@example.org"}, encrypted.output);
    EXPECT_EQ(absent.exit_status, 3);
    EXPECT_THAT(absent.error_output, HasSubstr("fits --key bob@example.org"));
    const auto another = signet({"decrypt", "--key", "ellen@example.org"}, encrypted.output);
    EXPECT_EQ(another.exit_status, 1);
    EXPECT_THAT(another.error_output, HasSubstr("--key leaves out what is present and fits:\n"));
    EXPECT_THAT(another.error_output, HasSubstr("alice@example.org"));
    EXPECT_THAT(another.error_output, HasSubstr("Work"));
}

TEST_F(TokenMail, ThatIsTripleWrappedNamesTheWayToItsText) {
    unlock();
    for (const bool opaque : {false, true}) {
        std::vector<std::string> arguments = {"sign", "--triple", "--to", "alice@example.org"};
        if (opaque) {
            arguments.emplace_back("--opaque");
        }
        const auto wrapped = signet(arguments, mail);
        ASSERT_EQ(wrapped.exit_status, 0) << wrapped.error_output;
        const auto refused = signet({"decrypt"}, wrapped.output);
        EXPECT_EQ(refused.exit_status, 1);
        EXPECT_THAT(refused.error_output, HasSubstr("the mail is signed around what is encrypted"));
        EXPECT_THAT(refused.error_output, HasSubstr("signet verify --content FILE"));

        const auto inside = signet({"verify", "--ca", "root.pem", "--content", "-"}, wrapped.output);
        EXPECT_EQ(inside.exit_status, 1) << inside.error_output;
        EXPECT_THAT(inside.output, testing::StartsWith("Content-Type: application/pkcs7-mime"));
        EXPECT_THAT(inside.error_output, HasSubstr("only the encryption is signed"));
        const auto decrypted = signet({"decrypt"}, inside.output);
        EXPECT_EQ(decrypted.exit_status, 0) << decrypted.error_output;
    }
}

TEST_F(TokenMail, OfWhichOnlyAPartIsEncryptedNamesTheWayToIt) {
    const auto encrypted = signet({"encrypt", "--cert", "bob.pem", "--no-self"}, mail);
    ASSERT_EQ(encrypted.exit_status, 0) << encrypted.error_output;
    const std::string entity = encrypted.output.substr(encrypted.output.find("Content-Type"));
    const std::map<std::string, std::string> bodies = {
        {"multipart/mixed; boundary=list",
         "--list\r\n" + entity + "\r\n--list\r\n\r\nThe list\r\n--list--\r\n"},
        {"message/rfc822", encrypted.output}};
    for (const auto& [type, body] : bodies) {
        const auto result =
            signet({"decrypt"}, "From: bob@example.org\r\nContent-Type: " + type + "\r\n\r\n" + body);
        EXPECT_EQ(result.exit_status, 1);
        EXPECT_EQ(result.error_output,
                  "signet: only a part of the mail is encrypted\nsignet: 'signet read' shows it\n");
    }
}

TEST_F(TokenMail, ThatWasEncryptedWholeNamesTheFieldsThatAreLeftOut) {
    write_file(m_folder / "alice.pem", to_pem(m_alice.certificate));
    const std::string whole = "Subject: inside\nX-Foo: kept\nContent-Type: text/plain\n\nHello\n";
    const std::string encrypted =
        run_checked({"openssl", "cms", "-encrypt", "-subject", "outside", "alice.pem"},
                    {.input = whole, .variables = {}, .working_directory = m_folder.path()});
    unlock();
    const auto result = signet({"decrypt"}, encrypted);
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_THAT(result.output, testing::AllOf(HasSubstr("Subject: outside"), HasSubstr("X-Foo: kept")));
    EXPECT_EQ(result.error_output,
              "signet: left out, since the header outside says something else: Subject\n");
}

TEST_F(TokenMail, ForSomebodyElseIsNotRead) {
    const auto encrypted = signet({"encrypt", "--cert", "bob.pem", "--no-self"}, mail_of_bob);
    ASSERT_EQ(encrypted.exit_status, 0) << encrypted.error_output;
    const auto decrypted = signet({"decrypt"}, encrypted.output);
    EXPECT_EQ(decrypted.exit_status, 1);
    EXPECT_EQ(decrypted.output, "");
    EXPECT_THAT(decrypted.error_output, HasSubstr("the mail is encrypted to issuer"));
}

TEST_F(TokenMail, IsNotSignedWhenNoPinIsGiven) {
    const auto result = signet({"sign"}, mail);
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.error_output, testing::StartsWith("signet: cancelled\n"));
    EXPECT_THAT(result.error_output, HasSubstr("signet unlock"));
}

TEST_F(TokenMail, WithAHeaderThatIsTooLongIsNeitherSignedNorEncryptedNorDecrypted) {
    std::string long_mail = mail;
    for (int i = 0; i < 20'000; ++i) {
        long_mail.insert(0, "X-Field: " + std::string(50, 'x') + "\r\n");
    }
    const std::vector<std::vector<std::string>> commands = {
        {"sign"}, {"encrypt", "--cert", "bob.pem"}, {"decrypt"}};
    for (const auto& arguments : commands) {
        const auto result = signet(arguments, long_mail);
        EXPECT_EQ(result.exit_status, 3);
        EXPECT_THAT(result.error_output, HasSubstr("too large: header longer than 1 MiB")) << arguments[0];
    }
}

TEST_F(TokenMail, OfSomebodyElseIsNotSigned) {
    const auto result = signet({"sign"}, mail_of_bob);
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("no key to sign with for bob@example.org"));
}

TEST_F(TokenMail, NeedsTheRightPin) {
    const auto result = signet({"unlock", "--pin-fd", "0"}, "000000");
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("the PIN is wrong"));
}

}  // namespace
}  // namespace signet::test
