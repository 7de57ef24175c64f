// Everything that we write in every combination, read by openssl cms, gpgsm, Debian's NSS and Thunderbird's,
// and what they write, read by us. A cell that a peer cannot do is in refusal_of() with the peer's own words.
#include "smime/decrypt.h"
#include "smime/encrypt.h"
#include "smime/scan.h"
#include "smime/sign.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"
#include "tests/smime/transfer_decoding.h"
#include "tests/support/mail_peers.h"
#include "tests/support/requirements.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>

#include <array>

namespace signet::smime {
namespace {

using signet::test::Identity;
using signet::test::LeafOptions;
using signet::test::multipart_signed;
using signet::test::pkcs7_mime;
using signet::test::ProcessResult;
using signet::test::read_file;
using signet::test::run;
using signet::test::write_file;
using test::decode_transfer;
using test::plain_mail;

enum class Structure { detached, opaque, encrypted, signed_and_encrypted, triple };
enum class Operation { verify_detached, verify_opaque, decrypt, sign, encrypt };

struct Cell {
    std::string key;
    Structure structure = Structure::detached;
    bool modern = false;  // PSS and OAEP where the key is RSA
    ContentCipher cipher = ContentCipher::aes128_cbc;
};

bool is_rsa(const Cell& cell) {
    return cell.key.starts_with("rsa");
}
bool is_gcm(const Cell& cell) {
    return cell.cipher == ContentCipher::aes128_gcm || cell.cipher == ContentCipher::aes256_gcm;
}

std::string describe(const Cell& cell) {
    constexpr std::array names{"detached", "opaque", "encrypted", "signed and encrypted", "triple"};
    return cell.key + (cell.modern ? " PSS/OAEP " : " ") +
           names.at(static_cast<std::size_t>(cell.structure)) + " " + std::string(name_of(cell.cipher));
}

// What a program said, and the content that it gave out.
struct Outcome {
    bool good = false;
    std::string content;
    std::string words;
};

// One mail program with Alice's certificate and key.
class MailPeer {
  public:
    virtual ~MailPeer() = default;
    virtual Outcome verify_detached(const std::string& content, const std::string& signature) = 0;
    virtual Outcome verify_opaque(const std::string& cms) = 0;
    virtual Outcome decrypt(const std::string& cms) = 0;
    virtual Outcome sign(const std::string& content, bool opaque, bool pss) = 0;
    virtual Outcome encrypt(const std::string& content, const Cell& cell) = 0;
    // The peer's words where it cannot; nothing where it can. "-": it is not asked, and the reason is beside
    // it.
    [[nodiscard]] virtual std::string refusal_of(Operation operation, const Cell& cell) const = 0;

  protected:
    std::string put(const std::string& content) {
        write_file(m_folder / "in", content);
        return path("in");
    }
    std::string path(const std::string& name) { return (m_folder / name).string(); }
    Outcome outcome(const ProcessResult& result, bool good) {
        const bool written = std::filesystem::exists(m_folder / "out");
        Outcome outcome{.good = good && result.exit_status == 0,
                        .content = written ? read_file(m_folder / "out") : std::string(),
                        .words = result.output + result.error_output};
        std::filesystem::remove(m_folder / "out");
        return outcome;
    }
    Outcome outcome(const ProcessResult& result, std::string_view words) {
        return outcome(result, (result.output + result.error_output).find(words) != std::string::npos);
    }

