#include "ssh/signature.h"

#include "ssh/message.h"

namespace signet::ssh {
namespace {

constexpr SignatureAlgorithm rsa_sha2_256{
    .name = "rsa-sha2-256", .scheme = SignatureScheme::rsa_pkcs1, .hash = HashAlgorithm::sha256};
constexpr SignatureAlgorithm rsa_sha2_512{
    .name = "rsa-sha2-512", .scheme = SignatureScheme::rsa_pkcs1, .hash = HashAlgorithm::sha512};

}  // namespace

Result<SignatureAlgorithm> choose_algorithm(const PublicKey& key, std::uint32_t flags) {
    if ((flags & ~(flag_rsa_sha2_256 | flag_rsa_sha2_512)) != 0) {
        return failure(ErrorCode::unsupported, "sign request", "flags " + std::to_string(flags));
    }
    if (key.type == KeyType::ed25519) {
        return SignatureAlgorithm{.name = key.format, .scheme = SignatureScheme::eddsa};
    }
    if (key.type == KeyType::ec) {
        return SignatureAlgorithm{
            .name = key.format, .scheme = SignatureScheme::ecdsa, .hash = hash_of(key.curve)};
    }
    if ((flags & flag_rsa_sha2_512) != 0) {
        return rsa_sha2_512;
    }
    if ((flags & flag_rsa_sha2_256) != 0) {
        return rsa_sha2_256;
    }
    return failure(ErrorCode::not_allowed, "sign request", "RSA with SHA-1");
}

Result<Bytes> encode_signature_blob(const SignatureAlgorithm& algorithm, ByteView signature) {
    WireWriter writer;
    writer.string(algorithm.name);
    if (algorithm.scheme != SignatureScheme::ecdsa) {
        writer.string(signature);
        return writer.take();
    }
    if (signature.empty() || signature.size() % 2 != 0) {
        return failure(ErrorCode::protocol, "Sign", "not r and s");
    }
    WireWriter numbers;
    numbers.positive_integer(signature.first(signature.size() / 2));
    numbers.positive_integer(signature.last(signature.size() / 2));
    writer.string(numbers.take());
    return writer.take();
}

std::string_view without_certificate_suffix(std::string_view algorithm) {
    if (algorithm.ends_with(certificate_suffix)) {
        algorithm.remove_suffix(certificate_suffix.size());
    }
    return algorithm;
}

}  // namespace signet::ssh
