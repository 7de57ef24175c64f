// Mails that `signet` writes and reads with keys on a token, against openssl cms, gpgsm and NSS cmsutil. What
// a peer cannot do is a row of its table with the peer's own words.
#include "smime/line_endings.h"
#include "tests/e2e/people.h"
#include "tests/e2e/workplace.h"
#include "tests/support/mail_peers.h"
#include "tests/support/recording_proxy.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string entity = "Content-Type: text/plain\r\n\r\nWritten by a peer.\r\n";

struct Case {
    std::string name;
    std::string key;                        // as pkcs11-tool or as generate_key() has it
    std::vector<std::string> options = {};  // of signet, or of the peer that writes
    std::string refusal = {};               // the peer's words; empty where it can
};

void PrintTo(const Case& parameter, std::ostream* out) {
    *out << parameter.name;
}

std::string name_of_case(const testing::TestParamInfo<Case>& parameter) {
    return parameter.param.name;
}

std::vector<std::string> with_options(std::vector<std::string> command,
                                      const std::vector<std::string>& options) {
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

class Mail : public testing::TestWithParam<Case> {
  protected:
    void SetUp() override {
        for (const char* name : {"openssl", "gpgsm", "cmsutil", "pk12util"}) {
            SIGNET_REQUIRE_PROGRAM(name);
        }
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
    }
    x509::Certificate start_with_alice(const std::string& key) {
        auto certificate = m_place.add_identity(key, "01", alice);
        m_place.start();
        return certificate;
    }
    // Success, or the failure that the table foresees.
    static void expect_outcome(const ProcessResult& result, const std::string& output) {
        const std::string all = result.output + result.error_output;
        if (GetParam().refusal.empty()) {
            EXPECT_EQ(result.exit_status, 0) << all;
            EXPECT_THAT(all, HasSubstr(output));
        } else {
            EXPECT_THAT(all, HasSubstr(GetParam().refusal));
        }
    }
    void expect_signet_verifies(const std::string& mail, const std::string& signer) {
        const auto result = m_place.signet({"verify", "--ca", "root.pem"}, mail);
        EXPECT_EQ(result.exit_status, 0) << result.output << result.error_output;
        EXPECT_THAT(result.output, AllOf(StartsWith("good\n"), HasSubstr(signer)));
    }
    void expect_signet_decrypts(const std::string& mail) {
        const auto result = m_place.signet({"decrypt"}, mail);
        EXPECT_EQ(result.exit_status, 0) << result.error_output << m_place.agent().log();
        EXPECT_THAT(result.output, HasSubstr("Written by a peer."));
    }

    Workplace m_place;
};

// What is signed on the token.
class SignedMail : public Mail {};

TEST_P(SignedMail, IsVerifiedByOpensslWithEitherLineEnding) {
    start_with_alice(GetParam().key);
    const auto mail = m_place.signet_output(with_options({"sign"}, GetParam().options), mail_from(alice));
    for (const auto& form : {mail, smime::to_lf(mail)}) {
        const auto result = m_place.run({"openssl", "cms", "-verify", "-CAfile", "root.pem"}, form);
        EXPECT_EQ(result.exit_status, 0) << result.error_output;
        EXPECT_THAT(result.output, HasSubstr("this is from a token."));
    }
    expect_signet_verifies(mail, alice);
}

TEST_P(SignedMail, IsVerifiedByNss) {
    start_with_alice(GetParam().key);
    const auto mail = m_place.signet_output(with_options({"sign"}, GetParam().options), mail_from(alice));
    m_place.signet_output({"verify", "--ca", "root.pem", "--content", "content"}, mail);
    m_place.write("s.p7s", detached_signature_of(mail));
    const NssDatabase nss(m_place.authority().certificate());
    const auto result =
        nss.cmsutil({"-D", "-i", m_place.path("s.p7s"), "-c", m_place.path("content"), "-h", "1"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("signer0.status=GoodSignature"));
}

INSTANTIATE_TEST_SUITE_P(Keys, SignedMail,
                         testing::Values(Case{"Rsa2048", "rsa:2048"},
                                         Case{"Rsa2048Pss", "rsa:2048", {"--pss"}},
                                         Case{"Rsa3072Sha512", "rsa:3072", {"--digest", "sha512"}},
                                         Case{"P256", "EC:prime256v1"}, Case{"P384", "EC:secp384r1"}),
                         name_of_case);

// gpgsm 2.2.40 dies in free() over RSASSA-PSS; a peer that crashes is not asked.
class MailForGpgsm : public Mail {};

TEST_P(MailForGpgsm, IsVerified) {
    start_with_alice(GetParam().key);
    const auto mail = m_place.signet_output({"sign"}, mail_from(alice));
    m_place.signet_output({"verify", "--ca", "root.pem", "--content", "content"}, mail);
    m_place.write("s.p7s", detached_signature_of(mail));
    const GpgsmHome gpgsm(m_place.authority().certificate());
    const auto result = gpgsm.run({"--verify", m_place.path("s.p7s"), m_place.path("content")});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.error_output, HasSubstr("Good signature"));
}

INSTANTIATE_TEST_SUITE_P(Keys, MailForGpgsm,
                         testing::Values(Case{"Rsa2048", "rsa:2048"}, Case{"P256", "EC:prime256v1"},
                                         Case{"P384", "EC:secp384r1"}),
                         name_of_case);

// What peers encrypt to a key on the token.
class MailOfOpenssl : public Mail {};

TEST_P(MailOfOpenssl, IsDecryptedOnTheToken) {
    start_with_alice(GetParam().key);
    const auto mail = m_place.run(
        with_options({"openssl", "cms", "-encrypt", "-recip", "alice.pem"}, GetParam().options), entity);
    ASSERT_EQ(mail.exit_status, 0) << mail.error_output;
    expect_signet_decrypts(mail.output);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, MailOfOpenssl,
    testing::Values(Case{"Rsa2048", "rsa:2048", {"-aes128"}},
                    Case{"Rsa3072Gcm", "rsa:3072", {"-aes-256-gcm"}},
                    Case{"Rsa2048Oaep", "rsa:2048", {"-aes128", "-keyopt", "rsa_padding_mode:oaep"}},
                    Case{"Rsa2048OaepSha256",
                         "rsa:2048",
                         {"-aes256", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"}},
                    Case{"P256", "EC:prime256v1", {"-aes128"}},
                    Case{"P256Sha256Kdf", "EC:prime256v1", {"-aes-128-gcm", "-keyopt", "ecdh_kdf_md:sha256"}},
                    Case{"P384", "EC:secp384r1", {"-aes256"}}),
    name_of_case);

// gpgsm 2.2.40 and NSS 3.87 cannot encrypt to EC keys.
TEST_F(Mail, OfGpgsmAndNssIsDecryptedOnTheToken) {
    const auto certificate = start_with_alice("rsa:2048");
    m_place.write("entity", entity);
    GpgsmHome gpgsm(m_place.authority().certificate());
    gpgsm.import(certificate);
    const auto by_gpgsm =
        gpgsm.run({"--encrypt", "-r", alice, "-o", m_place.path("gpgsm.p7m"), m_place.path("entity")});
    ASSERT_EQ(by_gpgsm.exit_status, 0) << by_gpgsm.error_output;
    expect_signet_decrypts(pkcs7_mime(m_place.read("gpgsm.p7m")));

    NssDatabase nss(m_place.authority().certificate());
    nss.import(certificate, "alice");
    const auto by_nss =
        nss.cmsutil({"-E", "-r", alice, "-i", m_place.path("entity"), "-o", m_place.path("nss.p7m")});
    ASSERT_EQ(by_nss.exit_status, 0) << by_nss.error_output;
    expect_signet_decrypts(pkcs7_mime(m_place.read("nss.p7m")));
}

// What peers sign with keys of their own.
class MailSignedByPeers : public Mail {};

TEST_P(MailSignedByPeers, IsVerifiedBySignet) {
    const auto identity = m_place.add_peer(GetParam().key, bob);
    m_place.write("entity", entity);
    const auto by_openssl = m_place.run({"openssl", "cms", "-sign", "-signer", "bob.pem", "-inkey", "bob.key",
                                         "-from", bob, "-in", "entity"});
    ASSERT_EQ(by_openssl.exit_status, 0) << by_openssl.error_output;
    expect_signet_verifies(by_openssl.output, bob);

    NssDatabase nss(m_place.authority().certificate());
    nss.import(identity);
    const auto by_nss = nss.cmsutil({"-S", "-N", bob, "-T", "-G", "-P", "-Y", "NONE", "-i",
                                     m_place.path("entity"), "-o", m_place.path("s.p7s")});
    ASSERT_EQ(by_nss.exit_status, 0) << by_nss.error_output;
    expect_signet_verifies(multipart_signed(bob, entity, m_place.read("s.p7s")), bob);
}

INSTANTIATE_TEST_SUITE_P(Keys, MailSignedByPeers,
                         testing::Values(Case{"Rsa2048", "rsa:2048"}, Case{"P256", "P-256"}), name_of_case);

// gpgsm 2.2.40 imports no EC keys from PKCS#12.
TEST_F(Mail, SignedByGpgsmIsVerifiedBySignet) {
    GpgsmHome gpgsm(m_place.authority().certificate());
    gpgsm.import(m_place.add_peer("rsa:2048", bob));
    m_place.write("entity", entity);
    const auto signature =
        gpgsm.run({"--detach-sign", "-u", bob, "-o", m_place.path("s.p7s"), m_place.path("entity")});
    ASSERT_EQ(signature.exit_status, 0) << signature.error_output;
    expect_signet_verifies(multipart_signed(bob, entity, m_place.read("s.p7s")), bob);
}

// What signet encrypts to peers with keys of their own, and to its own person on the token. That one has an
// RSA key, since NSS 3.87 cannot read past a recipient with an EC key.
class MailForPeers : public Mail {
  protected:
    void encrypt(std::vector<std::string> arguments = {"encrypt", "--cert", "bob.pem"}) {
        m_bob = m_place.add_peer(GetParam().key, bob);
        start_with_alice("rsa:2048");
        m_mail =
            m_place.signet_output(with_options(std::move(arguments), GetParam().options), mail_from(alice));
        m_place.write("e.p7m", cms_of_mail(m_mail));
    }
    std::optional<Identity> m_bob;
    std::string m_mail;
};

class MailForOpenssl : public MailForPeers {};
class MailForKeysInGpgsm : public MailForPeers {};
class MailForKeysInNss : public MailForPeers {};

TEST_P(MailForOpenssl, IsDecrypted) {
    encrypt();
    expect_outcome(
        m_place.run({"openssl", "cms", "-decrypt", "-recip", "bob.pem", "-inkey", "bob.key"}, m_mail),
        "this is from a token.");
    EXPECT_THAT(m_place.signet_output({"decrypt"}, m_mail), HasSubstr("this is from a token."));
}

// For one recipient: gpgsm 2.2 decrypts, and still ends with 2 ("failed to find the certificate"), where
// another recipient stands before its own, and recipients stand in the order of their encodings.
TEST_P(MailForKeysInGpgsm, IsDecrypted) {
    encrypt({"encrypt", "--cert", "bob.pem", "--no-self"});
    GpgsmHome gpgsm(m_place.authority().certificate());
    gpgsm.import(*m_bob);
    expect_outcome(gpgsm.run({"--decrypt", m_place.path("e.p7m")}), "this is from a token.");
}

TEST_P(MailForKeysInNss, IsDecrypted) {
    encrypt();
    NssDatabase nss(m_place.authority().certificate());
    nss.import(*m_bob);
    expect_outcome(nss.cmsutil({"-D", "-i", m_place.path("e.p7m")}), "this is from a token.");
}

INSTANTIATE_TEST_SUITE_P(Keys, MailForOpenssl,
                         testing::Values(Case{"Rsa2048", "rsa:2048"},
                                         Case{"Rsa2048Oaep", "rsa:2048", {"--oaep"}}, Case{"P256", "P-256"},
                                         Case{"P384Gcm", "P-384", {"--cipher", "aes256_gcm"}}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(
    Keys, MailForKeysInGpgsm,
    testing::Values(Case{"Rsa2048", "rsa:2048"}, Case{"Rsa2048Oaep", "rsa:2048", {"--oaep"}, "No secret key"},
                    Case{"Rsa2048Gcm", "rsa:2048", {"--cipher", "aes128_gcm"}, "Buffer too short"},
                    Case{"P256", "P-256", {}, "No secret key"}),
    name_of_case);
INSTANTIATE_TEST_SUITE_P(
    Keys, MailForKeysInNss,
    testing::Values(Case{"Rsa2048", "rsa:2048"},
                    Case{"Rsa2048Oaep", "rsa:2048", {"--oaep"}, "failed to decode message"},
                    Case{"Rsa2048Gcm", "rsa:2048", {"--cipher", "aes128_gcm"}, "SEC_ERROR_UNRECOGNIZED_OID"},
                    Case{"P256", "P-256", {}, "SEC_ERROR_BAD_DER"}),
    name_of_case);

// What the agent is asked for. libp11 by itself would pad and ask for raw RSA.
class CallsToTheAgent : public Mail {
  protected:
    std::vector<std::string> calls(const std::string& method, const std::vector<std::string>& command,
                                   const std::string& input) {
        const RecordingProxy proxy(m_place.path("proxy"), m_place.agent().socket());
        m_output = m_place.signet_output(command, input, {{"SIGNET_SOCKET", m_place.path("proxy")}});
        return proxy.calls(method);
    }
    std::string m_output;
};

TEST_F(CallsToTheAgent, SignWithTheSchemeThatWasAskedFor) {
    start_with_alice("rsa:2048");
    EXPECT_THAT(calls("Sign", {"sign"}, mail_from(alice)), ElementsAre(HasSubstr(R"("scheme":"rsa_pkcs1")")));
    EXPECT_THAT(calls("Sign", {"sign", "--pss"}, mail_from(alice)),
                ElementsAre(AllOf(HasSubstr(R"("scheme":"rsa_pss")"), HasSubstr(R"("hash":"sha256")"),
                                  HasSubstr(R"("salt_length":32)"))));
}

TEST_F(CallsToTheAgent, DecryptWithTheSchemeOfTheMail) {
    start_with_alice("rsa:2048");
    const auto plain = m_place.signet_output({"encrypt", "--to", alice}, mail_from(alice));
    EXPECT_THAT(calls("Decrypt", {"decrypt"}, plain), ElementsAre(HasSubstr(R"("scheme":"rsa_pkcs1")")));
    const auto oaep = m_place.signet_output({"encrypt", "--to", alice, "--oaep"}, mail_from(alice));
    EXPECT_THAT(calls("Decrypt", {"decrypt"}, oaep),
                ElementsAre(AllOf(HasSubstr(R"("scheme":"rsa_oaep")"), HasSubstr(R"("hash":"sha256")"))));
}

TEST_F(CallsToTheAgent, SignAndDeriveWithAnEcKey) {
    start_with_alice("EC:prime256v1");
    EXPECT_THAT(calls("Sign", {"sign"}, mail_from(alice)), ElementsAre(HasSubstr(R"("scheme":"ecdsa")")));
    const auto encrypted = m_place.signet_output({"encrypt", "--to", alice}, mail_from(alice));
    EXPECT_EQ(calls("Derive", {"decrypt"}, encrypted).size(), 1U);
}

}  // namespace
}  // namespace signet::test
