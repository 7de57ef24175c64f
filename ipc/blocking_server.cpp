#include "ipc/blocking_server.h"

#include "base/bytes.h"
#include "ipc/socket.h"

#include <algorithm>

namespace signet::ipc {
namespace {

bool speaks(Interfaces interfaces, std::string_view name) {
    return std::find(interfaces.begin(), interfaces.end(), name) != interfaces.end();
}

std::string_view interface_of(const Call& call) {
    const std::size_t dot = call.method.rfind('.');
    return std::string_view(call.method).substr(0, dot == std::string::npos ? 0 : dot);
}

Result<std::string> service_answer(std::string_view method, const Call& call, Interfaces interfaces,
                                   std::string_view product) {
    if (method == "GetInfo") {
        SIGNET_CHECK(decode_no_parameters(call.parameters));
        return encode_service_info(product, interfaces);
    }
    if (method == "GetInterfaceDescription") {
        SIGNET_TRY(const auto name, decode_interface_name(call.parameters));
        const auto description = speaks(interfaces, name) || name == service_interface
                                     ? interface_description(name)
                                     : std::nullopt;
        if (!description) {
            return failure(ErrorCode::interface_not_found, "GetInterfaceDescription", name);
        }
        return encode_description(*description);
    }
    return failure(ErrorCode::method_not_found, "call", call.method);
}

}  // namespace

std::optional<Result<std::string>> answer_service_call(const Call& call, Interfaces interfaces,
                                                       std::string_view product) {
    const std::string_view called = interface_of(call);
    if (called == service_interface) {
        return service_answer(std::string_view(call.method).substr(called.size() + 1), call, interfaces,
                              product);
    }
    if (!speaks(interfaces, called)) {
        return failure(ErrorCode::interface_not_found, "call", std::string(called));
    }
    return std::nullopt;
}

Result<void> serve(const FileDescriptor& socket, Interfaces interfaces, std::string_view product,
                   const CallHandler& handler) {
    MessageBuffer buffer(max_call_size);
    std::vector<FileDescriptor> descriptors;
    for (;;) {
        if (!buffer.next()) {
            SIGNET_TRY(const auto count, wait_and_receive(socket.get(), buffer, descriptors, {}));
            if (count == 0) {
                return {};
            }
            continue;
        }
        SIGNET_TRY(const auto call, parse_call(*buffer.next()));
        buffer.consume();
        const std::function<Result<void>(std::string_view)> reply_more =
            [&socket](std::string_view parameters) {
                return send_message(socket.get(), encode_reply(parameters, true), {}, {});
            };
        auto answer = answer_service_call(call, interfaces, product);
        if (!answer) {
            answer = handler({.call = call, .descriptors = descriptors, .reply_more = reply_more});
        }
        descriptors.clear();
        if (call.oneway) {
            continue;
        }
        std::string reply =
            *answer ? encode_reply(**answer) : encode_error(interface_of(call), answer->error());
        if (*answer) {
            wipe(**answer);
        }
        auto sent = send_message(socket.get(), reply, {}, {});
        wipe(reply);
        SIGNET_CHECK(std::move(sent));
    }
}

}  // namespace signet::ipc
