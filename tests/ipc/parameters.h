#pragma once

#include "ipc/message.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace signet::ipc {

// As a call carries them; `object` is JSON.
inline Parameters parameters_of(const std::string& object) {
    auto call = parse_call(encode_call("a.B", object));
    EXPECT_TRUE(call) << object;
    return std::move(call->parameters);
}

}  // namespace signet::ipc
