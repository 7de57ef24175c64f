#include "pkcs11/driver/error.h"
#include "pkcs11/driver/operations.h"
#include "pkcs11/driver/rsa_parameters.h"
#include "token/encryption_padding.h"

#include <algorithm>

namespace signet::pkcs11 {
namespace {

Result<Bytes> raw_rsa(KeyOperation& operation, ByteView ciphertext) {
    SIGNET_TRY(Bytes block, operation.decrypt(plain_mechanism(CKM_RSA_X_509), ciphertext, ciphertext.size()));
    return padded_to(std::move(block), ciphertext.size(), "C_Decrypt");
}

// The block as it was before the module took the padding away.
Result<Bytes> block_around(Bytes message, std::size_t size) {
    if (message.size() + 11 > size) {
        return nonsense("C_Decrypt", "length of a message");
    }
    Bytes block(size, 0xff);
    block[0] = 0x00;
    block[1] = 0x02;
    block[size - message.size() - 1] = 0x00;
    std::copy(message.begin(), message.end(), block.end() - static_cast<std::ptrdiff_t>(message.size()));
    wipe(message);
    return block;
}

Result<Bytes> pkcs1_block(KeyOperation& operation, ByteView ciphertext) {
    auto block = raw_rsa(operation, ciphertext);
    if (block || !is_refused_mechanism(block.error())) {
        return block;
    }
    SIGNET_TRY(Bytes message,
               operation.decrypt(plain_mechanism(CKM_RSA_PKCS), ciphertext, ciphertext.size()));
    return block_around(std::move(message), ciphertext.size());
}

// A refused ciphertext becomes a block of zeros, which has bad padding like any other. A module's general
// failure counts as such only while the token still answers.
Result<Bytes> decrypt_pkcs1(KeyOperation& operation, const token::DecryptRequest& request,
                            const token::RejectionSecrets& secrets) {
    const std::size_t size = token::field_size(operation.key().bits);
    SIGNET_TRY(const Secret secret, secrets.of_key(operation.key().id));
    SIGNET_TRY(auto substitute, token::substitute_plaintext(secret.expose(), request.ciphertext, size));
    Bytes block(size, 0);
    if (request.ciphertext.size() == size) {
        auto decrypted = pkcs1_block(operation, request.ciphertext);
        if (decrypted) {
            block = *std::move(decrypted);
        } else if (!may_mean_bad_padding(decrypted.error()) || !operation.session().logged_in()) {
            return decrypted;
        }
    }
    return token::pkcs1_message_or_substitute(std::move(block), std::move(substitute));
}

Result<Bytes> oaep_by_module(KeyOperation& operation, const token::OaepParameters& parameters,
                             ByteView ciphertext) {
    CK_RSA_PKCS_OAEP_PARAMS native{.hashAlg = hash_mechanism(parameters.hash),
                                   .mgf = mask_generation(parameters.mask_hash),
                                   .source = CKZ_DATA_SPECIFIED,
                                   .pSourceData = parameters.label.empty()
                                                      ? nullptr
                                                      : const_cast<std::uint8_t*>(parameters.label.data()),
                                   .ulSourceDataLen = parameters.label.size()};
    return operation.decrypt(
        {.mechanism = CKM_RSA_PKCS_OAEP, .pParameter = &native, .ulParameterLen = sizeof(native)}, ciphertext,
        ciphertext.size());
}

Result<Bytes> oaep_over_raw_rsa(KeyOperation& operation, const token::OaepParameters& parameters,
                                ByteView ciphertext) {
    SIGNET_TRY(Bytes block, raw_rsa(operation, ciphertext));
    return token::oaep_message(parameters, std::move(block));
}

Result<Bytes> decrypt_oaep(KeyOperation& operation, const token::DecryptRequest& request) {
    if (request.ciphertext.size() != token::field_size(operation.key().bits)) {
        return token::oaep_failure();
    }
    const HashAlgorithm hash = request.hash.value_or(HashAlgorithm::sha1);
    const token::OaepParameters parameters{
        .hash = hash, .mask_hash = request.mask_hash.value_or(hash), .label = request.label};
    // SoftHSM ignores the label without a word.
    const bool padding_first = !request.label.empty();
    auto message = padding_first ? oaep_over_raw_rsa(operation, parameters, request.ciphertext)
                                 : oaep_by_module(operation, parameters, request.ciphertext);
    if (!message && is_refused_mechanism(message.error())) {
        message = padding_first ? oaep_by_module(operation, parameters, request.ciphertext)
                                : oaep_over_raw_rsa(operation, parameters, request.ciphertext);
    }
    if (!message && is_refused_ciphertext(message.error())) {
        return token::oaep_failure();
    }
    return message;
}

}  // namespace

Result<Bytes> decrypt(KeyOperation& operation, const token::DecryptRequest& request,
                      const token::RejectionSecrets& secrets) {
    const auto& schemes = operation.key().decryption_schemes;
    if (std::find(schemes.begin(), schemes.end(), request.scheme) == schemes.end()) {
        return failure(ErrorCode::unsupported, "decrypt",
                       std::string(name_of(request.scheme)) + " with this key of type " +
                           std::string(name_of(operation.key().type)));
    }
    return request.scheme == DecryptionScheme::rsa_pkcs1 ? decrypt_pkcs1(operation, request, secrets)
                                                         : decrypt_oaep(operation, request);
}

}  // namespace signet::pkcs11