    signet::test::TemporaryDirectory m_folder;
};

class OpensslPeer final : public MailPeer {
  public:
    OpensslPeer(const x509::Certificate& root, const Identity& alice) {
        write_file(m_folder / "root.pem", signet::test::to_pem(root));
        write_file(m_folder / "alice.pem", signet::test::to_pem(alice.certificate));
        write_file(m_folder / "alice.key", signet::test::to_pem(alice.key.get()));
    }
    Outcome verify_detached(const std::string& content, const std::string& signature) override {
        write_file(m_folder / "content", content);
        return openssl({"-verify", "-inform", "DER", "-in", put(signature), "-binary", "-content",
                        path("content"), "-CAfile", path("root.pem")});
    }
    Outcome verify_opaque(const std::string& cms) override {
        return openssl(
            {"-verify", "-inform", "DER", "-in", put(cms), "-binary", "-CAfile", path("root.pem")});
    }
    Outcome decrypt(const std::string& cms) override {
        return openssl({"-decrypt", "-inform", "DER", "-in", put(cms), "-binary", "-recip", path("alice.pem"),
                        "-inkey", path("alice.key")});
    }
    Outcome sign(const std::string& content, bool opaque, bool pss) override {
        std::vector<std::string> command{"-sign",  "-binary",        "-outform", "DER",
                                         "-in",    put(content),     "-signer",  path("alice.pem"),
                                         "-inkey", path("alice.key")};
        if (opaque) {
            command.emplace_back("-nodetach");
        }
        if (pss) {
            command.insert(command.end(), {"-keyopt", "rsa_padding_mode:pss"});
        }
        return openssl(command);
    }
    Outcome encrypt(const std::string& content, const Cell& cell) override {
        std::vector<std::string> command{"-encrypt",
                                         "-binary",
                                         "-outform",
                                         "DER",
                                         "-in",
                                         put(content),
                                         is_gcm(cell) ? "-aes-128-gcm" : "-aes128",
                                         "-recip",
                                         path("alice.pem")};
        if (cell.modern) {
            command.insert(command.end(), {"-keyopt", "rsa_padding_mode:oaep"});
        }
        return openssl(command);
    }
    [[nodiscard]] std::string refusal_of(Operation /*operation*/, const Cell& /*cell*/) const override {
        return {};
    }

  private:
    Outcome openssl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"openssl", "cms", "-out", path("out")});
        return outcome(run(arguments), true);
    }
};

class GpgsmPeer final : public MailPeer {
  public:
    GpgsmPeer(const x509::Certificate& root, const Identity& alice) : m_home(root) { m_home.import(alice); }
    Outcome verify_detached(const std::string& content, const std::string& signature) override {
        write_file(m_folder / "content", content);
        return gpgsm({"--verify", put(signature), path("content")}, "Good signature");
    }
    Outcome verify_opaque(const std::string& cms) override {
        return gpgsm({"-o", path("out"), "--verify", put(cms)}, "Good signature");
    }
    Outcome decrypt(const std::string& cms) override {
        return gpgsm({"-o", path("out"), "--decrypt", put(cms)}, "");
    }
    Outcome sign(const std::string& content, bool opaque, bool /*pss*/) override {
        return gpgsm({opaque ? "--sign" : "--detach-sign", "-u", "alice@example.test", "-o", path("out"),
                      put(content)},
                     "");
    }
    Outcome encrypt(const std::string& content, const Cell& /*cell*/) override {
        return gpgsm({"--encrypt", "-r", "alice@example.test", "-o", path("out"), put(content)}, "");
    }
    // gpgsm 2.2.40 dies in free() over RSASSA-PSS, has no way to write PSS, OAEP and GCM, and its import of
    // PKCS#12 leaves EC keys out.
    [[nodiscard]] std::string refusal_of(Operation operation, const Cell& cell) const override {
        switch (operation) {
            case Operation::verify_detached:
            case Operation::verify_opaque:
                return is_rsa(cell) && cell.modern ? "-" : "";
            case Operation::decrypt:
                if (is_gcm(cell)) {
                    return "Buffer too short";
                }
                return !is_rsa(cell) || cell.modern ? "No secret key" : "";
            case Operation::sign:
                return !is_rsa(cell) || cell.modern ? "-" : "";
            case Operation::encrypt:
                break;
        }
        return !is_rsa(cell) || cell.modern || is_gcm(cell) ? "-" : "";
    }

  private:
    Outcome gpgsm(const std::vector<std::string>& arguments, std::string_view words) {
        return outcome(m_home.run(arguments), words);
    }

    signet::test::GpgsmHome m_home;
};

