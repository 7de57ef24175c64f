#include "piv/token_details.h"

#include "piv/describe.h"
#include "piv/kept_management_key.h"
#include "piv/key_algorithm.h"
#include "piv/management_key.h"
#include "piv/vendor.h"
#include "x509/certificate.h"

#include <algorithm>

namespace signet::piv {
namespace {

// YYYYMMDD as RFC 3339 has it.
std::string full_date(const std::string& date) {
    const bool digits = date.size() == 8 &&
                        std::all_of(date.begin(), date.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6) : std::string();
}

// Nothing where the card does not tell.
Result<std::optional<Metadata>> metadata(const Card& card, std::uint8_t reference) {
    auto answer = get_metadata(card, reference);
    if (!answer &&
        (answer.error().code == ErrorCode::unsupported || answer.error().code == ErrorCode::key_not_found)) {
        return std::optional<Metadata>();
    }
    if (!answer) {
        return Failure(std::move(answer).error());
    }
    SIGNET_TRY(Metadata told, metadata_of(*answer));
    return std::optional(std::move(told));
}

Result<token::PinDetails> pin_details(const Card& card, PinReference reference) {
    token::PinDetails details;
    SIGNET_TRY(const auto told, metadata(card, static_cast<std::uint8_t>(reference)));
    if (told) {
        details = {
            .tries_left = told->tries_left, .tries_total = told->tries_total, .is_default = told->is_default};
    }
    if (details.tries_left || reference == PinReference::unblocking_key) {
        return details;
    }
    auto status = pin_status(card, reference);
    if (!status && !is_card_answer(status.error())) {
        return Failure(std::move(status).error());
    }
    details.tries_left = status ? status->tries_left : std::nullopt;
    return details;
}

Result<void> add_management_key(token::TokenDetails& details, const Card& card,
                                const CardContents& contents) {
    SIGNET_TRY(const auto told, metadata(card, static_cast<std::uint8_t>(management_key)));
    if (told) {
        details.management_algorithm = management_algorithm_of(told->algorithm);
        details.management_key_is_default = told->is_default;
    } else if (contents.firmware && *contents.firmware < first_version_with_metadata) {
        details.management_algorithm = ManagementAlgorithm::tdes;
    }
    return {};
}

std::vector<token::SlotDetails> slots_of(const CardContents& contents) {
    std::vector<token::SlotDetails> slots;
    for (const KeyReference reference : mail_keys()) {
        token::SlotDetails slot{.slot = text_of(reference)};
        for (const CardKey& key : contents.keys) {
            if (key.reference == reference) {
                slot.algorithm = key_algorithm_of(key.algorithm);
                slot.public_key_info = key.public_key.public_key_info;
                slot.pin_policy = key.pin_policy;
                slot.touch_policy = key.touch_policy;
                slot.origin = key.origin;
            }
        }
        for (const CardCertificate& certificate : contents.certificates) {
            if (certificate.slot == reference) {
                slot.certificate = certificate.der;
            }
        }
        if (!slot.public_key_info.empty() || !slot.certificate.empty()) {
            slots.push_back(std::move(slot));
        }
    }
    return slots;
}

bool is_unclaimed(const AdministrationJournal& journal, KeyReference slot) {
    const RememberedKey* remembered = journal.key(slot);
    const auto& pending = journal.pending();
    return (remembered != nullptr && !remembered->claimed) ||
           (pending && pending->kind == PendingAct::Kind::place_key && pending->slot == slot);
}

}  // namespace

Result<token::TokenDetails> read_details(const Card& card, const CardContents& contents,
                                         const AdministrationJournal& journal) {
    token::TokenDetails details{
        .id = contents.token_id,
        .model = model_of(contents),
        .serial = contents.serial ? std::to_string(*contents.serial) : std::string(),
        .firmware = contents.firmware ? text_of(*contents.firmware) : std::string(),
        .application = contents.application == Application::piv ? "PIV" : "derived PIV",
        .reader = {},
        .guid = to_hex(contents.guid),
        .expiration_date = full_date(contents.expiration_date),
        .authorization = Authorization::management_key,
    };
    SIGNET_CHECK(add_management_key(details, card, contents));
    if (contents.firmware) {
        SIGNET_TRY(const bool kept, keeps_management_key(card));
        details.authorization = kept ? Authorization::pin : Authorization::management_key;
        details.moves_keys = *contents.firmware >= first_version_with_moving_keys;
    }
    SIGNET_TRY(details.pin, pin_details(card, contents.pin));
    SIGNET_TRY(details.unblocking, pin_details(card, PinReference::unblocking_key));
    details.slots = slots_of(contents);
    for (token::SlotDetails& slot : details.slots) {
        slot.unclaimed = is_unclaimed(journal, *key_reference_from_text(slot.slot));
    }
    return details;
}

}  // namespace signet::piv
