// openssl cms, gpgsm and NSS cmsutil read what we write, and we read what they write. What a peer cannot do
// is a row of its table with the peer's own words.
#include "smime/encrypt.h"
#include "smime/line_endings.h"
#include "smime/sign.h"
#include "smime/verify.h"
#include "smime/wrap.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"
#include "tests/support/mail_peers.h"
#include "tests/support/requirements.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>

#include <array>
#include <filesystem>

namespace signet::smime {
namespace {

using signet::test::cms_of_mail;
using signet::test::detached_signature_of;
using signet::test::Identity;
using signet::test::LeafOptions;
using signet::test::multipart_signed;
using signet::test::pkcs7_mime;
using signet::test::ProcessResult;
using signet::test::read_file;
using signet::test::run;
using signet::test::write_file;
using test::decrypt;
using test::encrypt;
using test::plain_mail;
using test::sign;
using test::verify;
using ::testing::HasSubstr;

signet::test::RunOptions with_input(std::string input) {
    signet::test::RunOptions options;
    options.input = std::move(input);
    return options;
}

const std::string entity = "Content-Type: text/plain\r\n\r\nWritten by a peer.\r\n";

struct Writing {
    std::string name;
    std::string key;
    bool pss_or_oaep = false;
    ContentCipher cipher = ContentCipher::aes128_cbc;
    std::string refusal{};  // the peer's words; empty where it can
    std::string library{};  // folder of another NSS than the system's
};

// The NSS that Thunderbird brings along, by two years newer than Debian 12's.
const std::string thunderbird = "/usr/lib/thunderbird";

void PrintTo(const Writing& writing, std::ostream* out) {
    *out << writing.key;
}

class Peer : public ::testing::TestWithParam<Writing> {
  protected:
    void make_identities() {
        m_alice = m_authority.issue_identity(GetParam().key, LeafOptions{"Alice", "alice@example.test"});
        write_file(m_folder / "root.pem", signet::test::to_pem(m_authority.certificate()));
        write_file(m_folder / "alice.pem", signet::test::to_pem(m_alice->certificate));
        write_file(m_folder / "alice.key", signet::test::to_pem(m_alice->key.get()));
        write_file(m_folder / "entity", entity);
    }
    std::string path(std::string_view name) { return (m_folder / name).string(); }

    std::string our_signature(SignatureForm form = SignatureForm::detached) {
        SignOptions options = test::sign_options(*m_alice);
        options.pss = GetParam().pss_or_oaep;
        options.form = form;
        auto signed_mail = sign(plain_mail(), options);
        EXPECT_TRUE(signed_mail) << signed_mail.error().detail;
        return signed_mail.value_or("");
    }
    std::string our_encryption() {
        auto encrypted = encrypt(plain_mail(), {.recipients = {m_alice->certificate},
                                                .cipher = GetParam().cipher,
                                                .oaep = GetParam().pss_or_oaep});
        EXPECT_TRUE(encrypted) << encrypted.error().detail;
        return encrypted.value_or("");
    }
    std::string our_encryption_to_an_ec_key_too() {
        const auto bob = m_authority.issue_identity("P-256", LeafOptions{"Bob", "bob@example.test"});
        auto encrypted = encrypt(plain_mail(), {.recipients = {bob.certificate, m_alice->certificate}});
        EXPECT_TRUE(encrypted) << encrypted.error().detail;
        return encrypted.value_or("");
    }
    void expect_we_verify(const std::string& mail) {
        EXPECT_EQ(test::verdict(mail, test::trusting(m_authority)), "good") << mail;
    }
    void expect_we_decrypt(const std::string& mail) {
        const std::array keys{DecryptionKey{m_alice->certificate, [this]() -> Result<x509::KeyPointer> {
                                                EVP_PKEY_up_ref(m_alice->key.get());
                                                return x509::KeyPointer(m_alice->key.get());
                                            }}};
        const auto decrypted = decrypt(mail, keys);
        ASSERT_TRUE(decrypted) << decrypted.error().detail;
        EXPECT_THAT(*decrypted, HasSubstr("Written by a peer."));
    }
    // Success, or the failure that the table foresees.
    void expect_outcome(const ProcessResult& result, std::string_view output) {
        const std::string all = result.output + result.error_output;
        if (GetParam().refusal.empty()) {
            EXPECT_EQ(result.exit_status, 0) << all;
            EXPECT_THAT(all, HasSubstr(std::string(output)));
        } else {
            EXPECT_THAT(all, HasSubstr(GetParam().refusal));
        }
    }

