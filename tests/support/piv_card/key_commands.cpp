#include "tests/support/piv_card/commands.h"
#include "tests/support/piv_card/slots.h"

#include <chrono>

namespace signet::test::piv_card {
namespace {

constexpr std::uint32_t tag_exponentiation = 0x85;
constexpr std::chrono::seconds touch_lasts{15};

bool pin_policy_met(Applet& applet, PinPolicy policy) {
    switch (policy) {
        case PinPolicy::never:
            return true;
        case PinPolicy::once:
            return applet.pin_verified();
        case PinPolicy::always:
            return applet.pin_verified() && applet.session().pin_fresh;
    }
    return false;
}

bool touch_policy_met(Applet& applet, TouchPolicy policy) {
    const auto now = std::chrono::steady_clock::now();
    auto& touched = applet.session().touched;
    if (policy == TouchPolicy::never ||
        (policy == TouchPolicy::cached && touched && now - *touched < touch_lasts)) {
        return true;
    }
    if (!applet.ask_for_touch()) {
        return false;
    }
    touched = std::chrono::steady_clock::now();
    return true;
}

struct Request {
    const Element* challenge;
    const Element* exponentiation;
};

// 7C with an empty 82 and one of 81 and 85.
std::optional<Request> request_in(std::span<const Element> elements) {
    const auto* const response = find(elements, tag_response);
    const Request request{find(elements, tag_challenge), find(elements, tag_exponentiation)};
    const bool one = (request.challenge == nullptr) != (request.exponentiation == nullptr);
    if (response == nullptr || !response->value.empty() || !one || elements.size() != 2) {
        return std::nullopt;
    }
    return request;
}

std::optional<Bytes> result_of(const PrivateKey& key, const Request& request) {
    if (request.exponentiation != nullptr) {
        return key.agree(request.exponentiation->value);
    }
    return is_rsa(key.algorithm()) ? key.raw_rsa(request.challenge->value)
                                   : key.sign(request.challenge->value);
}

// The key's slot permits this use: on a strict card EC keys either sign or agree.
bool use_fits(const Applet& applet, std::uint8_t reference, const KeySlot& slot, const Request& request) {
    if (is_rsa(slot.key.algorithm())) {
        return request.challenge != nullptr;
    }
    return !applet.settings().key_management_only_agrees ||
           is_key_management(reference) == (request.exponentiation != nullptr);
}

Response use_key(Applet& applet, const Command& command) {
    const auto found = applet.state().keys.find(command.p2);
    if (found == applet.state().keys.end() || !is_key_reference(command.p2) ||
        key_algorithm(command.p1) != found->second.key.algorithm()) {
        return status::bad_parameters;
    }
    const auto outer = parse_elements(command.data);
    const auto* const content = outer && outer->size() == 1 ? find(*outer, dynamic_template) : nullptr;
    const auto elements = content != nullptr ? parse_elements(content->value) : std::nullopt;
    const auto request = elements ? request_in(*elements) : std::nullopt;
    if (!request) {
        return status::bad_data;
    }
    const auto& slot = found->second;
    if (!use_fits(applet, command.p2, slot, *request)) {
        return status::bad_parameters;
    }
    if (!pin_policy_met(applet, slot.pin_policy) || !touch_policy_met(applet, slot.touch_policy)) {
        return status::not_authorized;
    }
    const auto result = result_of(slot.key, *request);
    return result ? Response(element(dynamic_template, element(tag_response, *result)))
                  : Response(status::bad_data);
}

bool may_generate(const Applet& applet, std::uint8_t reference) {
    return is_key_reference(reference) && (!is_retired(reference) || applet.settings().vendor_commands);
}

}  // namespace

Response general_authenticate(Applet& applet, const Command& command) {
    return command.p2 == management_reference ? authenticate_administrator(applet, command)
                                              : use_key(applet, command);
}

Response generate_key_pair(Applet& applet, const Command& command) {
    if (command.p1 != 0x00 || !may_generate(applet, command.p2)) {
        return status::bad_parameters;
    }
    if (!applet.session().administrator) {
        return status::not_authorized;
    }
    const auto outer = parse_elements(command.data);
    const auto* const content = outer && outer->size() == 1 ? find(*outer, 0xAC) : nullptr;
    const auto elements = content != nullptr ? parse_elements(content->value) : std::nullopt;
    const auto* const identifier = elements ? find(*elements, 0x80) : nullptr;
    if (identifier == nullptr || identifier->value.size() != 1) {
        return status::bad_data;
    }
    const auto algorithm = key_algorithm(identifier->value[0]);
    const auto policies = policies_for(command.p2, *elements);
    if (!algorithm || !supports(applet, *algorithm) || !policies) {
        return status::bad_data;
    }
    const auto key = PrivateKey::generate(*algorithm);
    applet.state().keys.insert_or_assign(command.p2,
                                         KeySlot{key, KeyOrigin::generated, policies->pin, policies->touch});
    return Response(element(0x7F49, key.public_key()));
}

}  // namespace signet::test::piv_card
