#include "tests/support/piv_card/commands.h"
#include "tests/support/piv_card/tlv.h"

#include <algorithm>
#include <utility>

namespace signet::test::piv_card {
namespace {

constexpr std::uint32_t tag_witness = 0x80;

Bytes encrypted(const ManagementKey& key, ByteView block) {
    return encrypt_block(key.algorithm, key.value, block);
}

Response answer(std::uint32_t tag, ByteView value) {
    return Response(element(dynamic_template, element(tag, value)));
}

bool equal(ByteView a, ByteView b) {
    return !a.empty() && std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// The host shows that it decrypted the witness, and gives its challenge to encrypt.
Response finish_mutual(Applet& applet, ByteView witness, const Element* challenge) {
    const auto& key = applet.state().management_key;
    const Bytes expected = std::exchange(applet.session().witness, {});
    if (challenge == nullptr || challenge->value.size() != block_size(key.algorithm)) {
        return status::bad_data;
    }
    if (!equal(expected, witness)) {
        return status::not_authorized;
    }
    applet.session().administrator = true;
    return answer(tag_response, encrypted(key, challenge->value));
}

Response finish_one_way(Applet& applet, ByteView response) {
    const Bytes challenge = std::exchange(applet.session().challenge, {});
    if (challenge.empty() || !equal(encrypted(applet.state().management_key, challenge), response)) {
        return status::not_authorized;
    }
    applet.session().administrator = true;
    return {};
}

}  // namespace

Response authenticate_administrator(Applet& applet, const Command& command) {
    const auto& key = applet.state().management_key;
    const auto outer = parse_elements(command.data);
    const auto* const content = outer && outer->size() == 1 ? find(*outer, dynamic_template) : nullptr;
    const auto elements = content != nullptr ? parse_elements(content->value) : std::nullopt;
    if (!elements || elements->empty()) {
        return status::bad_data;
    }
    if (cipher_algorithm(command.p1) != key.algorithm) {
        return status::bad_parameters;
    }
    applet.session().administrator = false;
    if (key.touch_policy != TouchPolicy::never && !applet.ask_for_touch()) {
        return status::not_authorized;
    }
    const auto* const witness = find(*elements, tag_witness);
    const auto* const challenge = find(*elements, tag_challenge);
    const auto* const response = find(*elements, tag_response);
    if (witness != nullptr && witness->value.empty()) {
        applet.session().witness = random_octets(block_size(key.algorithm));
        return answer(tag_witness, encrypted(key, applet.session().witness));
    }
    if (witness != nullptr) {
        return finish_mutual(applet, witness->value, challenge);
    }
    if (challenge != nullptr && challenge->value.empty()) {
        applet.session().challenge = random_octets(block_size(key.algorithm));
        return answer(tag_challenge, applet.session().challenge);
    }
    return response != nullptr && challenge == nullptr ? finish_one_way(applet, response->value)
                                                       : status::bad_data;
}

}  // namespace signet::test::piv_card