    signet::test::TemporaryDirectory m_folder;
    signet::test::TestAuthority m_authority;
    std::optional<Identity> m_alice;
};

std::string parameter_name(const ::testing::TestParamInfo<Writing>& parameter) {
    return parameter.param.name;
}

class OpensslSignatures : public Peer {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("openssl");
        make_identities();
    }
    std::vector<std::string> signing_command() {
        std::vector<std::string> command{
            "openssl",         "cms",    "-sign",           "-in",   path("entity"),      "-signer",
            path("alice.pem"), "-inkey", path("alice.key"), "-from", "alice@example.test"};
        if (GetParam().pss_or_oaep) {
            command.insert(command.end(), {"-keyopt", "rsa_padding_mode:pss"});
        }
        return command;
    }
};

TEST_P(OpensslSignatures, OursAreReadWithEitherLineEnding) {
    const std::string mail = our_signature();
    for (const std::string& form : {mail, to_lf(mail)}) {
        expect_outcome(run({"openssl", "cms", "-verify", "-CAfile", path("root.pem")}, with_input(form)),
                       "CMS Verification successful");
    }
}

TEST_P(OpensslSignatures, OurOpaqueOnesAreRead) {
    const std::string mail = our_signature(SignatureForm::opaque);
    for (const std::string& form : {mail, to_lf(mail)}) {
        const auto result = run({"openssl", "cms", "-verify", "-CAfile", path("root.pem")}, with_input(form));
        expect_outcome(result, "CMS Verification successful");
        EXPECT_THAT(result.output, HasSubstr("this is signed."));
    }
}

TEST_P(OpensslSignatures, TheirsAreRead) {
    expect_we_verify(signet::test::run_checked(signing_command()));
    auto opaque = signing_command();
    opaque.emplace_back("-nodetach");
    expect_we_verify(signet::test::run_checked(opaque));
}

INSTANTIATE_TEST_SUITE_P(Keys, OpensslSignatures,
                         ::testing::Values(Writing{"Rsa2048", "rsa:2048"}, Writing{"Rsa3072", "rsa:3072"},
                                           Writing{"Rsa2048Pss", "rsa:2048", true}, Writing{"P256", "P-256"},
                                           Writing{"P384", "P-384"}),
                         parameter_name);

class OpensslEncryption : public Peer {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("openssl");
        make_identities();
    }
    std::string cipher_option() {
        switch (GetParam().cipher) {
            case ContentCipher::aes128_cbc:
                return "-aes128";
            case ContentCipher::aes256_cbc:
                return "-aes256";
            case ContentCipher::aes128_gcm:
                return "-aes-128-gcm";
            case ContentCipher::aes256_gcm:
                break;
        }
        return "-aes-256-gcm";
    }
};

TEST_P(OpensslEncryption, OursIsRead) {
    expect_outcome(
        run({"openssl", "cms", "-decrypt", "-recip", path("alice.pem"), "-inkey", path("alice.key")},
            with_input(our_encryption())),
        "this is signed.");
}

TEST_P(OpensslEncryption, OurTripleWrappingIsRead) {
    SignOptions inner = test::sign_options(*m_alice);
    inner.form = SignatureForm::opaque;
    TextSink out;
    ASSERT_TRUE(triple_wrap(
        TextSource(plain_mail()), out, inner,
        {.recipients = {m_alice->certificate}, .cipher = GetParam().cipher, .oaep = GetParam().pss_or_oaep},
        test::sign_options(*m_alice)));
    const std::vector<std::string> verify{"openssl", "cms", "-verify", "-CAfile", path("root.pem")};
    const std::string encrypted = signet::test::run_checked(verify, with_input(out.take()));
    const std::string signed_mail = signet::test::run_checked(
        {"openssl", "cms", "-decrypt", "-recip", path("alice.pem"), "-inkey", path("alice.key")},
        with_input(encrypted));
    expect_outcome(run(verify, with_input(signed_mail)), "this is signed.");
}

