#pragma once

#include "base/error.h"

// tl::expected is not nodiscard by itself; a forward declaration with the attribute makes it so.
namespace tl {
template <class T, class E>
class [[nodiscard]] expected;
}  // namespace tl

#include <tl/expected.hpp>

#include <utility>

namespace signet {

template <class T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

// `return failure(ErrorCode::malformed, "CMS_verify", "no signer");`
inline Failure failure(ErrorCode code, std::string operation, std::string detail = {},
                       std::int64_t native_code = 0) {
    return Failure(Error{code, std::move(operation), std::move(detail), native_code, -1});
}

inline Failure errno_failure(std::string operation, std::string detail, int error_number) {
    return Failure(errno_error(std::move(operation), std::move(detail), error_number));
}

}  // namespace signet

// SIGNET_TRY(auto value, function()); declares `value`, or returns the error to the caller unchanged.
// SIGNET_CHECK(function()); does the same for Result<void>.
#define SIGNET_CONCAT_(a, b) a##b
#define SIGNET_CONCAT(a, b) SIGNET_CONCAT_(a, b)
#define SIGNET_TRY_(temporary, declaration, expression)                       \
    auto temporary = (expression);                                            \
    if (!temporary) {                                                         \
        return tl::unexpected<::signet::Error>(std::move(temporary).error()); \
    }                                                                         \
    declaration = std::move(*temporary)
#define SIGNET_TRY(declaration, expression) \
    SIGNET_TRY_(SIGNET_CONCAT(signet_try_, __LINE__), declaration, expression)
#define SIGNET_CHECK(expression)                                                            \
    do {                                                                                    \
        auto signet_check_result = (expression);                                            \
        if (!signet_check_result) {                                                         \
            return tl::unexpected<::signet::Error>(std::move(signet_check_result).error()); \
        }                                                                                   \
    } while (false)
