#pragma once

#include "base/result.h"

#include <gtest/gtest.h>

namespace signet::test {

// The code of what should have failed.
template <class T>
ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result) << "expected an error";
    return result ? ErrorCode::agent_unavailable : result.error().code;
}

}  // namespace signet::test