TEST_P(OpensslEncryption, TheirsIsRead) {
    std::vector<std::string> command{"openssl",      "cms",           "-encrypt", "-in",
                                     path("entity"), cipher_option(), "-recip",   path("alice.pem")};
    if (GetParam().pss_or_oaep) {
        command.insert(command.end(), {"-keyopt", "rsa_padding_mode:oaep"});
    }
    expect_we_decrypt(signet::test::run_checked(command));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, OpensslEncryption,
    ::testing::Values(Writing{"Rsa2048", "rsa:2048"}, Writing{"Rsa2048Oaep", "rsa:2048", true},
                      Writing{"Rsa3072Gcm", "rsa:3072", false, ContentCipher::aes256_gcm},
                      Writing{"P256", "P-256"}, Writing{"P384", "P-384", false, ContentCipher::aes256_cbc},
                      Writing{"P256Gcm", "P-256", false, ContentCipher::aes128_gcm}),
    parameter_name);

class GpgsmPeer : public Peer {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("gpgsm");
        make_identities();
        m_home.emplace(m_authority.certificate());
        m_home->import(*m_alice);
    }
    ProcessResult gpgsm(const std::vector<std::string>& arguments) { return m_home->run(arguments); }

    std::optional<signet::test::GpgsmHome> m_home;
};

class GpgsmSignatures : public GpgsmPeer {};
class GpgsmWriting : public GpgsmPeer {};
class GpgsmEncryption : public GpgsmPeer {};

TEST_P(GpgsmSignatures, OursAreRead) {
    const std::string mail = our_signature();
    write_file(m_folder / "s.p7s", detached_signature_of(mail));
    write_file(m_folder / "content", verify(mail, {})->content);
    expect_outcome(gpgsm({"--verify", path("s.p7s"), path("content")}), "Good signature");
}

TEST_P(GpgsmSignatures, OurOpaqueOnesAreRead) {
    write_file(m_folder / "s.p7m", cms_of_mail(our_signature(SignatureForm::opaque)));
    expect_outcome(gpgsm({"--verify", path("s.p7m")}), "Good signature");
}

TEST_P(GpgsmWriting, TheirsAreRead) {
    const auto signature =
        gpgsm({"--detach-sign", "-u", "alice@example.test", "-o", path("s.p7s"), path("entity")});
    ASSERT_EQ(signature.exit_status, 0) << signature.error_output;
    expect_we_verify(multipart_signed("alice@example.test", entity, read_file(m_folder / "s.p7s")));
    const auto encryption =
        gpgsm({"--encrypt", "-r", "alice@example.test", "-o", path("e.p7m"), path("entity")});
    ASSERT_EQ(encryption.exit_status, 0) << encryption.error_output;
    expect_we_decrypt(pkcs7_mime(read_file(m_folder / "e.p7m")));
}

TEST_P(GpgsmWriting, OurMailWithAnEcRecipientIsRead) {
    write_file(m_folder / "e.p7m", cms_of_mail(our_encryption_to_an_ec_key_too()));
    expect_outcome(gpgsm({"--decrypt", path("e.p7m")}), "this is signed.");
}

TEST_P(GpgsmEncryption, OursIsRead) {
    write_file(m_folder / "e.p7m", cms_of_mail(our_encryption()));
    expect_outcome(gpgsm({"--decrypt", path("e.p7m")}), "this is signed.");
}

// gpgsm 2.2.40 dies in free() over RSASSA-PSS; a peer that crashes is not asked.
INSTANTIATE_TEST_SUITE_P(Keys, GpgsmSignatures,
                         ::testing::Values(Writing{"Rsa2048", "rsa:2048"}, Writing{"Rsa3072", "rsa:3072"},
                                           Writing{"P256", "P-256"}, Writing{"P384", "P-384"}),
                         parameter_name);
