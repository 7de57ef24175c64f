#pragma once

#include "base/file_descriptor.h"
#include "ipc/codec.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::ipc {

// What a handler sees of one call.
struct IncomingCall {
    const Call& call;
    std::vector<FileDescriptor>& descriptors;  // those that came with it; what is left over is closed
    // For a call with "more": sends one of several answers. An error means that the caller is gone.
    const std::function<Result<void>(std::string_view parameters)>& reply_more;
};

// The encoded parameters of the (last) answer, or the error to answer with.
using CallHandler = std::function<Result<std::string>(const IncomingCall&)>;

// Serves calls of `interfaces` from one socket until the peer closes it, in this thread, one after
// another; org.varlink.service is answered here. Returns an error when the peer breaks the protocol.
Result<void> serve(const FileDescriptor& socket, Interfaces interfaces, std::string_view product,
                   const CallHandler& handler);

// The answer to a call of org.varlink.service or of none of `interfaces`; nullopt when it is one of these.
std::optional<Result<std::string>> answer_service_call(const Call& call, Interfaces interfaces,
                                                       std::string_view product);

}  // namespace signet::ipc
