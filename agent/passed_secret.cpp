#include "agent/passed_secret.h"

#include <fcntl.h>

#include <cerrno>

namespace signet::agent {

Result<Secret> read_passed_secret(ipc::PendingCall& call, std::uint32_t index, std::string_view parameter) {
    if (index >= call.descriptors().size()) {
        return failure(ErrorCode::invalid_parameter, "call", std::string(parameter));
    }
    const FileDescriptor& source = call.descriptors()[index];
    const int flags = fcntl(source.get(), F_GETFL);
    if (flags < 0 || fcntl(source.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
        return errno_failure("fcntl", std::string(parameter), errno);
    }
    auto secret = Secret::read_from(source);
    if (!secret) {
        return failure(ErrorCode::invalid_parameter, "call", std::string(parameter));
    }
    return secret;
}

}  // namespace signet::agent