INSTANTIATE_TEST_SUITE_P(Keys, GpgsmWriting, ::testing::Values(Writing{"Rsa2048", "rsa:2048"}),
                         parameter_name);
INSTANTIATE_TEST_SUITE_P(
    Keys, GpgsmEncryption,
    ::testing::Values(Writing{"Rsa2048", "rsa:2048"},
                      Writing{"Rsa3072", "rsa:3072", false, ContentCipher::aes256_cbc},
                      Writing{"Rsa2048Oaep", "rsa:2048", true, ContentCipher::aes128_cbc, "No secret key"},
                      Writing{"Rsa2048Gcm", "rsa:2048", false, ContentCipher::aes128_gcm, "Buffer too short"},
                      Writing{"P256", "P-256", false, ContentCipher::aes128_cbc, "No secret key"}),
    parameter_name);

class NssPeer : public Peer {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("cmsutil");
        SIGNET_REQUIRE_PROGRAM("pk12util");
        SIGNET_REQUIRE(GetParam().library.empty() || std::filesystem::exists(GetParam().library),
                       "thunderbird");
        make_identities();
        m_database.emplace(m_authority.certificate());
        m_database->import(*m_alice);
    }
    ProcessResult cmsutil(const std::vector<std::string>& arguments) {
        return m_database->cmsutil(arguments, GetParam().library);
    }

    std::optional<signet::test::NssDatabase> m_database;
};

class NssSignatures : public NssPeer {};
class NssWriting : public NssPeer {};
class NssWritingToRsa : public NssPeer {};
class NssEncryption : public NssPeer {};

TEST_P(NssSignatures, OursAreRead) {
    const std::string mail = our_signature();
    write_file(m_folder / "s.p7s", detached_signature_of(mail));
    write_file(m_folder / "content", verify(mail, {})->content);
    expect_outcome(cmsutil({"-D", "-i", path("s.p7s"), "-c", path("content"), "-h", "1"}),
                   "signer0.status=GoodSignature");
}

TEST_P(NssSignatures, OurOpaqueOnesAreRead) {
    write_file(m_folder / "s.p7m", cms_of_mail(our_signature(SignatureForm::opaque)));
    const auto result = cmsutil({"-D", "-i", path("s.p7m"), "-h", "1"});
    expect_outcome(result, "signer0.status=GoodSignature");
    EXPECT_THAT(result.output, HasSubstr("this is signed."));
}

TEST_P(NssWriting, TheirSignaturesAreRead) {
    const auto detached = cmsutil({"-S", "-N", "alice@example.test", "-T", "-G", "-P", "-Y", "NONE", "-i",
                                   path("entity"), "-o", path("s.p7s")});
    ASSERT_EQ(detached.exit_status, 0) << detached.error_output;
    expect_we_verify(multipart_signed("alice@example.test", entity, read_file(m_folder / "s.p7s")));
    const auto opaque = cmsutil({"-S", "-N", "alice@example.test", "-G", "-P", "-Y", "NONE", "-i",
                                 path("entity"), "-o", path("s.p7m")});
    ASSERT_EQ(opaque.exit_status, 0) << opaque.error_output;
    expect_we_verify(pkcs7_mime(read_file(m_folder / "s.p7m")));
}

TEST_P(NssEncryption, OursIsRead) {
    write_file(m_folder / "e.p7m", cms_of_mail(our_encryption()));
    expect_outcome(cmsutil({"-D", "-i", path("e.p7m")}), "this is signed.");
}

// Not even by the recipient with an RSA key, who comes first.
TEST_P(NssWritingToRsa, OurMailWithAnEcRecipientIsNotRead) {
    write_file(m_folder / "e.p7m", cms_of_mail(our_encryption_to_an_ec_key_too()));
    EXPECT_THAT(cmsutil({"-D", "-i", path("e.p7m")}).error_output, HasSubstr("SEC_ERROR_BAD_DER"));
}