class NssPeer : public MailPeer {
  public:
    NssPeer(const x509::Certificate& root, const Identity& alice, std::string libraries = {})
        : m_database(root), m_libraries(std::move(libraries)) {
        m_database.import(alice);
    }
    Outcome verify_detached(const std::string& content, const std::string& signature) override {
        write_file(m_folder / "content", content);
        return signature_status({"-D", "-i", put(signature), "-c", path("content"), "-h", "1"});
    }
    Outcome verify_opaque(const std::string& cms) override {
        Outcome headers = signature_status({"-D", "-i", put(cms), "-h", "1"});
        headers.content = cmsutil({"-D", "-i", path("in")}, "").content;
        return headers;
    }
    Outcome decrypt(const std::string& cms) override { return cmsutil({"-D", "-i", put(cms)}, ""); }
    Outcome sign(const std::string& content, bool opaque, bool /*pss*/) override {
        std::vector<std::string> command{"-S",   "-N", "alice@example.test", "-G", "-P", "-Y",
                                         "NONE", "-i", put(content)};
        if (!opaque) {
            command.emplace_back("-T");
        }
        return cmsutil(command, "");
    }
    Outcome encrypt(const std::string& content, const Cell& /*cell*/) override {
        return cmsutil({"-E", "-r", "alice@example.test", "-i", put(content)}, "");
    }
    // NSS 3.87 of Debian 12. cmsutil has no way to write PSS, OAEP and GCM.
    [[nodiscard]] std::string refusal_of(Operation operation, const Cell& cell) const override {
        switch (operation) {
            case Operation::verify_detached:
            case Operation::verify_opaque:
                return "";
            case Operation::decrypt:
                if (is_gcm(cell)) {
                    return "SEC_ERROR_UNRECOGNIZED_OID";
                }
                return is_rsa(cell) ? (cell.modern ? "failed to decode message" : "") : "SEC_ERROR_BAD_DER";
            case Operation::sign:
                return cell.modern ? "-" : "";
            case Operation::encrypt:
                break;
        }
        return !is_rsa(cell) || cell.modern || is_gcm(cell) ? "-" : "";
    }

  private:
    // cmsutil exits with 0 for a bad signature too, and writes the headers where the content would go.
    Outcome signature_status(std::vector<std::string> arguments) {
        return outcome(m_database.cmsutil(std::move(arguments), m_libraries), "signer0.status=GoodSignature");
    }
    Outcome cmsutil(const std::vector<std::string>& arguments, std::string_view words) {
        std::vector<std::string> command = arguments;
        command.insert(command.end(), {"-o", path("out")});
        return outcome(m_database.cmsutil(std::move(command), m_libraries), words);
    }

    signet::test::NssDatabase m_database;
    std::string m_libraries;
};

// NSS 3.125, without its window.
class ThunderbirdPeer final : public NssPeer {
  public:
    ThunderbirdPeer(const x509::Certificate& root, const Identity& alice)
        : NssPeer(root, alice, thunderbird_libraries) {}
    [[nodiscard]] std::string refusal_of(Operation operation, const Cell& cell) const override {
        if (operation == Operation::decrypt) {
            return is_gcm(cell) ? "SEC_ERROR_UNRECOGNIZED_OID" : "";
        }
        if (operation == Operation::encrypt) {
            return cell.modern || is_gcm(cell) ? "-" : "";
        }
        return NssPeer::refusal_of(operation, cell);
    }

    static constexpr const char* thunderbird_libraries = "/usr/lib/thunderbird";
};

std::string text_of(const std::string& mail, Range range) {
    return mail.substr(range.begin, range.size());
}

struct MatrixCase {
    std::string name;
    std::string peer;
    std::string key;
};

void PrintTo(const MatrixCase& parameter, std::ostream* out) {
    *out << parameter.peer << " " << parameter.key;
}

class Matrix : public ::testing::TestWithParam<MatrixCase> {
  protected:
    void SetUp() override {
        m_alice = m_authority.issue_identity(GetParam().key, LeafOptions{"Alice", "alice@example.test"});
        if (GetParam().peer == "openssl") {
            SIGNET_REQUIRE_PROGRAM("openssl");
            m_peer = std::make_unique<OpensslPeer>(m_authority.certificate(), *m_alice);
        } else if (GetParam().peer == "gpgsm") {
            SIGNET_REQUIRE_PROGRAM("gpgsm");
            m_peer = std::make_unique<GpgsmPeer>(m_authority.certificate(), *m_alice);
        } else {
            SIGNET_REQUIRE_PROGRAM("cmsutil");
            SIGNET_REQUIRE_PROGRAM("pk12util");
            if (GetParam().peer == "thunderbird") {
                SIGNET_REQUIRE(std::filesystem::exists(ThunderbirdPeer::thunderbird_libraries),
                               "thunderbird");
                m_peer = std::make_unique<ThunderbirdPeer>(m_authority.certificate(), *m_alice);
            } else {
                m_peer = std::make_unique<NssPeer>(m_authority.certificate(), *m_alice);
            }
        }
    }

