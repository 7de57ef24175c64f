#include "ssh/signature.h"

#include "ssh/message.h"
#include "tests/ssh/host_key.h"

#include <gtest/gtest.h>

namespace signet::ssh {
namespace {

using test::HostKey;

const ByteView message = as_bytes("what is signed");

TEST(SshSignature, OfEachTypeOfKeyVerifies) {
    for (const auto* kind : {"rsa:1024", "P-256", "P-384", "P-521", "ed25519"}) {
        const HostKey host(kind);
        const auto key = parse_public_key(host.blob()).value();
        const Bytes signature = host.sign(message);
        EXPECT_TRUE(verifies(key, message, signature)) << kind;
        EXPECT_FALSE(verifies(key, as_bytes("something else"), signature)) << kind;
        const HostKey other(kind);
        EXPECT_FALSE(verifies(parse_public_key(other.blob()).value(), message, signature)) << kind;
    }
}

TEST(SshSignature, OfRsaVerifiesWithBothHashesButNotWithSha1) {
    const HostKey host("rsa:1024");
    const auto key = parse_public_key(host.blob()).value();
    EXPECT_TRUE(verifies(key, message, host.sign(message, HashAlgorithm::sha512)));
    EXPECT_FALSE(verifies(key, message, host.sign(message, HashAlgorithm::sha1)));
}

TEST(SshSignature, ThatIsDamagedOrCutDoesNotVerify) {
    for (const auto* kind : {"rsa:1024", "P-256", "ed25519"}) {
        const HostKey host(kind);
        const auto key = parse_public_key(host.blob()).value();
        const Bytes good = host.sign(message);
        for (std::size_t i = 0; i < good.size(); ++i) {
            Bytes damaged = good;
            damaged[i] ^= 1;
            EXPECT_FALSE(verifies(key, message, damaged)) << kind << i;
            EXPECT_FALSE(verifies(key, message, ByteView(good).first(i))) << kind << i;
        }
    }
}

TEST(SshSignature, OfARidiculousKeyDoesNotVerifyAndTakesNoTime) {
    const Bytes ones(max_rsa_bits / 8, 0xff);
    const Bytes one{1};
    WireWriter signature;
    signature.string("rsa-sha2-256");
    signature.string(ones);
    const Bytes blob = signature.take();
    for (const ByteView exponent : {ByteView(one), ByteView(ones)}) {
        for (const ByteView modulus : {ByteView(one), ByteView(ones)}) {
            const PublicKey key{
                .format = "ssh-rsa", .type = KeyType::rsa, .exponent = exponent, .modulus = modulus};
            EXPECT_FALSE(verifies(key, message, blob));
        }
    }
    const Bytes point = [] {
        Bytes off_the_curve(65, 0xff);
        off_the_curve[0] = 4;
        return off_the_curve;
    }();
    const HostKey host("P-256");
    const PublicKey key{
        .format = "ecdsa-sha2-nistp256", .type = KeyType::ec, .curve = Curve::nistp256, .point = point};
    EXPECT_FALSE(verifies(key, message, host.sign(message)));
}

TEST(SshSignature, IsChosenByTheFlagsWithRsaOnly) {
    const HostKey rsa("rsa:1024");
    const auto rsa_key = parse_public_key(rsa.blob()).value();
    EXPECT_EQ(choose_algorithm(rsa_key, flag_rsa_sha2_256)->name, "rsa-sha2-256");
    EXPECT_EQ(choose_algorithm(rsa_key, flag_rsa_sha2_512)->hash, HashAlgorithm::sha512);
    EXPECT_EQ(choose_algorithm(rsa_key, 0).error().code, ErrorCode::not_allowed) << "SHA-1";
    EXPECT_EQ(choose_algorithm(rsa_key, 1).error().code, ErrorCode::unsupported);
    EXPECT_EQ(choose_algorithm(rsa_key, flag_rsa_sha2_256 | 8).error().code, ErrorCode::unsupported);
    const HostKey ec("P-384");
    EXPECT_EQ(choose_algorithm(parse_public_key(ec.blob()).value(), 0)->hash, HashAlgorithm::sha384);
    const HostKey edwards("ed25519");
    EXPECT_FALSE(choose_algorithm(parse_public_key(edwards.blob()).value(), 0)->hash);
}

TEST(SshSignature, OfEcdsaIsTwoNumbers) {
    const SignatureAlgorithm algorithm{.name = "x", .scheme = SignatureScheme::ecdsa};
    EXPECT_EQ(to_hex(*encode_signature_blob(algorithm, *from_hex("00010080"))),
              "0000000178"
              "0000000b"
              "0000000101"
              "000000020080");
    EXPECT_FALSE(encode_signature_blob(algorithm, {}));
    EXPECT_FALSE(encode_signature_blob(algorithm, Bytes(3)));
}

}  // namespace
}  // namespace signet::ssh
