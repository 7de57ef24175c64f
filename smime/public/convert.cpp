#include "smime/public/convert.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signet::mail {
namespace {

// What is not here is `failed`.
constexpr std::array codes = {
    std::pair{ErrorCode::invalid_parameter, Code::invalid_parameter},
    std::pair{ErrorCode::not_found, Code::not_found},
    std::pair{ErrorCode::malformed, Code::malformed},
    std::pair{ErrorCode::too_large, Code::too_large},
    std::pair{ErrorCode::unsupported, Code::unsupported},
    std::pair{ErrorCode::crypto, Code::crypto},
    std::pair{ErrorCode::input_output, Code::input_output},
    std::pair{ErrorCode::ambiguous, Code::ambiguous},
    std::pair{ErrorCode::token_not_found, Code::token_not_found},
    std::pair{ErrorCode::token_removed, Code::token_removed},
    std::pair{ErrorCode::key_not_found, Code::key_not_found},
    std::pair{ErrorCode::pin_incorrect, Code::pin_incorrect},
    std::pair{ErrorCode::pin_blocked, Code::pin_blocked},
    std::pair{ErrorCode::pin_required, Code::pin_required},
    std::pair{ErrorCode::cancelled, Code::cancelled},
    std::pair{ErrorCode::not_allowed, Code::not_allowed},
    std::pair{ErrorCode::timeout, Code::timeout},
    std::pair{ErrorCode::agent_unavailable, Code::agent_unavailable},
    std::pair{ErrorCode::driver_failed, Code::failed},
};

}  // namespace

Status status_of(const Error& error) {
    const auto* found =
        std::find_if(codes.begin(), codes.end(), [&](const auto& pair) { return pair.first == error.code; });
    return {.code = found != codes.end() ? found->second : Code::failed,
            .operation = error.operation,
            .detail = error.detail,
            .native_code = error.native_code};
}

Error error_of(const Status& status) {
    const auto* found = std::find_if(codes.begin(), codes.end(),
                                     [&](const auto& pair) { return pair.second == status.code; });
    return {.code = found != codes.end() ? found->first : ErrorCode::driver_failed,
            .operation = status.operation,
            .detail = status.detail,
            .native_code = status.native_code};
}

Result<std::vector<x509::Certificate>> certificates(const std::vector<X509*>& certificates) {
    std::vector<x509::Certificate> result;
    result.reserve(certificates.size());
    for (X509* certificate : certificates) {
        if (certificate == nullptr) {
            return failure(ErrorCode::invalid_parameter, "certificates", "a null certificate");
        }
        result.push_back(x509::Certificate::from_x509(certificate));
    }
    return result;
}

Result<void> result_of(const Status& status) {
    return status.ok() ? Result<void>() : Failure(error_of(status));
}

Result<std::size_t> InputSource::read(std::uint64_t offset, std::span<char> buffer) const {
    std::size_t count = 0;
    const Status status = m_input.read(offset, buffer.data(), buffer.size(), count);
    if (!status.ok()) {
        return Failure(error_of(status));
    }
    if (count > buffer.size()) {
        return failure(ErrorCode::invalid_parameter, "read", "the input gave more than it was asked for");
    }
    const std::uint64_t total = size();
    const std::uint64_t there = offset < total ? total - offset : 0;
    if (count < std::min<std::uint64_t>(buffer.size(), there)) {
        return failure(ErrorCode::input_output, "read", "the input ended before its size");
    }
    return count;
}

Result<void> OutputSink::write(std::string_view octets) {
    return result_of(m_output.write(octets));
}

Result<void> WithheldOutputSink::write(std::string_view octets) {
    return result_of(m_output.write(octets));
}

Result<void> WithheldOutputSink::restart() {
    return result_of(m_output.restart());
}

}  // namespace signet::mail