    std::vector<Cell> cells() const {
        std::vector<Cell> cells;
        const bool rsa = GetParam().key.starts_with("rsa");
        for (const bool modern : rsa ? std::vector{false, true} : std::vector{false}) {
            for (const Structure structure : {Structure::detached, Structure::opaque}) {
                cells.push_back({.key = GetParam().key, .structure = structure, .modern = modern});
            }
            for (const Structure structure :
                 {Structure::encrypted, Structure::signed_and_encrypted, Structure::triple}) {
                for (const ContentCipher cipher : {ContentCipher::aes128_cbc, ContentCipher::aes128_gcm}) {
                    cells.push_back(
                        {.key = GetParam().key, .structure = structure, .modern = modern, .cipher = cipher});
                }
            }
        }
        return cells;
    }

    std::string our_signature(const std::string& mail, const Cell& cell, SignatureForm form) {
        SignOptions options = test::sign_options(*m_alice);
        options.pss = cell.modern;
        options.form = form;
        TextSink out;
        const auto written = sign(TextSource(mail), out, options);
        EXPECT_TRUE(written) << written.error().detail;
        return out.take();
    }
    std::string our_encryption(const std::string& mail, const Cell& cell) {
        TextSink out;
        const auto written =
            encrypt(TextSource(mail), out,
                    {.recipients = {m_alice->certificate}, .cipher = cell.cipher, .oaep = cell.modern});
        EXPECT_TRUE(written) << written.error().detail;
        return out.take();
    }
    std::string our_mail(const Cell& cell) {
        const auto form =
            cell.structure == Structure::opaque ? SignatureForm::opaque : SignatureForm::detached;
        std::string mail = plain_mail();
        if (cell.structure != Structure::encrypted) {
            mail = our_signature(mail, cell, form);
        }
        if (cell.structure != Structure::detached && cell.structure != Structure::opaque) {
            mail = our_encryption(mail, cell);
        }
        return cell.structure == Structure::triple ? our_signature(mail, cell, form) : mail;
    }

    // The peer opens one layer after another. The text inside when it can open all of them; nothing after a
    // refusal that is in its table.
    void expect_peer_reads(std::string mail, const Cell& cell) {
        for (int layer = 0; layer < 4; ++layer) {
            const auto scanned = scan_entity(TextSource(mail));
            ASSERT_TRUE(scanned);
            const MimePart& part = **scanned;
            if (part.type.type != "multipart/signed" && part.type.type != "application/pkcs7-mime") {
                EXPECT_THAT(mail, ::testing::HasSubstr("this is signed."));
                return;
            }
            const std::optional<std::string> inside = opened_by_peer(mail, part, cell);
            if (!inside) {
                return;
            }
            mail = *inside;
        }
        FAIL() << "more layers than were made";
    }

    std::optional<std::string> opened_by_peer(const std::string& mail, const MimePart& part,
                                              const Cell& cell) {
        if (part.type.type == "multipart/signed") {
            const std::string content = text_of(mail, part.parts.at(0)->range);
            const std::string signature =
                decode_transfer(text_of(mail, part.parts.at(1)->body), TransferEncoding::base64);
            return expected(Operation::verify_detached, cell,
                            [&] { return m_peer->verify_detached(content, signature); })
                       ? std::optional(content)
                       : std::nullopt;
        }
        const std::string cms = decode_transfer(text_of(mail, part.body), TransferEncoding::base64);
        const bool is_signed = part.type.smime_type == "signed-data";
        std::string content;
        const bool done = expected(is_signed ? Operation::verify_opaque : Operation::decrypt, cell, [&] {
            Outcome outcome = is_signed ? m_peer->verify_opaque(cms) : m_peer->decrypt(cms);
            content = outcome.content;
            return outcome;
        });
        return done ? std::optional(content) : std::nullopt;
    }