// NSS 3.87 cannot encrypt to EC keys.
TEST_P(NssWritingToRsa, TheirEncryptionIsRead) {
    const auto encryption =
        cmsutil({"-E", "-r", "alice@example.test", "-i", path("entity"), "-o", path("e.p7m")});
    ASSERT_EQ(encryption.exit_status, 0) << encryption.error_output;
    expect_we_decrypt(pkcs7_mime(read_file(m_folder / "e.p7m")));
}

INSTANTIATE_TEST_SUITE_P(Keys, NssSignatures,
                         ::testing::Values(Writing{"Rsa2048", "rsa:2048"}, Writing{"Rsa3072", "rsa:3072"},
                                           Writing{"Rsa2048Pss", "rsa:2048", true}, Writing{"P256", "P-256"},
                                           Writing{"P384", "P-384"}),
                         parameter_name);
INSTANTIATE_TEST_SUITE_P(
    Thunderbird, NssSignatures,
    ::testing::Values(
        Writing{.name = "Rsa2048", .key = "rsa:2048", .library = thunderbird},
        Writing{.name = "Rsa2048Pss", .key = "rsa:2048", .pss_or_oaep = true, .library = thunderbird},
        Writing{.name = "Rsa3072", .key = "rsa:3072", .library = thunderbird},
        Writing{.name = "P256", .key = "P-256", .library = thunderbird},
        Writing{.name = "P384", .key = "P-384", .library = thunderbird}),
    parameter_name);
INSTANTIATE_TEST_SUITE_P(
    Thunderbird, NssEncryption,
    ::testing::Values(
        Writing{.name = "Rsa2048", .key = "rsa:2048", .library = thunderbird},
        Writing{.name = "Rsa2048Oaep", .key = "rsa:2048", .pss_or_oaep = true, .library = thunderbird},
        Writing{.name = "Rsa3072Aes256",
                .key = "rsa:3072",
                .cipher = ContentCipher::aes256_cbc,
                .library = thunderbird},
        Writing{.name = "P256", .key = "P-256", .library = thunderbird},
        Writing{.name = "P384Aes256",
                .key = "P-384",
                .cipher = ContentCipher::aes256_cbc,
                .library = thunderbird},
        Writing{.name = "Rsa2048Gcm",
                .key = "rsa:2048",
                .cipher = ContentCipher::aes128_gcm,
                .refusal = "SEC_ERROR_UNRECOGNIZED_OID",
                .library = thunderbird},
        Writing{.name = "P256Gcm",
                .key = "P-256",
                .cipher = ContentCipher::aes256_gcm,
                .refusal = "SEC_ERROR_UNRECOGNIZED_OID",
                .library = thunderbird}),
    parameter_name);
INSTANTIATE_TEST_SUITE_P(Keys, NssWritingToRsa,
                         ::testing::Values(Writing{"Rsa2048", "rsa:2048"}, Writing{"Rsa3072", "rsa:3072"}),
                         parameter_name);
INSTANTIATE_TEST_SUITE_P(Keys, NssWriting,
                         ::testing::Values(Writing{"Rsa2048", "rsa:2048"}, Writing{"P256", "P-256"}),
                         parameter_name);
INSTANTIATE_TEST_SUITE_P(
    Keys, NssEncryption,
    ::testing::Values(
        Writing{"Rsa2048", "rsa:2048"}, Writing{"Rsa3072", "rsa:3072", false, ContentCipher::aes256_cbc},
        Writing{"Rsa2048Oaep", "rsa:2048", true, ContentCipher::aes128_cbc, "failed to decode message"},
        Writing{"Rsa2048Gcm", "rsa:2048", false, ContentCipher::aes128_gcm, "SEC_ERROR_UNRECOGNIZED_OID"},
        Writing{"P256", "P-256", false, ContentCipher::aes128_cbc, "SEC_ERROR_BAD_DER"}),
    parameter_name);

}  // namespace
}  // namespace signet::smime
