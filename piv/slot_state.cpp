#include "piv/slot_state.h"

#include "piv/key_algorithm.h"
#include "piv/key_commands.h"
#include "token/answer_check.h"
#include "token/block_cipher.h"
#include "token/key_proof.h"
#include "x509/certificate.h"

#include <array>

namespace signet::piv {
namespace {

std::optional<token::PublicKey> if_readable(Result<token::PublicKey> key) {
    return key ? std::optional(*std::move(key)) : std::nullopt;
}

std::optional<token::PublicKey> key_in_certificate(ByteView der) {
    const auto certificate = x509::Certificate::from_der(der);
    return certificate ? if_readable(token::public_key_from_info(certificate->public_key_info()))
                       : std::nullopt;
}

Result<Bytes> certificate_object_in(const Card& card, KeyReference slot) {
    auto object = get_data(card, *certificate_object(slot));
    if (!object && object.error().code == ErrorCode::not_found) {
        return Bytes();
    }
    return object;
}

// What a use of a key of this kind is tried with. Its result is thrown away.
Result<void> try_key(const Card& card, KeyReference slot, Algorithm algorithm) {
    const bool agrees = slot == key_management_key || slot <= last_retired_key;
    switch (algorithm) {
        case Algorithm::p256:
        case Algorithm::p384: {
            const std::size_t field = algorithm == Algorithm::p256 ? 32 : 48;
            Bytes point(1 + 2 * field, 0x01);
            point.front() = 0x04;
            const auto answer = agrees ? agree_on_key(card, algorithm, slot, point)
                                       : authenticate_internally(card, algorithm, slot, Bytes(field, 0x01));
            return answer ? Result<void>() : Result<void>(Failure(answer.error()));
        }
        default: {
            const std::size_t octets = algorithm == Algorithm::rsa1024   ? 128
                                       : algorithm == Algorithm::rsa2048 ? 256
                                                                         : 384;
            Bytes block(octets, 0x01);
            block.front() = 0x00;
            const auto answer = authenticate_internally(card, algorithm, slot, block);
            return answer ? Result<void>() : Result<void>(Failure(answer.error()));
        }
    }
}

// Cards answer 6982 to a use without the PIN, and that there is no such key before they look at the PIN.
Result<Presence> presence_by_use(const Card& card, KeyReference slot) {
    for (const Algorithm algorithm :
         {Algorithm::rsa2048, Algorithm::p256, Algorithm::p384, Algorithm::rsa1024, Algorithm::rsa3072}) {
        const auto used = try_key(card, slot, algorithm);
        if (used) {
            return Presence::there;
        }
        switch (used.error().code) {
            case ErrorCode::pin_required:
            case ErrorCode::pin_blocked:
                return Presence::there;
            case ErrorCode::unsupported:
            case ErrorCode::key_not_found:
            case ErrorCode::not_found:
                break;
            case ErrorCode::driver_failed:
                return Presence::unknown;
            default:
                return Failure(used.error());
        }
    }
    return Presence::absent;
}

Result<void> find_key_without_metadata(SlotState& state, const Card& card, KeyReference slot,
                                       const RememberedKey* remembered) {
    auto attestation = attest(card, slot);
    if (attestation) {
        state.key = Presence::there;
        state.public_key = key_in_certificate(*attestation);
        return {};
    }
    if (attestation.error().code == ErrorCode::token_removed) {
        return Failure(std::move(attestation).error());
    }
    const bool remembers = remembered != nullptr && remembered->claimed;
    if (remembers || !state.certificate_object.empty()) {
        state.key = Presence::there;
        return {};
    }
    SIGNET_TRY(state.key, presence_by_use(card, slot));
    return {};
}

void consult(SlotState& state, const RememberedKey* remembered) {
    if (remembered == nullptr) {
        return;
    }
    const Bytes& info = remembered->public_key_info;
    const bool contradicted = state.public_key && !info.empty() && state.public_key->public_key_info != info;
    state.made_by_interrupted_act = !contradicted && !remembered->claimed;
}

}  // namespace

Result<std::optional<Metadata>> key_metadata(const Card& card, KeyReference slot) {
    auto answer = get_metadata(card, static_cast<std::uint8_t>(slot));
    if (!answer && answer.error().code == ErrorCode::unsupported) {
        return std::optional<Metadata>();
    }
    if (!answer) {
        return Failure(std::move(answer).error());
    }
    SIGNET_TRY(Metadata metadata, metadata_of(*answer));
    return std::optional(std::move(metadata));
}

Result<SlotState> read_slot_state(const Card& card, KeyReference slot, const AdministrationJournal& journal) {
    SlotState state;
    SIGNET_TRY(state.certificate_object, certificate_object_in(card, slot));
    if (const auto der = certificate_of(state.certificate_object)) {
        state.certified_key = key_in_certificate(*der);
    }
    auto metadata = key_metadata(card, slot);
    if (!metadata && metadata.error().code == ErrorCode::key_not_found) {
        state.key = Presence::absent;
        return state;
    }
    if (!metadata && metadata.error().code != ErrorCode::malformed) {
        return Failure(std::move(metadata).error());
    }
    if (metadata && *metadata) {
        state.metadata = **metadata;
        state.public_key = if_readable(
            public_key_of(static_cast<Algorithm>(state.metadata->algorithm), state.metadata->public_key));
    }
    consult(state, journal.key(slot));
    if (!metadata || *metadata) {
        state.key = Presence::there;
        return state;
    }
    SIGNET_CHECK(find_key_without_metadata(state, card, slot, journal.key(slot)));
    return state;
}

Result<bool> has_key(const Card& card, KeyReference slot, const AdministrationJournal& journal,
                     const Bytes& public_key_info) {
    const auto metadata = key_metadata(card, slot);
    if (!metadata && metadata.error().code == ErrorCode::key_not_found) {
        return false;
    }
    if (!metadata && metadata.error().code != ErrorCode::malformed) {
        return Failure(metadata.error());
    }
    if (metadata && *metadata) {
        const auto key =
            public_key_of(static_cast<Algorithm>((*metadata)->algorithm), (*metadata)->public_key);
        return key && key->public_key_info == public_key_info;
    }
    if (const RememberedKey* remembered = journal.key(slot)) {
        return remembered->public_key_info == public_key_info;
    }
    SIGNET_TRY(const Bytes object, certificate_object_in(card, slot));
    const auto der = certificate_of(object);
    const auto key = der ? key_in_certificate(*der) : std::nullopt;
    return key && key->public_key_info == public_key_info;
}

namespace {

Result<bool> agrees(const Card& card, KeyReference slot, Algorithm algorithm, const token::PublicKey& key) {
    SIGNET_TRY(const token::AgreementQuestion question, token::agreement_question(key));
    SIGNET_TRY(const Bytes answer, agree_on_key(card, algorithm, slot, question.point));
    return equal_constant_time(answer, question.answer);
}

Result<void> check_signature(const token::PublicKey& key, ByteView question, ByteView signature) {
    return key.type == KeyType::ed25519 ? token::check_eddsa_signature(key, question, signature)
                                        : token::check_ecdsa_signature(key, question, signature);
}

Result<bool> signs(const Card& card, KeyReference slot, Algorithm algorithm, const token::PublicKey& key) {
    const bool rsa = key.type == KeyType::rsa;
    SIGNET_TRY(const Bytes question,
               rsa ? token::rsa_question(key) : token::random_octets(token::field_size(key.bits)));
    SIGNET_TRY(const Bytes answer, authenticate_internally(card, algorithm, slot, question));
    const auto checked =
        rsa ? token::check_rsa_result(key, question, answer) : check_signature(key, question, answer);
    if (!checked && checked.error().code != ErrorCode::bad_signature) {
        return Failure(checked.error());
    }
    return checked.has_value();
}

}  // namespace

Result<bool> holds_private_key(const Card& card, KeyReference slot, const token::PublicKey& key,
                               const VerifyPin& verify_pin) {
    const auto algorithm = algorithm_of(key);
    if (!algorithm) {
        return failure(ErrorCode::unsupported, "prove key", "a key that PIV cards do not have");
    }
    if (verify_pin) {
        SIGNET_CHECK(verify_pin());
    }
    const bool by_agreement =
        key.type == KeyType::x25519 ||
        (key.type == KeyType::ec && (slot == key_management_key || slot <= last_retired_key));
    auto proven = by_agreement ? agrees(card, slot, *algorithm, key) : signs(card, slot, *algorithm, key);
    // A key of another algorithm is in the slot, or none.
    if (!proven && proven.error().code == ErrorCode::unsupported) {
        return false;
    }
    return proven;
}

}  // namespace signet::piv
