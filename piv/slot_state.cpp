#include "piv/slot_state.h"

#include "piv/key_algorithm.h"
#include "piv/key_commands.h"
#include "token/answer_check.h"
#include "token/block_cipher.h"
#include "token/key_proof.h"
#include "x509/certificate.h"

#include <algorithm>
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

std::optional<Presence> answer_of_use(const Result<void>& used) {
    if (used) {
        return Presence::there;
    }
    switch (used.error().code) {
        case ErrorCode::pin_required:
        case ErrorCode::pin_blocked:
            return Presence::there;
        case ErrorCode::driver_failed:
            return Presence::unknown;
        default:
            return std::nullopt;
    }
}

bool is_no(const Error& error) {
    return error.code == ErrorCode::unsupported || error.code == ErrorCode::key_not_found ||
           error.code == ErrorCode::not_found;
}

// Cards answer 6982 to a use without the PIN, and that there is no such key before they look at the PIN.
// `likely`: the algorithm that is tried first.
Result<Presence> presence_by_use(const Card& card, KeyReference slot, std::optional<Algorithm> likely) {
    std::array algorithms{Algorithm::rsa2048, Algorithm::p256, Algorithm::p384, Algorithm::rsa1024,
                          Algorithm::rsa3072};
    auto* const found = likely ? std::find(algorithms.begin(), algorithms.end(), *likely) : algorithms.end();
    if (found != algorithms.end()) {
        std::rotate(algorithms.begin(), found, found + 1);
    }
    for (const Algorithm algorithm : algorithms) {
        const auto used = try_key(card, slot, algorithm);
        if (const auto presence = answer_of_use(used)) {
            return *presence;
        }
        if (!is_no(used.error())) {
            return Failure(used.error());
        }
    }
    return Presence::absent;
}

// Something tells of a key, which another program may have removed. One answer may be damaged: that there is
// none is asked twice, and what is neither yes nor no counts as yes.
Result<Presence> presence_of_expected(const Card& card, KeyReference slot, std::optional<Algorithm> likely) {
    SIGNET_TRY(Presence presence, presence_by_use(card, slot, likely));
    if (presence == Presence::absent) {
        SIGNET_TRY(presence, presence_by_use(card, slot, likely));
    }
    return presence == Presence::unknown ? Presence::there : presence;
}

std::optional<Algorithm> likely_algorithm(const SlotState& state, const RememberedKey* remembered) {
    auto key = state.certified_key;
    if (remembered != nullptr && !remembered->public_key_info.empty()) {
        key = if_readable(token::public_key_from_info(remembered->public_key_info));
    }
    const auto algorithm = key ? algorithm_of(*key) : std::nullopt;
    return algorithm ? std::optional(*algorithm) : std::nullopt;
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
    const auto likely = likely_algorithm(state, remembered);
    const bool expected = remembered != nullptr || !state.certificate_object.empty();
    SIGNET_TRY(state.key,
               expected ? presence_of_expected(card, slot, likely) : presence_by_use(card, slot, likely));
    return {};
}

// Nothing where the card has no such command. key_not_found as get_metadata().
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

// By metadata. Presence::unknown where the card has none.
Result<void> find_told_key(SlotState& state, const Card& card, KeyReference slot) {
    auto metadata = key_metadata(card, slot);
    if (!metadata && metadata.error().code == ErrorCode::key_not_found) {
        state.key = Presence::absent;
        return {};
    }
    if (!metadata && metadata.error().code != ErrorCode::malformed) {
        return Failure(std::move(metadata).error());
    }
    if (metadata && !*metadata) {
        return {};
    }
    state.key = Presence::there;
    if (metadata) {
        state.metadata = **metadata;
        state.public_key = if_readable(
            public_key_of(static_cast<Algorithm>(state.metadata->algorithm), state.metadata->public_key));
    }
    return {};
}

// What was placed from here tells nothing of another key that the card tells of.
void consult(SlotState& state, const RememberedKey* remembered) {
    if (remembered == nullptr) {
        return;
    }
    const Bytes& info = remembered->public_key_info;
    const bool contradicted = state.public_key && !info.empty() && state.public_key->public_key_info != info;
    state.remembered_in_vain = state.key == Presence::absent;
    state.made_by_interrupted_act = !contradicted && !state.remembered_in_vain && !remembered->claimed;
}

}  // namespace

Result<std::optional<token::PublicKey>> read_certified_key(const Card& card, KeyReference slot) {
    SIGNET_TRY(const Bytes object, certificate_object_in(card, slot));
    const auto der = certificate_of(object);
    return der ? key_in_certificate(*der) : std::nullopt;
}

Result<SlotState> read_slot_state(const Card& card, KeyReference slot, const AdministrationJournal& journal) {
    SlotState state;
    SIGNET_TRY(state.certificate_object, certificate_object_in(card, slot));
    if (const auto der = certificate_of(state.certificate_object)) {
        state.certified_key = key_in_certificate(*der);
    }
    const RememberedKey* remembered = journal.key(slot);
    SIGNET_CHECK(find_told_key(state, card, slot));
    if (state.key == Presence::unknown) {
        SIGNET_CHECK(find_key_without_metadata(state, card, slot, remembered));
    }
    consult(state, remembered);
    return state;
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

Result<bool> has_key(const Card& card, KeyReference slot, const AdministrationJournal& journal,
                     const token::PublicKey& key, const VerifyPin& verify_pin) {
    SlotState state;
    SIGNET_CHECK(find_told_key(state, card, slot));
    if (state.key == Presence::absent || state.metadata) {
        return state.public_key && state.public_key->public_key_info == key.public_key_info;
    }
    const RememberedKey* remembered = journal.key(slot);
    SIGNET_TRY(const auto certified, read_certified_key(card, slot));
    if ((remembered == nullptr || remembered->public_key_info != key.public_key_info) &&
        (!certified || certified->public_key_info != key.public_key_info)) {
        return false;
    }
    SIGNET_TRY(state, read_slot_state(card, slot, journal));
    if (state.public_key) {
        return state.public_key->public_key_info == key.public_key_info;
    }
    return state.key == Presence::absent ? Result<bool>(false)
                                         : holds_private_key(card, slot, key, verify_pin);
}

}  // namespace signet::piv