    // Whether the peer did it; it must have done it, or refused it as its table says.
    template <class Action>
    bool expected(Operation operation, const Cell& cell, Action action) {
        const std::string refusal = m_peer->refusal_of(operation, cell);
        if (refusal == "-") {
            return false;
        }
        const Outcome outcome = action();
        if (refusal.empty()) {
            EXPECT_TRUE(outcome.good) << outcome.words;
        } else {
            EXPECT_THAT(outcome.words, ::testing::HasSubstr(refusal));
            EXPECT_FALSE(outcome.good) << "the peer has learned it";
        }
        return outcome.good;
    }

    // Mails that the peer wrote, put into MIME by us: it writes CMS only.
    std::optional<std::string> peer_entity(const Cell& cell) {
        std::string mail = entity;
        const auto sign_layer = [&](bool opaque) {
            const std::string content = mail;
            return expected(Operation::sign, cell, [&] {
                Outcome outcome = m_peer->sign(content, opaque, cell.modern);
                mail = opaque ? pkcs7_mime(outcome.content)
                              : multipart_signed("alice@example.test", content, outcome.content);
                return outcome;
            });
        };
        const bool encrypts = cell.structure != Structure::detached && cell.structure != Structure::opaque;
        if (cell.structure != Structure::encrypted && !sign_layer(cell.structure == Structure::opaque)) {
            return std::nullopt;
        }
        if (encrypts && !expected(Operation::encrypt, cell, [&] {
                Outcome outcome = m_peer->encrypt(mail, cell);
                mail = pkcs7_mime(outcome.content);
                return outcome;
            })) {
            return std::nullopt;
        }
        if (cell.structure == Structure::triple && !sign_layer(false)) {
            return std::nullopt;
        }
        return mail;
    }

    void expect_we_read(std::string mail, const Cell& cell) {
        if (cell.structure == Structure::triple) {
            EXPECT_EQ(test::verdict(mail, test::trusting(m_authority)), "signature_outside_encryption");
            const auto outer = scan_mail(TextSource(mail));
            ASSERT_TRUE(outer && (*outer)->parts.size() == 2);
            mail = text_of(mail, (*outer)->parts[0]->range);
        }
        if (cell.structure != Structure::detached && cell.structure != Structure::opaque) {
            mail = decrypted_by_us(mail);
        }
        if (cell.structure == Structure::encrypted) {
            EXPECT_THAT(mail, ::testing::HasSubstr("Written by a peer."));
        } else {
            EXPECT_EQ(test::verdict(mail, test::trusting(m_authority)), "good") << mail;
        }
    }

    std::string decrypted_by_us(const std::string& mail) {
        const std::array keys{
            DecryptionKey{test::outline_of(m_alice->certificate), [this]() -> Result<x509::KeyPointer> {
                              EVP_PKEY_up_ref(m_alice->key.get());
                              return x509::KeyPointer(m_alice->key.get());
                          }}};
        auto decrypted = test::decrypt(mail, keys);
        EXPECT_TRUE(decrypted) << decrypted.error().detail;
        return decrypted.value_or("");
    }

    static inline const std::string entity = "Content-Type: text/plain\r\n\r\nWritten by a peer.\r\n";

    signet::test::TestAuthority m_authority;
    std::optional<Identity> m_alice;
    std::unique_ptr<MailPeer> m_peer;
};

TEST_P(Matrix, OursIsRead) {
    for (const Cell& cell : cells()) {
        SCOPED_TRACE(describe(cell));
        expect_peer_reads(our_mail(cell), cell);
    }
}

TEST_P(Matrix, TheirsIsRead) {
    for (const Cell& cell : cells()) {
        SCOPED_TRACE(describe(cell));
        if (const auto mail = peer_entity(cell)) {
            expect_we_read(*mail, cell);
        }
    }
}

std::vector<MatrixCase> matrix_cases() {
    std::vector<MatrixCase> cases;
    for (const std::string peer : {"openssl", "gpgsm", "nss", "thunderbird"}) {
        cases.push_back({peer + "Rsa2048", peer, "rsa:2048"});
        cases.push_back({peer + "Rsa3072", peer, "rsa:3072"});
        cases.push_back({peer + "P256", peer, "P-256"});
        cases.push_back({peer + "P384", peer, "P-384"});
    }
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Peers, Matrix, ::testing::ValuesIn(matrix_cases()),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace signet::smime
