#include "piv/card_contents.h"

#include "base/log.h"
#include "piv/card_reader.h"
#include "piv/key_algorithm.h"
#include "x509/certificate.h"

#include <algorithm>

namespace signet::piv {
namespace {

constexpr std::string_view id_by_key = "piv:key:";

struct CertifiedKey {
    CardCertificate certificate;
    Bytes public_key_info;
};

std::optional<CertifiedKey> certified_key(const CardImage& image, KeyReference key) {
    const auto object = image.object(*certificate_object(key));
    if (!object) {
        return std::nullopt;
    }
    const auto der = certificate_of(*object);
    const auto certificate =
        der ? x509::Certificate::from_der(*der) : Result<x509::Certificate>(Failure(der.error()));
    if (!certificate) {
        log::debug("left out the certificate of " + text_of(key) + ": " + certificate.error().detail);
        return std::nullopt;
    }
    // The form by which keys are compared, where there is one.
    const auto public_key = token::public_key_from_info(certificate->public_key_info());
    Bytes info = public_key ? public_key->public_key_info : certificate->public_key_info();
    return CertifiedKey{.certificate = {.slot = key, .der = *der, .key_id = x509::key_identifier(info)},
                        .public_key_info = std::move(info)};
}

std::optional<Metadata> metadata_in(const CardImage& image, KeyReference key) {
    const auto found = image.metadata.find(key);
    if (found == image.metadata.end() || found->second.empty()) {
        return std::nullopt;
    }
    auto metadata = metadata_of(found->second);
    return metadata ? std::optional(*std::move(metadata)) : std::nullopt;
}

// The card itself says that there is none.
bool is_absent(const CardImage& image, KeyReference key) {
    const auto found = image.metadata.find(key);
    return found != image.metadata.end() && found->second.empty();
}

Result<token::PublicKey> told_key(const Metadata& metadata) {
    return public_key_of(static_cast<Algorithm>(metadata.algorithm), metadata.public_key);
}

// What the card says of the key goes before its certificate, which may be left over from another key.
std::optional<CardKey> card_key(const CardImage& image, KeyReference reference, const Bytes& certified) {
    const auto metadata = metadata_in(image, reference);
    Result<token::PublicKey> key = failure(ErrorCode::not_found, "read key", "nothing tells of it");
    if (metadata && !metadata->public_key.empty()) {
        key = told_key(*metadata);
    } else if (!certified.empty() && !is_absent(image, reference)) {
        key = token::public_key_from_info(certified);
    }
    const auto algorithm = key ? algorithm_of(*key) : std::nullopt;
    if (!algorithm) {
        return std::nullopt;
    }
    CardKey result{.reference = reference,
                   .algorithm = *algorithm,
                   .public_key = *std::move(key),
                   .id = {},
                   .pin_policy = std::nullopt,
                   .touch_policy = std::nullopt,
                   .origin = std::nullopt};
    result.id = x509::key_identifier(result.public_key.public_key_info);
    if (metadata) {
        result.pin_policy = metadata->pin_policy;
        result.touch_policy = metadata->touch_policy;
        result.origin = metadata->origin;
    }
    return result;
}

void read_identifier(const CardImage& image, CardContents& contents) {
    const auto object = image.object(object::card_holder_unique_identifier);
    const auto identifier = object ? card_holder_unique_identifier_of(*object)
                                   : Result<CardHolderUniqueIdentifier>(Failure(object.error()));
    if (!identifier) {
        return;
    }
    contents.guid = identifier->has_guid() ? identifier->guid : Bytes();
    contents.expiration_date = printable_utf8(identifier->expiration_date);
}

std::string token_id_by_guid(Application application, ByteView guid) {
    return (application == Application::piv ? "piv:guid:" : "piv:derived:") + to_hex(guid);
}

// A derived credential's GUID may be that of the card it was derived from.
std::string token_id(const CardContents& contents) {
    if (contents.serial) {
        return "piv:serial:" + std::to_string(*contents.serial);
    }
    if (!contents.guid.empty() && contents.application == Application::piv) {
        return token_id_by_guid(contents.application, contents.guid);
    }
    if (!contents.keys.empty()) {
        return std::string(id_by_key) + contents.keys.front().id;
    }
    return contents.guid.empty() ? std::string(nameless_card)
                                 : token_id_by_guid(contents.application, contents.guid);
}

}  // namespace

KeyPinPolicy CardKey::pin_demand() const {
    if (pin_policy) {
        return *pin_policy;
    }
    if (reference == signature_key) {
        return KeyPinPolicy::always;
    }
    return reference == card_authentication_key ? KeyPinPolicy::never : KeyPinPolicy::once;
}

bool CardKey::wants_touch() const {
    return touch_policy && *touch_policy != KeyTouchPolicy::never;
}

const CardKey* CardContents::key(const std::string& key_id) const {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&key_id](const CardKey& key) { return key.id == key_id; });
    return found == keys.end() ? nullptr : &*found;
}

CardContents contents_of(const CardImage& image) {
    CardContents contents{.token_id = {},
                          .application = image.application,
                          .firmware = image.firmware,
                          .serial = image.serial,
                          .guid = {},
                          .expiration_date = {},
                          .pin = pin_reference_of(image),
                          .keys = {},
                          .certificates = {},
                          .told = {}};
    for (const auto& [reference, answer] : image.metadata) {
        contents.told.insert(reference);
    }
    read_identifier(image, contents);
    for (const KeyReference reference : mail_keys()) {
        auto certified = certified_key(image, reference);
        if (auto key = card_key(image, reference, certified ? certified->public_key_info : Bytes())) {
            contents.keys.push_back(*std::move(key));
        }
        if (certified) {
            contents.certificates.push_back(std::move(certified->certificate));
        }
    }
    contents.token_id = token_id(contents);
    return contents;
}

// A derived credential's GUID may be on several of one person's tokens: their keys are named too.
std::string journal_name(const CardContents& contents) {
    if (contents.serial) {
        return contents.token_id;
    }
    if (contents.guid.empty()) {
        return {};
    }
    const bool by_key =
        contents.application == Application::derived_piv && contents.token_id.starts_with(id_by_key);
    return by_key ? contents.token_id + ":" + to_hex(contents.guid)
                  : token_id_by_guid(contents.application, contents.guid);
}

}  // namespace signet::piv
