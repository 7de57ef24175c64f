#include "agent/admin_operation.h"

#include "agent/passed_secret.h"

#include <algorithm>
#include <utility>

namespace signet::agent {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;

bool is_management_key(AdminSecret secret, const ipc::TokenDetails& details) {
    return secret == AdminSecret::new_key ||
           (secret == AdminSecret::authorization && details.authorization == Authorization::management_key);
}

bool is_pin(AdminSecret secret, const ipc::TokenDetails& details) {
    return secret == AdminSecret::old_pin || secret == AdminSecret::new_pin ||
           secret == AdminSecret::unblocking || secret == AdminSecret::pin ||
           (secret == AdminSecret::authorization && details.authorization == Authorization::pin);
}

// From hexadecimal digits, as many as the token wants.
Result<Secret> typed_management_key(const AdminQuestion& question, const Secret& input) {
    const auto digits = management_key_digits(question);
    auto octets = input.from_hex_digits();
    if (!octets || (digits && input.size() != *digits)) {
        return failure(ErrorCode::malformed, "management key",
                       digits ? "The management key has " + std::to_string(*digits) +
                                    " hexadecimal digits; nothing was tried."
                              : "A management key is hexadecimal digits; nothing was tried.");
    }
    return octets;
}

Failure unsupported(std::string what) {
    return failure(ErrorCode::unsupported, "administer token", std::move(what));
}

Result<void> check_for_module(AdminMethod method) {
    switch (method) {
        case AdminMethod::set_management_key:
        case AdminMethod::protect_management_key:
            return unsupported("a management key on a PKCS#11 token");
        case AdminMethod::set_retries:
            return unsupported("setting the number of tries on a PKCS#11 token");
        case AdminMethod::move_key:
            return unsupported("moving keys on a PKCS#11 token");
        case AdminMethod::put_object:
        case AdminMethod::personalize:
            return unsupported("PIV data objects on a PKCS#11 token");
        default:
            return {};
    }
}

// A key reference of SP 800-78 (table 6-1) that can have a certificate.
bool is_card_slot(const std::string& slot) {
    return slot == "9a" || slot == "9c" || slot == "9d" || slot == "9e" ||
           (slot.size() == 2 && slot >= "82" && slot <= "95");
}

Result<void> check_generation_on_card(const ipc::AdminCall& call, const ipc::TokenDetails& details) {
    if (call.algorithm == KeyAlgorithm::p521) {
        return unsupported("keys of this kind on a PIV card");
    }
    const auto slot = std::find_if(details.slots.begin(), details.slots.end(),
                                   [&call](const auto& each) { return each.slot == call.slot; });
    if (slot == details.slots.end() || call.overwrite || slot->unclaimed) {
        return {};
    }
    return failure(ErrorCode::not_allowed, "place key",
                   std::string(slot->certificate.empty() ? "a key" : "a certificate") + " is in " +
                       call.slot + " already; it would be lost");
}

// In the words of the card's host, which sees to it too.
Result<void> check_card_model(const ipc::AdminCall& call, const ipc::TokenDetails& details) {
    const bool is_yubico = !details.firmware.empty();
    switch (call.method) {
        case AdminMethod::move_key:
        case AdminMethod::delete_key:
            return details.moves_keys
                       ? Result<void>()
                       : unsupported(call.method == AdminMethod::move_key ? "moving keys on this card"
                                                                          : "deleting keys on this card");
        case AdminMethod::protect_management_key:
            return is_yubico ? Result<void>() : unsupported("a management key behind the PIN of this card");
        case AdminMethod::generate_key:
        case AdminMethod::import_key:
            return is_yubico || (!call.pin_policy && !call.touch_policy)
                       ? Result<void>()
                       : unsupported("PIN and touch policies on this card");
        default:
            return {};
    }
}

Result<void> check_for_card(const ipc::AdminCall& call, const ipc::TokenDetails& details) {
    const bool generation = call.method == AdminMethod::generate_key;
    for (const std::string& slot : {call.slot, call.target}) {
        if (!slot.empty() && !is_card_slot(slot)) {
            return failure(ErrorCode::invalid_parameter, "administer card", "slot");
        }
    }
    if (generation && call.slot.empty()) {
        return failure(ErrorCode::invalid_parameter, "administer card", "slot");
    }
    SIGNET_CHECK(check_card_model(call, details));
    return generation ? check_generation_on_card(call, details) : Result<void>();
}

}  // namespace

