#include "ssh/signature.h"

#include <gmp.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/eddsa.h>
#include <nettle/rsa.h>
#include <nettle/sha2.h>

namespace signet::ssh {
namespace {

// Public exponents in use have at most 17 bits; a long one would make the verification slow.
constexpr std::size_t max_exponent_size = 8;

class Integer {
  public:
    explicit Integer(ByteView digits) {
        mpz_init(m_value);
        mpz_import(m_value, digits.size(), 1, 1, 1, 0, digits.data());
    }
    ~Integer() { mpz_clear(m_value); }
    Integer(const Integer&) = delete;
    Integer& operator=(const Integer&) = delete;

    [[nodiscard]] mpz_srcptr get() const { return m_value; }

  private:
    mpz_t m_value;
};

Bytes digest_of(HashAlgorithm hash, ByteView message) {
    Bytes digest(digest_size(hash));
    if (hash == HashAlgorithm::sha256) {
        sha256_ctx context;
        sha256_init(&context);
        sha256_update(&context, message.size(), message.data());
        sha256_digest(&context, digest.size(), digest.data());
        return digest;
    }
    sha512_ctx context;
    hash == HashAlgorithm::sha384 ? sha384_init(&context) : sha512_init(&context);
    sha512_update(&context, message.size(), message.data());
    hash == HashAlgorithm::sha384 ? sha384_digest(&context, digest.size(), digest.data())
                                  : sha512_digest(&context, digest.size(), digest.data());
    return digest;
}

bool verifies_rsa(const PublicKey& key, HashAlgorithm hash, ByteView message, ByteView signature) {
    if (key.exponent.size() > max_exponent_size || signature.size() > key.modulus.size()) {
        return false;
    }
    const Integer number(signature);
    const Bytes digest = digest_of(hash, message);
    rsa_public_key rsa;
    rsa_public_key_init(&rsa);
    mpz_import(rsa.n, key.modulus.size(), 1, 1, 1, 0, key.modulus.data());
    mpz_import(rsa.e, key.exponent.size(), 1, 1, 1, 0, key.exponent.data());
    const bool good =
        rsa_public_key_prepare(&rsa) == 1 &&
        (hash == HashAlgorithm::sha256 ? rsa_sha256_verify_digest(&rsa, digest.data(), number.get())
                                       : rsa_sha512_verify_digest(&rsa, digest.data(), number.get())) == 1;
    rsa_public_key_clear(&rsa);
    return good;
}

const ecc_curve* nettle_curve(Curve curve) {
    switch (curve) {
        case Curve::nistp256:
            return nettle_get_secp_256r1();
        case Curve::nistp384:
            return nettle_get_secp_384r1();
        case Curve::nistp521:
            return nettle_get_secp_521r1();
    }
    return nullptr;
}

bool verifies_ecdsa(const PublicKey& key, ByteView message, ByteView signature) {
    WireReader reader(signature);
    const ByteView r = reader.positive_integer();
    const ByteView s = reader.positive_integer();
    const std::size_t size = field_size(key.curve);
    if (!reader.complete() || r.size() > size || s.size() > size) {
        return false;
    }
    const Integer x(key.point.subspan(1, size));
    const Integer y(key.point.subspan(1 + size));
    const Bytes digest = digest_of(hash_of(key.curve), message);
    ecc_point point;
    dsa_signature numbers;
    ecc_point_init(&point, nettle_curve(key.curve));
    dsa_signature_init(&numbers);
    mpz_import(numbers.r, r.size(), 1, 1, 1, 0, r.data());
    mpz_import(numbers.s, s.size(), 1, 1, 1, 0, s.data());
    // Setting it proves that it is on the curve.
    const bool good = ecc_point_set(&point, x.get(), y.get()) == 1 &&
                      ecdsa_verify(&point, digest.size(), digest.data(), &numbers) == 1;
    dsa_signature_clear(&numbers);
    ecc_point_clear(&point);
    return good;
}

}  // namespace

bool verifies(const PublicKey& key, ByteView message, ByteView signature_blob) {
    WireReader reader(signature_blob);
    const std::string_view algorithm = reader.text();
    const ByteView signature = reader.string();
    if (!reader.complete()) {
        return false;
    }
    if (key.type == KeyType::rsa) {
        return (algorithm == "rsa-sha2-256" &&
                verifies_rsa(key, HashAlgorithm::sha256, message, signature)) ||
               (algorithm == "rsa-sha2-512" && verifies_rsa(key, HashAlgorithm::sha512, message, signature));
    }
    if (algorithm != key.format) {
        return false;
    }
    if (key.type == KeyType::ec) {
        return verifies_ecdsa(key, message, signature);
    }
    return signature.size() == ED25519_SIGNATURE_SIZE &&
           ed25519_sha512_verify(key.point.data(), message.size(), message.data(), signature.data()) == 1;
}

}  // namespace signet::ssh
