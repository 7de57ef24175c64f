// Encrypted messages of others: what `openssl cms` decrypts, we decrypt to the same.
#include "smime/decrypt.h"
#include "tests/smime/decryption.h"
#include "tests/support/requirements.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>

#include <map>
#include <sstream>

namespace signet::smime {
namespace {

using signet::test::corpora;
using signet::test::Identity;
using signet::test::read_file;
using ::testing::HasSubstr;

// A line of VERDICTS.tsv.
struct Message {
    std::filesystem::path path;
    std::string form;
    std::string key;      // that decrypts it; empty where openssl cannot
    std::string content;  // its begin
};

std::vector<std::string> columns_of(const std::string& line) {
    std::vector<std::string> columns;
    std::istringstream rest(line);
    for (std::string column; std::getline(rest, column, '\t');) {
        columns.push_back(column);
    }
    return columns;
}

// Out of a Python literal b'...'.
std::string unescaped(std::string text) {
    text = text.substr(2, text.size() - 3);
    for (const auto& [escape, character] : {std::pair("\\r", '\r'), std::pair("\\n", '\n')}) {
        for (std::size_t at = 0; (at = text.find(escape)) != std::string::npos;) {
            text.replace(at, 2, 1, character);
        }
    }
    return text;
}

std::vector<Message> encrypted_messages() {
    std::istringstream lines(read_file(corpora() / "VERDICTS.tsv"));
    std::vector<Message> messages;
    for (std::string line; std::getline(lines, line);) {
        const auto columns = columns_of(line);
        if (columns.size() == 7 && columns[5].starts_with("ok:")) {
            messages.push_back({corpora() / columns[0] / columns[1], columns[2], columns[5].substr(3),
                                unescaped(columns[6])});
        }
    }
    return messages;
}

std::shared_ptr<EVP_PKEY> read_key(const std::filesystem::path& path) {
    const std::string text = read_file(path);
    const x509::BioPointer bio = x509::memory_reader(as_bytes(text));
    EVP_PKEY* key = text.starts_with("-----") ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)
                                              : d2i_PrivateKey_bio(bio.get(), nullptr);
    return {key, EVP_PKEY_free};
}

x509::Certificate read_certificate(const std::filesystem::path& path) {
    const std::string text = read_file(path);
    return text.starts_with("-----") ? x509::Certificate::from_pem(text).value()
                                     : x509::Certificate::from_der(as_bytes(text)).value();
}

Identity rfc9216_identity(const std::string& name) {
    const auto folder = corpora() / "cms-examples-rfc9216-keys" / "certs-and-keys";
    return {read_certificate(folder / ("lamps-" + name + ".encrypt.crt")),
            read_key(folder / ("lamps-" + name + ".decrypt.p8.pem"))};
}

// The key that VERDICTS.tsv names beside a message.
Identity identity_for(const Message& message) {
    if (message.key == "test.key") {
        const auto folder = corpora() / "asn1crypto" / "keys";
        return {read_certificate(folder / "test.crt"), read_key(folder / "test.key")};
    }
    if (message.key == "BobPrivRSAEncrypt") {
        const auto folder = corpora() / "rfc4134";
        return {read_certificate(folder / "BobRSASignByCarl.cer"),
                read_key(folder / "BobPrivRSAEncrypt.pri")};
    }
    if (message.key.starts_with("lamps-")) {
        return rfc9216_identity("bob");
    }
    if (message.key == "bob.p12") {
        return signet::test::read_pkcs12(corpora() / "protected-headers-draft" / "bob.p12", "bob").identity;
    }
    const bool in_tests = message.key == "Bob.p12";
    return signet::test::read_pkcs12(
               corpora() / "thunderbird" / (in_tests ? "smime" : "smime-interop") / message.key, "nss")
        .identity;
}

// The first 40 octets, as VERDICTS.tsv has them.
Result<std::string> decrypted_begin(const Message& message, std::span<const DecryptionKey> keys) {
    const std::string octets = read_file(message.path);
    const TextSource source(octets);
    if (message.form != "SMIME") {
        SIGNET_TRY(const std::string content, test::decrypt_cms(octets, keys));
        return content.substr(0, message.content.size());
    }
    SIGNET_TRY(const auto part, scan_mail(source));
    SIGNET_TRY(const auto cms, open_cms(source, *part));
    SIGNET_TRY(const auto content, decrypt_content(cms.value(), keys));
    std::string begin(message.content.size(), '\0');
    SIGNET_TRY(const std::size_t size, content.octets->read(0, begin));
    return begin.substr(0, size);
}

TEST(CorporaOfEncryptedMessages, AreDecryptedAsOpensslDoes) {
    SIGNET_REQUIRE_CORPUS("VERDICTS.tsv");
    std::map<std::string, Identity> identities;
    const auto messages = encrypted_messages();
    for (const Message& message : messages) {
        if (identities.count(message.key) == 0) {
            identities.emplace(message.key, identity_for(message));
        }
        const std::array keys{test::key_of(identities.at(message.key))};
        const auto content = decrypted_begin(message, keys);
        ASSERT_TRUE(content) << message.path << ": " << content.error().detail;
        EXPECT_EQ(*content, message.content) << message.path;
    }
    EXPECT_EQ(messages.size(), 42U);
}

std::string refusal(const std::string& file, std::span<const DecryptionKey> keys) {
    const auto content = test::decrypt_cms(read_file(corpora() / file), keys);
    return content ? "decrypted"
                   : std::string(error_name(content.error().code)) + ": " + content.error().detail;
}

TEST(CorporaOfEncryptedMessages, SayWhatIsMissingWhereOpensslFails) {
    SIGNET_REQUIRE_CORPUS("cms-examples-rfc9216-keys");
    const std::array keys{test::key_of(rfc9216_identity("bob")), test::key_of(rfc9216_identity("dana"))};
    const std::string folder = "cms-examples-rfc9216-keys/binary-files/";
    EXPECT_EQ(refusal(folder + "authEnvelopedForBobChaCha20Poly1305.p7m", keys),
              "Unsupported: this OpenSSL cannot decrypt with: ChaCha20-Poly1305");
    EXPECT_EQ(refusal(folder + "authEnvelopedForDanaX25519HKDF.p7m", keys),
              "Unsupported: this OpenSSL cannot decrypt with: ECDH with HKDF-SHA256");
    EXPECT_THAT(refusal(folder + "encryptedKekri.p7m", keys), HasSubstr("a shared key named "));
    EXPECT_THAT(refusal("rfc4134/5.2.bin", keys), HasSubstr("this OpenSSL cannot decrypt with: rc2-cbc"));
    EXPECT_EQ(refusal("asn1crypto/cms-encrypted.der", keys), "NotFound: the mail is not encrypted");
}

}  // namespace
}  // namespace signet::smime