std::vector<AdminSecret> needed_secrets(AdminMethod method) {
    switch (method) {
        case AdminMethod::change_pin:
            return {AdminSecret::old_pin, AdminSecret::new_pin};
        case AdminMethod::unblock_pin:
            return {AdminSecret::unblocking, AdminSecret::new_pin};
        case AdminMethod::set_management_key:
            return {AdminSecret::authorization, AdminSecret::new_key};
        case AdminMethod::protect_management_key:
        case AdminMethod::set_retries:
            return {AdminSecret::authorization, AdminSecret::pin};
        case AdminMethod::import_key:
            return {AdminSecret::authorization, AdminSecret::password};
        default:
            break;
    }
    return wants_authorization(method) ? std::vector{AdminSecret::authorization} : std::vector<AdminSecret>();
}

std::vector<AdminSecret> accepted_secrets(AdminMethod method) {
    auto secrets = needed_secrets(method);
    if (ipc::takes_pin_to_unlock(method)) {
        secrets.push_back(AdminSecret::pin);
    }
    return secrets;
}

AdminSecret refused_secret(const ipc::AdminCall& call, const ipc::TokenDetails& details) {
    switch (call.method) {
        case AdminMethod::change_pin:
            return AdminSecret::old_pin;
        case AdminMethod::unblock_pin:
            return AdminSecret::unblocking;
        default:
            return details.authorization == Authorization::pin ? AdminSecret::authorization
                                                               : AdminSecret::pin;
    }
}

bool changes_the_token(AdminMethod method) {
    return wants_secrets(method) || method == AdminMethod::reset;
}

bool changes_the_pin(const ipc::AdminCall& call) {
    return (call.method == AdminMethod::change_pin && call.kind == PinKind::user) ||
           call.method == AdminMethod::unblock_pin || call.method == AdminMethod::set_retries ||
           call.method == AdminMethod::reset;
}

bool tells_the_same(const ipc::Token& listed, const ipc::TokenDetails& details) {
    // One key may be in several slots.
    std::set<Bytes> listed_objects;
    for (const auto& key : listed.keys) {
        listed_objects.insert(key.public_key_info);
    }
    for (const auto& certificate : listed.certificates) {
        listed_objects.insert(certificate.der);
    }
    std::set<Bytes> told_objects;
    for (const auto& slot : details.slots) {
        told_objects.insert({slot.public_key_info, slot.certificate});
    }
    told_objects.erase(Bytes());
    return listed.id == details.id && listed_objects == told_objects;
}

bool may_have_happened(ErrorCode code) {
    return code == ErrorCode::driver_failed || code == ErrorCode::timeout ||
           code == ErrorCode::token_removed || code == ErrorCode::token_not_found;
}

Result<void> AdminOperation::check_possible() const {
    return details->application == "PKCS#11" ? check_for_module(parameters.method)
                                             : check_for_card(parameters, *details);
}

bool AdminOperation::is_blocked(AdminSecret secret) const {
    return secret == refused_secret(parameters, *details) && tries_left(question(ipc::Token(), secret)) == 0;
}

// Who passes one PIN does without the reader's keys.
bool AdminOperation::is_typed_at_reader(AdminSecret secret) const {
    if (!details || !details->pin_pad || !is_pin(secret, *details)) {
        return false;
    }
    const auto accepted = accepted_secrets(parameters.method);
    return std::none_of(accepted.begin(), accepted.end(), [this](AdminSecret each) {
        return is_pin(each, *details) && parameters.secrets[each].has_value();
    });
}

// A key that was passed for the authorization is no PIN.
void AdminOperation::share_pin() {
    if (!details || details->authorization != Authorization::pin) {
        return;
    }
    const auto pin = secrets.find(AdminSecret::pin);
    const auto authorization = secrets.find(AdminSecret::authorization);
    if (pin != secrets.end() && authorization == secrets.end()) {
        secrets.emplace(AdminSecret::authorization, pin->second.clone());
    } else if (pin == secrets.end() && typed.contains(AdminSecret::authorization)) {
        secrets.emplace(AdminSecret::pin, authorization->second.clone());
    }
}

