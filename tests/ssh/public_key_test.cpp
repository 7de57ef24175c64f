#include "ssh/public_key.h"

#include "tests/ssh/host_key.h"

#include <gtest/gtest.h>

namespace signet::ssh {
namespace {

using test::HostKey;

// An OpenSSH certificate as far as it is read: nonce, the key's fields, and something of the rest.
Bytes certified(const PublicKey& key) {
    WireWriter writer;
    writer.string(std::string(key.format) + std::string(certificate_suffix));
    writer.string("nonce");
    const Bytes plain = encode(key);
    Bytes blob = writer.take();
    const std::size_t format_size = 4 + key.format.size();
    blob.insert(blob.end(), plain.begin() + static_cast<std::ptrdiff_t>(format_size), plain.end());
    blob.insert(blob.end(), {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2});
    return blob;
}

TEST(SshPublicKey, ReadsWhatItWritesOfEachType) {
    for (const auto* kind : {"rsa:1024", "P-256", "P-384", "P-521", "ed25519"}) {
        const HostKey host(kind);
        const auto key = parse_public_key(host.blob());
        ASSERT_TRUE(key) << kind;
        EXPECT_EQ(encode(*key), host.blob()) << kind;
    }
}

TEST(SshPublicKey, RefusesEveryTruncationAndExtension) {
    for (const auto* kind : {"rsa:1024", "P-256", "ed25519"}) {
        Bytes blob = HostKey(kind).blob();
        for (std::size_t size = 0; size < blob.size(); ++size) {
            EXPECT_FALSE(parse_public_key(ByteView(blob).first(size))) << kind << size;
        }
        blob.push_back(0);
        EXPECT_FALSE(parse_public_key(blob)) << kind;
    }
}

TEST(SshPublicKey, KnowsTheKeyInACertificate) {
    for (const auto* kind : {"rsa:1024", "P-256", "ed25519"}) {
        const HostKey host(kind);
        const auto plain = parse_public_key(host.blob());
        const Bytes certificate = certified(*plain);
        const auto key = parse_public_key(certificate);
        ASSERT_TRUE(key) << kind;
        EXPECT_TRUE(same_key(*plain, *key)) << kind;
        EXPECT_FALSE(same_key(*plain, *parse_public_key(HostKey(kind).blob()))) << kind;
    }
}

TEST(SshPublicKey, RefusesTypesThatItDoesNotKnow) {
    for (const std::string_view format :
         {"ssh-dss", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistk163", ""}) {
        WireWriter writer;
        writer.string(format);
        writer.string(Bytes(32, 1));
        EXPECT_EQ(parse_public_key(writer.take()).error().code, ErrorCode::unsupported) << format;
    }
}

TEST(SshPublicKey, RefusesACurveThatItsFormatDoesNotName) {
    const HostKey host("P-256");
    Bytes blob = host.blob();
    blob[4 + 19 + 4 + 5] = '3';
    EXPECT_EQ(parse_public_key(blob).error().code, ErrorCode::malformed);
}

TEST(SshPublicKey, RefusesAnRsaKeyBeyondAllMeasure) {
    WireWriter writer;
    writer.string("ssh-rsa");
    writer.positive_integer(Bytes{1, 0, 1});
    writer.positive_integer(Bytes(max_rsa_bits / 8 + 1, 0xff));
    EXPECT_EQ(parse_public_key(writer.take()).error().code, ErrorCode::malformed);
}

// By ssh-keygen -l.
TEST(SshPublicKey, HasTheFingerprintThatOthersShow) {
    WireWriter writer;
    writer.string("ssh-ed25519");
    writer.string(Bytes(32, 1));
    EXPECT_EQ(fingerprint(writer.take()), "SHA256:RXm/ruZ0eTzRXKwi1AQEDynB0VgHQ2ac9KPSFdf/YnA");
}

TEST(SshPublicKey, RefusesWhatIsNoPublicKeyInfo) {
    EXPECT_FALSE(public_key_blob({}));
    EXPECT_FALSE(public_key_blob(Bytes(64, 0x30)));
}

}  // namespace
}  // namespace signet::ssh
