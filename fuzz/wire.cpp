// Calls and replies from a malicious peer: framing in pieces, parsing and every decoder.
#include "ipc/admin_codec.h"
#include "ipc/codec.h"
#include "ipc/desktop.h"
#include "ipc/message.h"
#include "ipc/readers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

using namespace signet;

constexpr auto last_admin_method = static_cast<std::size_t>(ipc::AdminMethod::reset);

void decode_admin_calls(const ipc::Parameters& parameters) {
    for (std::size_t i = 0; i <= last_admin_method; ++i) {
        const auto method = static_cast<ipc::AdminMethod>(i);
        const auto decoded = ipc::decode_admin_call(method, parameters);
        if (!decoded) {
            continue;
        }
        const auto again = ipc::parse_call(ipc::encode_call("a.B", ipc::encode(*decoded)));
        if (!again || !ipc::decode_admin_call(method, again->parameters)) {
            std::abort();
        }
    }
}

void decode_call(std::string_view text) {
    const auto call = ipc::parse_call(text);
    if (!call) {
        return;
    }
    // What was decoded encodes to something that decodes again.
    if (const auto sign = ipc::decode_sign_call(call->parameters)) {
        const auto again = ipc::parse_call(ipc::encode_call("a.B", ipc::encode(*sign)));
        if (!again || !ipc::decode_sign_call(again->parameters)) {
            std::abort();
        }
    }
    (void)ipc::decode_decrypt_call(call->parameters);
    (void)ipc::decode_derive_call(call->parameters);
    (void)ipc::decode_unlock_call(call->parameters);
    (void)ipc::decode_lock_call(call->parameters);
    (void)ipc::decode_login_call(call->parameters);
    (void)ipc::decode_known_generation(call->parameters);
    (void)ipc::decode_interface_name(call->parameters);
    (void)ipc::decode_notify_call(call->parameters);
    (void)ipc::decode_withdraw_call(call->parameters);
    decode_admin_calls(call->parameters);
}

void decode_reply(std::string_view text) {
    const auto reply = ipc::parse_reply(text);
    if (!reply) {
        (void)ipc::encode_error("org.signet.agent", reply.error());
        return;
    }
    (void)ipc::decode_inventory(reply->parameters);
    (void)ipc::decode_host_inventory(reply->parameters);
    (void)ipc::decode_watch_reply(reply->parameters);
    (void)ipc::decode_readers_reply(reply->parameters);
    (void)ipc::decode_desktop_event(reply->parameters);
    (void)ipc::decode_octets(reply->parameters, "signature");
    for (std::size_t i = 0; i <= last_admin_method; ++i) {
        (void)ipc::decode_admin_reply(static_cast<ipc::AdminMethod>(i), reply->parameters);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ipc::MessageBuffer buffer(4096);
    std::size_t position = 0;
    while (position < size) {
        const auto space = buffer.space();
        // Pieces of changing length, as a stream delivers them.
        const std::size_t count =
            std::min({space.size(), size - position, std::size_t{1} + data[position] % 97});
        std::memcpy(space.data(), data + position, count);
        position += count;
        if (!buffer.received(count)) {
            return 0;
        }
        while (const auto message = buffer.next()) {
            decode_call(*message);
            decode_reply(*message);
            buffer.consume();
        }
    }
    return 0;
}