AdminQuestion AdminOperation::question(const ipc::Token& token, AdminSecret secret) const {
    return {.token = token,
            .details = *details,
            .call = parameters,
            .secret = secret,
            .again = chosen.has_value()};
}

// A file, and never a key by itself.
Result<void> AdminOperation::check_import() const {
    if (parameters.method != AdminMethod::import_key) {
        return {};
    }
    if (parameters.secrets[AdminSecret::private_key]) {
        return failure(ErrorCode::invalid_parameter, "ImportKey", "private_key");
    }
    if (!parameters.certificate.empty()) {
        return failure(ErrorCode::invalid_parameter, "ImportKey", "certificate");
    }
    const auto file = parameters.secrets[AdminSecret::pkcs12];
    if (!file || *file >= call->descriptors().size()) {
        return failure(ErrorCode::invalid_parameter, "ImportKey", "pkcs12");
    }
    return {};
}

Result<void> AdminOperation::take_passed_secrets() {
    SIGNET_CHECK(check_import());
    for (const AdminSecret secret : accepted_secrets(parameters.method)) {
        if (const auto index = parameters.secrets[secret]) {
            SIGNET_TRY(Secret value, read_passed_secret(*call, *index, name_of(secret)));
            secrets.insert_or_assign(secret, std::move(value));
        }
    }
    return {};
}

Result<void> AdminOperation::take_typed_secret(const AdminQuestion& question, const Secret& input) {
    Secret value = input.clone();
    if (is_management_key(question.secret, *details)) {
        SIGNET_TRY(value, typed_management_key(question, input));
    }
    if (!is_new(question.secret)) {
        keep(question.secret, std::move(value));
    } else if (!chosen) {
        chosen = std::move(value);
    } else if (equal_constant_time(chosen->expose(), value.expose())) {
        chosen.reset();
        keep(question.secret, std::move(value));
    } else {
        chosen.reset();
        refusal = "The two were not the same; nothing was changed.";
    }
    return {};
}

void AdminOperation::keep(AdminSecret secret, Secret value) {
    secrets.insert_or_assign(secret, std::move(value));
    typed.insert(secret);
}

void AdminOperation::forget(AdminSecret secret, std::string reason) {
    secrets.erase(secret);
    if (secret == AdminSecret::authorization) {
        secrets.erase(AdminSecret::pin);
    }
    typed.erase(secret);
    refusal = std::move(reason);
    // The tries that are left are others now, and a key that was handed over is gone from its pipe.
    details.reset();
    unpacked.reset();
}

void AdminOperation::go_to(const std::string& token) {
    parameters.token = token;
    for (const AdminSecret secret : std::exchange(typed, {})) {
        secrets.erase(secret);
    }
    chosen.reset();
    details.reset();
    unpacked.reset();
}

Result<std::vector<FileDescriptor>> AdminOperation::descriptors_for(ipc::AdminCall& forwarded) {
    forwarded.secrets = {};
    std::vector<FileDescriptor> descriptors;
    const auto add = [&forwarded, &descriptors](AdminSecret name, FileDescriptor source) {
        forwarded.secrets[name] = static_cast<std::uint32_t>(descriptors.size());
        descriptors.push_back(std::move(source));
    };
    for (const AdminSecret name : needed_secrets(forwarded.method)) {
        if (name != AdminSecret::password && !is_typed_at_reader(name)) {
            SIGNET_TRY(auto pipe, secrets[name].to_pipe());
            add(name, std::move(pipe));
        }
    }
    if (forwarded.method == AdminMethod::import_key) {
        add(AdminSecret::private_key, std::move(unpacked->private_key));
        forwarded.certificate = unpacked->certificate;
    }
    return descriptors;
}

void AdminOperation::fail(const Error& error) const {
    call->on_abandoned(nullptr);
    call->fail(error);
}

}  // namespace signet::agent
